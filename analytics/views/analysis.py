"""The page of an analysis, its files, its wording, and its use as evidence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.safestring import mark_safe

from analytics import queries, services
from analytics.exporting import FORMATS
from analytics.forms import UseForm, WordingForm
from analytics.models import Analysis
from analytics.queries import TAKES_EVIDENCE
from analytics.studies import roles_told, settings_told
from analytics.views.showing import grids_of, held_of
from qms.core.errors import Invalid
from qms.core.models import Record
from qms.core.records import child_of, url_of, visible
from qms.core.trail import reading
from qms.web.pages import FormDialog, Guarded, RecordPage, found_or_404


class AnalysisPage(RecordPage):
    """Answer, drawing, figures, assumptions, and what it was made from."""

    policy = "analysis.view"
    nav = "insight"
    model = Analysis
    template_name = "analytics/analysis.html"
    crumbs = (("Analyses", "analytics:analyses"),)

    def context(self, **kwargs: Any) -> dict[str, Any]:
        """The frame's context with the answer."""
        context = super().context(**kwargs)
        record: Analysis = context["record"]
        return {
            **context,
            "told": record.result,
            "held": held_of(record.result),
            "grids": grids_of(record.result["grids"]),
            "drawing": mark_safe(record.drawing),  # noqa: S308 - drawn by the server, every text escaped
            "intact": record.intact,
            "formats": list(FORMATS),
            "used": [(row, url_of(row)) for row in queries.used_in(record)],
            "may_use": record.state == "saved" and self.actor.can("evidence.freeze", record),
            "may_word": record.state == "draft" and self.actor.can("analysis.edit", record),
            "roles": roles_told(record.study, record.roles),
            "settings": settings_told(record.study, record.options),
        }


def analysis_or_404(pk: int, view: Guarded) -> Analysis:
    """The analysis, if the actor may see it."""
    return found_or_404(visible(Analysis, view.actor), pk, "analysis")


class Export(Guarded):
    """The analysis as a file."""

    policy = "analysis.view"

    def get(self, request: HttpRequest, pk: int, kind: str) -> HttpResponseBase:
        """Make the file."""
        return file_of(analysis_or_404(pk, self), kind)


def file_of(analysis: Analysis, kind: str) -> HttpResponse:
    """The answer that carries an analysis as a file of a format."""
    if kind not in FORMATS:
        raise Http404(f"There is no such format. There are: {', '.join(FORMATS)}.")
    media, make = FORMATS[kind]
    headers = {"Content-Disposition": f'attachment; filename="{analysis.number}.{kind}"'}
    return HttpResponse(make(analysis), content_type=media, headers=headers)


class UseAsEvidence(FormDialog):
    """Freeze a saved analysis in a nonconformity or CAPA."""

    policy = "evidence.freeze"
    template_name = "analytics/use.html"
    form_class = UseForm
    heading = "Use as evidence"
    lead = "Data, answer, drawing and digest are kept with the record and never redrawn; the two are linked."
    button = "Use as evidence"

    def find(self, **kwargs: Any) -> Analysis:
        """The analysis of the address."""
        return analysis_or_404(kwargs["pk"], self)

    def context(self, **kwargs: Any) -> dict[str, Any]:
        """The records to choose from."""
        return {"records": queries.evidence_targets(self.about, self.actor)}

    def act(self, data: dict[str, Any]) -> str:
        """Freeze, and go to the record that keeps it."""
        with reading(self.actor):
            rows = Record._base_manager.filter(number__iexact=data["number"].strip(), kind__in=TAKES_EVIDENCE)
            row = rows.first()
            if row is None or not self.actor.can("record.view", row):
                raise Invalid({"number": ["There is no nonconformity or CAPA of this number that you may see."]})
            record = child_of(row)
        services.freeze_analysis(self.about, record=record, by=self.actor)
        return url_of(record)


class Reword(FormDialog):
    """Title and question of a draft."""

    policy = "analysis.edit"
    form_class = WordingForm
    heading = "Title and question"
    edits = True

    def find(self, **kwargs: Any) -> Analysis:
        """The analysis of the address."""
        return analysis_or_404(kwargs["pk"], self)

    def initial(self) -> Mapping[str, Any]:
        """As it is worded now."""
        return {"title": self.about.title, "question": self.about.question}

    def act(self, data: dict[str, Any]) -> str:
        """Save both."""
        return services.reword_analysis(self.about, by=self.actor, **data).get_absolute_url()
