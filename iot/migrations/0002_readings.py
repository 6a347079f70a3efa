"""Readings by time: a partitioned table, partitions made ahead, a stage for repeated batches, and the trail."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

from qms.core.trail import Regulate

# eight-byte columns first, so that a row carries no padding
READING = """
create table iot_reading (
  t timestamptz not null,
  value double precision not null,
  received timestamptz not null,
  parameter_id integer not null,
  seq integer not null default 0,
  flags smallint not null default 0,
  lot text,
  serial text
) partition by range (t);
create unique index iot_reading_key on iot_reading (parameter_id, t, seq) include (value);
create table iot_reading_default partition of iot_reading default;
"""

# a batch that holds repeated readings goes through here; rows never outlive their transaction, so no log is needed
STAGE = "create unlogged table iot_reading_stage (like iot_reading, position integer not null)"

# the application defines nothing, so the owner's function makes partitions for it
PARTITIONS = """
create function iot_make_partitions(since date, until date) returns integer
  language plpgsql security definer set search_path = pg_catalog, pg_temp set timezone = 'UTC' as $$
declare
  first date := date_trunc('month', since);
  next date;
  name text;
  made integer := 0;
begin
  if until - since > 366 * 30 then
    raise exception 'Partitions for more than 30 years were asked for (% to %).', since, until;
  end if;
  perform pg_advisory_xact_lock(hashtext('iot_make_partitions'));
  while first <= until loop
    next := first + interval '1 month';
    name := 'iot_reading_' || to_char(first, 'YYYY_MM');
    if to_regclass('public.' || name) is null then
      execute format('create table public.%I (like public.iot_reading including defaults)', name);
      execute format('with moved as (delete from public.iot_reading_default where t >= %L and t < %L returning *)
                      insert into public.%I select * from moved', first::timestamptz, next::timestamptz, name);
      execute format('alter table public.iot_reading attach partition public.%I for values from (%L) to (%L)',
                     name, first::timestamptz, next::timestamptz);
      made := made + 1;
    end if;
    first := next;
  end loop;
  return made;
end $$;
revoke all on function iot_make_partitions(date, date) from public;
grant execute on function iot_make_partitions(date, date) to qms_app;
select iot_make_partitions(current_date - 31, current_date + 62);
"""
WATCHED = ("iot_device", "iot_controllimits")


class Migration(migrations.Migration):
    """What the ORM cannot say about the tables of the floor."""

    dependencies: ClassVar = [("iot", "0001_initial"), ("governance", "0002_trail")]
    operations: ClassVar = [
        migrations.RunSQL(READING, "drop table iot_reading"),
        migrations.RunSQL(STAGE, "drop table iot_reading_stage"),
        migrations.RunSQL(PARTITIONS, "drop function iot_make_partitions(date, date)"),
        *(
            migrations.RunSQL(
                f"create trigger reference_changed after insert or update or delete on {table} "
                "for each statement execute function reference_changed()",
                f"drop trigger if exists reference_changed on {table}",
            )
            for table in WATCHED
        ),
        Regulate("controllimits"),
        Regulate("device", hide=("credential_hash",), record="-"),
        Regulate("correction", record="-"),
        Regulate("exclusion", record="-"),
        Regulate("annotation", record="-"),
        Regulate("signaldecision", record="record_id"),
    ]
