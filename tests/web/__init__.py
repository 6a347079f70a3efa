"""Tests of the browser shell."""
