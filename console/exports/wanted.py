"""What somebody asks for in the form of the exports: which feedback, as what file."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from casework.finding import Filters
from casework.refusal import Refusal

PERIODS = ("this_month", "last_month", "between")
FORMATS = ("xlsx", "csv", "hxl")
ALSO = ("q", "channel", "assignee", "label", "late", "mark")
"""What a list of feedback is narrowed by and the form has no field for: it carries them along."""
TYPED = ("q", "label")
"""Those that staff typed: the audit log has only that they were set."""


@dataclass(frozen=True)
class Wanted:
    """A file that is asked for. `days`: the period, as the file's name tells it."""

    filters: Filters
    format: str
    with_words: bool
    days: str

    @property
    def named(self) -> list[str]:
        """The filters as the audit log has them: names and what was chosen from a list; never the words searched."""
        return [name if name in TYPED else f"{name}={value}" for name, value in self.filters.to_query().items()]


def of(form: Mapping[str, str], places: list[str], today: date, sees_feedback: bool) -> Wanted:
    """Read from the form. Only who sees feedback may narrow by what the form carries along.

    Raises:
        Refusal: something in it makes no sense; the text says what.
    """
    since, until = _period(form, today)
    chosen = {name: form.get(name, "") for name in ("type", "topic", "place", "language", "state")}
    if chosen["place"] not in ("", *places):
        raise Refusal("Choose a place from the list.")
    also = {name: form.get(name, "") for name in ALSO}
    filters = Filters.of(
        {
            **also,
            **chosen,
            "state": chosen["state"] or "all",
            "since": since.isoformat() if since else "",
            "until": str(until),
        }
    )
    if filters.odd or (any(also.values()) and not sees_feedback):
        raise Refusal("Choose from the lists what you want to export.")
    wanted = form.get("format", FORMATS[0])
    if wanted not in FORMATS:
        raise Refusal("Choose what kind of file you want.")
    return Wanted(filters, wanted, form.get("words") == "yes", f"{since or 'start'}_{until}")


def _period(form: Mapping[str, str], today: date) -> tuple[date | None, date]:
    """First and last day; None: from the beginning. Days that were given count, whatever else is ticked."""
    period = form.get("period", PERIODS[0])
    if period not in PERIODS:
        raise Refusal("Choose a period.")
    since, until = _day(form.get("since", "")), _day(form.get("until", ""))
    first = today.replace(day=1)
    if since is None and until is None and period != "between":
        last = first - timedelta(days=1)
        return (first, today) if period == "this_month" else (last.replace(day=1), last)
    until = until or today
    if since is not None and since > until:
        raise Refusal("The first day is after the last.")
    return since, until


def _day(text: str) -> date | None:
    if not text.strip():
        return None
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        raise Refusal("Write days as 2026-11-22.") from None
    if not 2000 <= found.year < 2200:
        raise Refusal("Write days as 2026-11-22.")
    return found
