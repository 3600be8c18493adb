"""What is known of a person's private matter before their message is read; and how they leave it."""

from actions.report import ADD, AGAIN, TOLD
from actions.turn import Turn
from casework import reference, relay, reports, routing
from messaging.models import Contact
from store.database import reading


def is_relayed(contact: Contact) -> bool:
    """True while a focal point writes with this phone by way of us."""
    with reading() as session:
        return relay.report_of(session, contact) is not None


def coming_back(contact: Contact, text: str) -> str | None:
    """Value of the turn where the text holds the code of a report; None where it holds none.

    Their own open one: it joins it, after a "no" with the question for consent. Any other (closed, or somebody else's):
    a private matter of its own, never a question for those who answer feedback.
    """
    code = reference.find(text)
    if code is None:
        return None
    with reading() as session:
        report = reports.own_report(session, contact, code=code, lock=False)
        known = report is not None or reports.exists(session, code)
        withheld = report is not None and routing.is_withheld(report)
    if report is None:
        return TOLD if known else None
    return AGAIN if withheld else ADD


def leave(turn: Turn) -> None:
    """The word that ends the talk ends it with people too, on every channel of the phone."""
    relay.end(turn.session, turn.contact)
