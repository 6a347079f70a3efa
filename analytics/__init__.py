"""Insight from data at rest: the workbench and its saved analyses."""
