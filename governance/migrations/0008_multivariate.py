"""Several characteristics are judged together as one vector."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0001_squashed_0007_sorted_by_index"),
        ("governance", "0001_squashed_0007_gages"),
    ]

    operations = [
        migrations.AlterField(
            model_name="characteristic",
            name="chart",
            field=models.CharField(
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
                    ("t2", "T², several together"),
                    ("mewma", "MEWMA, several together"),
                ],
                default="i-mr",
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="characteristic",
            name="design",
            field=models.JSONField(
                blank=True,
                default=dict,
                help_text="EWMA: weight and width; CUSUM: k and h; moving average: span; t: power. Left out: the usual ones. Several together: members, pair, wait, and alpha, or weight and arl.",
            ),
        ),
        migrations.AlterField(
            model_name="parameter",
            name="kind",
            field=models.CharField(
                choices=[
                    ("float", "Measured value"),
                    ("count", "Count"),
                    ("bool", "Yes or no"),
                    ("joint", "Several values together"),
                ],
                default="float",
                max_length=10,
            ),
        ),
        migrations.AddIndex(
            model_name="characteristic",
            index=models.Index(
                condition=models.Q(("chart__in", ("t2", "mewma"))), fields=["id"], name="characteristic_together"
            ),
        ),
    ]
