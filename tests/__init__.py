"""Tests mirror the rooms; each says one behaviour."""
