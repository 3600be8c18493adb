"""What the counts by day say of a period: how much, about what, where, how soon answered, how well, what rises.

Here numbers are exact; who may see small ones is decided where they are shown (console/dashboards/lens.py).
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from casework import figure_counting as counting
from casework.figure_tables import EVERYWHERE, TIMES, WHAT, Figure, FigureDay
from casework.models import Cluster, Feedback

ALL = ""
"""The type of what is counted of every feedback."""


@dataclass(frozen=True)
class Period:
    """Days of the deployment's time zone, both included, and the place they are looked at for."""

    since: date
    until: date
    place: str = EVERYWHERE

    @property
    def days(self) -> int:
        """How many."""
        return (self.until - self.since).days + 1

    def before(self) -> "Period":
        """As many days, just before."""
        return Period(self.since - timedelta(days=self.days), self.since - timedelta(days=1), self.place)


@dataclass(frozen=True)
class Times:
    """How soon people were answered. `late`: answered too late, or owed and overdue; the shares of the times taken."""

    answered: int
    in_time: int
    late: int
    steps: Counter[int]

    def share(self, part: float) -> timedelta | None:
        """The time within which this part of those who were answered were answered."""
        wanted, reached = part * self.answered, 0
        for step in sorted(self.steps):
            reached += self.steps[step]
            if reached >= wanted and reached:
                return counting.time_of(step)
        return None

    def within(self, time: timedelta) -> int:
        """How many were answered in this time."""
        return sum(n for step, n in self.steps.items() if counting.time_of(step) <= time)


@dataclass(frozen=True)
class Rise:
    """What is told more than in the week before."""

    value: str
    now: int
    before: int


@dataclass(frozen=True)
class Group:
    """Feedback that tells the same: the code of its first, and how many of it fall into the period."""

    reference: str
    topic: str | None
    now: int
    before: int


def counted_at(session: Session) -> datetime | None:
    """As of when the newest day was counted; None before the first count."""
    return session.scalar(select(FigureDay.counted_at).order_by(FigureDay.day.desc()).limit(1))


def number(session: Session, period: Period) -> int:
    """How much feedback there was."""
    return by_day(session, period).total()


def by_day(session: Session, period: Period) -> Counter[date]:
    """The same for each day."""
    query = select(Figure.day, Figure.feedback).where(*_in(period, WHAT))
    return Counter(dict(session.execute(query).tuples().all()))


def totals(session: Session, period: Period, part: str = WHAT) -> dict[str, Counter[str]]:
    """For each name the number of each value, over the whole period: `topic` → `food` → 12. See figure_counting.py."""
    summed: Counter[str] = Counter()
    for counts in session.scalars(select(Figure.counts).where(*_in(period, part))):
        summed.update(counts)
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for key, n in summed.items():
        name, _, value = key.partition(":")
        found[name][value] = n
    return found


def answer_times(session: Session, period: Period, today: date) -> dict[str, Times]:
    """How soon the feedback of the period was answered: of all (`ALL`), and of each type."""
    found = totals(session, period, TIMES)
    steps: dict[str, Counter[int]] = defaultdict(Counter)
    for value, n in found["took"].items():
        kind, _, step = value.partition("|")
        steps[kind][int(step)] += n
    overdue: Counter[str] = Counter()
    for value, n in found["due"].items():
        kind, _, day = value.partition("|")
        if date.fromisoformat(day) < today:
            overdue[kind] += n
    kept = found["kept"]
    return {
        kind: Times(steps[kind].total(), kept[f"{kind}|yes"], kept[f"{kind}|no"] + overdue[kind], steps[kind])
        for kind in {ALL, *steps, *overdue}
    }


def rising(session: Session, name: str, week: Period, fewest: int = 3) -> list[Rise]:
    """Topics or places that are told more than in the days before; those that grew most first."""
    recent, earlier = totals(session, week)[name], totals(session, week.before())[name]
    rows = [Rise(value, n, earlier[value]) for value, n in recent.items() if value]
    risen = [row for row in rows if row.now >= fewest and row.now > row.before]
    return sorted(risen, key=lambda row: (row.before - row.now, row.value))


def rising_groups(session: Session, week: Period, most: int = 10, fewest: int = 3) -> list[Group]:
    """Groups of feedback that grow, with how many of each were told in these days and in as many before."""
    since, until = counting.begin(week.since), counting.begin(week.until + timedelta(days=1))
    recent = func.sum(case((Feedback.created_at >= since, 1), else_=0))
    query = (
        select(Feedback.cluster_id, recent, func.count())
        .where(
            Feedback.created_at >= counting.begin(week.before().since),
            Feedback.created_at < until,
            Feedback.cluster_id.is_not(None),
        )
        .group_by(Feedback.cluster_id)
        .having(recent >= fewest, recent * 2 > func.count())
        .order_by((recent * 2 - func.count()).desc(), Feedback.cluster_id)
        .limit(most)
    )
    if week.place:
        query = query.where(Feedback.place == week.place)
    return _named(session, [(group, int(n), int(both - n)) for group, n, both in session.execute(query)])


def rumour_groups(session: Session, period: Period, most: int = 10, fewest: int = 2) -> list[Group]:
    """Rumours that several told, those told most first."""
    told = totals(session, period)["rumour_group"]
    return _named(session, [(int(value), n, 0) for value, n in told.most_common(most) if n >= fewest])


def places(session: Session, until: date, fewest: int = 1) -> list[str]:
    """Places of which there was ever so much feedback."""
    query = select(Figure.place).where(Figure.place != EVERYWHERE, Figure.part == WHAT, Figure.day <= until)
    return sorted(session.scalars(query.group_by(Figure.place).having(func.sum(Figure.feedback) >= fewest)))


def first_day(session: Session) -> date | None:
    """The first day that was counted."""
    return session.scalar(select(func.min(FigureDay.day)))


def _in(period: Period, part: str) -> tuple[ColumnElement[bool], ...]:
    return (
        Figure.place == period.place,
        Figure.part == part,
        Figure.day >= period.since,
        Figure.day <= period.until,
    )


def _named(session: Session, rows: list[tuple[int, int, int]]) -> list[Group]:
    known = select(Cluster.id, Cluster.first_reference, Cluster.topic).where(Cluster.id.in_([row[0] for row in rows]))
    names = {number: (reference, topic) for number, reference, topic in session.execute(known)}
    return [Group(*names[number], n, before) for number, n, before in rows if number in names]
