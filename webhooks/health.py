"""For operators: alive, ready, and counts for Prometheus."""

import ipaddress

from flask import Blueprint, Response, request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from werkzeug.exceptions import Forbidden

from messaging import counts
from messaging.readiness import failing
from runtime.settings import settings

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def alive() -> Response:
    """This process answers."""
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/readyz")
def ready() -> Response:
    """Messages can be taken, answered and escalated; otherwise 503 and the names of what fails."""
    names = failing()
    if names:
        told = "" if _is_forwarded() else ": " + ", ".join(names)  # which part fails is nobody's business outside
        return Response(f"not ready{told}\n", status=503, mimetype="text/plain")
    return Response("ready\n", mimetype="text/plain")


@blueprint.get("/metrics")
def metrics() -> Response:
    """Counts read from the record, so that every web process tells the same."""
    allowed = [ipaddress.ip_network(part.strip()) for part in settings().metrics_allow.split(",") if part.strip()]
    address = ipaddress.ip_address(request.remote_addr or "0.0.0.0")  # noqa: S104 - stands for "unknown"
    if _is_forwarded() or not any(address in network for network in allowed):
        raise Forbidden("not from this address")
    registry = CollectorRegistry()
    registry.register(_Counts())
    return Response(generate_latest(registry), mimetype="text/plain; version=0.0.4")


def _is_forwarded() -> bool:
    """True where a proxy brought the request: then the address is the proxy's, and says nothing of who asks."""
    return "X-Forwarded-For" in request.headers or "Forwarded" in request.headers


class _Counts:
    def collect(self) -> list[GaugeMetricFamily]:
        messages = GaugeMetricFamily("sawti_messages", "Messages by direction and state", labels=["direction", "state"])
        for (direction, state), number in counts.messages_by_state().items():
            messages.add_metric([direction, state], number)
        oldest = GaugeMetricFamily(
            "sawti_oldest_waiting_seconds", "Age of the oldest unfinished message", labels=["direction"]
        )
        for direction, seconds in counts.oldest_waiting().items():
            oldest.add_metric([direction], seconds)
        return [messages, oldest]
