"""Plumbline: the wiring of the platform. Kept free of imports, so that the launcher runs before anything is installed."""
