"""The page of a nonconformity and what is done on it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect

from capa import forms, queries, services
from capa.models import IN_VAIN, Containment, Disposition, Nonconformity
from capa.views.acts import Act, RowAct, Saving
from capa.views.opening import Duplicating, Opening
from capa.workflow import NEEDS_REINSPECTION
from capa.workflow.approval import covered
from capa.workflow.concession import asks_the_customer, nearly_used
from capa.workflow.nonconformity import disposed
from iot import queries as floor
from qms.core.errors import Refused
from qms.core.models import Site
from qms.core.trail import reading
from qms.web.pages import Guarded, RecordPage, found_or_404
from qms.web.pages.merging import seal

CUSTOMER = "record_customer_approval"  # offered only where the customer is asked
AGAIN = "confirm_containment"  # offered only where the signature of the containment is void


class NonconformityPage(RecordPage):
    """What, where, how many; containment, disposition, verification, cost; what helped before."""

    policy = "nonconformity.view"
    nav = "records"
    model = Nonconformity
    template_name = "capa/nonconformity.html"
    copies = "capa:nonconformity-copy"
    crumbs = (("Nonconformities", "capa:nonconformities"),)
    related = ("part", "station", "process", "characteristic", "defect_code")
    gathered = (
        Prefetch("containments", Containment.objects.select_related("verified_by")),
        Prefetch("dispositions", Disposition.objects.select_related("done_by", "reinspected_by")),
        "cost_lines",
    )
    overrides: dict[str, Any]

    def context(self, **kwargs: Any) -> dict[str, Any]:
        """The frame's context with the room's own parts."""
        context = super().context(**kwargs)
        record = context["record"]
        rows, may = record.disposition_rows(), self._may(record)
        signed = covered(sign.section for sign in record.signatures.all() if sign.holds)
        return {
            **context,
            "others": [one for one in context["others"] if _is_asked(one.step.name, record)],
            "signed": bool(signed & set(forms.NonconformityForm.names)),
            "forms": self._forms(record, may),
            "containments": record.containment_rows(),
            "dispositions": record.dispositions.all(),
            "needs_reinspection": NEEDS_REINSPECTION,
            "disposed": disposed(record),
            "left": (record.quantity_nonconforming or 0) - sum(row.quantity for row in rows),
            "nearly_used": nearly_used(record),
            "costs": record.cost_lines.all(),
            "spent": _spent(record),
            "capas": record.corrective_actions().exclude(state__in=IN_VAIN).select_related("owner"),
            "similar": queries.similar_to(record, self.actor),
            "may": may,
        }

    def _may(self, record: Nonconformity) -> dict[str, bool]:
        """What this person may do here and now, for the template."""
        can, state, open_ = self.actor.can, record.state, record.closed_at is None
        return {
            "edit": open_ and can("nonconformity.edit", record),
            "contain": state == "reported" and can("nonconformity.contain", record),
            "propose": state in ("contained", "evaluation") and can("nonconformity.propose", record),
            "work": state == "in_disposition" and can("nonconformity.verify", record),
            "refuse": open_ and can("nonconformity.close", record),
            "capa": can("capa.open", record),
        }

    def _forms(self, record: Nonconformity, may: Mapping[str, bool]) -> dict[str, Any]:
        """The forms this person is offered here; most records are closed and offer none."""
        site = record.site_id
        made: dict[str, Any] = {}
        if may["edit"]:
            made["details"] = forms.NonconformityForm(site_id=site, row=record)
            made["cost"] = forms.CostForm(site_id=site, prefix="cost", initial={"currency": queries.currency_at(site)})
        if may["contain"]:
            places = record.containment_rows()
            made["contain"] = forms.QuickContainForm(
                site_id=site,
                prefix="contain",
                row=next((row for row in places if row.verified_at is None), places[-1] if places else None),
                initial={"quantity": record.quantity_nonconforming},
            )
        if may["propose"]:
            left = max(0, (record.quantity_nonconforming or 0) - disposed(record))
            made["disposition"] = forms.DispositionForm(
                site_id=site, prefix="disposition", initial={"quantity": left or None}
            )
        if may["refuse"]:
            made["refusal"] = forms.ReasonForm(prefix="refusal")
        made |= getattr(self, "overrides", {})
        made["seen"] = seal(forms.present(record, forms.NonconformityForm.names))
        return made


def _spent(record: Nonconformity) -> list[dict[str, Any]]:
    """What was booked on it, by currency."""
    totals: dict[str, Decimal] = {}
    for line in record.cost_lines.all():
        totals[line.currency] = totals.get(line.currency, Decimal(0)) + line.amount
    return [{"currency": currency, "total": total} for currency, total in sorted(totals.items())]


def _is_asked(step: str, record: Nonconformity) -> bool:
    """Whether a signature that not every record needs is needed here."""
    if step == CUSTOMER:
        return asks_the_customer(record)
    return step != AGAIN or not record.contained_by()


class NewNonconformity(Opening):
    """Report a nonconformity with three fields; everything else can follow."""

    policy = "nonconformity.open"
    nav, title = "records", "Report a nonconformity"
    form_class = forms.QuickForm
    lead = "Three answers are enough; the clock of the containment starts when you send them."
    send, back = "Report", "capa:nonconformities"

    def initial(self) -> dict[str, Any]:
        """A title that the palette brought along."""
        return {"title": self.request.GET.get("title", "")}

    def open(self, site: Site, data: dict[str, Any]) -> Nonconformity:
        return services.open_nonconformity(site=site, by=self.actor, **data)


class CopyNonconformity(Duplicating):
    """One more like it."""

    policy = "nonconformity.open"
    nav, title = "records", "Duplicate"
    model = Nonconformity
    form_class = forms.NonconformityCopyForm
    lead = "What describes it is copied. Pieces, times, dispositions, signatures and cost are not."


class OpenFromSignal(Guarded):
    """Turn a signal into a nonconformity, its chart frozen as evidence; once, however often it is pressed."""

    policy = "nonconformity.open"
    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Open it and go to its page."""
        with reading(self.actor):
            signal = found_or_404(floor.signals_visible_to(self.actor), pk, "signal")
        known = signal.record_id
        ncr = services.open_nonconformity_from_signal(signal, by=self.actor)
        text = (
            f"{ncr.number} deals with this signal already."
            if known
            else f"{ncr.number} is open, with the chart frozen as evidence."
        )
        messages.success(request, text)
        return HttpResponseRedirect(ncr.get_absolute_url())


