"""The nonconformity a CAPA comes from is named by its number, once, and both know of each other."""

from __future__ import annotations

import pytest
from django.urls import reverse

from capa import services
from capa.models import Capa, Nonconformity
from qms.core.errors import Refused
from qms.core.models import Link

pytestmark = pytest.mark.django_db


def save(browser, capa, number):
    return browser.post(reverse("capa:capa-save", args=[capa.pk, "symptom"]), {
        "symptom-title": capa.title, "symptom-severity": "major", "symptom-nature": "corrective",
        "symptom-source_ncr": number,
    })  # fmt: skip


def test_the_page_does_not_list_every_nonconformity(browser_of, engineer, capa, ncr):
    page = browser_of(engineer).get(capa.get_absolute_url()).content.decode()
    assert ncr.title not in page
    assert 'name="symptom-source_ncr"' in page


def test_a_number_links_the_nonconformity_both_ways(browser_of, engineer, capa, ncr):
    assert save(browser_of(engineer), capa, ncr.number.lower()).status_code == 302
    assert Capa.objects.get(pk=capa.pk).source_ncr == ncr
    assert Link.objects.filter(source=ncr, target=capa, relation="corrective action").exists()
    assert f'value="{ncr.number}"' in browser_of(engineer).get(capa.get_absolute_url()).content.decode()


def test_a_number_that_is_none_is_said_beside_the_field(browser_of, engineer, capa):
    answer = save(browser_of(engineer), capa, "NCR-2026-9999")
    assert answer.status_code == 400
    assert "There is no NCR-2026-9999" in answer.content.decode()


def test_a_nonconformity_has_one_capa(engineer, capa, ncr):
    other = services.open_capa(source_ncr=ncr, by=engineer)
    with pytest.raises(Refused, match=other.number):
        services.save_section(capa, "symptom", source_ncr=Nonconformity.objects.get(pk=ncr.pk), by=engineer)
