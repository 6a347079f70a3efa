"""Reads a written behaviour from standard input, answers with [name, difference] pairs; run by `behaviour.run`."""

from __future__ import annotations

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qms.settings")
django.setup()

from qms.core.rest.behaviour.statements import answers  # noqa: E402 - models can be imported only after setup
from qms.core.rest.behaviour.visitor import visitors  # noqa: E402 - models can be imported only after setup

json.dump(list(answers(json.load(sys.stdin), *visitors(2))), sys.stdout)
