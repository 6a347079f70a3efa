"""Nonconformities, their disposition and corrective action: from a signal to a verified effect."""
