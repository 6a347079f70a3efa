"""How form fields become HTML: selects and inputs in code, everything else by Django's templates.

A list's filters hold hundreds of options, and Django renders a template for each: that took longer than the rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

KINDS = ("date", "datetime", "email", "hidden", "input", "number", "password", "search", "text", "time", "url")
INPUTS = frozenset(f"django/forms/widgets/{kind}.html" for kind in KINDS)
SELECT = "django/forms/widgets/select.html"


class Quick(DjangoTemplates):
    """Writes the same HTML as Django's own templates (a test holds them side by side)."""

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> str:
        """The HTML of one field."""
        if template_name == SELECT:
            return _select(context["widget"])
        if template_name in INPUTS:
            return _input(context["widget"])
        return super().render(template_name, context, request)


def _attributes(attrs: Mapping[str, Any]) -> SafeString:
    told = ((name, value) for name, value in attrs.items() if value is not False)
    return SafeString(
        "".join(format_html(" {}", n) if v is True else format_html(' {}="{}"', n, str(v)) for n, v in told)
    )


def _input(widget: Mapping[str, Any]) -> SafeString:
    value = widget["value"]
    shown = "" if value is None else format_html(' value="{}"', str(value))
    return format_html(
        '<input type="{}" name="{}"{}{}>', widget["type"], widget["name"], shown, _attributes(widget["attrs"])
    )


def _select(widget: Mapping[str, Any]) -> SafeString:
    groups = [_group(name, options) for name, options, _ in widget["optgroups"]]
    return format_html(
        '<select name="{}"{}>{}</select>', widget["name"], _attributes(widget["attrs"]), SafeString("".join(groups))
    )


def _group(name: str | None, options: list[dict[str, Any]]) -> SafeString:
    inside = format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        ((str(option["value"]), _attributes(option["attrs"]), option["label"]) for option in options),
    )
    return format_html('<optgroup label="{}">{}</optgroup>', name, inside) if name else inside
