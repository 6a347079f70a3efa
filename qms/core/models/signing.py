"""Signatures: who, when, what it means, bound to a digest of what was signed."""

from __future__ import annotations

from django.db import models

from qms.core.models.people import User
from qms.core.models.record import Record


class Signature(models.Model):
    """One signature; never changed, never removed."""

    record = models.ForeignKey(Record, models.PROTECT, related_name="signatures")
    signer = models.ForeignKey(User, models.PROTECT, related_name="+")
    printed_name = models.CharField(max_length=120)
    meaning = models.CharField(max_length=60)
    step = models.CharField(max_length=40)
    section = models.CharField(max_length=40, blank=True)
    note = models.TextField(blank=True)
    at = models.DateTimeField()
    timezone = models.CharField(max_length=64)
    method = models.CharField(max_length=20, default="password")
    record_version = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    manifest = models.TextField()

    class Meta:
        ordering = ("at", "id")

    def __str__(self) -> str:
        return f"{self.printed_name}, {self.meaning}"

    @property
    def holds(self) -> bool:
        """Whether nothing voided it."""
        return not hasattr(self, "void")


class SignatureVoid(models.Model):
    """A signature that no longer holds, because what was signed has changed."""

    record = models.ForeignKey(Record, models.PROTECT, related_name="+")
    signature = models.OneToOneField(Signature, models.PROTECT, related_name="void")
    at = models.DateTimeField()
    by = models.CharField(max_length=120)
    reason = models.CharField(max_length=200)

    def __str__(self) -> str:
        return f"void: {self.signature}"


class SigningAttempt(models.Model):
    """A try to prove to be the signer; failed ones lock signing for a while."""

    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    ok = models.BooleanField()

    def __str__(self) -> str:
        return f"{self.user} {'signed' if self.ok else 'failed to sign'} at {self.at}"
