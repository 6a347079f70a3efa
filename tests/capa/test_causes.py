"""Causes as a tree: candidates ask for nothing, chosen root causes do; what was verified stays."""

from __future__ import annotations

import pytest
from django.urls import reverse

from capa import queries, services
from capa.models import Cause
from capa.workflow.conditions import causes_unverified, lacks_causes
from qms.core.errors import Invalid, Refused
from qms.web.svg import Bone, Twig, fishbone

pytestmark = pytest.mark.django_db


@pytest.fixture
def analysed(to_capa):
    return to_capa("root_cause")


@pytest.fixture
def leader(crew):
    return crew["leader"]


def thought(capa, by, statement="Tool worn", **fields):
    fields = {"category": "machine", "root": False, **fields}
    return services.add_cause(capa, kind="occurrence", statement=statement, by=by, **fields)


def test_a_candidate_asks_for_no_evidence(analysed, leader):
    thought(analysed, leader)
    assert causes_unverified(analysed) is None
    assert "occurrence" in lacks_causes(analysed)


def test_a_chosen_root_cause_carries_the_whys_that_led_to_it(analysed, leader):
    top = thought(analysed, leader)
    deeper = thought(analysed, leader, "Bit life not counted", parent=top)
    chosen = services.choose_cause(deeper, chosen=True, kind="systemic", by=leader)
    assert [row["because"] for row in chosen.chain] == ["Tool worn", "Bit life not counted"]
    assert [row.kind for row in analysed.cause_rows()] == ["systemic"]


def test_a_refuted_cause_is_not_chosen(analysed, leader):
    cause = services.verify_cause(thought(analysed, leader), result="refuted", test="New tool, same", by=leader)
    with pytest.raises(Refused, match="was refuted"):
        services.choose_cause(cause, chosen=True, by=leader)


def test_what_was_verified_stays_in_the_tree(analysed, leader):
    cause = services.verify_cause(thought(analysed, leader), result="refuted", test="New tool, same", by=leader)
    with pytest.raises(Refused, match="shows what was looked at"):
        services.drop_cause(cause, by=leader)
    services.drop_cause(thought(analysed, leader, "Typed twice"), by=leader)
    assert Cause.objects.filter(capa=analysed, root=False).count() == 1


def test_a_cause_with_answers_behind_it_stays(analysed, leader):
    top = thought(analysed, leader)
    thought(analysed, leader, "Not counted", parent=top)
    with pytest.raises(Refused, match="answers behind"):
        services.drop_cause(top, by=leader)


def test_nothing_is_its_own_reason(analysed, leader):
    top = thought(analysed, leader)
    deeper = thought(analysed, leader, "Not counted", parent=top)
    with pytest.raises(Invalid, match="own reason"):
        services.change_cause(top, parent=deeper, by=leader)


def test_a_why_of_another_capa_is_refused(analysed, leader, engineer, site):
    other = services.open_capa(title="Burr", site=site, by=engineer)
    with pytest.raises(Invalid, match="another record"):
        thought(other, leader, parent=thought(analysed, leader))


def test_the_tree_grows_from_the_page(analysed, leader, browser_of):
    page = browser_of(leader)
    url = reverse("capa:cause-grow", args=[analysed.pk])
    page.post(url, {"category": "machine", "statement": "Tool worn"}, headers={"HX-Request": "true"})
    top = Cause.objects.get(statement="Tool worn")
    answer = page.post(url, {"parent": top.pk, "statement": "Not counted"}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "Fishbone of Leak after press-in, 2 causes; no root cause is chosen yet" in answer.content.decode()
    assert (Cause.objects.get(parent=top).category, top.root) == ("machine", False)


def test_a_refusal_leaves_the_tree_and_says_why(analysed, leader, browser_of):
    cause = thought(analysed, leader)
    url = reverse("capa:cause-tend", args=[cause.pk, "verify"])
    answer = browser_of(leader).post(url, {"result": "confirmed", "test": "Seen"}, headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Retarget"]) == (409, "#causes-say")
    assert "Add the evidence first" in answer.content.decode()


@pytest.mark.parametrize("what", ["text", "choose", "unchoose", "drop"])
def test_each_deed_on_a_cause_draws_the_tree_again(analysed, leader, browser_of, what):
    cause = thought(analysed, leader)
    typed = {"statement": "Tool worn out", "evidence": "Microscope", "kind": "escape"}
    url = reverse("capa:cause-tend", args=[cause.pk, what])
    answer = browser_of(leader).post(url, typed, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert 'id="cause-tree"' in answer.content.decode()


def test_a_stranger_grows_nothing(analysed, stranger, browser_of):
    url = reverse("capa:cause-grow", args=[analysed.pk])
    assert browser_of(stranger).post(url, {"category": "man", "statement": "x"}).status_code == 404


def test_the_tree_lists_whys_behind_their_cause(analysed, leader):
    top, other = thought(analysed, leader), thought(analysed, leader, "Tool wrong")
    deeper = thought(analysed, leader, "Not counted", parent=top)
    machine = next(branch for branch in queries.cause_tree(analysed) if branch.key == "machine")
    assert [(node.cause.pk, node.depth) for node in machine.nodes] == [(top.pk, 0), (deeper.pk, 1), (other.pk, 0)]


def test_the_drawing_names_its_root_causes_and_escapes_words():
    drawing = fishbone("Leak <b>", [Bone("Machine", [Twig("Tool & die", 0, "confirmed", root=True)])])
    assert "chosen as root cause: Tool &amp; die (Machine, confirmed)" in drawing
    assert "<b>" not in drawing


@pytest.mark.parametrize("result", ["", "maybe"])
def test_a_cause_is_verified_with_a_result_only(analysed, leader, result):
    cause = thought(analysed, leader)
    with pytest.raises(Invalid, match="confirmed or refuted"):
        services.verify_cause(cause, result=result, test="On and off", by=leader)
    assert Cause.objects.get(pk=cause.pk).verified_at is None
