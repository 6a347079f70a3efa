"""The pages: every state renders, forms save and keep what was typed, refusals say why."""

from __future__ import annotations

import pytest
from django.urls import reverse

from capa import services
from capa.models import Capa, Nonconformity
from capa.views.disciplines import SaveSection
from qms.core.actor import system
from qms.core.errors import Refused
from qms.core.models import Membership
from qms.core.trail import acting
from qms.web.pages.merging import text_of
from tests.capa.walk import CAPA_WAY, NCR_WAY
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("state", NCR_WAY)
def test_the_page_of_a_nonconformity_renders_in_every_state(to_ncr, engineer, browser_of, state):
    ncr = to_ncr(state)
    answer = browser_of(engineer).get(ncr.get_absolute_url())
    assert answer.status_code == 200
    assert ncr.number in answer.content.decode()


@pytest.mark.parametrize("state", CAPA_WAY[:-1])
def test_the_page_of_a_capa_renders_in_every_state(to_capa, crew, browser_of, state):
    capa = to_capa(state)
    answer = browser_of(crew["leader"]).get(capa.get_absolute_url())
    assert answer.status_code == 200
    assert "D4 Root cause" in answer.content.decode()


def test_three_fields_report_a_nonconformity(site, operator, browser_of):
    page = browser_of(operator)
    sent = page.post(reverse("capa:nonconformity-new"), {"title": "Burr on groove", "quantity_nonconforming": "12"})
    ncr = Nonconformity.objects.get()
    assert sent.status_code == 302
    assert sent["Location"] == ncr.get_absolute_url()
    assert (ncr.title, ncr.quantity_nonconforming, ncr.originator_id) == ("Burr on groove", 12, operator.id)


def test_a_report_without_a_title_keeps_what_was_typed(site, operator, browser_of):
    answer = browser_of(operator).post(reverse("capa:nonconformity-new"), {"title": "", "quantity_nonconforming": "12"})
    assert answer.status_code == 400
    assert 'value="12"' in answer.content.decode()


def test_a_signal_becomes_a_nonconformity_with_one_press(signal, operator, browser_of):
    page = browser_of(operator)
    first = page.post(reverse("capa:from-signal", args=[signal.pk]))
    second = page.post(reverse("capa:from-signal", args=[signal.pk]))
    assert first["Location"] == second["Location"] == Nonconformity.objects.get().get_absolute_url()


def contain_form(**changes):
    typed = {
        "quantity": "12",
        "place": "wip",
        "measure": "Blocked",
        "quantity_checked": "240",
        "quantity_found": "12",
        "how": "Counted",
        "password": PASSWORD,
    }
    return {f"contain-{name}": value for name, value in {**typed, **changes}.items()}


def test_containing_from_the_page_signs_and_moves_on(ncr, engineer, browser_of):
    answer = browser_of(engineer).post(reverse("capa:nonconformity-contain", args=[ncr.pk]), contain_form())
    assert answer.status_code == 302
    assert Nonconformity.objects.get(pk=ncr.pk).state == "contained"


def test_a_wrong_password_signs_nothing_and_says_so(ncr, engineer, browser_of):
    answer = browser_of(engineer).post(
        reverse("capa:nonconformity-contain", args=[ncr.pk]), contain_form(password="wrong")
    )
    assert answer.status_code == 403
    assert "That is not your password" in answer.content.decode()
    assert Nonconformity.objects.get(pk=ncr.pk).state == "reported"


def test_a_containment_without_figures_is_refused_and_adds_nothing(ncr, engineer, browser_of):
    typed = contain_form(quantity_checked="", quantity_found="")
    answer = browser_of(engineer).post(reverse("capa:nonconformity-contain", args=[ncr.pk]), typed)
    assert answer.status_code == 400
    assert not ncr.containments.exists()


def test_the_place_of_an_earlier_try_is_corrected_not_added_again(ncr, engineer, browser_of):
    page, url = browser_of(engineer), reverse("capa:nonconformity-contain", args=[ncr.pk])
    page.post(url, contain_form(password="wrong"))
    page.post(url, contain_form(measure="Blocked and sorted"))
    assert Nonconformity.objects.get(pk=ncr.pk).state == "contained"
    assert [row.measure for row in ncr.containments.all()] == ["Blocked and sorted"]


def test_a_place_without_figures_waits_in_the_form(ncr, engineer, browser_of):
    services.add_containment(ncr, place="stock", measure="Rack 4 locked", by=engineer)
    page = browser_of(engineer)
    assert 'value="Rack 4 locked"' in page.get(ncr.get_absolute_url()).content.decode()
    page.post(reverse("capa:nonconformity-contain", args=[ncr.pk]), contain_form(place="stock"))
    assert Nonconformity.objects.get(pk=ncr.pk).state == "contained"


def test_a_capa_is_opened_from_the_page_of_a_nonconformity(ncr, engineer, browser_of):
    answer = browser_of(engineer).post(reverse("capa:nonconformity-capa", args=[ncr.pk]))
    assert answer["Location"] == Capa.objects.get(source_ncr=ncr).get_absolute_url()


