"""What the room does when something happened, here or below."""

from __future__ import annotations
