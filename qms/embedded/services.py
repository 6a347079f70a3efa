"""The processes of the platform in one table: the launcher runs these commands, docker-compose the same ones."""

from __future__ import annotations

import signal
from dataclasses import dataclass

HEALTH_PATH = "/health/"


@dataclass(frozen=True)
class Service:
    """A process that runs for good; its first word is `python`, or a tool of the environment."""

    name: str
    command: str
    demo_only: bool = False
    # All of them stand a sudden end; only the web process has children of its own to take along.
    death_signal: signal.Signals = signal.SIGKILL
    nice: int = 0  # who waits for a page or an alarm goes before who works in the background


@dataclass(frozen=True)
class Step:
    """A command that ends; `owner` steps run with the database owner's address."""

    name: str
    command: str
    owner: bool = False


MIGRATE = Step("migrate", "python manage.py migrate --noinput", owner=True)
COLLECT = Step("collectstatic", "python manage.py collectstatic --noinput")
DEMO = Step("demo", "python manage.py demo")

# The address and port of the web process come from GRANIAN_HOST and GRANIAN_PORT.
WEB = Service(
    "web",
    "granian --interface asginl --workers 1 --runtime-mode st --no-ws"
    " --workers-kill-timeout 3 --log-level warning qms.asgi:application",
    death_signal=signal.SIGTERM,
)
WORKER = Service(
    "worker", "celery -A qms worker --pool solo --loglevel WARNING --without-gossip --without-mingle", nice=10
)
BEAT = Service("beat", "celery -A qms beat --loglevel WARNING --scheduler celery.beat:Scheduler", nice=10)
RELAY = Service("relay", "python manage.py relay", nice=5)
INGEST = Service("ingest", "python manage.py ingest")
SIMULATOR = Service("simulator", "python manage.py simulate", demo_only=True, nice=5)

# What the processes have in common, imported once by the nursery; the first sets Django up.
PRELOAD = ("qms.preload", "qms.celery", "celery.bin.celery", "celery.apps.worker", "celery.apps.beat")

SERVICES = (WEB, WORKER, BEAT, RELAY, INGEST, SIMULATOR)
