"""Closed days in pieces of columns, and how long readings and roll-ups are kept."""

from __future__ import annotations

from typing import Any, ClassVar

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

from iot.engines import settle_pieces
from qms.core.trail import Regulate

# up to 4,096 readings of one parameter and one day: lines that most columns follow, and what differs from them
PIECES = """
create table iot_piece (
  first_t timestamptz not null,
  last_t timestamptz not null,
  step bigint not null,
  base bigint not null,
  scale double precision not null,
  parameter_id integer not null,
  seq integer not null,
  n integer not null,
  tick integer not null,
  seq_step integer not null,
  lag integer not null,
  t2 smallint[], t4 integer[], t8 bigint[],
  v2 smallint[], v4 integer[], f4 real[], f8 double precision[],
  seqs integer[], lags integer[], flags smallint[], lots text[], serials text[],
  primary key (parameter_id, first_t, seq)
);
create function iot_opened(p iot_piece) returns table (
  t timestamptz, value double precision, received timestamptz, seq integer, flags smallint, lot text, serial text
) language sql stable parallel safe as $$
select w.t, coalesce(u.f8, u.f4::double precision, (p.base + coalesce(u.v2::integer, u.v4)) / p.scale),
  w.t + (p.lag + coalesce(u.lag, 0)) * interval '1 second',
  (p.seq + (u.i - 1) * p.seq_step)::integer + coalesce(u.seq, 0), coalesce(u.flags, 0::smallint), u.lot, u.serial
from rows from (unnest(p.t2), unnest(p.t4), unnest(p.t8), unnest(p.v2), unnest(p.v4), unnest(p.f4), unnest(p.f8),
  unnest(p.seqs), unnest(p.lags), unnest(p.flags), unnest(p.lots), unnest(p.serials))
  with ordinality u(t2, t4, t8, v2, v4, f4, f8, seq, lag, flags, lot, serial, i)
cross join lateral (select p.first_t + ((u.i - 1) * p.step + coalesce(u.t2::bigint, u.t4::bigint, u.t8, 0) * p.tick)
  * interval '1 microsecond' as t) w
$$;
create function iot_stored(p integer, since timestamptz, until timestamptz) returns table (
  parameter_id integer, t timestamptz, value double precision, received timestamptz, seq integer, flags smallint,
  lot text, serial text
) language sql stable parallel safe as $$
select r.parameter_id, r.t, r.value, r.received, r.seq, r.flags, r.lot, r.serial from public.iot_reading r
where r.parameter_id = p and r.t >= since and r.t < until
union all
select c.parameter_id, o.t, o.value, o.received, o.seq, o.flags, o.lot, o.serial
from public.iot_piece c cross join lateral public.iot_opened(c) o
where c.parameter_id = p and c.first_t > since - interval '1 day' and c.first_t < until and c.last_t >= since
  and o.t >= since and o.t < until
$$;
create view iot_storedreading as
select r.parameter_id, r.t, r.seq, r.value, r.received, r.flags, r.lot, r.serial, r.t as part_first, r.t as part_last
from iot_reading r
union all
select c.parameter_id, o.t, o.seq, o.value, o.received, o.flags, o.lot, o.serial, c.first_t, c.last_t
from iot_piece c cross join lateral iot_opened(c) o;
"""
UNDO_PIECES = """
insert into iot_reading (parameter_id, t, value, received, seq, flags, lot, serial)
  select c.parameter_id, o.* from iot_piece c cross join lateral iot_opened(c) o;
drop view iot_storedreading;
drop function iot_stored(integer, timestamptz, timestamptz);
drop function iot_opened(iot_piece);
drop table iot_piece
"""
# the parent is locked before its part, as everybody does who stores; who waits too long tries again the next night
EMPTY = """
create function iot_drop_empty(before date) returns integer
  language plpgsql security definer set search_path = pg_catalog, pg_temp set timezone = 'UTC'
  set lock_timeout = '2s' as $$
declare
  part text;
  filled boolean;
  dropped integer := 0;
begin
  for part in select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = 'public.iot_reading'::regclass and c.relname ~ '^iot_reading_[0-9]{4}_[0-9]{2}$'
        and to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month' <= before order by 1 loop
    execute format('select exists (select 1 from public.%I)', part) into filled;
    continue when filled;
    begin
      lock table only public.iot_reading in access exclusive mode;
      execute format('select exists (select 1 from public.%I)', part) into filled;
      if not filled then
        execute format('drop table public.%I', part);
        dropped := dropped + 1;
      end if;
    exception when lock_not_available then
      return dropped;
    end;
  end loop;
  return dropped;
end $$;
revoke all on function iot_drop_empty(date) from public;
grant execute on function iot_drop_empty(date) to qms_app;
"""


