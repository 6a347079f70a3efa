"""Tests of the room of nonconformity and CAPA."""
