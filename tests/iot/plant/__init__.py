"""Tests of the plant simulator."""
