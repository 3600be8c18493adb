"""What can be chosen in the list's filters: colleagues, places and labels that occur."""

import time
from functools import lru_cache

from sqlalchemy import String, cast, func, select, text
from sqlalchemy.orm import Session

from casework import staff
from casework.models import Feedback
from store.database import engine, reading

MOST = 300
RECENT = 20_000
"""Among so many of the newest feedbacks labels are looked for."""
_PLACES = text(
    """
    with recursive known(place) as (
        select min(place) from feedback
        union all
        select (select min(feedback.place) from feedback where feedback.place > known.place)
        from known where known.place is not null
    )
    select place from known where place is not null limit :most
    """
)
"""From one to the next by the index: as quick among a million."""


def names(session: Session) -> dict[str, str]:
    """Name of everybody by login, also of those who have left."""
    return {person.login: person.name for person in staff.everybody(session)}


def places(session: Session) -> list[str]:
    """Places of which something was told."""
    return sorted(str(place) for place in session.scalars(_PLACES, {"most": MOST}))


def labels() -> list[str]:
    """Labels that were given lately; new ones come within a minute."""
    return list(_labels(str(engine().url), int(time.time() // 60)))


@lru_cache(maxsize=1)
def _labels(_database: str, _minute: int) -> tuple[str, ...]:
    with reading() as session:
        newest = session.scalar(select(func.max(Feedback.id))) or 0
        labelled = select(Feedback.labels).where(
            Feedback.id > newest - RECENT, cast(Feedback.labels, String).not_in(("[]", "null"))
        )
        found = session.scalars(labelled.order_by(Feedback.id.desc()).limit(MOST))
        return tuple(sorted({label for labels in found for label in labels or ()}))
