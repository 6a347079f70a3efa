"""A chart knows which points were formed by its present kind and subgroup size."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models

FILL = """
update iot_chartstate s set chart = c.chart, size = c.subgroup_size from governance_characteristic c
where c.id = s.characteristic_id
"""


class Migration(migrations.Migration):
    """Points known so far count as those of the present chart."""

    dependencies: ClassVar = [("governance", "0003_decisions"), ("iot", "0004_broker_access")]
    operations: ClassVar = [
        migrations.AddField(
            "chartstate",
            "chart",
            models.CharField(blank=True, default="", help_text="The chart its newest points are of.", max_length=10),
        ),
        migrations.AddField(
            "chartstate",
            "size",
            models.PositiveIntegerField(default=0, help_text="The subgroup size its newest points are of."),
        ),
        migrations.AddField(
            "chartstate",
            "begun",
            models.PositiveIntegerField(default=1, help_text="First point of this chart and size."),
        ),
        migrations.AddField(
            "chartstate",
            "begun_after",
            models.DateTimeField(help_text="Readings up to here belong to the chart before.", null=True),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
