"""What is done to several nonconformities at once: a preview in the dialog, one service each, and what came of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponseBase

from capa import services
from capa.models import Capa, Nonconformity
from capa.models.nonconformity import Decision
from capa.views.lists import NonconformityList
from qms.core.comments import people_of
from qms.core.errors import Denied, Invalid, Refused
from qms.core.models import User
from qms.core.records import visible
from qms.core.trail import reading
from qms.web.pages import Page, chosen_rows
from qms.web.requests import whole_number

MOST = 200


@dataclass(frozen=True)
class Outcome:
    """What came of one row: done, or why not."""

    row: Nonconformity
    refusal: str = ""


class _Several(Page):
    """Posts selected ids, or `all` with the list's own query; without `confirmed` it shows what will change."""

    http_method_names = ("post",)
    template_name = "capa/bulk.html"
    label = ""

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Preview, or do it row by row and say of each what came of it."""
        with reading(self.actor):
            rows, found = self.rows()
            if found > MOST:
                return self._shown(rows=[], found=found, most=MOST)
            if not rows or not request.POST.get("confirmed"):
                ids = [row.pk for row in rows]
                return self._shown(rows=rows, ids=ids, url=request.path, **self.choices(rows))
            self.prepare(request.POST)
        outcomes = [self._tried(row) for row in rows]
        with reading(self.actor):
            done = sum(not one.refusal for one in outcomes)
            outcomes.sort(key=lambda one: not one.refusal)
            words = self.words(f"{done} of {len(rows)}" if done < len(rows) else f"{done}")
            return self._shown("capa/bulk_result.html", outcomes=outcomes, words=words)

    def rows(self) -> tuple[list[Nonconformity], int]:
        """The rows meant, as far as the actor may see them, and how many they are."""
        meant = visible(Nonconformity, self.actor).filter(pk__in=chosen_rows(NonconformityList, self).values("pk"))
        return list(meant.select_related("owner", "site").order_by("number")[:MOST]), meant.count()

    def choices(self, rows: list[Nonconformity]) -> dict[str, Any]:
        """What the dialog asks beside the confirmation."""
        return {}

    def prepare(self, typed: Mapping[str, str]) -> None:
        """Read what was asked, once for all rows."""

    def apply(self, row: Nonconformity) -> None:
        """Do it to one row; a refusal is raised and said beside it."""
        raise TypeError(f"{type(self).__name__} does not say what it does.")

    def words(self, done: str) -> str:
        """What was done, for the heading of the result."""
        return f"{done} changed"

    def _tried(self, row: Nonconformity) -> Outcome:
        try:
            self.apply(row)
        except Invalid as problem:
            return Outcome(row, " ".join(text for texts in problem.errors.values() for text in texts))
        except (Refused, Denied) as problem:
            return Outcome(row, str(problem))
        return Outcome(row)

    def _shown(self, template: str = "", **context: Any) -> HttpResponseBase:
        response = self.render(template, label=self.label, **context)
        response.render()
        return response


def _people_of(rows: Sequence[Nonconformity]) -> list[User]:
    """Everybody with a role at the site of at least one of the rows."""
    found = {person.pk: person for site in {row.site_id for row in rows} for person in people_of(site)}
    return sorted(found.values(), key=lambda person: person.name)


class AssignSeveral(_Several):
    """Give several nonconformities to one person."""

    policy = "nonconformity.edit"
    label = "Assign"
    owner: User | None = None

    def choices(self, rows: list[Nonconformity]) -> dict[str, Any]:
        return {"people": _people_of(rows)}

    def prepare(self, typed: Mapping[str, str]) -> None:
        self.owner = User.objects.filter(pk=whole_number(typed.get("owner")) or 0, is_active=True).first()

    def apply(self, row: Nonconformity) -> None:
        if self.owner is None:
            raise Refused("Choose the person it goes to.")
        services.save_nonconformity(row, by=self.actor, owner=self.owner)

    def words(self, done: str) -> str:
        return f"{done} assigned to {self.owner.name if self.owner else 'nobody'}"


class DisposeSeveral(_Several):
    """Propose one disposition for all pieces of several nonconformities that have none yet."""

    policy = "nonconformity.propose"
    label = "Set disposition"
    kind = instruction = ""

    def choices(self, rows: list[Nonconformity]) -> dict[str, Any]:
        return {"decisions": Decision.choices}

    def prepare(self, typed: Mapping[str, str]) -> None:
        self.kind, self.instruction = typed.get("kind", ""), typed.get("instruction", "")

    def apply(self, row: Nonconformity) -> None:
        services.dispose_rest(row, kind=self.kind, instruction=self.instruction, by=self.actor)

    def words(self, done: str) -> str:
        kind = dict(Decision.choices).get(self.kind, self.kind).lower()
        return f"{kind.capitalize()} proposed for {done}"


class CapaForSeveral(_Several):
    """One CAPA for several nonconformities: opened from the first that can have one, joined by the others."""

    policy = "capa.open"
    label = "Turn into one CAPA"
    capa: Capa | None = None

    def apply(self, row: Nonconformity) -> None:
        if self.capa is None:
            if row.state == "void":
                raise Refused(f"{row.number} is void: nothing is to be corrected.")
            self.capa = services.open_capa(source_ncr=row, by=self.actor)
        else:
            services.join_capa(row, self.capa, by=self.actor)

    def words(self, done: str) -> str:
        return f"{self.capa.number} is open for {done}" if self.capa else "No CAPA was opened"
