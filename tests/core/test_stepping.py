"""One way through a flow: what is allowed, what is missing, who may, and what a signature holds."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from qms.core import signing
from qms.core.actor import actor_of
from qms.core.errors import Conflict, Denied, Refused, WrongPassword
from qms.core.models import Event, Signature, SignatureVoid, SigningAttempt, User
from qms.core.records import change_record
from qms.core.stepping import advance, offers
from qms.core.trail import acting, reading
from tests.conftest import PASSWORD
from tests.core.gauge import FLOW, Gauge

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("gauges")]


@pytest.fixture
def gauge(open_gauge) -> Gauge:
    return open_gauge(note="measured")


@pytest.fixture
def owner(make_actor):
    """Somebody who may do everything."""
    return make_actor("Olga Owner", "owner")


@pytest.mark.parametrize(("state", "step", "allowed"), list(FLOW.cells()))
def test_every_cell_of_the_flow_does_what_the_table_says(gauge, owner, state, step, allowed) -> None:
    with acting(owner):
        Gauge.objects.filter(pk=gauge.pk).update(state=state)
    gauge.state = state
    if allowed:
        target = advance(gauge, step, by=owner, reason="because", password=PASSWORD).state
        assert target == FLOW.step(step, state).target
    else:
        with pytest.raises(Refused, match="does not exist"):
            advance(gauge, step, by=owner, reason="because", password=PASSWORD)


def test_a_step_changes_state_clock_and_version_and_says_so(gauge, engineer) -> None:
    fresh = advance(gauge, "check", by=engineer)
    assert (fresh.state, fresh.version, fresh.checks) == ("checked", 2, 1)
    assert fresh.due == fresh.state_since + timedelta(hours=48)
    event = Event.objects.get(type="qms.core.StepTaken")
    assert (event.data["source"], event.data["target"], event.key) == ("open", "checked", f"record:{gauge.pk}")


def test_an_event_names_the_state_the_record_was_really_in(gauge, engineer) -> None:
    for _ in range(2):
        advance(gauge, "check", by=engineer)  # the second time from an older copy
    assert Event.objects.filter(type="qms.core.StepTaken").latest("id").data["source"] == "checked"


def test_a_guard_says_what_is_missing_and_nothing_happens(open_gauge, engineer) -> None:
    gauge = open_gauge()
    with pytest.raises(Refused, match="Write the note first"):
        advance(gauge, "check", by=engineer)
    with reading(engineer):
        assert Gauge.objects.get(pk=gauge.pk).version == 1


def test_who_may_not_is_told_who_may(gauge, operator, manager) -> None:
    with pytest.raises(Denied, match="manager"):
        advance(gauge, "void", by=operator, reason="because")
    with pytest.raises(Refused, match="Say why"):
        advance(gauge, "void", by=manager, reason=" ")


def test_an_older_version_is_a_conflict(gauge, engineer) -> None:
    change_record(gauge, by=engineer, title="Newer")
    with pytest.raises(Conflict, match="changed by somebody else"):
        advance(gauge, "check", by=engineer, version=gauge.version)


def test_the_offers_are_the_steps_one_may_take_with_what_they_miss(open_gauge, engineer, manager) -> None:
    gauge = open_gauge()
    with reading(engineer):
        assert [(o.step.name, o.refusals) for o in offers(gauge, engineer)] == [("check", ("Write the note first.",))]
        assert [o.step.name for o in offers(gauge, manager)] == ["check", "void"]


@pytest.fixture
def checked(gauge, engineer) -> Gauge:
    return advance(gauge, "check", by=engineer)


def test_a_signature_says_who_when_what_it_means_and_what_it_covers(checked, approver) -> None:
    released = advance(checked, "release", by=approver, password=PASSWORD, note="second look")
    signature = Signature.objects.get()
    assert (signature.printed_name, signature.meaning, signature.note) == ("Marco Brandt", "released", "second look")
    assert signature.digest == signing.digest_of(signing.manifest(released, "note"))
    assert released.closed_at


def test_a_wrong_password_signs_nothing_and_is_kept(checked, approver) -> None:
    with pytest.raises(WrongPassword):
        advance(checked, "release", by=approver, password="wrong")
    assert not Signature.objects.exists()
    assert SigningAttempt.objects.get().ok is False


def test_five_wrong_passwords_lock_signing_for_five_minutes(checked, approver) -> None:
    for _ in range(5):
        with pytest.raises(WrongPassword):
            signing.prove(approver, "wrong")
    with pytest.raises(Refused, match="locked"):
        advance(checked, "release", by=approver, password=PASSWORD)
    SigningAttempt.objects.update(at=timezone.now() - timedelta(minutes=6))
    assert advance(checked, "release", by=approver, password=PASSWORD).state == "released"


def test_a_key_cannot_sign_for_its_person(checked, approver) -> None:
    key = actor_of(User.objects.get(pk=approver.id), kind="token")
    with pytest.raises(Refused, match="Only a person"):
        advance(checked, "release", by=key, password=PASSWORD)


def test_a_change_of_what_was_signed_voids_the_signature(checked, approver, engineer) -> None:
    released = advance(checked, "release", by=approver, password=PASSWORD)
    change_record(released, by=engineer, severity="major")
    assert not SignatureVoid.objects.exists()
    change_record(released, by=engineer, note="measured again")
    assert SignatureVoid.objects.get().signature.printed_name == "Marco Brandt"


def test_changing_back_does_not_revive_a_void_signature(checked, approver, engineer) -> None:
    released = advance(checked, "release", by=approver, password=PASSWORD)
    for note in ("other", "measured"):
        change_record(released, by=engineer, note=note)
    assert SignatureVoid.objects.count() == 1
