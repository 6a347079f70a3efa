"""What the floor says: devices, readings, control charts and their signals."""
