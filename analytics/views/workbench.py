"""The workbench: data in, the guide's proposal, a study, its answer; nothing is stored until it is saved."""

from __future__ import annotations

import codecs
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.utils import timezone
from django.utils.safestring import mark_safe

from analytics import queries, services, sheets, studies, tables
from analytics.examples import EXAMPLES
from analytics.forms import DataForm, RecipeForm
from analytics.models import Analysis, Source
from analytics.studies import Answer
from analytics.tables import Table
from analytics.views.showing import grids_of, held_of, preview_of, text_of
from qms.core.actor import ALL
from qms.core.errors import Denied, Invalid, Refused
from qms.core.models import Site
from qms.core.records import visible
from qms.core.trail import reading
from qms.web.forms import MOMENT
from qms.web.pages import Page, found_or_404
from qms.web.requests import whole_number
from spc.guide import Advice
from spc.values import BadInput


@dataclass
class Bench:
    """One request at the workbench: what was sent, and as far as it came, what was understood and answered."""

    form: DataForm
    table: Table | None = None
    recipe: RecipeForm | None = None
    answer: Answer | None = None
    advice: Advice | None = None
    problems: list[str] = field(default_factory=list)


class Workbench(Page):
    """Paste, upload or pick data; the answer comes with its formula, assumptions and reference."""

    policy = "analysis.open"
    nav, title, template_name = "insight", "Workbench", "analytics/workbench.html"

    def context(self, **kwargs: Any) -> dict[str, Any]:
        """An empty bench, an example, or an analysis to change and run again."""
        asked = self.request.GET
        start: dict[str, Any] = {}
        if number := whole_number(asked.get("from")):
            start = self._again(number)
        elif example := EXAMPLES.get(asked.get("example", "")):
            start = {"study": example.study, "source": "text", "text": example.text, "title": example.label}
        elif asked.get("study") in studies.STUDIES:
            start = {"study": asked["study"]}
        bench = self._work(_query(start), None, alone=not start.get("text")) if start else Bench(self._form())
        return self._shown(bench)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Read the data, answer, and save when asked to; what was typed stays."""
        sent = request.POST.copy()
        chosen = not sent.get("do")  # a study or a source: nothing was asked for yet
        if chosen and sent.get("source") == Source.CHARACTERISTICS:
            _last_day(sent)
        empty = not (sent.get("text") or sent.getlist("characteristics"))
        with reading(self.actor):
            bench = self._work(sent, request.FILES.get("file"), alone=chosen and empty)
        if request.POST.get("do") == "save" and bench.answer and bench.table and not bench.problems:
            try:
                return HttpResponseRedirect(self._save(bench).get_absolute_url())
            except (Invalid, Refused) as problem:
                bench.problems.append(str(problem))
        status = 400 if bench.problems or bench.form.errors else 200
        with reading(self.actor):
            response = self.render(status=status, **self._shown(bench))
            response.render()
        return response

    # ---- the work
    def _form(self, data: Any = None, files: Any = None) -> DataForm:
        return DataForm(data, files, characteristics=queries.characteristics_of(self.actor))

    def _work(self, sent: QueryDict, file: Any, *, alone: bool = False) -> Bench:
        if file:
            taken = self._taken(sent, file)
            if isinstance(taken, Bench):
                return taken
        bench = Bench(self._form(sent))
        if not bench.form.is_valid():
            return bench
        try:
            bench.table = self._table(bench.form)
        except (BadInput, Invalid) as problem:
            if not alone:
                _blame(bench, problem)
            return bench
        self._answer(bench, sent)
        return bench

    def _taken(self, sent: QueryDict, file: Any) -> Bench | None:
        """A file becomes text in the form, so that it is seen and stays; a Bench says why it cannot be read."""
        form = self._form(sent, {"file": file})
        if not form.is_valid():
            return Bench(form)
        try:
            sent["text"] = _text_of(file)
        except BadInput as problem:
            form.add_error("file", str(problem))
            return Bench(form)
        sent["source"], sent["origin"] = Source.TEXT.value, file.name[:300]
        sent["separator"] = "tab" if file.name.lower().endswith(".xlsx") else ""
        return None

    def _table(self, form: DataForm) -> Table:
        given = form.cleaned_data
        if not studies.STUDIES[given["study"]].roles:
            return Table(columns=())
        if given["source"] == Source.CHARACTERISTICS:
            chosen = [row.pk for row in given["characteristics"]]
            return queries.picked(chosen, given["first"], given["last"], actor=self.actor)
        return tables.read_text(given["text"], separator=given["separator"], decimal=given["decimal"])

    def _answer(self, bench: Bench, sent: QueryDict) -> None:
        """The recipe as it was sent for this study, else its defaults; then the answer or why there is none."""
        study = studies.STUDIES[bench.form.cleaned_data["study"]]
        table = bench.table or Table(columns=())
        same = sent.get("recipe") == study.key and all(
            value in {column.name for column in table.columns}
            for role in study.roles
            for value in filter(None, sent.getlist(f"role_{role.name}"))
        )
        bench.recipe = RecipeForm(sent if same else None, study=study, table=table)
        if same and not bench.recipe.is_valid():
            bench.problems.append("Something in the recipe is missing: see the marked fields.")
            return
        roles = bench.recipe.roles() if same else studies.default_roles(table, study)
        options = bench.recipe.options() if same else {}
        try:
            bench.advice = services.propose(table, study=study.key, roles=roles, options=options)
            bench.answer = services.analyse(table, study=study.key, roles=roles, options=options)
        except Invalid as problem:
            bench.problems += [text for texts in problem.errors.values() for text in texts]

    def _save(self, bench: Bench) -> Analysis:
        given = bench.form.cleaned_data
        picked = given["source"] == Source.CHARACTERISTICS
        detail = ", ".join(row.code for row in given["characteristics"]) if picked else given["origin"]
        source = Source.FILE.value if given["origin"] and not picked else given["source"]
        if bench.answer is None or bench.table is None:
            raise Refused("There is no answer to save yet.")
        return services.open_analysis(
            title=given["title"],
            question=given["question"],
            site=self._site(bench),
            table=bench.table,
            answer=bench.answer,
            origin=services.Origin(source, detail, *((given["first"], given["last"]) if picked else (None, None))),
            by=self.actor,
        )

    def _site(self, bench: Bench) -> Site:
        """Where it is kept: the site of the characteristics, else the first where the person may keep one."""
        rows = bench.form.cleaned_data["characteristics"]
        with reading(self.actor):
            if bench.form.cleaned_data["source"] == Source.CHARACTERISTICS and rows:
                return Site.objects.get(pk=rows[0].site_id)
            sites = self.actor.sites("analysis.open")
            found = (Site.objects.all() if sites is ALL else Site.objects.filter(pk__in=sites)).order_by("pk").first()
        if found is None:
            raise Denied("There is no site where you may keep an analysis.")
        return found

    def _again(self, pk: int) -> dict[str, Any]:
        """The data and the recipe of an analysis, as they would be sent."""
        record = found_or_404(visible(Analysis, self.actor), pk, "analysis")
        study = studies.STUDIES[record.study]
        many = {role.name: role.many for role in study.roles}
        recipe = {f"role_{name}": names if many[name] else names[0] for name, names in record.roles.items() if names}
        recipe |= {f"set_{name}": value for name, value in record.options.items() if value is not None}
        return {
            "study": record.study, "source": "text", "text": text_of(record.data["columns"]), "separator": "tab",
            "decimal": "point", "title": record.title, "question": record.question, "recipe": record.study, **recipe,
        }  # fmt: skip

    def _shown(self, bench: Bench) -> dict[str, Any]:
        answer = bench.answer
        told = answer.told_json() if answer else None
        return {
            "form": bench.form,
            "recipe": bench.recipe,
            "picked": (bench.form.data or {}).get("source") == Source.CHARACTERISTICS,
            "study": bench.recipe.study if bench.recipe else None,
            "also": [studies.STUDIES[key] for key in bench.recipe.study.also] if bench.recipe else [],
            "preview": preview_of(bench.table) if bench.table and bench.table.columns else None,
            "advice": bench.advice,
            "advised": dict(next(o.choices for o in bench.recipe.study.options if o.name == "chart")).get(
                bench.advice.chart, bench.advice.chart
            )
            if bench.advice and bench.recipe
            else "",
            "problems": bench.problems,
            "told": told,
            "held": held_of(told),
            "grids": grids_of(told["grids"]) if told else [],
            "drawing": mark_safe(answer.told.drawing) if answer else "",  # noqa: S308 - drawn here, texts escaped
            "examples": EXAMPLES.items(),
        }


def _query(start: dict[str, Any]) -> QueryDict:
    """Values as a form would send them."""
    found = QueryDict(mutable=True)
    for name, value in {"source": "text", **start}.items():
        found.setlist(name, [str(one) for one in value] if isinstance(value, list) else [str(value)])
    return found


def _text_of(file: Any) -> str:
    """The content of an upload: a workbook's first sheet as tab separated text, anything else as it is."""
    if file.name.lower().endswith((".xlsx", ".xlsm")):
        rows = sheets.rows_of(file)
        return "\n".join("\t".join(cell.replace("\t", " ").replace("\n", " ") for cell in row) for row in rows)
    raw = file.read()
    wide = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))  # the "Unicode text" of spreadsheets
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "cp1252"):
        try:
            return str(raw.decode(encoding)).replace("\0", "")
        except UnicodeDecodeError:
            continue
    raise BadInput("This file is no text that can be read. Save it as CSV in UTF-8.")


def _last_day(sent: QueryDict) -> None:
    """The span to begin with, where none was given: the last 24 hours."""
    now = timezone.localtime()
    for name, moment in (("first", now - timedelta(days=1)), ("last", now)):
        sent[name] = sent.get(name) or f"{moment:{MOMENT}}"


def _blame(bench: Bench, problem: BadInput | Invalid) -> None:
    """Say at the field, where there is one, what cannot be taken."""
    if isinstance(problem, Invalid):
        bench.form.refuse(problem.errors)
    else:
        bench.form.refuse({"text": [str(problem)]})