def choose_engine(_apps: Any, editor: Any) -> None:
    """Where TimescaleDB or Citus keeps the readings, it keeps closed days too."""
    with editor.connection.cursor() as cursor:
        settle_pieces(cursor)


class Migration(migrations.Migration):
    """Tables of their own; nothing is dropped until somebody says so."""

    dependencies: ClassVar = [("governance", "0008_multivariate"), ("iot", "0014_first_counted")]
    operations: ClassVar = [
        migrations.RunSQL(PIECES, UNDO_PIECES),
        migrations.RunSQL(EMPTY, "drop function iot_drop_empty(date)"),
        migrations.CreateModel(
            name="RetentionMark",
            fields=[
                (
                    "parameter",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="retention_mark",
                        serialize=False,
                        to="governance.parameter",
                    ),
                ),
                ("raw", models.DateTimeField(null=True)),
                ("minute", models.DateTimeField(null=True)),
                ("ten_minute", models.DateTimeField(null=True)),
                ("hour", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="RetentionRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("parameters", models.PositiveIntegerField()),
                (
                    "days",
                    models.PositiveIntegerField(help_text="Days of a parameter whose single readings were dropped."),
                ),
                ("readings", models.PositiveBigIntegerField()),
                ("rollups", models.PositiveBigIntegerField(help_text="Roll-ups dropped.")),
                ("size", models.PositiveBigIntegerField(help_text="Bytes, as far as the tables tell.")),
                (
                    "held_back",
                    models.PositiveIntegerField(
                        help_text="Days kept because their roll-ups do not hold every reading."
                    ),
                ),
            ],
            options={
                "ordering": ("-at",),
            },
        ),
        migrations.CreateModel(
            name="RetentionClass",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, unique=True)),
                (
                    "raw_days",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Days single readings are kept; empty: for good.",
                        null=True,
                        validators=[django.core.validators.MinValueValidator(31)],
                    ),
                ),
                (
                    "minute_days",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Days minutes are kept; empty: for good.",
                        null=True,
                        validators=[django.core.validators.MinValueValidator(31)],
                    ),
                ),
                (
                    "ten_minute_days",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Days ten minutes are kept; empty: for good.",
                        null=True,
                        validators=[django.core.validators.MinValueValidator(31)],
                    ),
                ),
                (
                    "hour_days",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Days hours are kept; empty: for good.",
                        null=True,
                        validators=[django.core.validators.MinValueValidator(31)],
                    ),
                ),
                (
                    "is_default",
                    models.BooleanField(
                        default=False, help_text="Holds for every parameter that has no class of its own."
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "retention classes",
                "ordering": ("name",),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_default", True)),
                        fields=("is_default",),
                        name="retention_one_default",
                        violation_error_message="Another class holds by default already: take that from it first.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Retention",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "hold",
                    models.BooleanField(
                        default=False, help_text="Nothing of the parameter is dropped, whatever its class says."
                    ),
                ),
                ("hold_reason", models.CharField(blank=True, default="", max_length=300)),
                (
                    "parameter",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="retention", to="governance.parameter"
                    ),
                ),
                (
                    "retention_class",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parameters",
                        to="iot.retentionclass",
                    ),
                ),
            ],
            options={
                "ordering": ("parameter",),
            },
        ),
        migrations.CreateModel(
            name="StoredReading",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "parameter_id", "t", "seq", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("t", models.DateTimeField()),
                ("seq", models.IntegerField(default=0)),
                ("value", models.FloatField()),
                ("received", models.DateTimeField()),
                ("flags", models.SmallIntegerField(default=0)),
                ("lot", models.CharField(max_length=80, null=True)),
                ("serial", models.CharField(max_length=80, null=True)),
                ("part_first", models.DateTimeField()),
                ("part_last", models.DateTimeField()),
            ],
            options={"db_table": "iot_storedreading", "ordering": ("t", "seq"), "managed": False},
        ),
        Regulate("retentionclass", record="-"),
        Regulate("retention", record="-"),
        Regulate("retentionrun", record="-"),
        migrations.RunPython(choose_engine, migrations.RunPython.noop),
    ]