def test_a_section_saves_itself(capa, engineer, browser_of):
    typed = {"causes-cause_method": "ishikawa"}
    answer = browser_of(engineer).post(reverse("capa:capa-save", args=[capa.pk, "causes"]), typed)
    assert answer["Location"].endswith("#causes")
    assert Capa.objects.get(pk=capa.pk).cause_method == "ishikawa"


def closing(page, capa, **typed):
    """The closing section as the page showed it, then typed over."""
    shown = page.get(capa.get_absolute_url()).context["forms"]
    return {
        "closing-watch_months": "12",
        "seen": shown["seen"]["closing"],
        **{f"closing-{name}": text for name, text in typed.items()},
    }


def quietly(page, capa, typed, section="closing"):
    return page.post(reverse("capa:capa-save", args=[capa.pk, section]), typed, headers={"X-Autosave": "1"})


def test_what_both_changed_is_shown_field_by_field(capa, engineer, manager, browser_of):
    page = browser_of(engineer)
    typed = closing(page, capa, summary="Mine")
    services.save_section(capa, "closing", by=manager, summary="Theirs")
    answer = page.post(reverse("capa:capa-save", args=[capa.pk, "closing"]), typed)
    text = answer.content.decode()
    assert answer.status_code == 409
    assert manager.name in text
    assert '<td class="ws">Theirs</td><td class="ws">Mine</td>' in text
    assert Capa.objects.get(pk=capa.pk).summary == "Theirs"


def test_what_is_saved_between_comparing_and_saving_is_shown_and_not_replaced(
    capa, engineer, manager, browser_of, monkeypatch
):
    page, real = browser_of(engineer), SaveSection.keep
    typed = closing(page, capa, summary="Mine")

    def overtaken(self, record, values):
        monkeypatch.setattr(SaveSection, "keep", real)
        services.save_section(capa, "closing", by=manager, summary="Theirs")
        real(self, record, values)

    monkeypatch.setattr(SaveSection, "keep", overtaken)
    answer = page.post(reverse("capa:capa-save", args=[capa.pk, "closing"]), typed)
    assert answer.status_code == 409
    assert '<td class="ws">Theirs</td><td class="ws">Mine</td>' in answer.content.decode()
    assert Capa.objects.get(pk=capa.pk).summary == "Theirs"


def test_saving_again_after_the_comparison_replaces_it(capa, engineer, manager, browser_of):
    page = browser_of(engineer)
    typed = closing(page, capa, summary="Mine")
    services.save_section(capa, "closing", by=manager, summary="Theirs")
    shown = page.post(reverse("capa:capa-save", args=[capa.pk, "closing"]), typed).context["forms"]["seen"]["closing"]
    page.post(reverse("capa:capa-save", args=[capa.pk, "closing"]), {**typed, "seen": shown})
    assert Capa.objects.get(pk=capa.pk).summary == "Mine"


def test_two_people_in_different_fields_both_keep_theirs(capa, engineer, manager, browser_of):
    page = browser_of(engineer)
    typed = closing(page, capa, summary="Mine")
    services.save_section(capa, "closing", by=manager, lessons="Theirs")
    assert quietly(page, capa, typed).status_code == 200
    found = Capa.objects.get(pk=capa.pk)
    assert (found.summary, found.lessons) == ("Mine", "Theirs")


def test_typing_saves_and_says_when(capa, engineer, browser_of):
    page = browser_of(engineer)
    answer = quietly(page, capa, closing(page, capa, summary="Typed"))
    assert answer.json()["saved"][2] == ":"
    assert Capa.objects.get(pk=capa.pk).summary == "Typed"
    again = {**closing(page, capa, summary="Typed on"), "seen": answer.json()["seen"]}
    assert quietly(page, capa, again).status_code == 200


def test_typing_nothing_new_leaves_no_trace(capa, engineer, browser_of):
    page = browser_of(engineer)
    before = Capa.objects.get(pk=capa.pk).version
    assert quietly(page, capa, closing(page, capa)).status_code == 200
    assert Capa.objects.get(pk=capa.pk).version == before


def test_a_clash_while_typing_brings_the_comparison(capa, engineer, manager, browser_of):
    page = browser_of(engineer)
    typed = closing(page, capa, summary="Mine")
    services.save_section(capa, "closing", by=manager, summary="Theirs")
    answer = quietly(page, capa, typed)
    assert answer.status_code == 409
    assert 'data-theirs="Theirs"' in answer.json()["clash"]


def test_what_cannot_be_taken_while_typing_names_the_field(capa, engineer, browser_of):
    page = browser_of(engineer)
    answer = quietly(page, capa, {**closing(page, capa), "closing-watch_months": "soon"})
    assert answer.status_code == 400
    assert "closing-watch_months" in answer.json()["errors"]


