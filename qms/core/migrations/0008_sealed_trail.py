"""The sealed log of the trail: leaves, tree, checkpoints, which the application adds and never changes."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models

from qms.core.schema import CreateModels

TABLES = "core_trailleaf", "core_trailnode", "core_checkpoint"
FROZEN = """
create function core_seal_frozen() returns trigger language plpgsql as $$
begin raise exception 'The sealed log is append-only: % is refused.', tg_op using errcode = '42501'; end $$;
""" + "".join(
    f"""
create trigger frozen before update or delete or truncate on {table}
  for each statement execute function core_seal_frozen();
revoke update, delete, truncate on {table} from qms_app;
"""
    for table in TABLES
)


class Migration(migrations.Migration):
    """Three tables and their guards."""

    dependencies: ClassVar = [("core", "0001_squashed_0007_sorted_by_index")]

    operations: ClassVar = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="Checkpoint",
                    fields=[
                        ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                        ("size", models.BigIntegerField(unique=True)),
                        ("root", models.BinaryField()),
                        ("peaks", models.BinaryField()),
                        ("low", models.BigIntegerField()),
                        ("at", models.DateTimeField()),
                        ("note", models.TextField()),
                    ],
                ),
                migrations.CreateModel(
                    name="TrailLeaf",
                    fields=[
                        ("idx", models.BigIntegerField(primary_key=True, serialize=False)),
                        ("trail", models.BigIntegerField(unique=True)),
                        ("hash", models.BinaryField()),
                    ],
                ),
                migrations.CreateModel(
                    name="TrailNode",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("level", models.PositiveSmallIntegerField()),
                        ("idx", models.BigIntegerField()),
                        ("hash", models.BinaryField()),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("level", "idx"), name="trail_node_once")],
                    },
                ),
            ]
        ),
        migrations.RunSQL(FROZEN, "drop function core_seal_frozen() cascade"),
    ]
