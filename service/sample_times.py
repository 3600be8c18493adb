"""When invented people write and invented staff work: by day, seldom at the weekend, more and more up to now."""

from datetime import datetime, timedelta
from random import Random

OLDEST = timedelta(days=91)
NEWEST = timedelta(minutes=3)
HOURS = (1, 0, 0, 0, 0, 1, 3, 6, 9, 12, 12, 10, 7, 6, 7, 8, 9, 10, 9, 8, 7, 5, 3, 2)
"""How many write in each hour of the day."""
WEEKDAYS = (10, 10, 9, 9, 8, 5, 4)
LATELY = (9, 7, 6, 5, 4, 3, 2)
"""Of what rises: how many today, yesterday … a week ago."""
RISE = 0.65
"""Share of it that was told in these days."""
AT_WORK = range(8, 17)


def written(rng: Random, at: datetime, rises: bool = False) -> datetime:
    """A time at which a person wrote, before `at`."""
    while True:
        if rises and rng.random() < RISE:
            days = rng.choices(range(len(LATELY)), LATELY)[0] + rng.random()
            when = at - timedelta(days=days)
        else:
            when = at - OLDEST * rng.random() ** 1.15
            if rng.random() * max(WEEKDAYS) > WEEKDAYS[when.weekday()]:
                continue
        if when < at - NEWEST and rng.random() * max(HOURS) < HOURS[when.hour]:
            return when


def worked(rng: Random, after: datetime, fewest: float, most: float) -> datetime:
    """Staff did something that many hours later; what falls into the night or on a Sunday is done the next morning."""
    when = after + timedelta(hours=rng.uniform(fewest, most))
    if when.hour not in AT_WORK or when.weekday() == 6:
        when += timedelta(days=when.hour >= AT_WORK.stop)
        when += timedelta(days=when.weekday() == 6)
        when = when.replace(hour=AT_WORK.start, minute=rng.randrange(10, 59), second=rng.randrange(60))
    return when if when > after else after + timedelta(minutes=rng.uniform(5, 50))


def ago(rng: Random, at: datetime, days: int) -> datetime:
    """That many days before, and some hours."""
    return at - timedelta(days=days, hours=rng.uniform(0.3, 11))
