"""Backups: made whole, restored, and drilled, so that a backup is known to work before it is needed."""
