"""The door: sign in, sign out, first password."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

from qms.core.actor import actor_of
from qms.core.errors import Invalid
from qms.core.live import ask_again
from qms.core.models import User
from qms.core.rest.throttling import counted, forget
from qms.core.trail import acting
from qms.web.forms import FirstPasswordForm, SignInForm
from qms.web.pages import Page
from qms.web.services import set_first_password, welcomed

TRIES, WAIT = 5, 300
BACKEND = "django.contrib.auth.backends.ModelBackend"


def enter(request: HttpRequest, user: User) -> None:
    """Begin the session of a proven person, as an act of that person."""
    with acting(actor_of(user), reason="sign-in"):
        login(request, user, backend=BACKEND)


class SignIn(Page):
    """E-mail and password; five failures for one address wait five minutes."""

    policy = "public"
    template_name = "web/sign_in.html"
    title = "Sign in"

    def context(self, **kwargs: Any) -> dict[str, Any]:
        """An empty form, where to go afterwards, and whether something was sent that nobody took."""
        return {"form": SignInForm(), "next": self._next(), "unsent": "unsent" in self.request.GET}

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Check and let in, or say why not; the password is never kept in the page."""
        form = SignInForm(request.POST)
        if not form.is_valid():
            return self.render(form=form, next=self._next(), status=400)
        email = form.cleaned_data["email"].lower()
        tries = f"sign-in:{email}"
        if counted(tries, WAIT) > TRIES:  # before the slow check of the password, so that no guesses run beside it
            form.add_error(None, "Too many wrong passwords for this address. Wait five minutes, then try again.")
            return self.render(form=form, next=self._next(), status=429)
        user = authenticate(request, username=email, password=form.cleaned_data["password"])
        if user is None:
            form.add_error(None, "E-mail and password do not fit together. Check both; passwords tell capitals apart.")
            return self.render(form=form, next=self._next(), status=400)
        forget(tries)
        enter(request, user)
        return HttpResponseRedirect(self._next() or resolve_url(settings.LOGIN_REDIRECT_URL))

    def _next(self) -> str:
        wanted = self.request.POST.get("next") or self.request.GET.get("next") or ""
        safe = url_has_allowed_host_and_scheme(
            wanted, allowed_hosts={self.request.get_host()}, require_https=self.request.is_secure()
        )
        return wanted if safe else ""


class SignOut(Page):
    """End the session."""

    policy = "public"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Nobody is signed out by a link."""
        return HttpResponseRedirect("/")

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Sign out; pages that are still open elsewhere hear nothing more."""
        if self.actor.id is not None:
            ask_again(self.actor.id)
        logout(request)
        return HttpResponseRedirect(resolve_url(settings.LOGIN_URL))


class Welcome(Page):
    """The page of a welcome link: the person sets a password and is in."""

    policy = "public"
    template_name = "web/welcome.html"
    title = "Welcome"

    def context(self, **kwargs: Any) -> dict[str, Any]:
        """The person the link belongs to, or nobody when it has been used or is too old."""
        return {"person_new": welcomed(**kwargs), "form": FirstPasswordForm()}

    def post(self, request: HttpRequest, uid: str, token: str) -> HttpResponseBase:
        """Take the password."""
        user, form = welcomed(uid, token), FirstPasswordForm(request.POST)
        if user is None or not form.is_valid():
            return self.render(person_new=user, form=form, status=400)
        try:
            user = set_first_password(user, form.cleaned_data["password"])
        except Invalid as problem:
            form.refuse(problem.errors)
            return self.render(person_new=user, form=form, status=400)
        enter(request, user)
        return HttpResponseRedirect(resolve_url(settings.LOGIN_REDIRECT_URL))
