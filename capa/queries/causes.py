"""The causes of a CAPA as a tree: what was thought of, why behind why, and the root causes chosen from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.safestring import SafeString

from capa.models import Capa, Cause
from capa.models.causes import Category
from qms.web.svg import Bone, Twig, fishbone

NO_CATEGORY = "No category yet"


@dataclass(frozen=True)
class Node:
    """One cause in the tree, how deep it lies and what the whys above it are."""

    cause: Cause
    depth: int
    path: tuple[str, ...]
    leaf: bool


@dataclass(frozen=True)
class Branch:
    """The causes of one category, each followed by the answers to why."""

    key: str
    name: str
    nodes: list[Node]


def cause_tree(capa: Capa) -> list[Branch]:
    """The six categories in their order, and causes without one at the end when there are any."""
    causes = list(capa.causes.all())
    under: dict[int | None, list[Cause]] = defaultdict(list)
    for cause in causes:
        under[cause.parent_id].append(cause)
    branches = [
        Branch(key, str(name), [n for top in under[None] if top.category == key for n in _walk(top, under, ())])
        for key, name in [*Category.choices, ("", NO_CATEGORY)]
    ]
    return [branch for branch in branches if branch.key or branch.nodes]


def _walk(cause: Cause, under: dict[int | None, list[Cause]], path: tuple[str, ...]) -> Iterator[Node]:
    children = under.get(cause.pk, [])
    yield Node(cause, len(path), path, not children)
    for child in children:
        yield from _walk(child, under, (*path, cause.statement))


def drawn(capa: Capa, branches: list[Branch]) -> SafeString | None:
    """The fishbone of the tree; None while nothing is on it."""
    if not any(branch.nodes for branch in branches):
        return None
    bones = [
        Bone(branch.name, [Twig(_said(n), n.depth, n.cause.result, n.cause.root) for n in branch.nodes])
        for branch in branches
    ]
    return fishbone(capa.title, bones)


def _said(node: Node) -> str:
    return f"because {node.cause.statement}" if node.depth else node.cause.statement
