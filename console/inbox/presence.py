"""Who has a case open now, so that two do not answer at once. Redis keeps it, by ids, for a minute."""

import time
from datetime import timedelta

from runtime.redis import redis

LASTS = timedelta(seconds=60)
"""An open page says every 20 seconds that it is still there; without script it counts as open for so long."""


def note(feedback_id: int, staff_id: int) -> list[int]:
    """This person looks at it now. Returns the ids of the others who do."""
    name, at = f"here:{feedback_id}", time.time()
    pipe = redis().pipeline()
    pipe.zremrangebyscore(name, 0, at - LASTS.total_seconds())
    pipe.zadd(name, {str(staff_id): at})
    pipe.expire(name, LASTS)
    pipe.zrange(name, 0, -1)
    found = pipe.execute()[-1]
    return [number for number in map(int, found) if number != staff_id]
