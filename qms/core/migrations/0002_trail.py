"""The trail: one append-only table, one function for every regulated table, two roles."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

from qms.core.trail import Regulate

TABLE = """
create table core_trail (
  id bigint generated always as identity primary key,
  act text not null,
  at timestamptz not null default clock_timestamp(),
  tx xid8 not null default pg_current_xact_id(),
  actor text not null,
  reason text not null,
  source text not null,
  known boolean not null,
  tbl text not null,
  op "char" not null,
  pk bigint not null,
  record bigint,
  image text not null
);
create index core_trail_record on core_trail (record, id);
create index core_trail_row on core_trail (tbl, pk, id);
create index core_trail_unknown on core_trail (id) where not known;
revoke insert, update, delete, truncate on core_trail from qms_app;
"""

# security definer: the application cannot write the trail itself, only cause it
ROW = """
create function core_trail_row() returns trigger language plpgsql security definer
  set search_path = pg_catalog, pg_temp set timezone = 'UTC' set datestyle = 'ISO' as $$
declare
  row_ jsonb := case when tg_op = 'DELETE' then to_jsonb(old) else to_jsonb(new) end;
  who text := nullif(current_setting('qms.actor', true), '');
begin
  insert into public.core_trail (act, actor, reason, source, known, tbl, op, pk, record, image) values (
    coalesce(nullif(current_setting('qms.act', true), ''), pg_current_xact_id()::text),
    coalesce(who, 'db:' || session_user),
    coalesce(current_setting('qms.reason', true), ''),
    coalesce(nullif(current_setting('qms.source', true), ''), 'sql'),
    who is not null, tg_table_name, left(tg_op, 1)::"char",
    (row_ ->> tg_argv[0])::bigint, (row_ ->> tg_argv[1])::bigint, (row_ - tg_argv[2]::text[])::text);
  return null;
end $$;
"""

# rows that were there before the table became regulated need a first image, or their first edit would read as all new
BASELINE = """
create function core_trail_baseline(tbl text, pk text, rec text, hide text) returns void language plpgsql
  set timezone = 'UTC' set datestyle = 'ISO' as $$
begin
  execute format('insert into public.core_trail (act, actor, reason, source, known, tbl, op, pk, record, image)
    select pg_current_xact_id()::text, ''system:migrate'', ''baseline'', ''migrate'', true, %L, ''B'',
      (to_jsonb(t) ->> %L)::bigint, (to_jsonb(t) ->> %L)::bigint, (to_jsonb(t) - %L::text[])::text from public.%I t',
    tbl, pk, rec, hide, tbl);
end $$;
"""

FROZEN = """
create function core_trail_frozen() returns trigger language plpgsql as $$
begin raise exception 'The trail is append-only: % is refused.', tg_op using errcode = '42501'; end $$;
create trigger frozen before update or delete or truncate on core_trail
  for each statement execute function core_trail_frozen();
"""

# row security on the record alone: every child query joins it; an unset scope is an error, never an empty page
SCOPE = """
alter table core_record enable row level security;
create policy sites on core_record using (
  case (select current_setting('qms.sites')) when '*' then true
       else site_id = any ((select nullif(current_setting('qms.sites'), '*')::bigint[])::bigint[]) end);
revoke delete, truncate on core_record from qms_app;
revoke update, delete, truncate on core_signature, core_signaturevoid from qms_app;
alter table core_record add constraint record_state_known
  foreign key (kind, state) references core_flowstate (kind, state);
"""

# what an event reader may already see: ids alone would lose events of late commits
OUTBOX = """
alter table core_event add column tx xid8 not null default pg_current_xact_id();
create index core_event_feed on core_event (tx, id);
revoke update, delete, truncate on core_event from qms_app;
alter table core_delivery set (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
  autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 2000);
"""


class Migration(migrations.Migration):
    """Trail, scope and outbox settings that the ORM cannot say."""

    dependencies: ClassVar = [("core", "0001_initial")]
    operations: ClassVar = [
        migrations.RunSQL(TABLE, "drop table core_trail"),
        migrations.RunSQL(ROW, "drop function core_trail_row()"),
        migrations.RunSQL(BASELINE, "drop function core_trail_baseline(text, text, text, text)"),
        migrations.RunSQL(FROZEN, "drop function core_trail_frozen() cascade"),
        migrations.RunSQL(
            SCOPE, "drop policy sites on core_record; alter table core_record disable row level security"
        ),
        migrations.RunSQL(OUTBOX, "alter table core_event drop column tx"),
        Regulate("site"),
        Regulate("holiday"),
        Regulate("user", hide=("password", "last_login")),
        Regulate("membership"),
        Regulate("token", hide=("digest", "last_used_at")),
        Regulate("record", record="id"),
        Regulate("link", record="source_id"),
        Regulate("comment", record="record_id"),
        Regulate("attachment", record="record_id"),
        Regulate("frozenevidence", record="record_id"),
        Regulate("signature", record="record_id"),
        Regulate("signaturevoid", record="record_id"),
        Regulate("task", record="record_id"),
    ]
