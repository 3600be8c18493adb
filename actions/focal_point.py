"""A focal point's own texts: OK and a code takes the report."""

import re

from actions.turn import Turn
from casework import escalation, reference

_OK = re.compile(r"^\W*(ok|okay|oui|si|sí|yes|تم|نعم)\b", re.IGNORECASE)


def acknowledge(turn: Turn) -> str | None:
    """The sentence for the focal point; None if this is no acknowledgement of theirs."""
    if not _OK.match(turn.text) or len(turn.text) > 40:
        return None
    code = reference.find(turn.text)
    return escalation.acknowledge(turn.session, turn.contact, code) if code else None