class SaveDetails(Saving):
    """What is known of it."""

    policy = "nonconformity.edit"
    page, slot, said = NonconformityPage, "details", "Saved."

    def form(self, request: HttpRequest) -> forms.NonconformityForm:
        return forms.NonconformityForm(request.POST, site_id=self.record.site_id)

    def keep(self, record: Nonconformity, values: dict[str, Any]) -> None:
        """Save; what somebody signed is never changed while typing, only on purpose."""
        if self.request.headers.get("X-Autosave"):
            with reading(self.actor):
                signed = record.under_signature() & set(values)
            if signed:
                words = record.words_for(signed)
                raise Refused(f"A signature covers this {words}. To change it and void the signature, press Save.")
        services.save_nonconformity(record, by=self.actor, version=record.version, **values)


class Contain(Act):
    """Place, figures, verification and signature in one go."""

    policy = "nonconformity.contain"
    page, slot, said = NonconformityPage, "contain", "Contained and signed."

    def form(self, request: HttpRequest) -> forms.QuickContainForm:
        return forms.QuickContainForm(request.POST, site_id=self.record.site_id, prefix="contain")

    def save(self, form: Any) -> None:
        services.contain(self.record, by=self.actor, **form.cleaned_data)


class AddDisposition(Act):
    """Propose what is done with a number of pieces."""

    policy = "nonconformity.propose"
    page, slot = NonconformityPage, "disposition"

    def form(self, request: HttpRequest) -> forms.DispositionForm:
        return forms.DispositionForm(request.POST, site_id=self.record.site_id, prefix="disposition")

    def save(self, form: Any) -> None:
        services.add_disposition(self.record, by=self.actor, **form.cleaned_data)


class WorkOnDisposition(RowAct):
    """Carry out, inspect again or withdraw one disposition."""

    policy = "nonconformity.view"  # each service asks for its own right
    page, anchor, model, parent = NonconformityPage, "disposition", Disposition, "nonconformity"

    def save(self, form: Any) -> None:
        what = self.kwargs["what"]
        if what == "done":
            services.carry_out(self.row, by=self.actor)
        elif what == "withdraw":
            services.withdraw_disposition(self.row, by=self.actor)
        else:
            note = self.request.POST.get("note", "")
            services.reinspect(
                self.row, result="accepted" if what == "accept" else "rejected", note=note, by=self.actor
            )


class AddCost(Act):
    """Book money."""

    policy = "nonconformity.edit"
    page, slot = NonconformityPage, "cost"

    def form(self, request: HttpRequest) -> forms.CostForm:
        return forms.CostForm(request.POST, site_id=self.record.site_id, prefix="cost")

    def save(self, form: Any) -> None:
        services.add_cost(self.record, by=self.actor, **form.cleaned_data)


class RefuseCapa(Act):
    """Say why no CAPA is needed."""

    policy = "nonconformity.close"
    page, slot, said = NonconformityPage, "refusal", "The reason is kept."

    def form(self, request: HttpRequest) -> forms.ReasonForm:
        return forms.ReasonForm(request.POST, prefix="refusal")

    def save(self, form: Any) -> None:
        services.refuse_escalation(self.record, rationale=form.cleaned_data["reason"], by=self.actor)


class OpenCapa(Act):
    """A CAPA from this nonconformity, prefilled and linked both ways."""

    policy = "capa.open"
    page = NonconformityPage

    def save(self, form: Any) -> None:
        self.made = services.open_capa(source_ncr=self.record, by=self.actor)

    def back(self) -> HttpResponseBase:
        made = getattr(self, "made", None) or self.record
        return HttpResponseRedirect(made.get_absolute_url())
