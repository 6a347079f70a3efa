"""Each committed row is sealed once and none is left out, whoever writes at the same time and whatever crashes."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg2
import pytest
from django.db import DatabaseError, connection, connections, transaction

from qms.core.errors import Refused
from qms.core.models import Checkpoint, Site, Trail, TrailLeaf
from qms.core.seal import keys, notes, shelf
from qms.core.seal.sealer import Sealer, ready_signer, run
from qms.core.trail import acting
from qms.embedded import testing
from tests.core.seal.plant import US, seal_all


def unsealed() -> set[int]:
    return set(Trail.objects.values_list("id", flat=True)) - set(TrailLeaf.objects.values_list("trail", flat=True))


def rename(site: Site, name: str) -> None:
    with acting(US):
        Site.objects.filter(pk=site.pk).update(name=name)


def test_everything_that_is_committed_is_sealed(plant, sealer) -> None:
    assert (unsealed(), seal_all(sealer)) == (set(), 0)


def test_a_checkpoint_is_signed_and_lies_outside_the_database(plant, log_home) -> None:
    newest, verifier = Checkpoint.objects.latest("number"), keys.verifier()
    outside = [note for _, note in shelf.notes_in()]
    assert (len(outside), outside[-1], notes.is_signed(newest.note, verifier)) == (3, newest.note, True)


def test_a_transaction_that_commits_late_is_sealed_after_those_it_let_pass(plant, sealer) -> None:
    late = psycopg2.connect(testing._cluster().url("qms_app", connection.settings_dict["NAME"]))
    with late.cursor() as cursor:
        cursor.execute("update core_site set name = 'late' where id = %s", [plant.pk])
        with acting(US):
            Site.objects.create(code="P2", name="Early")
        early = seal_all(sealer)
        rename(Site.objects.get(code="P2"), "Earlier")
        early += seal_all(sealer)
        late.commit()
    late.close()
    assert (early, seal_all(sealer), unsealed()) == (2, 1, set())


def test_many_writers_and_two_sealers_leave_no_row_out_and_seal_none_twice(plant, log_home) -> None:
    stop = threading.Event()
    sites = [Site(code=f"W{n}", name="W") for n in range(4)]
    with acting(US):
        Site.objects.bulk_create(sites)

    def write(site: Site) -> None:
        for n in range(60):
            rename(site, f"{site.code} {n}")
        connections.close_all()

    sealing = [threading.Thread(target=run, args=(stop,)) for _ in range(2)]
    for thread in sealing:
        thread.start()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, sites))
    stop.set()
    for thread in sealing:
        thread.join()
    seal_all(Sealer(ready_signer()))
    leaves = list(TrailLeaf.objects.order_by("idx").values_list("idx", flat=True))
    assert (unsealed(), leaves) == (set(), list(range(len(leaves))))


def test_small_batches_seal_the_same_as_a_large_one(plant, log_home) -> None:
    for n in range(25):
        rename(plant, f"small {n}")
    seal_all(Sealer(ready_signer(), batch=3))
    assert unsealed() == set()
    assert Checkpoint.objects.latest("number").size == Trail.objects.count()


def test_a_crash_before_the_commit_leaves_nothing_and_the_next_pass_goes_on(plant, sealer, monkeypatch) -> None:
    rename(plant, "crash")
    before = Checkpoint.objects.count()
    with monkeypatch.context() as broken:
        broken.setattr(notes, "signed", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            sealer.seal()
    assert (Checkpoint.objects.count(), len(unsealed()), seal_all(sealer)) == (before, 1, 1)


def test_a_crash_before_the_checkpoint_went_outside_is_made_up_for(plant, sealer) -> None:
    rename(plant, "not yet outside")
    sealer.seal()
    assert len(list(shelf.notes_in())) == 3
    seal_all(Sealer(ready_signer()))
    assert len(list(shelf.notes_in())) == 4


def test_a_note_torn_by_a_crash_is_written_again(plant, sealer, log_home) -> None:
    (file,) = (log_home / "checkpoints").glob("*.checkpoints")
    whole = file.read_bytes()
    file.write_bytes(whole[:-40])
    Sealer(ready_signer()).shelve()
    assert file.read_bytes() == whole


def test_a_log_is_never_gone_on_with_under_another_key(plant, log_home) -> None:
    (log_home / "key").unlink()
    with pytest.raises(Refused, match="put it back"):
        ready_signer()
    assert not (log_home / "key").exists()


def test_the_private_key_is_readable_by_its_owner_alone(plant, log_home) -> None:
    assert (log_home / "key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("statement", ["delete from {}", "truncate {}", "alter table {} disable trigger all"])
def test_the_applications_role_cannot_touch_the_log(plant, statement) -> None:
    for table in ("core_trailleaf", "core_trailnode", "core_checkpoint"):
        with pytest.raises(DatabaseError) as refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement.format(table))
        assert refused.value.__cause__.pgcode == "42501"
