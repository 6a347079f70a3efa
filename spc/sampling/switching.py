"""When to inspect harder or less: the switching rules, lot by lot, as a small state."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from spc.sampling.iso2859 import AQLS, Severity, entry
from spc.values import BadInput

_SCORE_FOR_REDUCED = 30
_STOP = 5


@dataclass(frozen=True)
class Switch:
    """Where inspection stands: severity, the last decisions since it began (True = accepted), score, and refusals.

    refused: lots not accepted since tightened inspection began; stopped: inspection is discontinued until the process
    is improved; steady, allowed: production is steady, and the authority wants reduced inspection.
    """

    severity: Severity = "normal"
    recent: tuple[bool, ...] = ()
    score: int = 0
    refused: int = 0
    stopped: bool = False


@dataclass(frozen=True)
class Lot:
    """One original inspection: nonconforming items found, and whether production was steady and reduction wanted."""

    found: int
    steady: bool = True
    reduced_allowed: bool = True


@dataclass(frozen=True)
class Decision:
    """What happened to a lot: the severity it was judged by, accepted or not, and the state after it."""

    severity: Severity
    n: int
    accept: int
    accepted: bool
    after: Switch
    why: str


def decide(state: Switch, lot: Lot, *, letter: str, aql: float) -> Decision:
    """Judge one lot and move the state.

    In: the state, the lot, its code letter and AQL. Out: Decision with the reason of a change of severity. Raises
    BadInput when inspection is discontinued. Rules: normal to tightened when 2 of 5 or fewer consecutive lots are not
    accepted; tightened to normal after 5 accepted in a row; stop at 5 not accepted on tightened; normal to reduced at a
    switching score of 30 (Ac 0 or 1: +2 for an accepted lot; Ac 2 and more: +3 if it would be accepted one AQL step
    tighter; else back to 0); reduced to normal at a lot not accepted or unsteady production.
    Source: ISO 2859-1:1999, clause 9.3.
    """
    if state.stopped:
        raise BadInput("Inspection is discontinued: improve the process, then start again with tightened inspection.")
    _, n, accept = entry(letter, aql, state.severity)
    good = lot.found <= accept
    if state.severity == "normal":
        after, why = _from_normal(state, lot, good, (letter, aql, accept))
    else:
        after, why = _from_tightened(state, good) if state.severity == "tightened" else _from_reduced(state, lot, good)
    return Decision(state.severity, n, accept, good, after, why)


def resume(state: Switch) -> Switch:
    """Start again after an improvement, tightened. In: a stopped state. Out: the new one. Source: ISO 2859-1, 9.4."""
    return Switch("tightened") if state.stopped else state


def _from_normal(state: Switch, lot: Lot, good: bool, plan: tuple[str, float, int]) -> tuple[Switch, str]:
    recent = (*state.recent, good)[-5:]
    if recent.count(False) >= 2:
        return Switch("tightened"), "Two of five or fewer lots were not accepted: inspection is tightened."
    score = state.score + (3 if plan[2] > 1 else 2) if _scores(lot, good, plan) else 0
    if score >= _SCORE_FOR_REDUCED and lot.steady and lot.reduced_allowed:
        return Switch("reduced"), "The switching score reached 30: inspection is reduced."
    return Switch("normal", recent, score), ""


def _scores(lot: Lot, good: bool, plan: tuple[str, float, int]) -> bool:
    """Whether the lot adds to the switching score."""
    letter, aql, accept = plan
    row = AQLS.index(aql)
    if accept <= 1 or row == 0:
        return good
    return lot.found <= entry(letter, AQLS[row - 1], "normal")[2]


def _from_tightened(state: Switch, good: bool) -> tuple[Switch, str]:
    recent = (*state.recent, good)[-5:]
    refused = state.refused + (not good)
    if refused >= _STOP:
        after = replace(state, recent=recent, refused=refused, stopped=True)
        return after, "Five lots were not accepted on tightened inspection: inspection is discontinued."
    if len(recent) == 5 and all(recent):
        return Switch("normal"), "Five lots in a row were accepted: inspection is normal again."
    return Switch("tightened", recent, 0, refused), ""


def _from_reduced(state: Switch, lot: Lot, good: bool) -> tuple[Switch, str]:
    if not good:
        return Switch("normal"), "A lot was not accepted on reduced inspection: inspection is normal again."
    if not (lot.steady and lot.reduced_allowed):
        return Switch("normal"), "Production is not steady, or reduction is not wanted: inspection is normal again."
    return state, ""


def walk(lots: Iterable[Lot], *, letter: str, aql: float, start: Switch = Switch()) -> list[Decision]:
    """Judge lots in order; stops at the lot after which inspection is discontinued.

    In: lots, code letter, AQL, the state to start from. Out: Decisions. Raises BadInput. Source: ISO 2859-1, 9.3.
    """
    state, decisions = start, []
    for lot in lots:
        if state.stopped:
            break
        decisions.append(decide(state, lot, letter=letter, aql=aql))
        state = decisions[-1].after
    return decisions
