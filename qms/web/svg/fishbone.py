"""The fishbone (Ishikawa) of an effect: a spine, a bone for each category, the causes along it with their states."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from qms.web.svg.draw import element, fmt, label, line, picture, rect

LETTER = 5.6  # mean width of a letter of the small size
ROW = 17.0
LEAN = 34.0  # how far a bone leans back over its height
WORDS = {"confirmed": "confirmed", "refuted": "refuted", "": "not yet verified"}


@dataclass(frozen=True)
class Twig:
    """One cause on a bone: its text, depth (0: on the bone itself), result and whether it is a chosen root cause."""

    text: str
    depth: int = 0
    result: str = ""
    root: bool = False


@dataclass(frozen=True)
class Bone:
    """A category with its causes, each followed by what lies behind it."""

    name: str
    twigs: Sequence[Twig]


def fishbone(effect: str, bones: Sequence[Bone], *, width: float = 740.0) -> SafeString:
    """The drawing: bones in pairs above and below the spine, the effect at its head.

    A refuted cause is struck, a confirmed one has a check, a chosen root cause is bold with a filled mark; the
    sentence of the drawing names the root causes.
    """
    pairs = [bones[at : at + 2] for at in range(0, len(bones), 2)]
    above = max((len(pair[0].twigs) for pair in pairs), default=0)
    below = max((len(pair[1].twigs) for pair in pairs if len(pair) > 1), default=0)
    top, bottom = (max(46.0, 26.0 + ROW * count) for count in (above, below))
    spine, head = top + 22.0, 150.0
    room = (width - head) / max(1, len(pairs))
    parts = [line(8, spine, width - head, spine, "fb-spine")]
    for place, pair in enumerate(pairs):
        foot = (place + 1) * room - 10.0
        parts += _bone(pair[0], foot, spine, -top, room)
        if len(pair) > 1:
            parts += _bone(pair[1], foot, spine, bottom, room)
    parts += _head(effect, width - head, spine, head)
    return picture(width, top + bottom + 44.0, _sentence(effect, bones), parts, "ch ch-wide fb")


def _bone(bone: Bone, foot: float, spine: float, reach: float, room: float) -> list[str]:
    """One bone leaning back from its foot on the spine, its name at the end and its causes to the left of it."""
    tip = foot - LEAN
    parts = [line(tip, spine + reach, foot, spine, "fb-bone")]
    parts.append(label(tip, spine + reach + (-6 if reach < 0 else 14), bone.name, "head", "end"))
    step = ROW if reach > 0 else -ROW
    for number, twig in enumerate(bone.twigs, start=1):
        y = spine + step * (len(bone.twigs) - number + 1) if reach < 0 else spine + step * number
        x = foot - LEAN * abs(y - spine) / abs(reach)
        parts += _twig(twig, x, y, room)
    return parts


def _twig(twig: Twig, x: float, y: float, room: float) -> list[str]:
    indent = 12.0 * twig.depth
    start = max(6.0, x - room + 18.0) + indent
    end = x - 8.0
    words = _cut(twig.text, end - start - 14.0)
    css = "fb-out" if twig.result == "refuted" else "fb-root" if twig.root else "fb-in"
    parts = [line(start, y + 4, x, y + 4, "fb-twig")]
    if twig.root:
        parts.append(element("circle", class_="fb-mark", cx=start + 4, cy=y - 3.5, r=3.5))
    elif twig.result == "confirmed":
        parts.append(element("path", class_="fb-check", d=f"M{fmt(start)} {fmt(y - 4)}l3 3 5-6"))
    offset = 12.0 if twig.root or twig.result == "confirmed" else 0.0
    parts.append(label(start + offset, y, words, css))
    return parts


def _head(effect: str, x: float, spine: float, room: float) -> list[str]:
    lines = _wrapped(effect or "The effect", int((room - 22) / LETTER))[:4]
    height = 14.0 * len(lines) + 14.0
    parts = [rect("fb-head", x, spine - height / 2, room - 2, height)]
    top = spine - height / 2 + 19.0
    return parts + [label(x + 10, top + 14.0 * at, text, "ink") for at, text in enumerate(lines)]


def _cut(text: str, room: float) -> str:
    most = max(4, int(room / LETTER))
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _wrapped(text: str, most: int) -> list[str]:
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + len(word) + 1 > most:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _sentence(effect: str, bones: Sequence[Bone]) -> str:
    twigs = [(bone, twig) for bone in bones for twig in bone.twigs]
    roots = [f"{twig.text} ({bone.name}, {WORDS[twig.result]})" for bone, twig in twigs if twig.root]
    text = f"Fishbone of {effect or 'the effect'}, {len(twigs)} causes"
    return f"{text}; chosen as root cause: {'; '.join(roots)}" if roots else f"{text}; no root cause is chosen yet"
