"""Roll-ups of readings by minute, ten minutes, hour and day, and the marks of those to be made anew."""

from __future__ import annotations

from typing import Any, ClassVar

import django.db.models.deletion
from django.db import migrations, models

from iot.engines import settle

ROLLUP = """
create table iot_rollup (
  bucket timestamptz not null,
  mean double precision not null,
  m2 double precision not null,
  low double precision not null,
  high double precision not null,
  first double precision not null,
  last double precision not null,
  parameter_id integer not null,
  width integer not null,
  n integer not null,
  aside integer not null default 0,
  finest integer not null,
  primary key (parameter_id, width, bucket)
);
create table iot_rollupmark (
  bucket timestamptz not null,
  made timestamptz not null,
  parameter_id integer not null,
  width integer not null,
  holder integer not null,
  primary key (parameter_id, width, bucket, holder)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 1000);
create index rollup_mark_by_time on iot_rollupmark (width, bucket);
create table iot_pointblock (
  last_t timestamptz not null,
  low double precision not null,
  high double precision not null,
  characteristic_id bigint not null references governance_characteristic on delete cascade deferrable initially deferred,
  block integer not null,
  low_n integer not null,
  high_n integer not null,
  primary key (characteristic_id, block)
);
create index subgroup_marked on iot_subgroup (characteristic_id, n) where mask <> 0 or state <> 'ok';
insert into iot_rollupmark (parameter_id, width, bucket, holder, made)
  select distinct parameter_id, 3600, date_bin('1 hour', t, '2000-01-01Z'), 0, now() from iot_reading;
"""


UNDO = "drop index subgroup_marked; drop table iot_pointblock; drop table iot_rollupmark; drop table iot_rollup"


def choose_engine(_apps: Any, editor: Any) -> None:
    """Hand the readings to TimescaleDB or Citus where the server has one of them."""
    with editor.connection.cursor() as cursor:
        settle(cursor)


class Migration(migrations.Migration):
    """Tables of their own; every hour stored so far is marked, so that its roll-ups are made."""

    dependencies: ClassVar = [("iot", "0011_vectors")]
    operations: ClassVar = [
        migrations.RunSQL(ROLLUP, UNDO),
        migrations.CreateModel(
            name="SourceCount",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "device_id", "day", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("day", models.DateField()),
                ("received", models.BigIntegerField(default=0)),
                ("stored", models.BigIntegerField(default=0)),
                ("duplicate", models.BigIntegerField(default=0)),
                ("correction", models.BigIntegerField(default=0)),
                ("dead", models.BigIntegerField(default=0)),
                ("lag_ms", models.FloatField(null=True)),
                (
                    "device",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="counts", to="iot.device"
                    ),
                ),
            ],
            options={"ordering": ("device", "-day")},
        ),
        migrations.RunPython(choose_engine, migrations.RunPython.noop),
    ]
