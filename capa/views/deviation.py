"""The pages of deviation permits: the list, one permit, what is done on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest

from capa import forms, services
from capa.filters import DeviationListFilter
from capa.models import Deviation
from capa.views.acts import Act, Saving
from capa.views.opening import Duplicating, Opening
from qms.core.models import Site
from qms.web.nav import Command
from qms.web.pages import Column, NamedView, RecordListView, RecordPage
from qms.web.pages.merging import seal

NEW_DEVIATION = Command(
    label="New deviation permit", url="capa:deviation-new", permission="deviation.open", icon="plus", words="waiver dev"
)


class DeviationList(RecordListView):
    """Every deviation permit."""

    policy = "deviation.view"
    key, nav, title = "deviations", "records", "Deviation permits"
    model = Deviation
    filterset_class = DeviationListFilter
    new = NEW_DEVIATION
    noun = "permits"
    purpose = (
        "A deviation permit says beforehand what may be made otherwise than specified, and until which day, number of"
        " pieces or lot. None was asked for yet."
    )
    columns: ClassVar[Sequence[Column]] = (
        Column(key="number", label="Number", kind="mono", sort="number", link=True),
        Column(key="title", label="What", kind="what", sort="title"),
        Column(key="part", label="Part", value="part", kind="mono", sort="part__number"),
        Column(key="state", label="State", kind="state", sort="state", group=True),
        Column(key="begins_on", label="First day", value=lambda row: row.begins_on, sort="begins_on"),
        Column(key="ends_on", label="Last day", value=lambda row: row.ends_on or "no day", sort="ends_on"),
        Column(key="quantity", label="At most", kind="number", unit="pieces", sort="quantity"),
        Column(key="lot", label="Lot", kind="mono", sort="lot"),
        Column(key="extended", label="Extended", kind="number", unit="times", sort="extended"),
        Column(key="owner", label="Owner", value="owner.name", kind="person", sort="owner__name", group=True),
        Column(key="due", label="Due", kind="due", sort="due", shown=False),
    )
    views: ClassVar[Sequence[NamedView]] = (
        NamedView("In force", "state=active"),
        NamedView("Open", "open=true"),
        NamedView("Mine", "open=true&mine=true"),
        NamedView("All", ""),
    )

    def queryset(self) -> QuerySet[Any]:
        """With part and owner."""
        return super().queryset().select_related("part")


class DeviationPage(RecordPage):
    """What may be made otherwise, until which bound, and what was made under it."""

    policy = "deviation.view"
    nav = "records"
    model = Deviation
    template_name = "capa/deviation.html"
    copies = "capa:deviation-copy"
    crumbs = (("Deviation permits", "capa:deviations"),)
    related = ("part", "process", "characteristic")
    overrides: dict[str, Any]

    def context(self, **kwargs: Any) -> dict[str, Any]:
        """The frame's context with the terms, the bookings and the forms."""
        context = super().context(**kwargs)
        record = context["record"]
        used = record.used()
        can = self.actor.can
        if context["main"] and context["main"].step.name == "expire" and not context["main"].ready:
            context["main"] = None  # it expires by itself: nobody waits for that
        return {
            **context,
            "forms": self._forms(record),
            "uses": record.use_rows(),
            "used": used,
            "left": None if record.quantity is None else record.quantity - used,
            "nearly": record.nearly_over(),
            "covered": record.nonconformities.order_by("-opened_at"),
            "may": {
                "edit": record.state == "draft" and can("deviation.edit", record),
                "use": record.state == "active" and can("deviation.use", record),
                "extend": record.state == "active" and can("deviation.edit", record),
            },
        }

    def _forms(self, record: Deviation) -> dict[str, Any]:
        site = record.site_id
        made: dict[str, Any] = {
            "terms": forms.DeviationForm(site_id=site, row=record),
            "use": forms.UseForm(site_id=site, prefix="use", initial={"lot": record.lot}),
            "extension": forms.ExtensionForm(
                prefix="extension", initial={"until": record.wanted_until, "quantity": record.wanted_quantity}
            ),
        }
        made |= getattr(self, "overrides", {})
        made["seen"] = seal(forms.present(record, forms.DeviationForm.names))
        return made


class NewDeviation(Opening):
    """Ask for a deviation with three fields; the terms follow on its page."""

    policy = "deviation.open"
    nav, title = "records", "Ask for a deviation permit"
    form_class = forms.NewDeviationForm
    lead = "Before the pieces are made. For pieces that are there already, report a nonconformity."
    send, back = "Open the draft", "capa:deviations"

    def open(self, site: Site, data: dict[str, Any]) -> Deviation:
        return services.open_deviation(site=site, by=self.actor, **data)


class CopyDeviation(Duplicating):
    """One more like it."""

    policy = "deviation.open"
    nav, title = "records", "Duplicate"
    model = Deviation
    form_class = forms.DeviationCopyForm
    lead = "What is allowed and why is copied. Days, pieces, lot, the customer's approval and signatures are not."


class SaveTerms(Saving):
    """The terms of a draft."""

    policy = "deviation.edit"
    page, slot, said = DeviationPage, "terms", "Saved."

    def form(self, request: HttpRequest) -> forms.DeviationForm:
        return forms.DeviationForm(request.POST, site_id=self.record.site_id)

    def keep(self, record: Deviation, values: dict[str, Any]) -> None:
        services.save_deviation(record, by=self.actor, version=record.version, **values)


class BookUse(Act):
    """Pieces made under it."""

    policy = "deviation.use"
    page, slot, said = DeviationPage, "use", "Booked."

    def form(self, request: HttpRequest) -> forms.UseForm:
        return forms.UseForm(request.POST, site_id=self.record.site_id, prefix="use")

    def save(self, form: Any) -> None:
        services.book_use(self.record, by=self.actor, **form.cleaned_data)


class AskExtension(Act):
    """Ask that it lasts longer or covers more."""

    policy = "deviation.edit"
    page, slot, said = DeviationPage, "extension", "Asked: the quality manager approves it by signature."

    def form(self, request: HttpRequest) -> forms.ExtensionForm:
        return forms.ExtensionForm(request.POST, prefix="extension")

    def save(self, form: Any) -> None:
        services.ask_extension(self.record, by=self.actor, **form.cleaned_data)
