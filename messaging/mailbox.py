"""Reading a contact's mail in order, one reader at a time."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from runtime.locks import lock

Item = TypeVar("Item")


def drain(name: str, waiting: Callable[[], Sequence[Item]], take: Callable[[Item], bool]) -> int:
    """Take what waits, oldest first, until nothing is left or `take` says to stop (False). Returns how many were taken.

    `waiting` gives the two oldest: the first is taken, the second only tells that there is more. If somebody else
    holds the lock, leave: the holder learns that we came and looks again.
    """
    count = 0
    while True:
        with lock(name) as held:
            if held is None:
                return count
            while items := waiting():
                if not take(items[0]):
                    return count
                count += 1
                if len(items) < 2:
                    break
                held.extend()
        if not held.wanted:
            return count
