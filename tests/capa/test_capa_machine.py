"""Whatever people try on a CAPA, in whatever order: no state is reached without what it promises."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from capa import services
from capa.models import Capa
from capa.workflow import CAPA_FLOW
from capa.workflow.conditions import actions_open, causes_unverified, documents_open, lacks_actions, lacks_causes
from qms.core.stepping import advance
from tests.capa import walk
from tests.capa.walk import CAPA_WAY
from tests.capa.watching import REFUSALS, WALKS, attempt, signatures_hold
from tests.conftest import PASSWORD

STEPS = sorted({step.name for step in CAPA_FLOW.steps})
WHO = st.sampled_from(["leader", "approver", "quality", "verifier", "builder", "reporter"])
KINDS = st.sampled_from(["occurrence", "escape", "systemic"])
TEXTS = {
    "symptom": {"symptom": "2 % leak"},
    "team": {"triage_rationale": "Reaches the customer"},
    "problem": {"problem": {"what": "leak"}},
    "causes": {"cause_method": "ishikawa"},
    "plan": {"change_risk": "Cycle time"},
    "implementation": {"implemented_at": timezone.now() - timedelta(days=3)},
    "closing": {"summary": "Removed"},
}
WALK = {
    "initiated": walk.submit, "triage": walk.accept, "containment": walk.contain, "root_cause": walk.analyse,
    "implementation": walk.implement, "prevention": walk.prevent,
}  # fmt: skip


def since(state: str) -> tuple[str, ...]:
    """A state of the main way and those after it."""
    return CAPA_WAY[CAPA_WAY.index(state) :]


class CapaMachine(RuleBasedStateMachine):
    """One CAPA, six people, any order of deeds."""

    site = crew = characteristic = capa = None
    turn = 0

    @initialize(nature=st.sampled_from(["corrective", "corrective", "preventive"]))
    def open(self, nature):
        self.capa = services.open_capa(
            title="Leak", site=self.site, severity="major", nature=nature, by=self.crew["leader"]
        )

    def fresh(self):
        return Capa.objects.get(pk=self.capa.pk)

    def attempt(self, act):
        return attempt(self.capa, act)

    @rule(section=st.sampled_from(sorted(TEXTS)), who=WHO)
    def write(self, section, who):
        self.turn += 1
        words = {k: f"{v} {self.turn}" if isinstance(v, str) and k != "cause_method" else v
                 for k, v in TEXTS[section].items()}  # fmt: skip
        self.attempt(lambda: services.save_section(self.fresh(), section, by=self.crew[who], **words))

    @rule(kind=KINDS, who=WHO, root=st.booleans(), evidence=st.sampled_from(["", "Lot comparison"]))
    def think(self, kind, who, root, evidence):
        self.attempt(
            lambda: services.add_cause(
                self.fresh(), kind=kind, statement="Mixed lots", root=root, evidence=evidence, by=self.crew[who]
            )
        )

    @rule(who=WHO, what=st.sampled_from(["confirmed", "refuted", "choose", "unchoose", "drop"]))
    def tend(self, who, what):
        cause, by = self.fresh().causes.order_by("-id").first(), self.crew[who]
        if cause is None:
            return
        acts = {
            "choose": lambda: services.choose_cause(cause, chosen=True, by=by),
            "unchoose": lambda: services.choose_cause(cause, chosen=False, by=by),
            "drop": lambda: services.drop_cause(cause, by=by),
        }
        self.attempt(acts.get(what) or (lambda: services.verify_cause(cause, result=what, test="On and off", by=by)))

    @rule(who=WHO)
    def act_on(self, who):
        cause = self.fresh().causes.filter(root=True).first()
        self.attempt(lambda: services.add_action(self.fresh(), text="Gauge", cause=cause, by=self.crew[who]))

    @rule(who=WHO)
    def finish(self, who):
        action = self.fresh().actions.filter(state="open").first()
        if action is not None:
            self.attempt(lambda: services.finish_action(action, evidence="Photo", by=self.crew[who]))

    @rule(name=st.sampled_from(STEPS), who=WHO)
    def step(self, name, who):
        by = self.crew[who]
        self.attempt(lambda: advance(self.fresh(), name, by=by, password=PASSWORD, reason="because"))

    @rule()
    def go_on(self):
        """The shortest way onward, as people who know it would take it, so that walks get far."""
        capa = self.fresh()
        way = WALK.get(capa.state)
        try:
            if capa.state == "plan":
                walk.plan(capa, self.crew, self.characteristic)
            elif way is not None:
                way(capa, self.crew)
        except REFUSALS as refusal:
            said = str(refusal)
        else:
            said = "done"
        assert said.strip()

    @invariant()
    def signatures_hold(self):
        if self.capa is not None:
            signatures_hold(self.fresh())

    @invariant()
    def what_a_state_promises_holds(self):
        if self.capa is None:
            return
        capa = self.fresh()
        if capa.state in since("plan"):
            assert lacks_causes(capa) is None
            assert causes_unverified(capa) is None
        if capa.state in since("implementation"):
            assert lacks_actions(capa) is None
            assert len(capa.signers("approve_plan") | capa.signers("release_plan")) > 1
        if capa.state in since("prevention"):
            assert actions_open(capa) is None
            assert len(capa.signers("report_implemented") | capa.signers("confirm_implementation")) > 1
        if capa.state in since("effectiveness"):
            assert documents_open(capa) is None
        assert capa.state != "closed"  # no readings, so no effect was shown


def walks(site, crew, characteristic, *, examples: int, steps: int) -> None:
    """Many random walks of a machine bound to these people."""
    machine = type("Bound", (CapaMachine,), {"site": site, "crew": crew, "characteristic": characteristic})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


@pytest.fixture
def people(crew, operator):
    return {**crew, "reporter": operator}


@pytest.mark.django_db
def test_no_way_of_a_capa_leads_around_a_guard(site, people, characteristic):
    walks(site, people, characteristic, examples=2, steps=12)


@pytest.mark.slow
@pytest.mark.django_db
def test_no_way_of_a_capa_leads_around_a_guard_in_many_walks(site, people, characteristic):
    walks(site, people, characteristic, examples=40 * WALKS // 100, steps=40)
