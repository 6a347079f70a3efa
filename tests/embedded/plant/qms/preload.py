"""Nothing to load before the processes part."""
