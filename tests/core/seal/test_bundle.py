"""An exported trail proves itself on a machine that has nothing but Python."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from qms.core.actor import actor_of
from qms.core.errors import Denied
from qms.core.models import User
from qms.core.records import change_record, open_record
from qms.core.seal import keys, standalone
from qms.core.seal.bundle import export
from qms.core.stepping import advance
from tests.core.gauge import Gauge
from tests.core.seal.plant import US, seal_all

_made: list[bytes] = []  # the same for every test: making it takes a database, reading it none


@pytest.fixture
def bundle(request, tmp_path) -> Path:
    """The trail of a gauge that was opened, changed and checked, each sealed by itself, unpacked into a folder."""
    if not _made:
        _made.append(request.getfixturevalue("packed"))
    folder = tmp_path / "bundle"
    with zipfile.ZipFile(io.BytesIO(_made[0])) as found:
        found.extractall(folder)
    return folder


@pytest.fixture
def packed(own_database, sealer, site, engineer) -> bytes:
    """The bundle as it is exported."""
    gauge = open_record(Gauge, title="Ring “Ø 40”", site=site, by=engineer)
    seal_all(sealer)
    change_record(gauge, by=engineer, reason="typing error", title="Ring gauge", note="measured")
    seal_all(sealer)
    advance(gauge, "check", by=engineer)
    seal_all(sealer)
    out = io.BytesIO()
    assert export(gauge, out, by=US)["waiting"] == 0
    return out.getvalue()


def ran(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The script as an auditor runs it: no packages, no environment."""
    command = [sys.executable, "-I", "-S", str(folder / "verify.py"), *words]
    return subprocess.run(command, cwd=folder.parent, env={}, capture_output=True, text=True, encoding="utf-8")


def changed(folder: Path, **fields: object) -> None:
    """Change the sealed text of the second row."""
    lines = (folder / "rows.jsonl").read_text().splitlines()
    held = json.loads(lines[1])
    held["leaf"] = json.dumps({**json.loads(held["leaf"]), **fields}, ensure_ascii=False, separators=(",", ":"))
    lines[1] = json.dumps(held)
    (folder / "rows.jsonl").write_text("\n".join(lines) + "\n")


def test_the_bundle_holds_and_tells_the_history(bundle) -> None:
    done = ran(bundle)
    assert (done.returncode, done.stderr) == (0, "")
    assert 'title: "Ring “Ø 40”" -> "Ring gauge"' in done.stdout
    assert "reason: typing error" in done.stdout
    assert "HOLDS" in done.stdout


def test_a_key_that_was_kept_is_used_in_place_of_the_one_in_the_bundle(bundle, tmp_path) -> None:
    kept = tmp_path / "kept"
    kept.write_text((bundle / "public-key").read_text())
    assert ran(bundle, "--key", str(kept)).returncode == 0
    name = kept.read_text().partition("+")[0]
    kept.write_text(keys.Signer(name, bytes(32)).verifier().line())
    assert ran(bundle, "--key", str(kept)).returncode == 1


@pytest.mark.parametrize(
    "fields", [{"actor": "Somebody"}, {"reason": "another"}, {"at": "2020-01-01T00:00:00.000000Z"}]
)
def test_a_changed_row_is_named(bundle, fields) -> None:
    changed(bundle, **fields)
    done = ran(bundle)
    assert (done.returncode, "DOES NOT HOLD: trail row" in done.stdout) == (1, True)


def test_a_changed_checkpoint_is_found(bundle) -> None:
    note = (bundle / "checkpoint").read_text()
    (bundle / "checkpoint").write_text(note.replace("\ntime 20", "\ntime 19"))
    assert "does not carry the signature" in ran(bundle).stdout


def test_an_earlier_checkpoint_of_another_log_is_found(bundle) -> None:
    file = bundle / "checkpoints.json"
    held = json.loads(file.read_text())
    held[0]["consistency"] = held[-1]["consistency"]
    file.write_text(json.dumps(held))
    assert "not of a log that this one continues" in ran(bundle).stdout


def test_half_a_bundle_is_said_to_be_one(bundle) -> None:
    (bundle / "rows.jsonl").unlink()
    assert ran(bundle).returncode == 2


def test_the_readable_signature_check_agrees_with_the_library(log_home) -> None:
    signer = keys.Signer("log", bytes(range(32)))
    public, signature = signer.verifier().public, signer.sign("text")
    assert standalone.signed(public, b"text", signature)
    assert not standalone.signed(public, b"text.", signature)
    assert not standalone.signed(public, b"text", signature[:63] + b"\0")
    assert not standalone.signed(bytes(31) + b"\xff", b"text", signature)


def test_who_may_not_see_trails_gets_no_bundle(own_database, sealer, site, engineer) -> None:
    gauge = open_record(Gauge, title="Ring", site=site, by=engineer)
    with pytest.raises(Denied):
        export(gauge, io.BytesIO(), by=actor_of(User.objects.get(pk=engineer.id)))
