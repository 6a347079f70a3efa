"""What the processes have in common, imported once before they part.

Nothing here reads what is made while it imports: the web process builds its middleware itself, because that looks for
the collected static files.
"""

from __future__ import annotations

import os

import django
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qms.settings")
django.setup()
_ = get_resolver().url_patterns
