"""Roll-ups of readings: what a minute, ten minutes, an hour and a day come to, kept while readings are stored."""

from __future__ import annotations
