"""What the cost lines of each record come to by currency, kept by a trigger, so that no list has to add them up."""

from __future__ import annotations

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

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
insert into capa_costtotal (record_id, currency, amount)
  select record_id, currency, sum(amount) from capa_costline group by record_id, currency;
"""


class Migration(migrations.Migration):
    """A derived table, its trigger, and what was booked so far."""

    dependencies: ClassVar = [("capa", "0004_concession"), ("core", "0003_clocks")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="CostTotal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("currency", models.CharField(max_length=3)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=14)),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="cost_totals", to="core.record"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("record", "currency"), name="cost_total_once")],
            },
        ),
        migrations.RunSQL(
            TOTAL, "drop trigger cost_total on capa_costline; drop function capa_cost_total()", elidable=False
        ),
    ]
