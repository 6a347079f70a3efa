"""D4 as a tree that grows under the keyboard: causes by category, why behind why, root causes chosen from it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404

from capa import services
from capa.models import Capa, Cause
from capa.views.acts import visible_or_404
from capa.views.corrective import evidence_of, tree_of
from qms.core.errors import Denied, Invalid, Refused
from qms.core.trail import reading
from qms.web.pages import Page
from qms.web.requests import whole_number


class _Tree(Page):
    """Answers with the tree, or with why not while everything typed stays where it is."""

    template_name = "capa/causes.html"
    http_method_names = ("post",)
    record: Capa

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        """Do it and draw the tree again."""
        with reading(self.actor):
            self.find(**kwargs)
        try:
            focus = self.act(request)
        except Invalid as problem:
            return self._refused([text for texts in problem.errors.values() for text in texts])
        except Refused as problem:
            return self._refused(list(problem.reasons))
        except Denied as problem:
            return self._refused([str(problem)])
        if not self.request.htmx:
            return HttpResponseRedirect(f"{self.record.get_absolute_url()}#causes")
        with reading(self.actor):
            fresh = visible_or_404(Capa, self.record.pk, self)
            response = self.render(focus=focus, **tree_of(fresh, self.actor))
            response.render()
        return response

    def find(self, **kwargs: Any) -> None:
        """The record of the address."""
        self.record = visible_or_404(Capa, kwargs["pk"], self)

    def act(self, request: HttpRequest) -> int | None:
        """Call the service; the cause the keyboard goes on from."""
        raise TypeError(f"{type(self).__name__} does not say what it does.")

    def _refused(self, reasons: list[str]) -> HttpResponseBase:
        response = self.render("capa/causes_refused.html", status=409, reasons=reasons)
        response.render()
        response["HX-Retarget"], response["HX-Reswap"] = "#causes-say", "innerHTML"
        return response


class GrowTree(_Tree):
    """A cause on a bone, or the answer to why behind another."""

    policy = "capa.analyse"

    def act(self, request: HttpRequest) -> int | None:
        post = request.POST
        parent = None
        if post.get("parent"):
            with reading(self.actor):
                parent = get_object_or_404(Cause, pk=whole_number(post["parent"]), capa_id=self.record.pk)
        cause = services.add_cause(
            self.record, kind=parent.kind if parent else "occurrence", statement=post.get("statement", "").strip(),
            category=parent.category if parent else post.get("category", ""), parent=parent, root=False, by=self.actor,
        )  # fmt: skip
        return cause.pk


class TendTree(_Tree):
    """One cause: its words, its evidence, confirmed or refuted, chosen as root cause, taken away."""

    policy = "capa.analyse"
    cause: Cause

    def find(self, **kwargs: Any) -> None:
        self.cause = get_object_or_404(Cause, pk=kwargs["pk"])
        self.record = visible_or_404(Capa, self.cause.capa_id, self)

    def act(self, request: HttpRequest) -> int | None:
        post, cause, by = request.POST, self.cause, self.actor
        match self.kwargs["what"]:
            case "text":
                with reading(by):
                    frozen = evidence_of(self.record).filter(pk=whole_number(post.get("frozen"))).first()
                services.change_cause(
                    cause, statement=post.get("statement", "").strip(), evidence=post.get("evidence", "").strip(),
                    frozen=frozen, by=by,
                )  # fmt: skip
            case "verify":
                services.verify_cause(cause, result=post.get("result", ""), test=post.get("test", ""), by=by)
            case "choose":
                services.choose_cause(cause, chosen=True, kind=post.get("kind", ""), by=by)
            case "unchoose":
                services.choose_cause(cause, chosen=False, by=by)
            case "drop":
                services.drop_cause(cause, by=by)
                return cause.parent_id
            case _:
                raise Refused("A cause knows no such step.")
        return cause.pk
