"""How staff find feedback: a page at a time, from either end; how much there is; by words, though all are encrypted."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, String, and_, cast, exists, func, literal_column, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from casework import reference, reminders, word_forms, word_index
from casework.feedback import LOW
from casework.filters import NOBODY, Filters
from casework.models import OPEN, Feedback, FeedbackWord
from runtime.deployment import deployment
from store.database import now

__all__ = ["Filters", "Found", "among", "count", "page"]

LARGEST = 2**63
AT_ONCE, ROUNDS = 200, 5
"""Of a search: how many candidates are looked at together, and how often, for one page."""
OPENED = 1000
"""So many texts at most are opened to be counted, if not more are asked for."""
COMMON = 5000
"""A word that more have is common, however many more."""

IS_OPEN: ColumnElement[bool] = literal_column(f"feedback.{OPEN}")
_IS_LABELLED: ColumnElement[bool] = literal_column("cast(feedback.labels as varchar) <> '[]'")
"""As two indexes have them: with values beside the statement SQLite would not see that these indexes fit."""
_Column = InstrumentedAttribute[Any]


@dataclass(frozen=True)
class Found:
    """A page of feedback. `next`: where the following page goes on (`before`); None at the end."""

    rows: tuple[Feedback, ...]
    next: int | None


def page(
    session: Session, filters: Filters, before: int | None = None, most: int = 50, oldest_first: bool = False
) -> Found:
    """The next feedbacks after `before`, a `Found.next`, newest or oldest first."""
    if before is not None and not 0 < before < LARGEST:
        before = None
    looking = _looking(session, filters)
    ids: list[int] = []
    for _ in range(ROUNDS):
        wanted = AT_ONCE if looking.is_rough else most + 1
        candidates = session.scalars(_listed(session, looking, before, oldest_first).limit(wanted)).all()
        ids += word_index.holding(session, candidates, looking.words) if looking.is_rough else candidates
        if len(ids) > most:
            return Found(_load(session, ids[:most]), ids[most - 1])
        if len(candidates) < wanted:
            return Found(_load(session, ids), None)
        before = candidates[-1]
    return Found(_load(session, ids), before)


def count(session: Session, filters: Filters, most: int = 1000) -> int:
    """How many there are, counted up to `most` + 1, which stands for more.

    Of long words that begin like many others too many texts would have to be opened: then it is more, too.
    """
    looking = _looking(session, filters)
    chosen, _ = _chosen(looking)
    if not looking.is_rough:
        return session.scalar(select(func.count()).select_from(chosen.limit(most + 1).subquery())) or 0
    opened = max(most + 1, OPENED)
    candidates = session.scalars(chosen.limit(opened)).all()
    number = 0
    for begin in range(0, len(candidates), AT_ONCE):
        number += len(word_index.holding(session, candidates[begin : begin + AT_ONCE], looking.words))
        if number > most:
            return most + 1
    return number if len(candidates) < opened else most + 1


def among(session: Session, filters: Filters, ids: Collection[int]) -> list[Feedback]:
    """Those of a few known feedbacks that the filters let through, in no order."""
    looking = _looking(session, filters)
    rows = session.scalars(select(Feedback).where(Feedback.id.in_(ids), *looking.conditions)).all()
    held = set(word_index.holding(session, [row.id for row in rows], looking.words)) if looking.words else None
    return [row for row in rows if held is None or row.id in held]


@dataclass(frozen=True)
class _Looking:
    """Filters made ready: conditions, the words of a search with their tokens, or the one code that was typed."""

    conditions: tuple[ColumnElement[bool], ...]
    words: tuple[str, ...] = ()
    tokens: tuple[int, ...] = ()

    @property
    def is_rough(self) -> bool:
        """The index finds more than what is looked for."""
        return not all(map(word_forms.is_exact, self.words))


def _looking(session: Session, filters: Filters) -> _Looking:
    code = reference.find(filters.words) if filters.words and reference.is_code(filters.words) else None
    if code is not None:
        return _Looking((Feedback.reference == code,))
    words = word_forms.sought(filters.words or "")
    tokens = word_index.tokens(words)
    if len(tokens) > 1:
        tokens.sort(key=lambda token: _frequency(session, token))
    return _Looking(tuple(conditions(filters, now())), words, tuple(tokens))


def _frequency(session: Session, token: int) -> int:
    some = select(FeedbackWord.token).where(FeedbackWord.token == token).limit(COMMON).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def conditions(filters: Filters, at: datetime) -> list[ColumnElement[bool]]:
    """What the filters ask of a row of `Feedback`; everything but the words."""
    found: list[ColumnElement[bool]] = [
        column == value
        for column, value in (
            (Feedback.topic, filters.topic),
            (Feedback.place, filters.place),
            (Feedback.language, filters.language),
            (Feedback.channel, filters.channel),
        )
        if value is not None
    ]
    if filters.state == "open":
        found.append(IS_OPEN)
    elif filters.state != "all":
        found.append(Feedback.state == filters.state)
    if filters.assignee is not None:
        found.append(
            Feedback.assignee.is_(None) if filters.assignee == NOBODY else Feedback.assignee == filters.assignee
        )
    if filters.kind is not None:
        found.append(_lists(Feedback.types, filters.kind))
    if filters.label is not None:
        found += [_IS_LABELLED, _lists(Feedback.labels, filters.label)]
    if filters.mark:
        found.append(Feedback.mark <= LOW)
    if filters.late:
        found.append(reminders.overdue(at))
    if filters.since is not None:
        found.append(Feedback.created_at >= _midnight(filters.since))
    if filters.until is not None:
        found.append(Feedback.created_at < _midnight(filters.until + timedelta(days=1)))
    return found


def _lists(column: Any, name: str) -> ColumnElement[bool]:
    """A JSON list holds the name, in either database."""
    return cast(column, String).contains(json.dumps(name), autoescape=True)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(deployment().time_zone))


def _chosen(looking: _Looking) -> tuple[Select[tuple[int]], list[_Column]]:
    """Ids of what is looked for, and by what they are put in order.

    A search begins at its rarest word and goes by number, as the index lies; numbers grow with time.
    """
    if not looking.tokens:
        query = select(Feedback.id).where(*looking.conditions)
        order: list[_Column] = [Feedback.created_at, Feedback.id]
        for condition, index in ((IS_OPEN, "open"), (_IS_LABELLED, "labelled")):
            if any(one is condition for one in looking.conditions):
                return query.with_hint(Feedback, f"indexed by ix_feedback_{index}", "sqlite"), order
        return query, order
    first, *others = looking.tokens
    word = aliased(FeedbackWord)
    query = select(word.feedback_id).where(word.token == first)
    for token in others:
        other = aliased(FeedbackWord)
        query = query.where(exists().where(other.token == token, other.feedback_id == word.feedback_id))
    if looking.conditions:
        query = query.where(exists().where(Feedback.id == word.feedback_id, *looking.conditions))
    return query, [word.feedback_id]


def _listed(session: Session, looking: _Looking, before: int | None, oldest_first: bool) -> Select[tuple[int]]:
    query, order = _chosen(looking)
    if before is not None:
        query = query.where(_beyond(session, order, before, oldest_first))
    return query.order_by(*(column.asc() if oldest_first else column.desc() for column in order))


def _beyond(session: Session, order: list[_Column], before: int, oldest_first: bool) -> ColumnElement[bool]:
    """What comes after that feedback in this order; by its number alone if it is gone meanwhile."""
    number = order[-1]
    later = number > before if oldest_first else number < before
    at = session.scalar(select(Feedback.created_at).where(Feedback.id == before)) if len(order) > 1 else None
    if at is None:
        return later
    time_of = Feedback.created_at
    return (
        and_(time_of >= at, or_(time_of > at, later)) if oldest_first else and_(time_of <= at, or_(time_of < at, later))
    )


def _load(session: Session, ids: Sequence[int]) -> tuple[Feedback, ...]:
    rows = {row.id: row for row in session.scalars(select(Feedback).where(Feedback.id.in_(ids)))}
    return tuple(rows[number] for number in ids if number in rows)
