"""Nothing personal passes the log, whatever a careless line hands to it."""

import logging

import pytest
import structlog

from runtime.logging import configure, only_ids_and_counts

PERSONAL = ["+254722000001", "254722000001", "my husband beats me", "مرحبا", "amina@example.org", "0722 000 001"]


@pytest.mark.parametrize("value", PERSONAL)
@pytest.mark.parametrize("key", ["event", "error", "code", "where", "phone", "text", "contact_id", "status"])
def test_personal_values_do_not_pass(key: str, value: str) -> None:
    assert value not in str(only_ids_and_counts(None, "", {key: value}))


def test_ids_and_counts_pass() -> None:
    line = {"event": "turn_failed", "message_id": 12345678, "attempts": 2, "error": "ValueError", "where": "turn.py:12"}
    assert only_ids_and_counts(None, "", dict(line)) == line


def test_libraries_and_tracebacks_tell_where_and_not_what(capsys: pytest.CaptureFixture[str]) -> None:
    configure("test")
    try:
        raise ValueError("the text was: my husband beats me, from +254722000001")
    except ValueError:
        logging.getLogger("rasa.core").exception("failed on %s", "my husband beats me")
    structlog.get_logger().error("turn_failed", text="my husband beats me", message_id=7)
    told = capsys.readouterr().err
    assert "ValueError" in told and "turn_failed" in told and "message_id=7" in told
    assert "husband" not in told and "254722" not in told
    logging.getLogger().handlers[:] = []
    structlog.reset_defaults()
