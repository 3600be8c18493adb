"""The Celery app: the engine that carries work between processes. A task takes an id; what it does stands elsewhere."""

from typing import cast

import structlog
from celery import Celery
from celery.exceptions import OperationalError as CeleryDown
from kombu.exceptions import OperationalError as BrokerDown

from runtime.logging import failure
from runtime.redis import RedisError, redis, url
from runtime.settings import Settings, settings

log = structlog.get_logger()

QUEUES = {"conversations": "conversations", "delivery": "delivery", "casework": "casework"}
READ_MAIL = "conversations.read_mail"
DELIVER = "delivery.deliver"
REQUEUE = "casework.requeue"
ESCALATE = "casework.escalate"
FETCH = "casework.fetch"
CARE = "casework.care"
TIDY = "casework.tidy"

app = Celery("sawti")


def configure(given: Settings | None = None) -> Celery:
    """Point the app at this deployment's Redis. Late acknowledgement, one task at a time, no results kept."""
    address = url(given or settings())
    if address.startswith("unix://"):
        address = "redis+socket://" + address.removeprefix("unix://")
    app.conf.update(
        broker_url=address,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_connection_timeout=1,
        broker_transport_options={
            "visibility_timeout": 30,
            "socket_timeout": 10,
            "socket_connect_timeout": 1,
            "socket_keepalive": True,
            "health_check_interval": 10,
        },
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        task_store_errors_even_if_ignored=False,
        task_serializer="json",
        accept_content=["json"],
        task_routes={f"{name}.*": {"queue": queue} for name, queue in QUEUES.items()},
        task_create_missing_queues=True,
        worker_prefetch_multiplier=1,
        worker_disable_rate_limits=True,
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
        worker_enable_remote_control=False,
        event_queue_expires=60,
        beat_schedule={
            "requeue": {"task": REQUEUE, "schedule": 2.0, "options": {"expires": 10}},
            "escalate": {"task": ESCALATE, "schedule": 15.0, "options": {"expires": 60}},
            "care": {"task": CARE, "schedule": 15.0, "options": {"expires": 60}},
            "tidy": {"task": TIDY, "schedule": 600.0, "options": {"expires": 600}},
        },
        timezone="UTC",
    )
    return app


def connect() -> None:
    """Open the broker's connection before the first task; without Redis the first task finds out."""
    try:
        with app.producer_or_acquire() as producer:
            producer.connection.ensure_connection(max_retries=1)
    except (RedisError, BrokerDown, CeleryDown, OSError) as error:
        log.warning("broker_not_reached", **failure(error))


def waiting(queue: str) -> int:
    """How many tasks nobody has taken yet."""
    return cast(int, redis().llen(queue))


def publish(task: str, identifier: int) -> bool:
    """Queue `task` for the record `identifier`. False if Redis is away: the clock finds the record again."""
    try:
        app.send_task(task, (identifier,), retry=False, ignore_result=True)
    except (RedisError, BrokerDown, CeleryDown, OSError) as error:
        log.warning("publish_failed", **failure(error))
        return False
    return True
