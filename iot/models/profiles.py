"""How payloads of another make are read."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.urls import reverse

from iot.profiles import Profile


class DeviceProfile(models.Model):
    """Where value, time, unit and quality stand in the payloads on some topics, and which parameters they are."""

    class TimeIn(models.TextChoices):
        """How a time is written."""

        ISO = "iso", "ISO 8601 with a zone"
        SECONDS = "s", "seconds since 1970"
        MILLISECONDS = "ms", "milliseconds since 1970"
        MICROSECONDS = "us", "microseconds since 1970"

    site = models.ForeignKey("core.Site", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    topic = models.CharField(
        max_length=200, help_text="Topic filter such as zigbee2mqtt/+; + is one level, # at the end all that follow."
    )
    target = models.CharField(
        max_length=200,
        help_text="Topic of the parameter: site/area/line/station/parameter. {2} is the second level of the topic,"
        " {$.name} what stands there in the payload.",
    )
    items = models.CharField(
        max_length=120, blank=True, default="", help_text="Where a list of readings stands; empty: one reading."
    )
    value = models.CharField(max_length=120, default="$.value", help_text="Where the value stands, such as $.value.")
    time = models.CharField(
        max_length=120, blank=True, default="", help_text="Where the time stands; empty: the time of receipt."
    )
    time_in = models.CharField(max_length=4, choices=TimeIn, default=TimeIn.ISO)
    unit_path = models.CharField(max_length=120, blank=True, default="", help_text="Where the unit stands.")
    unit = models.CharField(
        max_length=40, blank=True, default="", help_text="Unit when the payload names none; empty: the parameter's own."
    )
    quality = models.CharField(
        max_length=120,
        blank=True,
        default="",
        help_text="Where the quality stands: a number of the OPC scale, or a word.",
    )
    scale = models.FloatField(default=1.0, help_text="Each value is multiplied by this.")
    offset = models.FloatField(default=0.0, help_text="And this is added.")
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ("site", "name")
        constraints: ClassVar = [models.UniqueConstraint(fields=["site", "name"], name="device_profile_once")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("iot:profile", args=[self.pk])

    def compiled(self) -> Profile:
        """The profile as the door uses it. Raises BadPath for a path that cannot be read."""
        names = ("name", "topic", "target", "value", "items", "time", "time_in", "unit", "unit_path", "quality")
        words = {name: str(getattr(self, name)) for name in names}
        code = self.site.code.lower()
        return Profile(self.pk or 0, self.site_id, code, scale=self.scale, offset=self.offset, **words)
