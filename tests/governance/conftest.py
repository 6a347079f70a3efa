"""A press with one characteristic, and clients of the API."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from governance.models import Characteristic, Equipment
from governance.services import add_characteristic, add_equipment, add_parameter
from qms.core.actor import Actor
from qms.core.models import User


@pytest.fixture
def press(site, engineer) -> Equipment:
    """NV1 / assembly / L2 / S30."""
    area = add_equipment(site=site, level="area", code="ASM", by=engineer)
    line = add_equipment(site=site, level="line", code="L2", parent=area, by=engineer)
    return add_equipment(site=site, level="station", code="S30", name="Press", parent=line, by=engineer)


@pytest.fixture
def force(site, press, engineer) -> Characteristic:
    """Press-in force at the press."""
    parameter = add_parameter(site=site, path="nv1/asm/l2/s30/force", station=press, unit="kN", by=engineer)
    return add_characteristic(parameter=parameter, code="C201", name="Press-in force", by=engineer)


@pytest.fixture
def client_of() -> Callable[[Actor], APIClient]:
    """A signed-in client of the API."""

    def make(actor: Actor) -> APIClient:
        client = APIClient(raise_request_exception=False)
        client.default_format = "json"
        client.force_login(User.objects.get(pk=actor.id), backend="django.contrib.auth.backends.ModelBackend")
        return client

    return make
