"""Reading a contact's mail in order, one reader at a time."""

from collections.abc import Callable
from typing import TypeVar

from runtime.locks import lock

Item = TypeVar("Item")


def drain(name: str, waiting: Callable[[], Item | None], take: Callable[[Item], bool]) -> int:
    """Take what waits, oldest first, until nothing is left or `take` says to stop (False). Returns how many were taken.

    If somebody else holds the lock, leave: the holder looks again after letting go, so nothing is missed.
    """
    count = 0
    while True:
        with lock(name) as held:
            if held is None:
                return count
            while (item := waiting()) is not None:
                if not take(item):
                    return count
                count += 1
                held.extend()
        if waiting() is None:
            return count
