"""Who has a case or a report open now, so that two do not answer at once. Redis keeps it, by ids, for a minute."""

import time
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from casework.report_models import Staff
from console.words import gettext, ngettext
from runtime.redis import redis
from store.database import reading
from store.encryption import keyring

LASTS = timedelta(seconds=60)
"""An open page says every 20 seconds that it is still there; without script it counts as open for so long."""


def note(what: str, number: int, staff_id: int) -> list[int]:
    """This person looks at it now (`what`: case or report). Returns the ids of the others who do."""
    name, at = f"here:{keyring().fingerprints('here', f'{what} {number}')[0]}", time.time()
    pipe = redis().pipeline()
    pipe.zremrangebyscore(name, 0, at - LASTS.total_seconds())
    pipe.zadd(name, {str(staff_id): at})
    pipe.expire(name, LASTS)
    pipe.zrange(name, 0, -1)
    found = pipe.execute()[-1]
    return [number for number in map(int, found) if number != staff_id]


def said(others: Sequence[int]) -> str:
    """`Bea also has this open.`"""
    if not others:
        return ""
    with reading() as session:
        names = list(session.scalars(select(Staff.name).where(Staff.id.in_(others)).order_by(Staff.name)))
    told = gettext(", ").join(names)
    return ngettext("%(names)s also has this open.", "%(names)s also have this open.", len(names)) % {"names": told}
