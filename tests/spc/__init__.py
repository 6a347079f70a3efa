"""Tests of the statistics; they need no database."""
