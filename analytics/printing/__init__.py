"""An analysis on paper and as a picture: typeset here, with fonts of its own, asking no other host."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import typst

_HERE = Path(__file__).parent
_LETTERS = "'Libertinus Serif'"


def page_of(told: Mapping[str, Any], *, at: datetime) -> bytes:
    """A PDF/A of an analysis.

    In: texts, tables of texts and the drawing, in the names the template reads; nothing in them is read as markup. `at`
    is the date the file carries. Out: the file; the same bytes for the same analysis.
    """
    return _compiled("analysis.typ", {"data": json.dumps(told)}, form="pdf", standards=["a-2b"], at=at)


def picture_of(svg: str, *, words: str) -> bytes:
    """A PNG of a drawing, twice as fine as it is on the screen."""
    return _compiled("drawing.typ", {"data": lettered(svg), "words": words}, form="png", ppi=192.0)


def lettered(svg: str) -> str:
    """The drawing in letters that are at hand wherever it is printed."""
    return svg.replace("'IBM Plex Sans',system-ui,sans-serif", _LETTERS)


def _compiled(
    name: str,
    inputs: dict[str, str],
    *,
    form: Literal["pdf", "png"],
    ppi: float | None = None,
    standards: Any = (),
    at: datetime | None = None,
) -> bytes:
    made = typst.compile(
        _HERE / name, root=_HERE, sys_inputs=inputs, ignore_system_fonts=True, format=form, ppi=ppi,
        pdf_standards=list(standards), package_path=_HERE, package_cache_path=_HERE, timestamp=at,
    )  # fmt: skip
    return bytes(made[0] if isinstance(made, list) else made)
