#!/usr/bin/env python3
"""The one door: `up`, `stop` and `test` install what they need first; every other command is Django's."""

from __future__ import annotations

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - the one line that speaks to an older Python
    sys.exit(
        "Plumbline needs Python 3.11 or newer, this is %d.%d: run it as python3.11 manage.py" % sys.version_info[:2]
    )

from qms.embedded import bootstrap

if __name__ == "__main__":
    bootstrap.main(sys.argv)
