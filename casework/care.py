"""What the clock does with cases. Each part on its own: one that fails does not keep the others from their work."""

from collections.abc import Callable

import structlog

from casework import (
    answering,
    clusters,
    figure_keeping,
    hand_over,
    media,
    reminders,
    report_keys,
    retention,
    safe_hours,
    watching,
    word_index,
)
from messaging import window
from runtime.locks import lock
from runtime.logging import failure

log = structlog.get_logger()


def often() -> None:
    """Every few seconds."""
    _each(
        "often",
        120,
        safe_hours.release_due,
        watching.pass_on_unread_news,
        hand_over.take_back,
        reminders.notice_undelivered,
        media.fetch_waiting,
        reminders.tell_of_many,
        figure_keeping.keep,
    )


def seldom() -> None:
    """Every few minutes."""
    _each(
        "seldom",
        1800,
        watching.test_alerts,
        watching.remind_of_quiet,
        report_keys.settle_late,
        safe_hours.give_up,
        window.give_up,
        answering.close_answered,
        reminders.remind,
        retention.run,
        clusters.regroup,
        word_index.index_missing,
    )


def _each(name: str, seconds: int, *parts: Callable[[], object]) -> None:
    """One at a time in the whole deployment: a task that takes long is handed out again."""
    with lock(f"care:{name}", seconds) as held:
        for part in parts if held is not None else ():
            try:
                part()
            except Exception as error:  # noqa: BLE001 - the next part must run; the log and the next round see it
                log.error("care_failed", part=part.__name__, **failure(error))