def test_typing_into_a_settled_part_says_why_not(to_capa, crew, browser_of):
    answer = quietly(browser_of(crew["leader"]), to_capa("implementation"), {"plan-change_risk": "x"}, "plan")
    assert answer.status_code == 409
    assert "This part is settled" in answer.json()["refused"]


def test_two_people_describe_one_problem_together(capa, engineer, manager, browser_of):
    page = browser_of(engineer)
    seen = page.get(capa.get_absolute_url()).context["forms"]["seen"]["problem"]
    services.save_section(capa, "problem", by=manager, problem={"where": "L2"})
    assert quietly(page, capa, {"problem-what": "Leak", "seen": seen}, "problem").status_code == 200
    assert Capa.objects.get(pk=capa.pk).problem == {"what": "Leak", "where": "L2"}


def test_a_settled_section_is_refused_with_the_reason(to_capa, crew, browser_of):
    capa = to_capa("implementation")
    answer = browser_of(crew["leader"]).post(
        reverse("capa:capa-save", args=[capa.pk, "plan"]), {"plan-change_risk": "x"}
    )
    assert answer.status_code == 409
    assert "This part is settled: the plan is released" in answer.content.decode()


def test_the_list_shows_totals_and_a_pareto(ncr, defect, engineer, browser_of):
    services.save_nonconformity(ncr, by=engineer, defect_code=defect)
    services.add_cost(ncr, what="Scrap", amount=120, by=engineer)
    text = browser_of(engineer).get(reverse("capa:nonconformities"), {"open": "true"}).content.decode()
    assert "Cost by defect" in text
    assert "120 EUR in this view" in text
    assert "Press fit" in text


@pytest.mark.parametrize("name", ["capa:nonconformities", "capa:capas", "capa:nonconformity-new", "capa:capa-new"])
def test_lists_and_new_pages_render(ncr, capa, engineer, browser_of, name):
    assert browser_of(engineer).get(reverse(name)).status_code == 200


def test_the_8d_report_renders(to_capa, crew, browser_of):
    capa = to_capa("effectiveness")
    text = browser_of(crew["leader"]).get(reverse("capa:capa-report", args=[capa.pk])).content.decode()
    assert "D4 Root cause" in text
    assert "Lot comparison" in text


def test_a_stranger_sees_nothing(ncr, capa, stranger, browser_of):
    page = browser_of(stranger)
    assert [page.get(record.get_absolute_url()).status_code for record in (ncr, capa)] == [404, 404]


def test_typing_without_the_right_at_this_site_is_told_so(ncr, operator, elsewhere, browser_of):
    with acting(system("tests")):
        Membership.objects.create(user_id=operator.id, site=elsewhere, role="engineer")
    form = {"title": "Mine", "severity": "minor", "found": "final", "detected_at": "2026-03-01T10:00"}
    form["concession_kind"] = "concession"
    url = reverse("capa:nonconformity-save", args=[ncr.pk])
    answer = browser_of(operator).post(url, form, headers={"X-Autosave": "1"})
    assert answer.status_code == 403
    assert "nonconformity.edit" in answer.json()["refused"]


def test_an_action_changed_meanwhile_in_the_same_field_is_shown_in_the_dialog(to_capa, crew, browser_of):
    row = services.add_action(to_capa("plan"), text="Gauge", by=crew["leader"])
    page, address = browser_of(crew["leader"]), reverse("capa:action-change", args=[row.pk])
    shown = page.get(address).context
    typed = {name: text_of(shown["form"][name]) for name in shown["form"].fields}
    services.change_action(row, by=crew["leader"], text="Theirs")
    answer = page.post(address, {**typed, "text": "Mine", "seen": shown["seen"]})
    assert answer.status_code == 409
    assert "Somebody changed this meanwhile to: Theirs" in answer.content.decode()
    assert type(row).objects.get(pk=row.pk).text == "Theirs"


@pytest.mark.parametrize("what", ["done", "drop"])
def test_refused_words_about_an_action_stay_in_its_row_with_the_reason(to_capa, crew, browser_of, monkeypatch, what):
    row = to_capa("implementation").action_rows()[0]

    def refuse(*args, **kwargs):
        raise Refused("Not now.")

    monkeypatch.setattr(services, "finish_action" if what == "done" else "cancel_action", refuse)
    sent = browser_of(crew["leader"]).post(reverse("capa:action-end", args=[row.pk, what]), {"text": "Photo 12"})
    page = sent.content.decode()
    assert 'value="Photo 12" autofocus aria-invalid="true"' in page
    assert f'id="why-action-{row.pk}" role="alert" data-refused>Not now.' in page


def test_a_refused_answer_about_a_document_stays_with_the_reason(to_capa, crew, browser_of):
    capa, long = to_capa("prevention"), "Revision 4 " * 40
    page = browser_of(crew["leader"])
    sent = page.post(reverse("capa:document-answer", args=[capa.pk, "fmea"]), {"answer": "no", "text": long})
    assert f'value="{long}"' in sent.content.decode()
    assert 'id="why-fmea" role="alert" data-refused>' in sent.content.decode()
    assert '<option value="no" selected>' in sent.content.decode()
