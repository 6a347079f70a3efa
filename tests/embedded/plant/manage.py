"""A stand-in for the platform's commands: real processes that talk to the real servers."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import psycopg2

HOME = Path(os.environ.get("QMS_HOME", "."))


def migrate() -> None:
    """Makes the one table, as the owner."""
    with psycopg2.connect(os.environ["DATABASE_URL"]) as database, database.cursor() as cursor:
        cursor.execute("create table if not exists ticks (id bigserial primary key, who text)")


def demo() -> None:
    """Leaves the people of the demo plant."""
    people = [{"roles": ["engineer"], "email": "quinn@plant.example", "password": "made-up", "token": "t-1"}]
    (HOME / "demo.json").write_text(json.dumps({"people": people}))


def collectstatic() -> None:
    """Nothing to collect here."""


def tick(who: str) -> None:
    """Writes a row a tenth of a second; ends when the database goes, as a worker would."""
    database = psycopg2.connect(os.environ["DATABASE_URL"])
    database.autocommit = True
    while True:
        with database.cursor() as cursor:
            cursor.execute("insert into ticks (who) values (%s)", [who])
        time.sleep(0.1)


if __name__ == "__main__":
    command = sys.argv[1]
    if os.environ.get("PLANT_BREAKS") == command:
        sys.exit(f"{command} cannot go on: broken on purpose")
    if os.environ.get("PLANT_SLOW") == command:
        time.sleep(60)
    {"migrate": migrate, "demo": demo, "collectstatic": collectstatic}.get(command, lambda: tick(command))()
