"""Pages of master data."""
