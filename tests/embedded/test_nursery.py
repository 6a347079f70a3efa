"""What the platform imports at start must survive a fork."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from qms.embedded import services
from qms.embedded.nursery import Nursery
from qms.embedded.packages import ROOT
from qms.embedded.process import Child, last_words

pytestmark = pytest.mark.slow


def test_the_imported_platform_has_no_threads_and_no_connections(tmp_path: Path) -> None:
    env = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    nursery = Nursery(services.PRELOAD, env, ROOT, tmp_path / "nursery.log")
    child = Child.start(nursery.unit)
    try:
        nursery.wait_ready()
        assert nursery.is_ready(), last_words(tmp_path / "nursery.log")
        status = Path(f"/proc/{child.pid}/status").read_text()
        assert re.search(r"^Threads:\s+1$", status, re.MULTILINE)
        opened = [str(link.readlink()) for link in Path(f"/proc/{child.pid}/fd").iterdir()]
        assert not [target for target in opened if target.startswith("socket:")]
    finally:
        nursery.close()
        assert child.popen.wait(30) == 0
