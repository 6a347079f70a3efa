"""Nonconformities, CAPAs and deviation permits with all that hangs on them, kept in the trail."""

from __future__ import annotations

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models

from qms.core.schema import CreateModels
from qms.core.trail import Regulate

# what the cost lines of each record come to by currency, so that no list has to add them up
TOTAL = """
create function capa_cost_total() returns trigger language plpgsql set search_path = public, pg_temp as $$
begin
  if tg_op <> 'DELETE' then
    insert into capa_costtotal (record_id, currency, amount) values (new.record_id, new.currency, new.amount)
      on conflict (record_id, currency) do update set amount = capa_costtotal.amount + excluded.amount;
  end if;
  if tg_op <> 'INSERT' then
    update capa_costtotal set amount = amount - old.amount
      where record_id = old.record_id and currency = old.currency;
  end if;
  return null;
end $$;
create trigger cost_total after insert or update or delete on capa_costline
  for each row execute function capa_cost_total();
"""


class Migration(migrations.Migration):
    """Tables, sums kept by the database, and triggers."""

    initial = True
    replaces = [
        ("capa", "0001_initial"),
        ("capa", "0002_trail"),
        ("capa", "0003_cause_tree"),
        ("capa", "0004_concession"),
        ("capa", "0005_cost_totals"),
        ("capa", "0006_deviation_permits"),
        ("capa", "0007_actions_move"),
        ("capa", "0008_cost_order"),
    ]
    dependencies = [
        ("core", "0001_squashed_0007_sorted_by_index"),
        ("governance", "0001_squashed_0007_gages"),
        ("iot", "0001_squashed_0010_profiles"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="Capa",
                    fields=[
                        (
                            "record_ptr",
                            models.OneToOneField(
                                auto_created=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                parent_link=True,
                                primary_key=True,
                                serialize=False,
                                to="core.record",
                            ),
                        ),
                        (
                            "nature",
                            models.CharField(
                                choices=[("corrective", "Corrective"), ("preventive", "Preventive")],
                                default="corrective",
                                max_length=12,
                            ),
                        ),
                        (
                            "source",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("nonconformity", "Nonconformity"),
                                    ("signal", "Process signal"),
                                    ("complaint", "Complaint"),
                                    ("audit", "Audit"),
                                    ("risk", "Risk"),
                                    ("trend", "Trend"),
                                    ("other", "Other"),
                                ],
                                max_length=14,
                            ),
                        ),
                        ("source_detail", models.CharField(blank=True, max_length=200)),
                        (
                            "customer_stamp",
                            models.DateTimeField(
                                blank=True,
                                help_text="Starts the 24-hour clock.",
                                null=True,
                                verbose_name="customer told at",
                            ),
                        ),
                        ("symptom", models.TextField(blank=True)),
                        (
                            "emergency",
                            models.CharField(
                                blank=True,
                                choices=[("not_needed", "Not needed"), ("needed", "Needed")],
                                max_length=10,
                                verbose_name="emergency response",
                            ),
                        ),
                        ("emergency_detail", models.TextField(blank=True, verbose_name="what was done at once")),
                        (
                            "risk_severity",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                null=True,
                                validators=[
                                    django.core.validators.MinValueValidator(1),
                                    django.core.validators.MaxValueValidator(5),
                                ],
                            ),
                        ),
                        (
                            "risk_occurrence",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                null=True,
                                validators=[
                                    django.core.validators.MinValueValidator(1),
                                    django.core.validators.MaxValueValidator(5),
                                ],
                                verbose_name="likelihood",
                            ),
                        ),
                        ("triage_rationale", models.TextField(blank=True, verbose_name="rationale")),
                        ("problem", models.JSONField(blank=True, default=dict, help_text="5W2H: question to answer.")),
                        (
                            "comparison",
                            models.JSONField(blank=True, default=list, help_text="Is and is not, by aspect."),
                        ),
                        (
                            "cause_method",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("five_why", "5-Why"),
                                    ("ishikawa", "Ishikawa (6M)"),
                                    ("fault_tree", "Fault tree"),
                                    ("is_is_not", "Is / is not"),
                                ],
                                max_length=12,
                                verbose_name="method",
                            ),
                        ),
                        ("change_risk", models.TextField(blank=True, verbose_name="risk of the change")),
                        ("plan_revision", models.PositiveSmallIntegerField(default=1, editable=False)),
                        (
                            "implemented_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="change took effect at"),
                        ),
                        ("return_count", models.PositiveSmallIntegerField(default=0, editable=False)),
                        ("ineffective_count", models.PositiveSmallIntegerField(default=0, editable=False)),
                        ("reopen_count", models.PositiveSmallIntegerField(default=0, editable=False)),
                        ("returned_at", models.DateTimeField(editable=False, null=True)),
                        ("summary", models.TextField(blank=True)),
                        ("lessons", models.TextField(blank=True)),
                        ("cost_and_benefit", models.TextField(blank=True)),
                        ("recognition", models.TextField(blank=True, verbose_name="recognition of the team")),
                        ("watch_months", models.PositiveSmallIntegerField(default=12)),
                        (
                            "champion",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "characteristic",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.characteristic",
                            ),
                        ),
                        (
                            "source_ncr",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="capas",
                                to="capa.nonconformity",
                                verbose_name="nonconformity",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "CAPA",
                        "verbose_name_plural": "CAPAs",
                    },
                    bases=("core.record",),
                ),
                migrations.CreateModel(
                    name="Cause",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[("occurrence", "Occurrence"), ("escape", "Escape"), ("systemic", "Systemic")],
                                max_length=10,
                            ),
                        ),
                        (
                            "category",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("man", "People"),
                                    ("machine", "Machine"),
                                    ("material", "Material"),
                                    ("method", "Method"),
                                    ("measurement", "Measurement"),
                                    ("environment", "Environment"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("statement", models.CharField(max_length=300, verbose_name="cause")),
                        (
                            "chain",
                            models.JSONField(
                                blank=True, default=list, help_text="The whys in order, each with its answer."
                            ),
                        ),
                        ("evidence", models.TextField(blank=True)),
                        ("test", models.CharField(blank=True, max_length=200, verbose_name="how it was verified")),
                        (
                            "result",
                            models.CharField(
                                blank=True, choices=[("confirmed", "Confirmed"), ("refuted", "Refuted")], max_length=10
                            ),
                        ),
                        ("verified_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "attachment",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.attachment",
                            ),
                        ),
                        (
                            "capa",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="causes", to="capa.capa"
                            ),
                        ),
                        (
                            "frozen",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.frozenevidence",
                            ),
                        ),
                        (
                            "verified_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "parent",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="whys",
                                to="capa.cause",
                            ),
                        ),
                        ("root", models.BooleanField(default=True, verbose_name="chosen as root cause")),
                    ],
                    options={
                        "ordering": ("id",),
                    },
                ),
                migrations.CreateModel(
                    name="Action",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("revision", models.PositiveSmallIntegerField(default=1, help_text="Revision of the plan.")),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("corrective", "Corrective"),
                                    ("preventive", "Preventive"),
                                    ("change", "Change order"),
                                    ("document", "Document revision"),
                                    ("training", "Training"),
                                ],
                                default="corrective",
                                max_length=12,
                            ),
                        ),
                        ("text", models.CharField(max_length=300, verbose_name="action")),
                        ("due", models.DateTimeField(blank=True, null=True)),
                        ("expected_effect", models.CharField(blank=True, max_length=200)),
                        (
                            "state",
                            models.CharField(
                                choices=[("open", "Open"), ("done", "Done"), ("cancelled", "Cancelled")],
                                default="open",
                                max_length=10,
                            ),
                        ),
                        ("evidence", models.TextField(blank=True)),
                        ("done_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "attachment",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.attachment",
                            ),
                        ),
                        (
                            "done_by",
                            models.ForeignKey(
                                blank=True,
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
                            "capa",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="actions", to="capa.capa"
                            ),
                        ),
                        (
                            "cause",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="actions",
                                to="capa.cause",
                            ),
                        ),
                        ("agreed_due", models.DateTimeField(editable=False, null=True)),
                        (
                            "agreed_owner",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "moved",
                            models.PositiveSmallIntegerField(
                                default=0,
                                editable=False,
                                help_text="How often it went to another person or day after the plan was released.",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("id",),
                        "indexes": [
                            models.Index(
                                models.F("owner"),
                                models.F("due"),
                                condition=models.Q(("state", "open")),
                                name="action_owner_open",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Containment",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "round",
                            models.PositiveSmallIntegerField(default=0, help_text="Counts the reopenings of a CAPA."),
                        ),
                        (
                            "place",
                            models.CharField(
                                choices=[
                                    ("stock", "Stock"),
                                    ("wip", "Work in progress"),
                                    ("transit", "In transit"),
                                    ("customer", "At customer"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("location", models.CharField(blank=True, help_text="Area, lot or customer.", max_length=120)),
                        (
                            "measure",
                            models.CharField(
                                help_text="Blocked, sorted, recalled, stopped.",
                                max_length=300,
                                verbose_name="what was done",
                            ),
                        ),
                        (
                            "quantity_checked",
                            models.PositiveIntegerField(blank=True, null=True, verbose_name="checked"),
                        ),
                        (
                            "quantity_found",
                            models.PositiveIntegerField(
                                blank=True,
                                null=True,
                                validators=[django.core.validators.MinValueValidator(0)],
                                verbose_name="found",
                            ),
                        ),
                        ("verified_at", models.DateTimeField(blank=True, null=True)),
                        ("verified_how", models.CharField(blank=True, max_length=200)),
                        (
                            "record",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="containments",
                                to="core.record",
                            ),
                        ),
                        (
                            "verified_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("id",),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("quantity_found", None),
                                    ("quantity_checked", None),
                                    ("quantity_found__lte", models.F("quantity_checked")),
                                    _connector="OR",
                                ),
                                name="containment_found_within_checked",
                                violation_error_message="More pieces found than checked.",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CostLine",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "category",
                            models.CharField(
                                choices=[
                                    ("prevention", "Prevention"),
                                    ("appraisal", "Appraisal"),
                                    ("internal_failure", "Internal failure"),
                                    ("external_failure", "External failure"),
                                ],
                                default="internal_failure",
                                max_length=20,
                            ),
                        ),
                        (
                            "what",
                            models.CharField(
                                help_text="Scrap, rework hours, sorting, freight, credit.", max_length=120
                            ),
                        ),
                        (
                            "amount",
                            models.DecimalField(
                                decimal_places=2, help_text="Negative when it was recovered.", max_digits=12
                            ),
                        ),
                        (
                            "currency",
                            models.CharField(
                                default="EUR",
                                max_length=3,
                                validators=[
                                    django.core.validators.RegexValidator("^[A-Z]{3}\\Z", "Three letters, such as EUR.")
                                ],
                            ),
                        ),
                        ("at", models.DateTimeField(default=django.utils.timezone.now)),
                        (
                            "record",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="cost_lines", to="core.record"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("at", "id"),
                    },
                ),
                migrations.CreateModel(
                    name="Criterion",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("revision", models.PositiveSmallIntegerField(default=1, help_text="Revision of the plan.")),
                        (
                            "metric",
                            models.CharField(
                                choices=[
                                    ("mean", "Mean"),
                                    ("spread", "Spread"),
                                    ("out_of_limit", "Share out of specification"),
                                    ("signal_rate", "Signals per point"),
                                    ("defect_proportion", "Defect proportion"),
                                ],
                                max_length=20,
                            ),
                        ),
                        (
                            "direction",
                            models.CharField(
                                choices=[("lower", "Lower"), ("higher", "Higher"), ("nearer", "Nearer to the target")],
                                default="lower",
                                max_length=6,
                                verbose_name="better is",
                            ),
                        ),
                        ("baseline_from", models.DateTimeField(blank=True, null=True)),
                        ("baseline_to", models.DateTimeField(blank=True, null=True)),
                        ("target", models.FloatField(blank=True, null=True)),
                        (
                            "window_days",
                            models.PositiveIntegerField(
                                default=90, validators=[django.core.validators.MinValueValidator(1)]
                            ),
                        ),
                        (
                            "window_units",
                            models.PositiveIntegerField(
                                blank=True, help_text="Ends the window early at this many units.", null=True
                            ),
                        ),
                        (
                            "minimum_exposure",
                            models.PositiveIntegerField(
                                blank=True, null=True, validators=[django.core.validators.MinValueValidator(2)]
                            ),
                        ),
                        (
                            "capa",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="criteria", to="capa.capa"
                            ),
                        ),
                        (
                            "characteristic",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.characteristic",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "criteria",
                        "ordering": ("id",),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("baseline_from", None),
                                    ("baseline_to", None),
                                    ("baseline_from__lt", models.F("baseline_to")),
                                    _connector="OR",
                                ),
                                name="criterion_baseline_ordered",
                                violation_error_message="The baseline ends before it begins.",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DefectCode",
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
                                max_length=20,
                                validators=[
                                    django.core.validators.RegexValidator(
                                        "^[A-Z0-9-]+\\Z", "Capital letters, digits and hyphens."
                                    )
                                ],
                            ),
                        ),
                        ("name", models.CharField(max_length=80)),
                        ("active", models.BooleanField(default=True)),
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
                        "ordering": ("code",),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("site", "code"), name="defect_code_once", nulls_distinct=False
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DocumentUpdate",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("fmea", "FMEA"),
                                    ("control_plan", "Control plan"),
                                    ("document", "Work instructions"),
                                ],
                                max_length=14,
                            ),
                        ),
                        (
                            "answer",
                            models.CharField(
                                blank=True, choices=[("yes", "Updated"), ("no", "No change needed")], max_length=3
                            ),
                        ),
                        (
                            "reference",
                            models.CharField(blank=True, help_text="Number, row and revision.", max_length=120),
                        ),
                        ("reason", models.CharField(blank=True, max_length=300)),
                        ("answered_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "answered_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "capa",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="document_updates",
                                to="capa.capa",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("id",),
                        "constraints": [models.UniqueConstraint(fields=("capa", "kind"), name="document_update_once")],
                    },
                ),
                migrations.CreateModel(
                    name="EscalationRule",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "repeats",
                            models.PositiveSmallIntegerField(
                                default=3, help_text="Same defect code and process, so often ..."
                            ),
                        ),
                        ("days", models.PositiveSmallIntegerField(default=30, help_text="... in so many days.")),
                        ("cost", models.DecimalField(decimal_places=2, default=Decimal(5000), max_digits=12)),
                        ("currency", models.CharField(default="EUR", max_length=3)),
                        (
                            "site",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.site"
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="Nonconformity",
                    fields=[
                        (
                            "record_ptr",
                            models.OneToOneField(
                                auto_created=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                parent_link=True,
                                primary_key=True,
                                serialize=False,
                                to="core.record",
                            ),
                        ),
                        ("description", models.TextField(blank=True)),
                        (
                            "found",
                            models.CharField(
                                choices=[
                                    ("incoming", "Incoming"),
                                    ("in_process", "In process"),
                                    ("final", "Final inspection"),
                                    ("field", "Field"),
                                ],
                                default="in_process",
                                max_length=12,
                                verbose_name="found at",
                            ),
                        ),
                        ("customer_found", models.BooleanField(default=False, verbose_name="found by the customer")),
                        ("occurred_at", models.DateTimeField(blank=True, null=True)),
                        ("detected_at", models.DateTimeField(default=django.utils.timezone.now)),
                        ("lot", models.CharField(blank=True, max_length=80)),
                        ("serial", models.CharField(blank=True, max_length=80)),
                        ("quantity_inspected", models.PositiveIntegerField(blank=True, null=True)),
                        ("quantity_nonconforming", models.PositiveIntegerField(blank=True, null=True)),
                        ("requirement", models.TextField(blank=True)),
                        ("actual", models.TextField(blank=True)),
                        (
                            "concession_required",
                            models.BooleanField(
                                default=False, verbose_name="contract asks for the customer's approval"
                            ),
                        ),
                        (
                            "concession_number",
                            models.CharField(blank=True, max_length=60, verbose_name="number of the approval"),
                        ),
                        (
                            "escalation",
                            models.JSONField(
                                blank=True, default=list, editable=False, help_text="Why this calls for a CAPA."
                            ),
                        ),
                        ("escalation_refusal", models.TextField(blank=True, verbose_name="why no CAPA is needed")),
                        ("returned_at", models.DateTimeField(editable=False, null=True)),
                        (
                            "characteristic",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.characteristic",
                            ),
                        ),
                        (
                            "defect_code",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="capa.defectcode",
                            ),
                        ),
                        (
                            "part",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.part",
                            ),
                        ),
                        (
                            "process",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.process",
                            ),
                        ),
                        (
                            "signal",
                            models.OneToOneField(
                                blank=True,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="nonconformity",
                                to="iot.signal",
                            ),
                        ),
                        (
                            "station",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.equipment",
                            ),
                        ),
                        (
                            "concession_by",
                            models.CharField(blank=True, max_length=120, verbose_name="approved by, at the customer"),
                        ),
                        (
                            "concession_kind",
                            models.CharField(
                                choices=[
                                    ("concession", "Concession (after the pieces were made)"),
                                    ("deviation", "Deviation permit (before they were made)"),
                                ],
                                default="concession",
                                max_length=10,
                                verbose_name="customer's approval",
                            ),
                        ),
                        ("concession_lot", models.CharField(blank=True, max_length=80, verbose_name="for the lot")),
                        ("concession_on", models.DateField(blank=True, null=True, verbose_name="approved on")),
                        (
                            "concession_quantity",
                            models.PositiveIntegerField(
                                blank=True, null=True, verbose_name="for at most so many pieces"
                            ),
                        ),
                        ("concession_until", models.DateField(blank=True, null=True, verbose_name="last day")),
                        (
                            "permit",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="nonconformities",
                                to="capa.deviation",
                                verbose_name="made under the deviation permit",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "nonconformities",
                        "indexes": [
                            models.Index(
                                models.F("defect_code"),
                                models.F("process"),
                                models.OrderBy(models.F("detected_at"), descending=True),
                                name="ncr_repeats",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("occurred_at", None),
                                    ("occurred_at__lte", models.F("detected_at")),
                                    _connector="OR",
                                ),
                                name="ncr_occurred_before_detected",
                                violation_error_message="It occurred after it was detected: correct one of the two times.",
                            )
                        ],
                    },
                    bases=("core.record",),
                ),
                migrations.CreateModel(
                    name="Disposition",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("rework", "Rework"),
                                    ("repair", "Repair"),
                                    ("scrap", "Scrap"),
                                    ("return_to_supplier", "Return to supplier"),
                                    ("use_as_is", "Use as is"),
                                    ("regrade", "Regrade"),
                                    ("sort", "Sort"),
                                ],
                                max_length=20,
                            ),
                        ),
                        (
                            "quantity",
                            models.PositiveIntegerField(validators=[django.core.validators.MinValueValidator(1)]),
                        ),
                        ("instruction", models.CharField(blank=True, max_length=300)),
                        ("done_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "reinspection",
                            models.CharField(
                                blank=True, choices=[("accepted", "Accepted"), ("rejected", "Rejected")], max_length=10
                            ),
                        ),
                        ("reinspected_at", models.DateTimeField(blank=True, null=True)),
                        ("reinspection_note", models.CharField(blank=True, max_length=300)),
                        ("withdrawn_at", models.DateTimeField(blank=True, editable=False, null=True)),
                        (
                            "done_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "reinspected_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "nonconformity",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="dispositions",
                                to="capa.nonconformity",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("id",),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("quantity__gte", 1)), name="disposition_of_something"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ReadAcross",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("target", models.CharField(max_length=160, verbose_name="where else")),
                        ("question", models.CharField(blank=True, max_length=300)),
                        (
                            "answer",
                            models.CharField(
                                blank=True,
                                choices=[("applies", "Applies"), ("not_applicable", "Does not apply")],
                                max_length=14,
                            ),
                        ),
                        (
                            "reason",
                            models.CharField(
                                blank=True, max_length=300, verbose_name="reason, and evidence if it applies"
                            ),
                        ),
                        ("due", models.DateTimeField(blank=True, null=True)),
                        ("answered_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "action",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="capa.action",
                            ),
                        ),
                        (
                            "answered_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "asked_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "capa",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="read_across", to="capa.capa"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "read-across",
                        "ordering": ("id",),
                    },
                ),
                migrations.CreateModel(
                    name="TeamMember",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "function",
                            models.CharField(
                                help_text="Quality, production, engineering, logistics, purchasing.", max_length=60
                            ),
                        ),
                        (
                            "capa",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="team", to="capa.capa"
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("id",),
                        "constraints": [models.UniqueConstraint(fields=("capa", "person"), name="team_member_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Verdict",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("at", models.DateTimeField(default=django.utils.timezone.now)),
                        (
                            "outcome",
                            models.CharField(
                                choices=[
                                    ("effective", "Effective"),
                                    ("not_shown", "Not shown"),
                                    ("not_effective", "Not effective"),
                                    ("insufficient", "Too little data"),
                                ],
                                max_length=14,
                            ),
                        ),
                        ("sentence", models.TextField()),
                        (
                            "result",
                            models.JSONField(help_text="Before, after, difference, interval, p, method, change point."),
                        ),
                        ("data_from", models.DateTimeField()),
                        ("data_to", models.DateTimeField()),
                        ("n_before", models.PositiveIntegerField()),
                        ("n_after", models.PositiveIntegerField()),
                        (
                            "final",
                            models.BooleanField(default=False, help_text="The window has passed with enough exposure."),
                        ),
                        (
                            "capa",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="verdicts", to="capa.capa"
                            ),
                        ),
                        (
                            "computed_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "criterion",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="verdicts",
                                to="capa.criterion",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("-at", "-id"),
                    },
                ),
                migrations.CreateModel(
                    name="CostTotal",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("currency", models.CharField(max_length=3)),
                        ("amount", models.DecimalField(decimal_places=2, max_digits=14)),
                        (
                            "record",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="cost_totals",
                                to="core.record",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("record", "currency"), name="cost_total_once")],
                        "indexes": [
                            models.Index(
                                models.F("currency"), models.F("amount"), models.F("record"), name="cost_total_order"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Deviation",
                    fields=[
                        (
                            "record_ptr",
                            models.OneToOneField(
                                auto_created=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                parent_link=True,
                                primary_key=True,
                                serialize=False,
                                to="core.record",
                            ),
                        ),
                        ("requirement", models.TextField(blank=True, verbose_name="what is required")),
                        ("instead", models.TextField(blank=True, verbose_name="what is allowed instead")),
                        ("justification", models.TextField(blank=True, verbose_name="why it is needed")),
                        ("risk", models.TextField(blank=True, verbose_name="risk, and how it is watched")),
                        ("begins_on", models.DateField(blank=True, null=True, verbose_name="first day")),
                        ("ends_on", models.DateField(blank=True, null=True, verbose_name="last day")),
                        (
                            "quantity",
                            models.PositiveIntegerField(
                                blank=True,
                                null=True,
                                validators=[django.core.validators.MinValueValidator(1)],
                                verbose_name="at most so many pieces",
                            ),
                        ),
                        ("lot", models.CharField(blank=True, max_length=80, verbose_name="for the lot")),
                        (
                            "customer_required",
                            models.BooleanField(
                                default=False, verbose_name="contract asks for the customer's approval"
                            ),
                        ),
                        (
                            "customer_number",
                            models.CharField(
                                blank=True, max_length=60, verbose_name="number of the customer's approval"
                            ),
                        ),
                        (
                            "customer_by",
                            models.CharField(blank=True, max_length=120, verbose_name="approved by, at the customer"),
                        ),
                        ("customer_on", models.DateField(blank=True, null=True, verbose_name="approved on")),
                        ("wanted_until", models.DateField(blank=True, null=True, verbose_name="new last day")),
                        (
                            "wanted_quantity",
                            models.PositiveIntegerField(blank=True, null=True, verbose_name="new number of pieces"),
                        ),
                        ("change_request", models.CharField(blank=True, max_length=60, verbose_name="change request")),
                        ("extended", models.PositiveSmallIntegerField(default=0, editable=False)),
                        ("returned_at", models.DateTimeField(editable=False, null=True)),
                        (
                            "characteristic",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.characteristic",
                            ),
                        ),
                        (
                            "part",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.part",
                            ),
                        ),
                        (
                            "process",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.process",
                            ),
                        ),
                    ],
                    bases=("core.record",),
                ),
                migrations.CreateModel(
                    name="PermitUse",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "quantity",
                            models.PositiveIntegerField(
                                validators=[django.core.validators.MinValueValidator(1)], verbose_name="pieces"
                            ),
                        ),
                        ("lot", models.CharField(blank=True, max_length=80)),
                        ("note", models.CharField(blank=True, max_length=200)),
                        ("at", models.DateTimeField(default=django.utils.timezone.now)),
                        (
                            "by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "deviation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="uses", to="capa.deviation"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("-at", "-id"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("quantity__gte", 1)), name="permit_use_of_something"
                            )
                        ],
                    },
                ),
            ]
        ),
        migrations.RunSQL(TOTAL, "drop trigger cost_total on capa_costline; drop function capa_cost_total()"),
        Regulate("nonconformity"),
        Regulate("capa"),
        Regulate("defectcode"),
        Regulate("escalationrule"),
        Regulate("containment", record="record_id"),
        Regulate("disposition", record="nonconformity_id"),
        Regulate("costline", record="record_id"),
        Regulate("teammember", record="capa_id"),
        Regulate("cause", record="capa_id"),
        Regulate("action", record="capa_id"),
        Regulate("criterion", record="capa_id"),
        Regulate("verdict", record="capa_id"),
        Regulate("documentupdate", record="capa_id"),
        Regulate("readacross", record="capa_id"),
        migrations.RunSQL("revoke update, delete, truncate on capa_verdict from qms_app", migrations.RunSQL.noop),
        Regulate("deviation"),
        Regulate("permituse", record="deviation_id"),
    ]
