"""Whatever people try, in whatever order: no way leads around a guard, and the ledger always adds up."""

from __future__ import annotations

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from capa import services
from capa.models import Nonconformity
from capa.workflow import NCR_FLOW, NEEDS_ENGINEERING, NEEDS_REINSPECTION
from capa.workflow.approval import NEEDS_PRODUCTION
from capa.workflow.nonconformity import disposed
from qms.core.stepping import advance
from tests.capa.walk import NCR_WAY
from tests.capa.watching import WALKS, attempt, signatures_hold
from tests.conftest import PASSWORD

STEPS = sorted({step.name for step in NCR_FLOW.steps})
SOMEBODY = st.sampled_from(range(4))


def since(state: str) -> tuple[str, ...]:
    """A state of the main way and those after it."""
    return NCR_WAY[NCR_WAY.index(state) :]


class NcrMachine(RuleBasedStateMachine):
    """One nonconformity, four people, any order of deeds."""

    site = people = defect = ncr = None

    @initialize(quantity=st.integers(0, 6))
    def open(self, quantity):
        self.ncr = services.open_nonconformity(
            title="Burr", site=self.site, by=self.people[0], quantity_nonconforming=quantity
        )

    def fresh(self):
        return Nonconformity.objects.get(pk=self.ncr.pk)

    def attempt(self, act):
        return attempt(self.ncr, act)

    @rule(place=st.sampled_from(["stock", "wip"]), who=SOMEBODY)
    def contain_a_place(self, place, who):
        def act():
            by = self.people[who]
            row = services.add_containment(self.fresh(), place=place, measure="Blocked", checked=6, found=2, by=by)
            services.verify_containment(row, how="Seen", by=by)

        self.attempt(act)

    @rule()
    def describe(self):
        known = {"requirement": "no burr", "actual": "burr", "defect_code": self.defect}
        self.attempt(lambda: services.save_nonconformity(self.fresh(), by=self.people[1], **known))

    @rule(kind=st.sampled_from(["rework", "scrap", "use_as_is"]), quantity=st.integers(1, 6))
    def dispose(self, kind, quantity):
        self.attempt(lambda: services.add_disposition(self.fresh(), kind=kind, quantity=quantity, by=self.people[1]))

    @precondition(lambda self: self.ncr is not None and self.fresh().dispositions.exists())
    @rule(data=st.data(), who=SOMEBODY, what=st.sampled_from(["do", "inspect", "withdraw"]))
    def work_on(self, data, who, what):
        row = data.draw(st.sampled_from(list(self.fresh().dispositions.order_by("id"))))
        by = self.people[who]
        acts = {
            "do": lambda: services.carry_out(row, by=by),
            "inspect": lambda: services.reinspect(row, result="accepted", by=by),
            "withdraw": lambda: services.withdraw_disposition(row, by=by),
        }
        self.attempt(acts[what])

    @rule(name=st.sampled_from(STEPS), who=SOMEBODY)
    def step(self, name, who):
        by = self.people[who]
        self.attempt(lambda: advance(self.fresh(), name, by=by, password=PASSWORD, reason="because"))

    @rule()
    def go_on(self):
        """The next forward step by whoever may, so that walks get far."""
        for step in NCR_FLOW.from_state(self.fresh().state):
            if not step.back:
                for by in self.people:
                    self.attempt(lambda by=by, step=step: advance(self.fresh(), step.name, by=by, password=PASSWORD))

    @rule(asked=st.booleans(), given=st.booleans(), who=SOMEBODY)
    def ask_the_customer(self, asked, given, who):
        """Whether the contract asks for an approval, and whether it was given."""
        known = {"concession_required": asked, "concession_number": "K-1", "concession_by": "A. Roth"}
        facts = {"concession_on": timezone.now().date(), "concession_quantity": 6} if given else {"concession_on": None}
        self.attempt(lambda: services.save_nonconformity(self.fresh(), by=self.people[who], **known, **facts))

    @invariant()
    def signatures_hold(self):
        if self.ncr is not None:
            signatures_hold(self.fresh())

    @invariant()
    def the_ledger_adds_up(self):
        if self.ncr is not None:
            ncr = self.fresh()
            assert disposed(ncr) <= (ncr.quantity_nonconforming or 0)
            assert ncr.state != "closed" or disposed(ncr) == ncr.quantity_nonconforming

    @invariant()
    def what_a_state_promises_holds(self):
        if self.ncr is None:
            return
        ncr, rows = self.fresh(), self.fresh().disposition_rows()
        if ncr.state in since("contained"):
            assert [row.verified_at is not None for row in ncr.containment_rows()].count(True) >= 1
        if ncr.state in since("disposition_approved") and {row.kind for row in rows} & set(NEEDS_ENGINEERING):
            assert len(ncr.signers("agree_engineering") | ncr.signers("approve_disposition")) > 1
        if ncr.state in since("disposition_approved"):
            assert ncr.contained_by()
            assert ncr.signers("approve_disposition")
            assert not {row.kind for row in rows} & set(NEEDS_PRODUCTION) or ncr.signers("agree_production")
        if ncr.state in since("verified"):
            inspected = [row for row in rows if row.kind in NEEDS_REINSPECTION]
            assert all(row.done_by_id for row in rows)
            assert all(row.reinspected_by_id not in (None, row.done_by_id) for row in inspected)


def walk(people, site, defect, *, examples: int, steps: int) -> None:
    """Many random walks of a machine bound to these people."""
    machine = type("Bound", (NcrMachine,), {"site": site, "people": people, "defect": defect})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


@pytest.mark.django_db
def test_no_way_leads_around_a_guard(site, operator, engineer, approver, manager, defect):
    walk([operator, engineer, approver, manager], site, defect, examples=4, steps=16)


@pytest.mark.slow
@pytest.mark.django_db
def test_no_way_leads_around_a_guard_in_many_walks(site, operator, engineer, approver, manager, defect):
    walk([operator, engineer, approver, manager], site, defect, examples=100 * WALKS // 100, steps=50)
