"""The OpenAPI document is valid and says the same as the URL configuration."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from openapi_spec_validator import validate

from qms.core.rest.openapi import document
from tests.api.routes import doors

KEPT = Path(__file__).parents[2] / "docs/reference/openapi.json"  # checked elsewhere to be as it is served
PATHS = json.loads(KEPT.read_text())["paths"]
OPERATIONS = [(path, verb, operation) for path, item in PATHS.items() for verb, operation in item.items()]


@pytest.mark.slow  # the validator alone takes nine seconds
def test_the_document_is_valid_openapi_3_1():
    assert document()["openapi"].startswith("3.1")
    validate(document())


def test_the_document_and_the_url_configuration_name_the_same_doors():
    said = {(re.sub(r"{[a-z_]+}", "<pk>", path), verb.upper()) for path, verb, _ in OPERATIONS}
    assert said == {(door.path, door.method) for door in doors("/api/v1/")}


def test_operation_ids_are_unique():
    ids = [operation["operationId"] for _, _, operation in OPERATIONS]
    assert len(ids) == len(set(ids))


def test_the_cap_of_the_page_is_in_the_document():
    limits = [
        parameter["schema"]["maximum"]
        for _, _, operation in OPERATIONS
        for parameter in operation.get("parameters", [])
        if parameter["name"] == "limit"
    ]
    assert limits
    assert set(limits) == {200}


def test_every_operation_names_its_problems_and_its_right():
    silent = [
        operation["operationId"]
        for path, _, operation in OPERATIONS
        if not path.endswith("/schema/")
        and not ({"401", "403", "429", "500"} <= operation["responses"].keys() and operation["x-policy"])
    ]
    assert not silent


def test_every_change_takes_an_idempotency_key():
    silent = [
        operation["operationId"]
        for _, verb, operation in OPERATIONS
        if verb in {"post", "patch"}
        and "Idempotency-Key" not in {parameter["name"] for parameter in operation["parameters"]}
    ]
    assert not silent


@pytest.mark.parametrize(("accept", "kind"), [("application/json", "json"), ("application/yaml", "yaml")])
def test_the_document_is_served_to_everybody(client, settings, accept, kind):
    answer = client.get("/api/v1/schema/", HTTP_ACCEPT=accept)
    assert answer.status_code == 200
    assert kind in answer["Content-Type"]
