"""Whatever people try, in whatever order: no way leads around a guard, and the ledger always adds up."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from capa import services
from capa.models import Nonconformity
from capa.workflow import NCR_FLOW, NEEDS_ENGINEERING, NEEDS_REINSPECTION
from capa.workflow.nonconformity import disposed
from qms.core.errors import Denied, Invalid, Refused
from qms.core.stepping import advance
from tests.conftest import PASSWORD

STEPS = sorted({step.name for step in NCR_FLOW.steps})
REFUSALS = (Refused, Denied, Invalid)


def machine(site, people, defect):
    """A machine over one nonconformity."""

    class NcrMachine(RuleBasedStateMachine):
        @initialize(quantity=st.integers(0, 6))
        def open(self, quantity):
            self.ncr = services.open_nonconformity(title="Burr", site=site, by=people[0], quantity_nonconforming=quantity)

        def fresh(self):
            return Nonconformity.objects.get(pk=self.ncr.pk)

        def attempt(self, act):
            try:
                act()
            except REFUSALS as refusal:
                assert str(refusal).strip()

        @rule(place=st.sampled_from(["stock", "wip"]), who=st.sampled_from(range(4)))
        def contain_a_place(self, place, who):
            def act():
                row = services.add_containment(self.fresh(), place=place, measure="Blocked", checked=6, found=2, by=people[who])
                services.verify_containment(row, how="Seen", by=people[who])

            self.attempt(act)

        @rule()
        def describe(self):
            self.attempt(lambda: services.save_nonconformity(self.fresh(), by=people[1], requirement="a", actual="b", defect_code=defect))

        @rule(kind=st.sampled_from(["rework", "scrap", "use_as_is"]), quantity=st.integers(1, 6))
        def dispose(self, kind, quantity):
            self.attempt(lambda: services.add_disposition(self.fresh(), kind=kind, quantity=quantity, by=people[1]))

        @precondition(lambda self: self.fresh().dispositions.exists())
        @rule(data=st.data(), who=st.sampled_from(range(4)), what=st.sampled_from(["do", "inspect", "withdraw"]))
        def work_on(self, data, who, what):
            row = data.draw(st.sampled_from(list(self.fresh().dispositions.order_by("id"))))
            by = people[who]
            acts = {
                "do": lambda: services.carry_out(row, by=by),
                "inspect": lambda: services.reinspect(row, result="accepted", by=by),
                "withdraw": lambda: services.withdraw_disposition(row, by=by),
            }
            self.attempt(acts[what])

        @rule(name=st.sampled_from(STEPS), who=st.sampled_from(range(4)))
        def step(self, name, who):
            self.attempt(lambda: advance(self.fresh(), name, by=people[who], password=PASSWORD, reason="because"))

        @invariant()
        def what_a_state_promises_holds(self):
            if not hasattr(self, "ncr"):
                return
            ncr = self.fresh()
            rows = ncr.disposition_rows()
            assert disposed(ncr) <= (ncr.quantity_nonconforming or 0)
            if ncr.state in NCR_FLOW_AFTER["contained"]:
                assert all(row.verified_at for row in ncr.containment_rows()) and ncr.containment_rows()
            if ncr.state in NCR_FLOW_AFTER["disposition_approved"] and {r.kind for r in rows} & set(NEEDS_ENGINEERING):
                assert ncr.signers("agree_engineering") and len(ncr.signers("agree_engineering") | ncr.signers("approve_disposition")) > 1
            if ncr.state in ("verified", "closed"):
                assert all(r.done_by_id for r in rows)
                assert all(r.reinspected_by_id not in (None, r.done_by_id) for r in rows if r.kind in NEEDS_REINSPECTION)
            if ncr.state == "closed":
                assert disposed(ncr) == ncr.quantity_nonconforming and ncr.closed_at

    return NcrMachine


ORDER = ["contained", "evaluation", "disposition_proposed", "disposition_approved", "in_disposition", "verified", "closed"]
NCR_FLOW_AFTER = {name: ORDER[k:] for k, name in enumerate(ORDER)}


@pytest.mark.django_db
def test_no_way_leads_around_a_guard(site, operator, engineer, approver, manager, defect):
    people = [operator, engineer, approver, manager]
    run_state_machine_as_test(
        machine(site, people, defect),
        settings=settings(max_examples=8, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)),
    )


@pytest.mark.slow
@pytest.mark.django_db
def test_no_way_leads_around_a_guard_in_many_walks(site, operator, engineer, approver, manager, defect):
    people = [operator, engineer, approver, manager]
    run_state_machine_as_test(
        machine(site, people, defect),
        settings=settings(max_examples=100, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck)),
    )
