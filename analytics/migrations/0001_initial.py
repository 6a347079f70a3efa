"""The room's table."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('core', '0004_fixed_due_and_languages'),
    ]

    operations = [
        migrations.CreateModel(
            name='Analysis',
            fields=[
                ('record_ptr', models.OneToOneField(auto_created=True, on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to='core.record')),
                ('question', models.TextField(blank=True)),
                ('study', models.CharField(editable=False, max_length=20)),
                ('source', models.CharField(choices=[('text', 'Pasted text'), ('file', 'File'), ('characteristics', 'Characteristics'), ('api', 'Sent by API')], editable=False, max_length=16)),
                ('source_detail', models.CharField(blank=True, editable=False, max_length=300, verbose_name='taken from')),
                ('first', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='data from')),
                ('last', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='data to')),
                ('data', models.JSONField(default=list, editable=False, help_text='Columns: name, unit and values, null where one is missing.')),
                ('size', models.PositiveIntegerField(default=0, editable=False, verbose_name='values')),
                ('roles', models.JSONField(blank=True, default=dict, editable=False, help_text='Role in the study: column names.')),
                ('options', models.JSONField(blank=True, default=dict, editable=False)),
                ('result', models.JSONField(default=dict, editable=False)),
                ('headline', models.CharField(editable=False, max_length=400, verbose_name='answer')),
                ('drawing', models.TextField(blank=True, editable=False)),
                ('method_version', models.CharField(editable=False, max_length=20)),
                ('digest', models.CharField(blank=True, editable=False, max_length=64)),
            ],
            options={
                'verbose_name_plural': 'analyses',
            },
            bases=('core.record',),
        ),
    ]
