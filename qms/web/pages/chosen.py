"""The rows an act of the bulk bar is about: those ticked, or every row of the list as it was filtered."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict

from qms.web.pages.guard import Guarded
from qms.web.pages.listing import ListPage
from qms.web.requests import whole_number


def chosen_rows(source: type[ListPage], page: Guarded) -> QuerySet[Any]:
    """The rows meant by a form of the bulk bar, as far as the actor sees them; none when nothing was chosen.

    `all` with the list's own `query` means the whole filter, otherwise `ids` names the rows. A filter that cannot be
    read is refused (Invalid), because nobody knows what was meant by it.
    """
    post = page.request.POST
    listing = source()
    listing.setup(page.request)
    if not post.get("all"):
        keys = [whole_number(part) for text in post.getlist("ids") for part in text.split(",")]
        return listing.queryset().filter(pk__in=[key for key in keys if key is not None])
    listing.asked = QueryDict(post.get("query", ""))
    return listing.queryset().filter(pk__in=listing.sound().order_by().values("pk"))
