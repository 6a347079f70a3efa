"""Figures for a monitoring system, in the text format of Prometheus; the rooms add their own."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Iterator

from django.conf import settings
from django.http import HttpRequest
from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from qms.core import health
from qms.core.actor import Actor, system
from qms.core.errors import Denied
from qms.core.rest.authentication import TokenAuthentication, caller

Source = Callable[[Actor], Iterable[Metric]]
_SOURCES: list[Source] = []


def measure(source: Source) -> Source:
    """Add figures of a room; they are asked for whoever may see them."""
    _SOURCES.append(source)
    return source


class _Told(Collector):
    def __init__(self, actor: Actor) -> None:
        self.actor = actor

    def collect(self) -> Iterator[Metric]:
        findings = GaugeMetricFamily("plumbline_health", "1 where a check finds nothing wrong.", labels=["check"])
        for finding in health.report():
            findings.add_metric([finding.name], float(finding.ok))
        yield findings
        for source in _SOURCES:
            yield from source(self.actor)


def text_for(actor: Actor) -> bytes:
    """Every figure as text."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Told(actor))
    return generate_latest(registry)


def asking(request: HttpRequest) -> Actor:
    """Who asks: an API key that may `metrics.view`, or a machine of the networks in METRICS_NETWORKS.

    Raises Denied for everybody else.
    """
    asked = Request(request, authenticators=[TokenAuthentication()])
    try:
        actor = caller(asked)
    except AuthenticationFailed as refusal:
        raise Denied(str(refusal.detail)) from refusal
    if actor.can("metrics.view"):
        return actor
    address = ipaddress.ip_address(request.META.get("REMOTE_ADDR") or "0.0.0.0")  # noqa: S104 - no address at all
    if any(address in ipaddress.ip_network(network) for network in settings.METRICS_NETWORKS):
        return system("metrics")
    raise Denied("Send an API key that may metrics.view, or add this machine's network to METRICS_NETWORKS.")
