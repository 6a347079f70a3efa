"""The web process on the database that the first word names; the other words are those of granian.

A fork of the nursery has read its settings already, so the name of the database is put into them.
"""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path.cwd()))  # where it is started the ordinary way
    from django.conf import settings

    import qms.preload  # noqa: F401 - sets Django up

    settings.DATABASES["default"]["NAME"] = sys.argv.pop(1)
    runpy.run_module("granian", run_name="__main__", alter_sys=True)
