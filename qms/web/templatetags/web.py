"""Template tags of the shell: icons, marks, numbers and times."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from qms.web import marks, words

register = template.Library()
Number = float | Decimal | int | None


@register.simple_tag
@cache  # a list has an icon on every row, and always the same few
def icon(name: str, css: str = "") -> SafeString:
    """One icon of the sprite, hidden from assistive technology."""
    return format_html(
        '<svg class="ic{}" aria-hidden="true"><use href="{}#{}"/></svg>',
        f" {css}" if css else "",
        static("dist/icons.svg"),
        name,
    )


@register.simple_tag
def mark(name: str, tone: str = "") -> SafeString:
    """A state mark alone."""
    return marks.shape(name, tone)


@register.simple_tag
def state(name: str, word: str, tone: str = "") -> SafeString:
    """A state mark with its word."""
    return marks.state(name, word, tone)


@register.filter
def num(value: Number, decimals: int | str | None = None) -> str:
    """A number in the product's writing; decimals of the characteristic."""
    return words.number(value, None if decimals in (None, "") else int(str(decimals)))


@register.filter
def counted(count: int, plural: str) -> str:
    """How many of what, such as "1 key"."""
    return words.counted(count, plural)


@register.filter
def sig(value: Number, digits: int = 3) -> str:
    """A figure that has no decimals of its own, with its significant digits."""
    return words.significant(value, digits)


@register.filter
def signed(value: Number, decimals: int | str = 2) -> str:
    """A difference with its sign."""
    return words.number(value, int(decimals), sign=True)


@register.filter
def initials(name: object) -> str:
    """Two letters for a person."""
    return words.initials(str(name))


@register.filter
def filesize(count: int) -> str:
    """A file size in words."""
    return words.size(count)


def _time(moment: datetime, text: str) -> SafeString:
    return format_html('<time datetime="{}" title="{}">{}</time>', moment.isoformat(), both_zones(moment), text)


def both_zones(moment: datetime) -> str:
    """The moment in the person's zone and in UTC, for a hover."""
    return f"{words.stamp(moment, seconds=True)}, {moment.astimezone(words.zone_of('UTC')):%H:%M:%S} UTC"


@register.filter
def when(moment: datetime | None, zone: str = "") -> SafeString | str:
    """Such as "Fri 20 Nov 2026 14:32 CET"."""
    return _time(moment, words.stamp(moment, zone or None)) if moment else ""


@register.filter
def whenshort(moment: datetime | None, zone: str = "") -> SafeString | str:
    """Such as "14:32" today, else "Fri 20 Nov 14:32"."""
    return _time(moment, words.short(moment, zone or None)) if moment else ""


@register.filter
def onday(moment: datetime | date | None, zone: str = "") -> SafeString | str:
    """Such as "Fri 20 Nov", of a moment in the person's zone or of a day as it stands."""
    if isinstance(moment, date) and not isinstance(moment, datetime):
        return format_html('<time datetime="{}">{}</time>', moment.isoformat(), words.date_of(moment))
    return _time(moment, words.day(moment, zone or None)) if moment else ""


@register.filter
def ago(moment: datetime | None) -> SafeString | str:
    """An age that the page keeps true: "4 s ago"."""
    if moment is None:
        return ""
    text = f"{words.age(timezone.now() - moment)} ago"
    return format_html(
        '<time data-age datetime="{}" title="{}">{}</time>', moment.isoformat(), both_zones(moment), text
    )


@register.simple_tag
def due(moment: datetime | None, done: bool = False) -> SafeString | str:
    """A due time in a table cell: relative words first, the moment on hover."""
    if moment is None:
        return ""
    relative, absolute, tone = words.due(moment)
    if done or not tone:
        relative, tone = f"today {absolute}" if absolute[2:3] == ":" else absolute, ""
    css = f"{tone} b nw" if tone else "nw"
    return format_html(
        '<time class="{}" datetime="{}" title="{}">{}</time>', css, moment.isoformat(), both_zones(moment), relative
    )


@register.simple_tag
def due_lines(moment: datetime | None) -> SafeString | str:
    """A due time in an inbox row: relative first, absolute under it."""
    if moment is None:
        return ""
    relative, absolute, tone = words.due(moment)
    return format_html(
        '<span class="block {}">{}</span><time class="i3" datetime="{}" title="{}">{}</time>',
        f"{tone} b" if tone else "i2",
        relative,
        moment.isoformat(),
        both_zones(moment),
        absolute,
    )


@register.simple_tag(takes_context=True)
def query(context: dict[str, Any], **changes: object) -> str:
    """The page's query with some fields changed; None takes a field out."""
    fields = context["request"].GET.copy()
    for key, value in changes.items():
        fields.pop(key, None)
        if value is not None and value != "":
            fields[key] = str(value)
    return f"?{fields.urlencode()}" if fields else "?"


@register.simple_tag(takes_context=True)
def refused(context: dict[str, Any], *key: object) -> Any:
    """What was typed into this form of the page and refused, with `why`; empty for every other form."""
    found = context.get("refused")
    if found is None or found.key != "-".join(map(str, key)):
        return {}
    return {**dict(found.typed.items()), "why": found.why}
