"""Everything the kernel keeps, the trail, the scope and the outbox."""

from __future__ import annotations

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.core.serializers.json
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import qms.core.models.people
from django.conf import settings
from django.db import migrations, models

from qms.core.schema import CreateModels
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
    """Tables, what the ORM cannot say about them, and their trail."""

    initial = True
    replaces = [
        ("core", "0001_initial"),
        ("core", "0002_trail"),
        ("core", "0003_clocks"),
        ("core", "0004_fixed_due_and_languages"),
        ("core", "0005_job_parts"),
        ("core", "0006_watches"),
        ("core", "0007_sorted_by_index"),
    ]
    dependencies = []
    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="Trail",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("act", models.TextField()),
                        ("at", models.DateTimeField()),
                        ("actor", models.TextField()),
                        ("reason", models.TextField()),
                        ("source", models.TextField()),
                        ("known", models.BooleanField()),
                        ("tbl", models.TextField()),
                        ("op", models.CharField(max_length=1)),
                        ("pk_value", models.BigIntegerField(db_column="pk")),
                        ("record", models.BigIntegerField(null=True)),
                        ("image", models.TextField()),
                    ],
                    options={
                        "db_table": "core_trail",
                        "managed": False,
                    },
                ),
                migrations.CreateModel(
                    name="User",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("password", models.CharField(max_length=128, verbose_name="password")),
                        ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                        ("email", models.EmailField(max_length=254, unique=True)),
                        ("name", models.CharField(max_length=120)),
                        (
                            "timezone",
                            models.CharField(
                                default="UTC", max_length=64, validators=[qms.core.models.people.known_timezone]
                            ),
                        ),
                        (
                            "language",
                            models.CharField(choices=qms.core.models.people.languages, default="en", max_length=8),
                        ),
                        (
                            "theme",
                            models.CharField(
                                choices=[("system", "System"), ("light", "Light"), ("dark", "Dark")],
                                default="system",
                                max_length=6,
                            ),
                        ),
                        (
                            "density",
                            models.CharField(
                                choices=[("compact", "Compact"), ("comfortable", "Roomy")],
                                default="compact",
                                max_length=12,
                            ),
                        ),
                        ("single_keys", models.BooleanField(default=True, help_text="Single-letter shortcuts.")),
                        ("mail_notices", models.BooleanField(default=True)),
                        ("is_active", models.BooleanField(default=True)),
                        ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                    ],
                    options={
                        "ordering": ("name",),
                        "indexes": [models.Index(models.F("name"), name="user_name")],
                    },
                ),
                migrations.CreateModel(
                    name="Blob",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("digest", models.CharField(max_length=64, unique=True)),
                        ("size", models.PositiveBigIntegerField()),
                        ("media_type", models.CharField(max_length=120)),
                        ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ],
                ),
                migrations.CreateModel(
                    name="Event",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uid", models.UUIDField(unique=True)),
                        ("at", models.DateTimeField()),
                        ("type", models.CharField(max_length=80)),
                        ("record", models.BigIntegerField(null=True)),
                        ("key", models.CharField(max_length=80)),
                        ("act", models.CharField(max_length=40)),
                        ("actor", models.CharField(max_length=160)),
                        ("data", models.JSONField()),
                    ],
                ),
                migrations.CreateModel(
                    name="Record",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("kind", models.CharField(editable=False, max_length=16)),
                        ("number", models.CharField(editable=False, max_length=60, unique=True)),
                        ("title", models.CharField(max_length=200)),
                        ("state", models.CharField(editable=False, max_length=32)),
                        (
                            "severity",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("minor", "Minor"),
                                    ("major", "Major"),
                                    ("critical", "Critical"),
                                    ("safety", "Safety"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("due", models.DateTimeField(blank=True, null=True)),
                        ("opened_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        ("closed_at", models.DateTimeField(blank=True, editable=False, null=True)),
                        ("state_since", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        ("updated_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        (
                            "originator",
                            models.ForeignKey(
                                blank=True,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "owner",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "site",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.site"
                            ),
                        ),
                        (
                            "due_fixed",
                            models.BooleanField(
                                db_default=False,
                                default=False,
                                editable=False,
                                help_text="A person set the due date: no step moves it.",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                models.F("kind"),
                                models.OrderBy(models.F("opened_at"), descending=True),
                                name="record_kind",
                            ),
                            models.Index(
                                models.F("kind"),
                                models.F("state"),
                                models.OrderBy(models.F("opened_at"), descending=True),
                                name="record_kind_state",
                            ),
                            models.Index(
                                models.F("owner"),
                                models.F("due"),
                                condition=models.Q(("closed_at", None)),
                                name="record_owner_open",
                            ),
                            models.Index(
                                models.F("kind"),
                                models.F("site"),
                                models.OrderBy(models.F("opened_at"), descending=True),
                                include=("id",),
                                name="record_kind_site",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Series",
                    fields=[
                        ("name", models.CharField(max_length=80, primary_key=True, serialize=False)),
                        ("last", models.PositiveIntegerField()),
                    ],
                ),
                migrations.CreateModel(
                    name="Site",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "code",
                            models.CharField(
                                max_length=12,
                                unique=True,
                                validators=[
                                    django.core.validators.RegexValidator(
                                        "^[A-Z0-9]{2,12}\\Z", "2 to 12 capital letters or digits, such as NV1."
                                    )
                                ],
                            ),
                        ),
                        ("name", models.CharField(max_length=120)),
                        (
                            "timezone",
                            models.CharField(
                                default="UTC", max_length=64, validators=[qms.core.models.people.known_timezone]
                            ),
                        ),
                        (
                            "language",
                            models.CharField(choices=qms.core.models.people.languages, default="en", max_length=8),
                        ),
                        (
                            "number_pattern",
                            models.CharField(
                                default="{kind}-{year}-{n:04d}",
                                max_length=60,
                                validators=[qms.core.models.people.numbers_differ],
                            ),
                        ),
                        (
                            "workdays",
                            models.JSONField(
                                default=qms.core.models.people._workweek, help_text="Working days, Monday is 0."
                            ),
                        ),
                        (
                            "shifts",
                            models.JSONField(
                                default=qms.core.models.people._shifts,
                                help_text="Shifts with name and start, in the order of the day.",
                            ),
                        ),
                        ("demo", models.BooleanField(default=False)),
                    ],
                    options={
                        "ordering": ("code",),
                    },
                ),
                migrations.CreateModel(
                    name="FlowState",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("kind", models.CharField(max_length=16)),
                        ("state", models.CharField(max_length=32)),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("kind", "state"), name="flow_state_once")],
                    },
                ),
                migrations.CreateModel(
                    name="IdempotencyKey",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("owner", models.CharField(max_length=80)),
                        ("key", models.CharField(max_length=120)),
                        ("method", models.CharField(max_length=8)),
                        ("path", models.CharField(max_length=300)),
                        ("digest", models.CharField(max_length=64)),
                        ("status", models.PositiveSmallIntegerField(null=True)),
                        ("body", models.TextField(blank=True)),
                        ("headers", models.JSONField(default=dict)),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("owner", "key"), name="idempotency_once")],
                    },
                ),
                migrations.CreateModel(
                    name="FrozenEvidence",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("kind", models.CharField(default="control_chart", max_length=30)),
                        ("title", models.CharField(max_length=200)),
                        ("source_url", models.CharField(blank=True, max_length=300)),
                        ("data", models.JSONField()),
                        ("svg", models.TextField(blank=True)),
                        ("digest", models.CharField(max_length=64)),
                        ("frozen_at", models.DateTimeField(default=django.utils.timezone.now)),
                        ("frozen_by", models.CharField(max_length=160)),
                        (
                            "record",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="evidence", to="core.record"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("frozen_at", "id"),
                    },
                ),
                migrations.CreateModel(
                    name="Comment",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("text", models.TextField(max_length=10000)),
                        ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                        (
                            "author",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("mentions", models.ManyToManyField(blank=True, related_name="+", to=settings.AUTH_USER_MODEL)),
                        (
                            "record",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="comments", to="core.record"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("created_at", "id"),
                    },
                ),
                migrations.CreateModel(
                    name="Attachment",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=200)),
                        ("section", models.CharField(blank=True, max_length=40)),
                        ("uploaded_at", models.DateTimeField(default=django.utils.timezone.now)),
                        ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "uploaded_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "blob",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.blob"
                            ),
                        ),
                        (
                            "record",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="attachments",
                                to="core.record",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("uploaded_at", "id"),
                    },
                ),
                migrations.CreateModel(
                    name="Signature",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("printed_name", models.CharField(max_length=120)),
                        ("meaning", models.CharField(max_length=60)),
                        ("step", models.CharField(max_length=40)),
                        ("section", models.CharField(blank=True, max_length=40)),
                        ("note", models.TextField(blank=True)),
                        ("at", models.DateTimeField()),
                        ("timezone", models.CharField(max_length=64)),
                        ("method", models.CharField(default="password", max_length=20)),
                        ("record_version", models.PositiveIntegerField()),
                        ("digest", models.CharField(max_length=64)),
                        ("manifest", models.TextField()),
                        (
                            "record",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="signatures", to="core.record"
                            ),
                        ),
                        (
                            "signer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("at", "id"),
                    },
                ),
                migrations.CreateModel(
                    name="SignatureVoid",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        ("by", models.CharField(max_length=120)),
                        ("reason", models.CharField(max_length=200)),
                        (
                            "record",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.record"
                            ),
                        ),
                        (
                            "signature",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="void", to="core.signature"
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="SigningAttempt",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("at", models.DateTimeField(auto_now_add=True)),
                        ("ok", models.BooleanField()),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="Membership",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "role",
                            models.CharField(
                                choices=[
                                    ("operator", "Operator"),
                                    ("engineer", "Quality engineer"),
                                    ("approver", "Approver (function)"),
                                    ("manager", "Quality manager"),
                                    ("auditor", "Auditor"),
                                    ("executive", "Executive"),
                                    ("integration", "Integration"),
                                    ("admin", "Administrator"),
                                    ("owner", "Owner"),
                                ],
                                max_length=16,
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="memberships",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "site",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="memberships",
                                to="core.site",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("user", "site", "role"), name="role_once", nulls_distinct=False
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Job",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("kind", models.CharField(max_length=40)),
                        ("title", models.CharField(max_length=160)),
                        ("key", models.CharField(max_length=120, unique=True)),
                        ("args", models.JSONField(default=dict)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("waiting", "Waiting"),
                                    ("running", "Running"),
                                    ("done", "Done"),
                                    ("failed", "Failed"),
                                    ("cancelled", "Cancelled"),
                                ],
                                default="waiting",
                                max_length=10,
                            ),
                        ),
                        ("stage", models.CharField(blank=True, max_length=80)),
                        ("share", models.FloatField(default=0)),
                        ("result", models.JSONField(null=True)),
                        ("error", models.TextField(blank=True)),
                        ("attempt", models.PositiveIntegerField(default=0)),
                        ("lease", models.DateTimeField()),
                        ("cancel", models.BooleanField(default=False)),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                        ("finished_at", models.DateTimeField(null=True)),
                        (
                            "user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "site",
                            models.ForeignKey(
                                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.site"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("-created_at",),
                    },
                ),
                migrations.CreateModel(
                    name="Holiday",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("day", models.DateField()),
                        ("name", models.CharField(max_length=80)),
                        (
                            "site",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="holidays", to="core.site"
                            ),
                        ),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("site", "day"), name="holiday_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Task",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "key",
                            models.CharField(
                                help_text="Asking twice under one key asks once.", max_length=120, unique=True
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("signal", "Signal"),
                                    ("signature", "Signature"),
                                    ("task", "Task"),
                                    ("mention", "Mention"),
                                    ("proposal", "Proposal"),
                                ],
                                default="task",
                                max_length=12,
                            ),
                        ),
                        ("title", models.CharField(max_length=200)),
                        ("detail", models.CharField(blank=True, max_length=300)),
                        ("url", models.CharField(blank=True, max_length=300)),
                        ("role", models.CharField(blank=True, max_length=16)),
                        ("priority", models.PositiveSmallIntegerField(default=2, help_text="1 first, 3 last.")),
                        ("due", models.DateTimeField(blank=True, null=True)),
                        ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                        ("done_at", models.DateTimeField(blank=True, null=True)),
                        ("done_by", models.CharField(blank=True, max_length=160)),
                        ("snoozed_until", models.DateTimeField(blank=True, null=True)),
                        (
                            "warned",
                            models.PositiveSmallIntegerField(
                                default=0, help_text="How far the clock has warned and escalated."
                            ),
                        ),
                        (
                            "owner",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="tasks",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "record",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="tasks",
                                to="core.record",
                            ),
                        ),
                        (
                            "site",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.site"
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                models.F("owner"),
                                models.F("due"),
                                condition=models.Q(("done_at", None)),
                                name="task_owner_open",
                            ),
                            models.Index(
                                models.F("site"),
                                models.F("role"),
                                models.F("due"),
                                condition=models.Q(("done_at", None)),
                                name="task_role_open",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Token",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=80)),
                        ("prefix", models.CharField(max_length=12, unique=True)),
                        ("digest", models.CharField(max_length=64)),
                        (
                            "scopes",
                            models.JSONField(
                                default=list, help_text="Action patterns such as nonconformity.* or *.view."
                            ),
                        ),
                        ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        ("expires_at", models.DateTimeField(blank=True, null=True)),
                        ("last_used_at", models.DateTimeField(blank=True, null=True)),
                        ("revoked_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="tokens",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("-created_at",),
                    },
                ),
                migrations.CreateModel(
                    name="Delivery",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("handler", models.CharField(max_length=80)),
                        ("key", models.CharField(max_length=80)),
                        ("due", models.DateTimeField()),
                        ("tries", models.PositiveIntegerField(default=0)),
                        ("error", models.TextField(blank=True)),
                        ("done", models.DateTimeField(null=True)),
                        (
                            "event",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="deliveries", to="core.event"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "deliveries",
                        "indexes": [
                            models.Index(
                                models.F("handler"),
                                models.F("key"),
                                models.F("event"),
                                condition=models.Q(("done", None)),
                                name="delivery_open",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SearchEntry",
                    fields=[
                        (
                            "record",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="+",
                                serialize=False,
                                to="core.record",
                            ),
                        ),
                        ("words", django.contrib.postgres.search.SearchVectorField()),
                    ],
                    options={
                        "indexes": [django.contrib.postgres.indexes.GinIndex(fields=["words"], name="search_words")],
                    },
                ),
                migrations.CreateModel(
                    name="Notice",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("key", models.CharField(help_text="Never two messages for one event.", max_length=160)),
                        ("kind", models.CharField(max_length=30)),
                        ("title", models.CharField(max_length=200)),
                        ("url", models.CharField(blank=True, max_length=300)),
                        ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                        ("read_at", models.DateTimeField(blank=True, null=True)),
                        ("mailed_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="notices",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "record",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.record",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("-created_at",),
                        "constraints": [models.UniqueConstraint(fields=("user", "key"), name="notice_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Link",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("relation", models.CharField(default="related", max_length=30)),
                        ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                        ("created_by", models.CharField(max_length=160)),
                        (
                            "source",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="links_out", to="core.record"
                            ),
                        ),
                        (
                            "target",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="links_in", to="core.record"
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("source", "target", "relation"), name="link_once"),
                            models.CheckConstraint(
                                condition=models.Q(("source", models.F("target")), _negated=True),
                                name="link_to_another",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SavedView",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("page", models.CharField(max_length=60)),
                        ("name", models.CharField(max_length=60)),
                        ("query", models.CharField(max_length=2000)),
                        ("shared", models.BooleanField(default=False)),
                        ("pinned", models.BooleanField(default=False)),
                        ("position", models.PositiveSmallIntegerField(default=0)),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="saved_views",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "site",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.site",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("position", "name"),
                        "constraints": [models.UniqueConstraint(fields=("user", "page", "name"), name="view_once")],
                    },
                ),
                migrations.CreateModel(
                    name="ClockMark",
                    fields=[
                        (
                            "record",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="+",
                                serialize=False,
                                to="core.record",
                            ),
                        ),
                        ("due", models.DateTimeField()),
                        ("level", models.PositiveSmallIntegerField(default=0)),
                    ],
                ),
                migrations.CreateModel(
                    name="Heartbeat",
                    fields=[
                        ("name", models.CharField(max_length=80, primary_key=True, serialize=False)),
                        ("at", models.DateTimeField()),
                        ("data", models.JSONField(default=dict)),
                    ],
                ),
                migrations.CreateModel(
                    name="Extension",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("state", models.CharField(max_length=32)),
                        ("old_due", models.DateTimeField(null=True)),
                        ("new_due", models.DateTimeField()),
                        ("reason", models.CharField(max_length=500)),
                        ("by", models.CharField(max_length=160)),
                        ("at", models.DateTimeField(default=django.utils.timezone.now)),
                        (
                            "record",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="extensions", to="core.record"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("at", "id"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("old_due", None), ("new_due__gt", models.F("old_due")), _connector="OR"
                                ),
                                name="extension_is_later",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="JobPart",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("key", models.CharField(max_length=80)),
                        ("data", models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder)),
                        (
                            "job",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="parts", to="core.job"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("id",),
                        "constraints": [models.UniqueConstraint(fields=("job", "key"), name="job_part_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Watch",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                        (
                            "record",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="watches", to="core.record"
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="watches",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("record", "user"), name="watch_once")],
                    },
                ),
            ]
        ),
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
        Regulate("extension", record="record_id"),
    ]
