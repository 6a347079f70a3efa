"""A stand-in Celery application with one short period."""

from __future__ import annotations

import os

import psycopg2
from celery import Celery

URL = os.environ["REDIS_URL"].replace("unix://", "redis+socket://", 1)
app = Celery("plant", broker=URL, backend=URL)
app.conf.beat_schedule = {"beat": {"task": "beat", "schedule": 1.0}}
app.conf.broker_connection_retry_on_startup = True


@app.task(name="beat")
def beat() -> None:
    """One row a second."""
    with psycopg2.connect(os.environ["DATABASE_URL"]) as database, database.cursor() as cursor:
        cursor.execute("insert into ticks (who) values ('beat')")
