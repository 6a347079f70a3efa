"""Master data and gages, kept in the trail; every change of what is cached wakes who caches it."""

from __future__ import annotations

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import governance.models.plant
from django.conf import settings
from django.db import migrations, models

from qms.core.schema import CreateModels
from qms.core.trail import Regulate

# transactional: the note arrives with the commit, so a listener that reloads then sees what changed
CHANGED = """
create function reference_changed() returns trigger language plpgsql as $$
begin perform pg_notify('reference', tg_table_name); return null; end $$;
"""

WATCHED = ("core_site", "governance_equipment", "governance_parameter", "governance_characteristic")


class Migration(migrations.Migration):
    """Tables and their triggers."""

    initial = True
    replaces = [
        ("governance", "0001_initial"),
        ("governance", "0002_trail"),
        ("governance", "0003_decisions"),
        ("governance", "0004_memory_charts"),
        ("governance", "0005_every_chart"),
        ("governance", "0006_own_rules"),
        ("governance", "0007_gages"),
    ]
    dependencies = [
        ("core", "0001_squashed_0007_sorted_by_index"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="Equipment",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "level",
                            models.CharField(
                                choices=[("area", "Area"), ("line", "Line"), ("station", "Station")], max_length=10
                            ),
                        ),
                        ("code", models.CharField(max_length=40)),
                        ("name", models.CharField(max_length=120)),
                        ("sequence", models.PositiveIntegerField(default=0)),
                        ("active", models.BooleanField(default=True)),
                        (
                            "parent",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="children",
                                to="governance.equipment",
                            ),
                        ),
                        (
                            "site",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="equipment", to="core.site"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("site", "sequence", "code"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("site", "parent", "code"), name="equipment_code_once", nulls_distinct=False
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("level", "area"), ("parent__isnull", True)),
                                    models.Q(("level", "area"), _negated=True),
                                    _connector="OR",
                                ),
                                name="equipment_parent_by_level",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="NumberRule",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "target",
                            models.CharField(
                                choices=[
                                    ("part", "Part numbers"),
                                    ("parameter", "Parameter names"),
                                    ("characteristic", "Characteristic codes"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("pattern", models.CharField(max_length=200)),
                        (
                            "explanation",
                            models.CharField(
                                help_text="The rule in words, shown when a name is refused.", max_length=200
                            ),
                        ),
                        (
                            "accepted",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=80), blank=True, default=list, size=None
                            ),
                        ),
                        (
                            "refused",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=80), blank=True, default=list, size=None
                            ),
                        ),
                        ("active", models.BooleanField(default=True)),
                        (
                            "site",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="number_rules", to="core.site"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("site", "target"),
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("active", True)),
                                fields=("site", "target"),
                                name="one_active_rule_per_target",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Parameter",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "path",
                            models.CharField(
                                help_text="site/area/line/station/parameter, lower case", max_length=200, unique=True
                            ),
                        ),
                        ("name", models.CharField(max_length=120)),
                        ("unit", models.CharField(blank=True, default="", max_length=40)),
                        (
                            "kind",
                            models.CharField(
                                choices=[("float", "Measured value"), ("count", "Count"), ("bool", "Yes or no")],
                                default="float",
                                max_length=10,
                            ),
                        ),
                        ("active", models.BooleanField(default=True)),
                        (
                            "site",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="parameters", to="core.site"
                            ),
                        ),
                        (
                            "station",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="parameters",
                                to="governance.equipment",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("path",),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("path__regex", "^[a-z0-9_.\\-]+(/[a-z0-9_.\\-]+)+$")),
                                name="parameter_path_lower",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Part",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("number", models.CharField(max_length=60)),
                        ("revision", models.CharField(blank=True, default="", max_length=12)),
                        ("name", models.CharField(max_length=160)),
                        ("active", models.BooleanField(default=True)),
                        (
                            "site",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="parts", to="core.site"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("number", "revision"),
                        "constraints": [
                            models.UniqueConstraint(fields=("site", "number", "revision"), name="part_number_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Process",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("code", models.CharField(max_length=40)),
                        ("name", models.CharField(max_length=120)),
                        ("active", models.BooleanField(default=True)),
                        (
                            "site",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="processes", to="core.site"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "processes",
                        "ordering": ("code",),
                        "constraints": [models.UniqueConstraint(fields=("site", "code"), name="process_code_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Characteristic",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("code", models.CharField(max_length=40)),
                        ("name", models.CharField(max_length=160)),
                        (
                            "chart",
                            models.CharField(
                                choices=[
                                    ("i-mr", "I-MR"),
                                    ("xbar-r", "X̄-R"),
                                    ("xbar-s", "X̄-S"),
                                    ("p", "p"),
                                    ("np", "np"),
                                    ("c", "c"),
                                    ("u", "u"),
                                    ("laney-p", "p′ (Laney)"),
                                    ("laney-u", "u′ (Laney)"),
                                    ("g", "g, cases between events"),
                                    ("t", "t, time between events"),
                                    ("ewma", "EWMA"),
                                    ("ewma-p", "EWMA of proportions"),
                                    ("ewma-u", "EWMA of counts"),
                                    ("cusum", "CUSUM"),
                                    ("moving-average", "Moving average"),
                                    ("residual", "Residuals, AR(1)"),
                                    ("widened", "Single values, widened limits"),
                                    ("short-run", "Short run, deviations"),
                                    ("short-run-z", "Short run, standardised"),
                                ],
                                default="i-mr",
                                max_length=20,
                            ),
                        ),
                        (
                            "subgroup_size",
                            models.PositiveIntegerField(
                                default=1, help_text="Values in a subgroup, or units inspected per count."
                            ),
                        ),
                        ("lsl", models.FloatField(blank=True, null=True)),
                        ("target", models.FloatField(blank=True, null=True)),
                        ("usl", models.FloatField(blank=True, null=True)),
                        ("decimals", models.PositiveSmallIntegerField(default=3)),
                        (
                            "rules",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=20),
                                blank=True,
                                default=governance.models.plant.default_rules,
                                size=None,
                            ),
                        ),
                        (
                            "stale_after",
                            models.PositiveIntegerField(
                                default=300, help_text="Seconds without data until it is called stale."
                            ),
                        ),
                        (
                            "critical",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("", "Standard"),
                                    ("major", "Significant"),
                                    ("critical", "Critical"),
                                    ("safety", "Safety or regulation"),
                                ],
                                default="",
                                max_length=10,
                            ),
                        ),
                        ("active", models.BooleanField(default=True)),
                        ("sequence", models.PositiveIntegerField(default=0)),
                        (
                            "site",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="characteristics",
                                to="core.site",
                            ),
                        ),
                        (
                            "station",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="characteristics",
                                to="governance.equipment",
                            ),
                        ),
                        (
                            "parameter",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="characteristic",
                                to="governance.parameter",
                            ),
                        ),
                        (
                            "part",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="characteristics",
                                to="governance.part",
                            ),
                        ),
                        (
                            "process",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="characteristics",
                                to="governance.process",
                            ),
                        ),
                        (
                            "design",
                            models.JSONField(
                                blank=True,
                                default=dict,
                                help_text="EWMA: weight and width; CUSUM: k and h; moving average: span; t: power. Left out: the usual ones.",
                            ),
                        ),
                        (
                            "own_rules",
                            models.JSONField(
                                blank=True,
                                default=list,
                                help_text="Rules of its own: test, needed, window, sigmas; judged beside the others.",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("site", "sequence", "code"),
                        "constraints": [
                            models.UniqueConstraint(fields=("site", "code"), name="characteristic_code_once"),
                            models.CheckConstraint(
                                condition=models.Q(("subgroup_size__gte", 1)), name="characteristic_size_positive"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("lsl__isnull", True),
                                        ("usl__isnull", True),
                                        ("lsl__lt", models.F("usl")),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("lsl__isnull", True),
                                        ("target__isnull", True),
                                        ("lsl__lte", models.F("target")),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("target__isnull", True),
                                        ("usl__isnull", True),
                                        ("target__lte", models.F("usl")),
                                        _connector="OR",
                                    ),
                                ),
                                name="characteristic_spec_ordered",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="UnmappedTopic",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "topic",
                            models.CharField(
                                help_text="The full topic; for a station message with the parameter appended.",
                                max_length=400,
                            ),
                        ),
                        ("first_seen", models.DateTimeField()),
                        ("last_seen", models.DateTimeField()),
                        ("count", models.PositiveBigIntegerField(default=0)),
                        ("last_value", models.FloatField(blank=True, null=True)),
                        ("unit", models.CharField(blank=True, default="", max_length=40)),
                        (
                            "samples",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.FloatField(),
                                blank=True,
                                default=list,
                                help_text="The newest values, oldest first.",
                                size=None,
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[("open", "Waiting"), ("mapped", "Mapped"), ("ignored", "Ignored")],
                                default="open",
                                max_length=10,
                            ),
                        ),
                        (
                            "parameter",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="governance.parameter",
                            ),
                        ),
                        (
                            "site",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="unmapped_topics",
                                to="core.site",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("-last_seen",),
                        "indexes": [models.Index(fields=["state", "-last_seen"], name="unmapped_by_state")],
                        "constraints": [models.UniqueConstraint(fields=("topic",), name="unmapped_topic_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Gage",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("code", models.CharField(max_length=40)),
                        ("name", models.CharField(max_length=160)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("length", "Length (calliper, micrometer, dial, bore)"),
                                    ("optical", "Optical, camera, 3D"),
                                    ("coordinate", "Coordinate measuring machine"),
                                    ("roughness", "Form and roughness"),
                                    ("force", "Force and load cell"),
                                    ("torque", "Torque and angle"),
                                    ("pressure", "Pressure, leak and flow"),
                                    ("temperature", "Temperature"),
                                    ("mass", "Scale and dosing"),
                                    ("electrical", "Electrical"),
                                    ("vibration", "Vibration and acceleration"),
                                    ("chemical", "Concentration, pH, density"),
                                    ("limit", "Go / no-go and inspection by eye"),
                                    ("other", "Other"),
                                ],
                                default="length",
                                max_length=12,
                            ),
                        ),
                        (
                            "serial",
                            models.CharField(blank=True, default="", max_length=60, verbose_name="serial number"),
                        ),
                        ("unit", models.CharField(blank=True, default="", max_length=40)),
                        ("resolution", models.FloatField(blank=True, null=True)),
                        ("range_low", models.FloatField(blank=True, null=True, verbose_name="range from")),
                        ("range_high", models.FloatField(blank=True, null=True, verbose_name="range to")),
                        (
                            "interval_months",
                            models.PositiveSmallIntegerField(
                                default=12, validators=[django.core.validators.MaxValueValidator(240)]
                            ),
                        ),
                        (
                            "interval_days",
                            models.PositiveSmallIntegerField(
                                default=0, validators=[django.core.validators.MaxValueValidator(3660)]
                            ),
                        ),
                        (
                            "warn_days",
                            models.PositiveSmallIntegerField(
                                default=30, validators=[django.core.validators.MaxValueValidator(3660)]
                            ),
                        ),
                        (
                            "study_months",
                            models.PositiveSmallIntegerField(
                                default=12,
                                validators=[django.core.validators.MaxValueValidator(240)],
                                verbose_name="a study holds for, months",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[("in_use", "In use"), ("blocked", "Blocked"), ("retired", "Retired")],
                                default="in_use",
                                max_length=10,
                            ),
                        ),
                        ("status_reason", models.CharField(blank=True, default="", max_length=300)),
                        (
                            "last_on",
                            models.DateField(blank=True, editable=False, null=True, verbose_name="last calibration"),
                        ),
                        (
                            "last_result",
                            models.CharField(
                                blank=True,
                                choices=[("pass", "Passed"), ("adjusted", "Adjusted, then passed"), ("fail", "Failed")],
                                default="",
                                editable=False,
                                max_length=10,
                            ),
                        ),
                        (
                            "good_on",
                            models.DateField(
                                blank=True, editable=False, null=True, verbose_name="last good calibration"
                            ),
                        ),
                        ("next_due", models.DateField(blank=True, editable=False, null=True)),
                        ("warn_from", models.DateField(blank=True, editable=False, null=True)),
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
                                on_delete=django.db.models.deletion.PROTECT, related_name="gages", to="core.site"
                            ),
                        ),
                        (
                            "station",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="gages",
                                to="governance.equipment",
                            ),
                        ),
                        (
                            "characteristics",
                            models.ManyToManyField(
                                related_name="gages", through="governance.GageUse", to="governance.characteristic"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("code",),
                        "constraints": [
                            models.UniqueConstraint(fields=("site", "code"), name="gage_code_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("interval_months__gt", 0), ("interval_days__gt", 0), _connector="OR"
                                ),
                                name="gage_has_an_interval",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("resolution__isnull", True), ("resolution__gt", 0), _connector="OR"
                                ),
                                name="gage_resolution_positive",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("range_low__isnull", True),
                                    ("range_high__isnull", True),
                                    ("range_low__lt", models.F("range_high")),
                                    _connector="OR",
                                ),
                                name="gage_range_ordered",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="GageUse",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "characteristic",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="gage_uses",
                                to="governance.characteristic",
                            ),
                        ),
                        (
                            "gage",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="uses", to="governance.gage"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("characteristic__code",),
                        "constraints": [
                            models.UniqueConstraint(fields=("gage", "characteristic"), name="gage_use_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Calibration",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("on", models.DateField(verbose_name="calibrated on")),
                        (
                            "result",
                            models.CharField(
                                choices=[("pass", "Passed"), ("adjusted", "Adjusted, then passed"), ("fail", "Failed")],
                                max_length=10,
                            ),
                        ),
                        (
                            "certificate",
                            models.CharField(blank=True, default="", max_length=80, verbose_name="certificate number"),
                        ),
                        ("lab", models.CharField(blank=True, default="", max_length=120, verbose_name="laboratory")),
                        (
                            "done_by",
                            models.CharField(blank=True, default="", max_length=120, verbose_name="calibrated by"),
                        ),
                        ("note", models.CharField(blank=True, default="", max_length=500)),
                        (
                            "file_name",
                            models.CharField(
                                blank=True, default="", editable=False, max_length=200, verbose_name="certificate file"
                            ),
                        ),
                        ("entered_by", models.CharField(editable=False, max_length=160)),
                        ("entered_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        ("withdrawn_at", models.DateTimeField(blank=True, editable=False, null=True)),
                        ("withdrawn_reason", models.CharField(blank=True, default="", editable=False, max_length=300)),
                        (
                            "blob",
                            models.ForeignKey(
                                blank=True,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.blob",
                            ),
                        ),
                        (
                            "gage",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="calibrations",
                                to="governance.gage",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("-on", "-id"),
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("withdrawn_at", None)),
                                fields=("gage", "on", "certificate"),
                                name="calibration_once",
                            )
                        ],
                    },
                ),
            ]
        ),
        migrations.RunSQL(CHANGED, "drop function reference_changed() cascade"),
        *(
            migrations.RunSQL(
                f"create trigger reference_changed after insert or update or delete on {table} "
                "for each statement execute function reference_changed()",
                f"drop trigger if exists reference_changed on {table}",
            )
            for table in WATCHED
        ),
        # rows of master data belong to no record: the named column does not exist, so the trail's record stays empty
        *(
            Regulate(model, record="-")
            for model in ("equipment", "part", "process", "numberrule", "parameter", "characteristic")
        ),
        *(Regulate(model, record="-") for model in ("gage", "gageuse", "calibration")),
        # what a person decides about an unknown topic is kept; what is heard on it is not
        Regulate("unmappedtopic", hide=("samples",), record="-", only=("state",)),
    ]
