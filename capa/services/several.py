"""What is done to several nonconformities at once: to each for itself, with what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Protocol

from capa.models import Capa, Nonconformity
from capa.models.nonconformity import Decision
from capa.services.disposing import dispose_rest, save_nonconformity
from capa.services.opening import join_capa, open_capa
from qms.core.actor import Actor
from qms.core.errors import Denied, Invalid, Refused
from qms.core.models import User
from qms.core.records import url_of

Typed = Mapping[str, str]


class Several(Protocol):
    """An act on one row after the other; made of what was typed, once for all rows."""

    label: ClassVar[str]

    def __init__(self, typed: Typed) -> None: ...

    def one(self, row: Nonconformity, *, by: Actor) -> Mapping[str, Any]:
        """Do it to one row; plain values that `go_on` needs. Raises Refused, Denied or Invalid."""

    def go_on(self, noted: Mapping[str, Any]) -> None:
        """Know again what an earlier row gave, now or before an interruption."""

    def words(self, done: str) -> str:
        """What was done, `done` being how many of how many."""


class Assign:
    """Give several nonconformities to one person."""

    label: ClassVar[str] = "Assign"

    def __init__(self, typed: Typed) -> None:
        owner = str(typed.get("owner", ""))
        self.owner = User.objects.filter(pk=int(owner), is_active=True).first() if owner.isdecimal() else None

    def one(self, row: Nonconformity, *, by: Actor) -> Mapping[str, Any]:
        if self.owner is None:
            raise Refused("Choose the person it goes to.")
        save_nonconformity(row, by=by, owner=self.owner)
        return {}

    def go_on(self, noted: Mapping[str, Any]) -> None:
        """Each row stands for itself."""

    def words(self, done: str) -> str:
        return f"{done} assigned to {self.owner.name if self.owner else 'nobody'}"


class Dispose:
    """Propose one disposition for all pieces of several nonconformities that have none yet."""

    label: ClassVar[str] = "Set disposition"

    def __init__(self, typed: Typed) -> None:
        self.kind, self.instruction = typed.get("kind", ""), typed.get("instruction", "")

    def one(self, row: Nonconformity, *, by: Actor) -> Mapping[str, Any]:
        dispose_rest(row, kind=self.kind, instruction=self.instruction, by=by)
        return {}

    def go_on(self, noted: Mapping[str, Any]) -> None:
        """Each row stands for itself."""

    def words(self, done: str) -> str:
        kind = dict(Decision.choices).get(self.kind, self.kind).lower()
        return f"{kind.capitalize()} proposed for {done}"


class OneCapa:
    """One CAPA for several nonconformities: opened from the first that can have one, joined by the others."""

    label: ClassVar[str] = "Turn into one CAPA"

    def __init__(self, typed: Typed) -> None:
        self.capa: Capa | None = None

    def one(self, row: Nonconformity, *, by: Actor) -> Mapping[str, Any]:
        if self.capa is not None:
            join_capa(row, self.capa, by=by)
            return {}
        if row.state == "void":
            raise Refused(f"{row.number} is void: nothing is to be corrected.")
        return {"capa": open_capa(source_ncr=row, by=by).pk}

    def go_on(self, noted: Mapping[str, Any]) -> None:
        """The first row that could have one gave the CAPA of all."""
        if "capa" in noted:
            self.capa = Capa.objects.get(pk=noted["capa"])

    def words(self, done: str) -> str:
        return f"{self.capa.number} is open for {done}" if self.capa else "No CAPA was opened"


SEVERAL: Mapping[str, type[Several]] = {"assign": Assign, "dispose": Dispose, "capa": OneCapa}


def tried(act: Several, row: Nonconformity, *, by: Actor) -> dict[str, Any]:
    """Do it to one row; plain values with the row's number and address, and the `refusal` when it refused."""
    said: dict[str, Any] = {"number": row.number, "url": url_of(row)}
    try:
        said |= act.one(row, by=by)
    except Invalid as problem:
        said["refusal"] = " ".join(text for texts in problem.errors.values() for text in texts)
    except (Refused, Denied) as problem:
        said["refusal"] = str(problem)
    return said


def told(act: Several, outcomes: int, refused: int) -> str:
    """How many of how many, in the words of the act."""
    return act.words(f"{outcomes - refused:,} of {outcomes:,}" if refused else f"{outcomes:,}")
