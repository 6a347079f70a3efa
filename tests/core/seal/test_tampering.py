"""Whatever a superuser does to the trail, the log, the checkpoints or the rows themselves is found and named."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import threading
import time

import pytest
from django.db import connection, connections
from django.utils import timezone

from qms.core.models import Checkpoint, Site, Trail
from qms.core.seal import entries, keys, merkle, notes
from qms.core.seal import sealer as sealing
from qms.core.seal.sealer import Sealer, ready_signer
from qms.core.trail import acting
from tests.core.seal.plant import US, seal_all

pytestmark = pytest.mark.slow  # each breaks into a database of its own

# statement with {row}: a trail row in the middle, {next}: the one after it, {site}: the plant -> what is found
STATEMENTS = {
    "the image": ("update core_trail set image = replace(image, 'Plant 2', 'Plant X') where id = {row}", "row changed"),
    "who": ("update core_trail set actor = 'somebody else' where id = {row}", "row changed"),
    "when": ("update core_trail set at = at - interval '1 day' where id = {row}", "row changed"),
    "why": ("update core_trail set reason = 'a better one' where id = {row}", "row changed"),
    "the source": ("update core_trail set source = 'api' where id = {row}", "row changed"),
    "the record it belongs to": ("update core_trail set record = 77 where id = {row}", "row changed"),
    "a row in the middle removed": ("delete from core_trail where id = {row}", "row removed"),
    "the newest row removed": ("delete from core_trail where id = (select max(id) from core_trail)", "row removed"),
    "two rows in each other's place": (
        (
            "update core_trail a set image = b.image, reason = b.reason from core_trail b"
            " where (a.id, b.id) in (({row}, {next}), ({next}, {row}))"
        ),
        "row changed",
    ),
    "row and entry removed": (
        "delete from core_trail where id = {row}; delete from core_trailleaf where trail = {row}",
        "entry removed",
    ),
    "entries in each other's place": (
        (
            "alter table core_trailleaf drop constraint core_trailleaf_trail_key;"
            " update core_trailleaf a set trail = b.trail, hash = b.hash from core_trailleaf b"
            " where (a.trail, b.trail) in (({row}, {next}), ({next}, {row}))"
        ),
        "log changed",
    ),
    "a row forged behind the log": (
        (
            "insert into core_trail (id, act, actor, reason, source, known, tbl, op, pk, image) overriding system value"
            " values (0, 'x', 'forged', '', 'web', true, 'core_site', 'U', {site}, '{{}}')"
        ),
        "row added",
    ),
    "an entry added without a checkpoint": (
        "insert into core_trailleaf select max(idx) + 1, 999999, sha256('x') from core_trailleaf",
        "entry added",
    ),
    "the newest checkpoint removed": (
        "delete from core_checkpoint where number = (select max(number) from core_checkpoint)",
        "log cut off",
    ),
    "a checkpoint in the middle removed": ("delete from core_checkpoint where number = 2", "checkpoint removed"),
    "the root of a checkpoint": (
        "update core_checkpoint set root = sha256('x') where number = 2",
        "checkpoint changed",
    ),
    "the signature of a checkpoint": (
        "update core_checkpoint set note = (select note from core_checkpoint where number = 1) where number = 2",
        "log changed",
    ),
    "the whole log removed": ("truncate core_trailleaf, core_trailnode, core_checkpoint", "log cut off"),
    "the trail removed": ("truncate core_trail", "row removed"),
    "the living row changed": ("update core_site set name = 'quietly' where id = {site}", "live row changed"),
    "the living row removed": ("delete from core_site where id = {site}", "live row removed"),
    "a living row added": (
        (
            'insert into core_site select (jsonb_populate_record(s, \'{{"id": 99, "code": "Q"}}\')).*'
            " from core_site s where id = {site}"
        ),
        "live row added",
    ),
    "the trail of a table switched off": ("alter table core_site disable trigger trail_update", "trail off"),
    "the trail of a table taken away": ("drop trigger trail_update on core_site", "trail off"),
    "the guard of the trail taken away": ("drop trigger frozen on core_trail", "guard off"),
}


@pytest.mark.parametrize("kind", STATEMENTS)
def test_what_is_done_in_the_database_is_found_and_named(plant, superuser, found, kind) -> None:
    statement, what = STATEMENTS[kind]
    row, after = Trail.objects.filter(tbl="core_site", op="U").order_by("id").values_list("id", flat=True)[2:4]
    superuser(statement.format(row=row, next=after, site=plant.pk))
    report = found()
    assert what in {finding.what for finding in report.findings}, report.verdict()
    if what == "row changed":
        assert report.findings[0].row == row
        assert f"{row:,}" in report.findings[0].text


def test_a_row_and_its_entry_changed_together_are_found_by_the_checkpoint(plant, superuser, found) -> None:
    row = Trail.objects.filter(tbl="core_site", op="U").order_by("id").values_list("id", flat=True)[2]
    superuser(f"update core_trail set reason = 'forged' where id = {row}")
    superuser(f"update core_trailleaf set hash = decode('{_hash_of(row).hex()}', 'hex') where trail = {row}")
    (finding,) = found().findings
    assert finding.what == "log changed"
    assert f"to {row + 1:,}" in finding.text


def test_an_old_row_that_is_played_again_is_found(plant, sealer, superuser, found) -> None:
    superuser(
        "insert into core_trail (act, actor, reason, source, known, tbl, op, pk, record, image)"
        " select act, actor, reason, source, known, tbl, op, pk, record, image from core_trail"
        f" where tbl = 'core_site' and pk = {plant.pk} order by id desc limit 1"
    )
    seal_all(sealer)
    assert [finding.what for finding in found().findings] == ["row forged"]


def test_a_forged_newest_change_is_found_by_the_living_row(plant, sealer, superuser, found) -> None:
    superuser(
        "insert into core_trail (act, actor, reason, source, known, tbl, op, pk, record, image)"
        " select 'x', 'forged', '', 'web', true, tbl, 'U', pk, record, replace(image, 'Plant 5', 'Plant X')"
        f" from core_trail where tbl = 'core_site' and pk = {plant.pk} order by id desc limit 1"
    )
    seal_all(sealer)
    assert 'the trail says "Plant X"' in found().findings[0].text


def test_a_log_rebuilt_under_another_key_is_found(plant, superuser, found, settings, tmp_path) -> None:
    verifier = keys.verifier()
    superuser("update core_trail set reason = 'forged' where tbl = 'core_site'")
    superuser("truncate core_trailleaf, core_trailnode, core_checkpoint")
    settings.TRAIL_KEY_FILE, settings.CHECKPOINTS_DIR = tmp_path / "forged" / "key", tmp_path / "forged" / "kept"
    seal_all(Sealer(ready_signer()))
    assert found().whole  # to somebody who believes the forged key
    assert found(verifier=verifier).findings[0].what == "checkpoint forged"


def test_a_log_rebuilt_with_the_right_key_is_found_by_the_checkpoints_outside(plant, superuser, found) -> None:
    superuser("update core_trail set reason = 'forged' where tbl = 'core_site'")
    superuser("truncate core_trailleaf, core_trailnode, core_checkpoint")
    Sealer(ready_signer()).seal()
    assert {finding.what for finding in found().findings} >= {"log changed"}


def test_an_older_state_put_back_is_found_and_the_missing_entries_are_counted(plant, sealer, superuser, found) -> None:
    size = Checkpoint.objects.get(number=2).size
    superuser(f"delete from core_trail where id in (select trail from core_trailleaf where idx >= {size})")
    superuser(f"delete from core_trailleaf where idx >= {size}; delete from core_checkpoint where number > 2")
    superuser(f"update core_site set name = 'Plant 3' where id = {plant.pk}")
    (finding,) = found().findings
    assert (finding.what, "the newest 2 entries are missing" in finding.text) == ("log cut off", True)


def test_a_changed_checkpoint_file_is_found(plant, found, log_home) -> None:
    (file,) = (log_home / "checkpoints").glob("*.checkpoints")
    lines = file.read_text().splitlines()
    lines[2] = base64.b64encode(hashlib.sha256(b"x").digest()).decode()
    file.write_text("\n".join(lines) + "\n")
    assert [finding.what for finding in found().findings] == ["file changed"]


def test_a_changed_node_of_the_tree_is_found(plant, sealer, superuser, found) -> None:
    for n in range(260):
        with acting(US):
            Site.objects.filter(pk=plant.pk).update(name=f"Many {n}")
    seal_all(sealer)
    assert found().whole
    superuser("update core_trailnode set hash = sha256('x')")
    assert [finding.what for finding in found().findings] == ["tree changed"]


def test_another_key_in_the_place_of_the_public_one_is_found(plant, found, log_home) -> None:
    other = keys.Signer(keys.verifier().name, bytes(32)).verifier()
    (log_home / "checkpoints" / "public-key").write_text(other.line())
    assert found().findings[0].what == "checkpoint forged"


def test_ordinary_work_raises_no_alarm(plant, sealer, found) -> None:
    with acting(US):
        site = Site.objects.create(code="P2", name="Second")
        site.name = "Renamed"
        site.save()
    assert found().whole  # what is not sealed yet is no finding
    seal_all(sealer)
    report = found()
    assert (report.whole, report.counts["entries"]) == (True, Trail.objects.count())


def test_a_check_while_others_write_and_seal_raises_no_alarm(plant, found) -> None:
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            with acting(US):
                Site.objects.filter(pk=plant.pk).update(name=f"Busy {time.monotonic()}")
        connections.close_all()

    beside = [threading.Thread(target=write), threading.Thread(target=sealing.run, args=(stop,))]
    for thread in beside:
        thread.start()
    reports = [found() for _ in range(5)]
    stop.set()
    for thread in beside:
        thread.join()
    assert [report.verdict() for report in reports if not report.whole] == []


def test_another_time_zone_raises_no_alarm(plant, found, superuser) -> None:
    superuser(f"alter database \"{connection.settings_dict['NAME']}\" set timezone = 'Asia/Kathmandu'")
    connection.close()
    assert found().whole


def test_a_column_that_a_migration_adds_raises_no_alarm(plant, found, superuser) -> None:
    superuser("alter table core_site add column colour text not null default 'blue'")
    assert found().whole


def test_a_note_that_says_something_else_is_not_signed(plant) -> None:
    newest = Checkpoint.objects.latest("number")
    said = dataclasses.replace(notes.read(newest.note), at=timezone.now())
    assert not notes.is_signed(newest.note.replace(notes.text_of(newest.note), said.text()), keys.verifier())


def _hash_of(row: int) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(f"select {entries.FIELDS} from core_trail t where id = %s", [row])
        return merkle.leaf_hash(entries.leaf_bytes(cursor.fetchone()))
