"""Tests of the room of analyses."""
