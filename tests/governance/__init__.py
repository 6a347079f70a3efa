"""Tests of master data."""
