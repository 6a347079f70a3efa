"""The web process."""

from __future__ import annotations

import gc
import os

from django.core.asgi import get_asgi_application
from django.urls import get_resolver

OFTEN, SELDOM, RARELY = 20_000, 20, 100

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qms.settings")
application = get_asgi_application()

# A collection of everything that was ever imported stops whatever request is being answered for longer than the
# request itself takes: what is loaded now stays, so no collection looks at it, and the young are looked at less often.
_ = get_resolver().url_patterns
gc.collect()
gc.freeze()
gc.set_threshold(OFTEN, SELDOM, RARELY)
