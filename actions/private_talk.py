"""What is known of a person's private matter before their message is read."""

from actions.report import ADD, AGAIN
from casework import reference, relay, reports
from messaging.models import Contact
from store.database import reading


def is_relayed(contact: Contact) -> bool:
    """True while a focal point writes with this phone by way of us."""
    with reading() as session:
        return relay.report_of(session, contact) is not None


def coming_back(contact: Contact, text: str) -> str | None:
    """Value of the turn where the text holds the code of the person's own report; None where it holds none."""
    code = reference.find(text)
    if code is None:
        return None
    with reading() as session:
        report = reports.own_report(session, contact, code=code)
    if report is None:
        return None
    return AGAIN if report.consent is False else ADD
