"""The trail's pages: who sees what, what changed in words, and what can be taken along."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.urls import reverse

from capa.services import open_capa
from qms.core.models import Job, Site, Trail
from qms.core.seal.sealer import Sealer, ready_signer
from qms.core.trail import acting

pytestmark = pytest.mark.django_db


@pytest.fixture
def sealed(settings, tmp_path):
    """Seal what is there."""
    settings.TRAIL_KEY_FILE = tmp_path / "trail" / "key"
    settings.CHECKPOINTS_DIR = tmp_path / "trail" / "checkpoints"

    def seal() -> None:
        Sealer(ready_signer()).seal()

    return seal


@pytest.fixture
def renamed(site, admin):
    """The plant under another name, for a reason."""
    with acting(admin, reason="moved across the river"):
        Site.objects.filter(pk=site.pk).update(name="Riverside")
    return site


@pytest.fixture
def admin(make_actor):
    return make_actor("Ada Admin", "admin")


def test_a_change_is_told_with_old_and_new_its_reason_and_its_seal(renamed, admin, browser_of, sealed) -> None:
    sealed()
    page = browser_of(admin).get(reverse("web:trail")).content.decode()
    assert "Name: Plant NV1 → Riverside" in page
    assert "moved across the river" in page
    assert "Checkpoint 1" in page


def test_the_page_of_a_change_strikes_the_old_value(renamed, admin, browser_of) -> None:
    row = Trail.objects.filter(tbl="core_site", op="U").latest("id")
    page = browser_of(admin).get(reverse("web:trail-row", args=[row.pk])).content.decode()
    assert "<del>Plant NV1</del>" in page
    assert "<ins>Riverside</ins>" in page
    assert "sealed within seconds" in page


FILTERS = {
    "op=U": True,
    "op=D": False,
    "actor=ada": True,
    "reason=river": True,
    "table=core_user": False,
    "number=CAPA-1": False,
    "known=false": False,
}


@pytest.mark.parametrize("query", FILTERS)
def test_changes_are_filtered(renamed, admin, browser_of, query) -> None:
    page = browser_of(admin).get(f"{reverse('web:trail')}?{query}").content.decode()
    assert ("Plant NV1 → Riverside" in page) is FILTERS[query]


def test_a_reviewer_of_one_site_sees_the_records_of_that_site_alone(renamed, auditor, browser_of) -> None:
    row = Trail.objects.filter(tbl="core_site", op="U").latest("id")
    browser = browser_of(auditor)
    assert "→ Riverside" not in browser.get(reverse("web:trail")).content.decode()
    assert browser.get(reverse("web:trail-row", args=[row.pk])).status_code == 404


def test_who_does_not_review_is_refused(operator, browser_of) -> None:
    assert browser_of(operator).get(reverse("web:trail")).status_code == 403


def test_the_changes_are_exported(renamed, admin, browser_of) -> None:
    answer = browser_of(admin).get(f"{reverse('web:trail')}?op=U&export=xlsx")
    assert zipfile.is_zipfile(io.BytesIO(b"".join(answer.streaming_content)))


def test_a_check_is_asked_for_by_administrators_alone(auditor, admin, browser_of) -> None:
    assert browser_of(auditor).post(reverse("web:trail-check")).status_code == 403
    answer = browser_of(admin).post(reverse("web:trail-check"), {"files": "yes"})
    job = Job.objects.get(kind="verify_trail")
    assert (answer.url, job.args) == (reverse("web:job", args=[job.pk]), {"files": True})


def test_a_records_trail_is_taken_along_with_its_proofs(site, engineer, auditor, admin, browser_of, sealed) -> None:
    record = open_capa(by=engineer, site=site, title="Torque low")
    sealed()
    answer = browser_of(auditor).get(reverse("web:trail-bundle", args=[record.pk]))
    names = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))).namelist()
    assert {"verify.py", "rows.jsonl", "checkpoint", "README.txt"} <= set(names)


def test_nobody_takes_along_the_trail_of_another_site(site, engineer, stranger, browser_of, sealed) -> None:
    record = open_capa(by=engineer, site=site, title="Torque low")
    sealed()
    assert browser_of(stranger).get(reverse("web:trail-bundle", args=[record.pk])).status_code == 404


def test_the_newest_checkpoint_is_taken_along(renamed, auditor, browser_of, sealed) -> None:
    browser = browser_of(auditor)
    assert browser.get(reverse("web:trail-checkpoint")).status_code == 404
    sealed()
    assert browser.get(reverse("web:trail-checkpoint")).content.startswith(b"plumbline/trail/")
