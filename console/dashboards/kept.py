"""Parts of pages in memory: many people look at the same figures, which change every few minutes only."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar, cast

MOST = 200

Thing = TypeVar("Thing")

_kept: OrderedDict[Hashable, Any] = OrderedDict()
_turns: OrderedDict[Hashable, Lock] = OrderedDict()
_guard = Lock()


def once(name: Hashable, make: Callable[[], tuple[Thing, bool]]) -> Thing:
    """What has this name. `make` makes it, and says whether it is good enough to be kept; one maker at a time."""
    found = _kept.get(name)
    if found is not None:
        return cast(Thing, found)
    with _guard:
        turn = _turns.setdefault(name, Lock())
    with turn:
        found = _kept.get(name)
        if found is None:
            found, is_good = make()
            if is_good:
                _keep(name, found)
    with _guard:
        _turns.pop(name, None)
    return cast(Thing, found)


def forget() -> None:
    """Make everything anew."""
    with _guard:
        _kept.clear()


def _keep(name: Hashable, thing: Any) -> None:
    with _guard:
        _kept[name] = thing
        while len(_kept) > MOST:
            _kept.popitem(last=False)
