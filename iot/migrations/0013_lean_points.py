"""Points cost less to write: no index that none asks for, no constraint that the state of their chart holds already."""

from __future__ import annotations

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Alters the links of a point, and indexes the few that belong to a signal."""

    dependencies: ClassVar = [("governance", "0008_multivariate"), ("iot", "0012_rollups")]

    operations: ClassVar = [
        migrations.AlterField(
            "subgroup",
            "characteristic",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="points",
                to="governance.characteristic",
            ),
        ),
        migrations.AlterField(
            "subgroup",
            "limits",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="iot.controllimits",
            ),
        ),
        migrations.AlterField(
            "subgroup",
            "signal",
            models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="members",
                to="iot.signal",
            ),
        ),
        migrations.AddIndex(
            "subgroup",
            models.Index(condition=models.Q(("signal__isnull", False)), fields=["signal"], name="subgroup_by_signal"),
        ),
    ]
