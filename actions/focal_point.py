"""A focal point's own texts: OK and a code takes the report."""

from functools import lru_cache
from pathlib import Path

import yaml

from actions.turn import Turn
from casework import escalation, reference
from store.database import now


@lru_cache(maxsize=1)
def _words() -> frozenset[str]:
    return frozenset(yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))["take"])


def acknowledge(turn: Turn) -> str | None:
    """The sentence for the focal point; None if this is no acknowledgement of theirs."""
    words = turn.text.casefold().split()
    if len(turn.text) > 40 or not words or words[0].strip(".,!") not in _words():
        return None
    code = reference.find(turn.text)
    taken = escalation.acknowledge_by_phone(turn.session, turn.contact, code) if code else None
    if taken is not None:  # staff know who we are
        turn.contact.introduced_at = turn.contact.introduced_at or now()
        turn.contact.informed = turn.contact.informed or "staff"
    return taken
