"""The written behaviour of the API, tried on a database of its own, because records are never removed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from qms.embedded import postgres, throwaway
from qms.embedded.home import Home
from qms.embedded.packages import ROOT
from qms.embedded.throwaway import TEMPLATE, ThrowAway


def run(case: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each statement's name and how the API differs from it (empty: it does not), on a throw-away database."""
    folder = throwaway.make_folder()
    serving = throwaway.start(folder)
    try:
        ThrowAway(folder).wait()
        address = postgres.cluster_in(Home(folder), os.environ).url("qms_app", TEMPLATE)
        apart = {"DATABASE_URL": address, "REDIS_URL": f"unix://{folder}/no.cache", "LOG_LEVEL": "CRITICAL"}
        done = subprocess.run(
            [sys.executable, "-m", "qms.core.rest.behaviour"],
            input=json.dumps(case), capture_output=True, text=True, cwd=ROOT, env={**os.environ, **apart}, check=False,
        )  # fmt: skip
    finally:
        serving.send_signal(signal.SIGTERM)
        serving.wait()
    if done.returncode:
        yield "start", done.stderr.strip().rpartition("\n")[2]
        return
    yield from (tuple(pair) for pair in json.loads(done.stdout))
