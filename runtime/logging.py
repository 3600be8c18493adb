"""Logging: one JSON-like line per event with ids and counts, and a processor that lets nothing personal through."""

import logging
import os
import re
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

import structlog

# The only keys a log line may carry. Values must be short identifiers or numbers: no sentence, no phone number passes.
ALLOWED = frozenset(
    {
        "event",
        "level",
        "timestamp",
        "part",
        "message_id",
        "contact_id",
        "feedback_id",
        "report_id",
        "alert_id",
        "count",
        "attempts",
        "status",
        "state",
        "code",
        "seconds",
        "ms",
        "error",
        "where",
        "check",
        "table",
        "path",
        "method",
        "queue",
        "pid",
        "exit_code",
        "language",
        "channel",
        "provider",
        "kind",
        "revision",
        "signal",
    }
)
_IDENTIFIER = re.compile(r"^[A-Za-z_][A-Za-z0-9_.:/-]{0,79}$")
_MANY_DIGITS = re.compile(r"[0-9]{5,}")


def only_ids_and_counts(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """structlog processor: drop unknown keys, and replace values that are not plain identifiers or numbers."""
    return {key: _clean(key, value) for key, value in event.items() if key in ALLOWED}


def _clean(key: str, value: Any) -> Any:
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if abs(value) < 10**7 or key.endswith("_id") else "…"
    text = str(value)
    if key == "timestamp":
        return text
    return text if _IDENTIFIER.match(text) and not _MANY_DIGITS.search(text) else "…"


def failure(error: BaseException) -> dict[str, Any]:
    """What may be told of an exception: its type and the innermost place in our own code; never its text."""
    trace, where = error.__traceback__, "unknown"
    while trace is not None:
        code = trace.tb_frame.f_code
        if "site-packages" not in code.co_filename:
            where = f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}"
        trace = trace.tb_next
    return {"error": type(error).__name__, "where": where}


class NoTexts(logging.Filter):
    """Libraries' own records: keep who spoke and where; their text may quote a message, so it does not pass."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        told = failure(error) if error else {}
        record.msg = " ".join(
            [f"library={record.name}", f"at={record.module}:{record.lineno}", *(f"{k}={v}" for k, v in told.items())]
        )
        record.args, record.exc_info, record.exc_text, record.stack_info = None, None, None, None
        return True


def configure(part: str) -> None:
    """Set up logging for this process: our events on standard error, libraries from WARNING and without their texts."""
    level = getattr(logging, os.environ.get("SAWTI_LOG_LEVEL", "INFO").upper(), logging.INFO)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            only_ids_and_counts,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.KeyValueRenderer(
                key_order=["timestamp", "level", "part", "event"], repr_native_str=False
            ),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    structlog.contextvars.bind_contextvars(part=part)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter(f"%(asctime)s %(levelname)s part={part} %(message)s"))
    handler.addFilter(NoTexts())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").setLevel(logging.CRITICAL)


@contextmanager
def quiet() -> Iterator[None]:
    """Only warnings and worse: for many steps at once that one line tells of afterwards."""
    told = structlog.get_config()["wrapper_class"]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    try:
        yield
    finally:
        structlog.configure(wrapper_class=told)
