"""An analysis as a record: locked by its digest, worded while a draft, evidence elsewhere, files."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from django.urls import reverse

from analytics import services
from analytics.models import Analysis
from capa.services import open_nonconformity
from qms.core.errors import Denied, Refused
from qms.core.evidence import intact
from qms.core.links import linked
from qms.core.records import locked
from qms.core.stepping import advance
from qms.core.trail import acting, history, reading

pytestmark = pytest.mark.django_db


def fresh(record):
    return locked(Analysis, record.pk)


def test_a_saved_analysis_is_numbered_and_locked_by_its_digest(analysis, engineer):
    assert analysis.number == "ANA-2026-0001"
    assert analysis.state == "saved"
    with reading(engineer):
        assert Analysis.objects.get(pk=analysis.pk).intact


def test_the_digest_tells_a_changed_answer(analysis, engineer):
    with reading(engineer):
        found = Analysis.objects.get(pk=analysis.pk)
    found.headline = "All is well."
    assert not found.intact


def test_a_saved_analysis_cannot_be_reworded(analysis, engineer):
    with pytest.raises(Refused, match="is locked: run a new analysis"):
        services.reword_analysis(analysis, by=engineer, title="Other")


def test_a_draft_is_reworded_and_then_saved(draft, engineer):
    changed = services.reword_analysis(draft, by=engineer, title="Shafts of line 2")
    assert advance(changed, "save", by=engineer).digest


def test_a_void_analysis_says_why(analysis, manager):
    with pytest.raises(Refused, match="Say why"):
        advance(analysis, "void", by=manager)
    assert advance(analysis, "void", by=manager, reason="Wrong column").state == "void"


def test_only_heads_of_quality_void(analysis, engineer):
    with pytest.raises(Denied):
        advance(analysis, "void", by=engineer, reason="Wrong column")


def test_a_saved_analysis_becomes_evidence_of_a_nonconformity(analysis, site, engineer):
    ncr = open_nonconformity(title="Shafts drift", site=site, by=engineer)
    kept = services.freeze_analysis(analysis, record=ncr, by=engineer)
    assert intact(kept)
    assert kept.data["digest"] == analysis.digest
    assert kept.svg == analysis.drawing
    with reading(engineer):
        assert [end.record.number for end in linked(ncr, engineer)] == [analysis.number]


def test_a_draft_is_no_evidence(draft, site, engineer):
    ncr = open_nonconformity(title="Shafts drift", site=site, by=engineer)
    with pytest.raises(Refused, match="save and lock it before"):
        services.freeze_analysis(draft, record=ncr, by=engineer)


def test_the_trail_keeps_who_made_it(analysis, engineer):
    with reading(engineer):
        acts = history(analysis)
    assert acts[0].actor == engineer.name


def test_files_carry_the_whole_analysis(analysis, engineer, browser_of):
    page = browser_of(engineer)
    found = {kind: page.get(reverse("analytics:export", args=[analysis.pk, kind])) for kind in ("json", "xlsx", "svg")}
    assert json.loads(found["json"].content)["digest"] == analysis.digest
    assert len(json.loads(found["json"].content)["data"]["columns"][0]["values"]) == 28
    assert "xl/worksheets/sheet3.xml" in zipfile.ZipFile(io.BytesIO(found["xlsx"].content)).namelist()
    assert found["svg"].content.startswith(b"<svg")
    assert b"xmlns" in found["svg"].content


def test_an_unknown_format_is_not_found(analysis, engineer, browser_of):
    assert browser_of(engineer).get(reverse("analytics:export", args=[analysis.pk, "doc"])).status_code == 404


def test_another_plant_sees_nothing(analysis, stranger, browser_of):
    page = browser_of(stranger)
    assert page.get(analysis.get_absolute_url()).status_code == 404
    assert analysis.number not in page.get(reverse("analytics:analyses")).content.decode()


def test_the_act_that_saves_is_one(shafts, site, engineer):
    answer = services.analyse(shafts, study="readings")
    with acting(engineer) as act:
        record = services.open_analysis(title="x", site=site, table=shafts, answer=answer, by=engineer)
    with reading(engineer):
        assert {one.id for one in history(record)} == {act}
