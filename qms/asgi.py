"""The web process."""

from __future__ import annotations

from django.core.asgi import get_asgi_application

import qms.preload  # noqa: F401 - loads what the processes share, before the application is built
from qms.embedded.garbage import keep_what_is_loaded

application = get_asgi_application()
keep_what_is_loaded()
