"""What is signed of a nonconformity stays as it was signed, or the flow asks for the signature again."""

from __future__ import annotations

import pytest
from django.urls import reverse

from capa import forms, services
from capa.models import Nonconformity
from qms.core.actor import system
from qms.core.errors import Refused
from qms.core.stepping import advance
from qms.core.trail import acting, reading
from qms.web.pages.merging import seal

pytestmark = pytest.mark.django_db
APPROVED = ("disposition_approved", "in_disposition", "verified")
COVERED = {
    "title": "Another title",
    "requirement": "9 kN",
    "actual": "9.1 kN",
    "lot": "KB-2",
    "serial": "S-1",
    "quantity_nonconforming": 20,
    "concession_required": True,
    "concession_number": "K-1",
}


def valid(ncr) -> set[str]:
    return set(ncr.signatures.filter(void=None).values_list("step", flat=True))


@pytest.mark.parametrize("state", APPROVED)
def test_what_the_approval_covers_is_settled(to_ncr, engineer, state):
    ncr = to_ncr(state)
    before = valid(ncr)
    for name, value in COVERED.items():
        with pytest.raises(Refused, match="return it to evaluation to change that"):
            services.save_nonconformity(ncr, by=engineer, **{name: value})
    assert valid(ncr) == before >= {"contain", "approve_disposition"}


def test_what_no_signature_covers_is_written_after_the_approval(to_ncr, engineer):
    ncr = to_ncr("in_disposition")
    same = {"title": ncr.title, "severity": "critical", "description": "Seen at the press"}
    assert services.save_nonconformity(ncr, by=engineer, **same).severity == "critical"
    assert "approve_disposition" in valid(ncr)


def test_a_return_to_evaluation_opens_what_was_settled(to_ncr, engineer, manager, step):
    ncr = advance(to_ncr("in_disposition"), "return_to_evaluation", by=engineer, reason="Wrong requirement")
    services.save_nonconformity(ncr, by=engineer, requirement="8.5 to 8.8 kN")
    ncr = advance(ncr, "propose_disposition", by=engineer)
    assert step(ncr, "approve_disposition", manager).state == "disposition_approved"


@pytest.mark.parametrize(
    ("state", "name"),
    [("disposition_approved", "start_disposition"), ("in_disposition", "verify"), ("verified", "close")],
)
def test_no_step_is_taken_on_an_approval_of_something_else(to_ncr, manager, step, state, name):
    ncr = to_ncr(state)
    with acting(system("tests")):
        Nonconformity.objects.filter(pk=ncr.pk).update(actual="something else")
    with pytest.raises(Refused, match="approval no longer covers what the record says"):
        step(ncr, name, manager)


def test_the_finding_is_written_without_touching_the_signed_containment(to_ncr, engineer):
    ncr = services.save_nonconformity(to_ncr("contained"), by=engineer, requirement="8.4 kN", actual="8.3 kN")
    assert valid(ncr) == {"contain"}


def test_a_recount_asks_for_the_containment_again(to_ncr, engineer, defect, step):
    found = to_ncr("evaluation")
    known = {"requirement": "8.4", "actual": "8.3", "defect_code": defect}
    services.save_nonconformity(found, by=engineer, quantity_nonconforming=15, **known)
    services.add_disposition(found, kind="scrap", quantity=15, by=engineer)
    with pytest.raises(Refused, match="confirm it again by signature"):
        advance(found, "propose_disposition", by=engineer)
    found = step(found, "confirm_containment", engineer)
    assert advance(found, "propose_disposition", by=engineer).state == "disposition_proposed"


def test_a_containment_that_holds_is_not_signed_twice(to_ncr, engineer, step):
    with pytest.raises(Refused, match="what was signed has not changed"):
        step(to_ncr("evaluation"), "confirm_containment", engineer)


@pytest.fixture
def type_in(browser_of, engineer):
    """Save the details as the page does while somebody types."""

    def typed(ncr, **changes):
        page = browser_of(engineer)
        with reading(engineer):
            form = forms.NonconformityForm(site_id=ncr.site_id, row=ncr)
            seen = seal(forms.present(ncr, forms.NonconformityForm.names))
            values = {name: form[name].value() for name in form.fields}
        body = {name: value for name, value in {**values, **changes}.items() if value not in (None, False)}
        body["detected_at"] = ncr.detected_at.strftime("%Y-%m-%dT%H:%M:%S")
        url = reverse("capa:nonconformity-save", args=[ncr.pk])
        return page.post(url, {**body, "seen": seen}, headers={"X-Autosave": "1"})

    return typed


def test_typing_never_voids_a_signature(type_in, to_ncr):
    ncr = to_ncr("contained")
    answer = type_in(ncr, lot="KB-2")
    assert (answer.status_code, valid(ncr)) == (409, {"contain"}), answer.content
    assert "A signature covers this lot" in answer.json()["refused"]


def test_typing_saves_what_is_not_signed(type_in, to_ncr):
    answer = type_in(to_ncr("contained"), requirement="8.4 kN")
    assert answer.status_code == 200, answer.content


def test_a_form_with_signed_fields_is_not_saved_while_typing(browser_of, engineer, ncr, to_ncr):
    def shown() -> bytes:
        return browser_of(engineer).get(ncr.get_absolute_url()).content

    assert b"data-autosave" in shown()
    to_ncr("contained")
    assert b"data-autosave" not in shown()
