"""A person's feedback, without the assistant."""

from collections.abc import Callable

import pytest

Give = Callable[..., str]


@pytest.fixture
def give(database: str, published: list[tuple[str, int]]) -> Give:
    """Stores a feedback as if a phone had written it; returns its code."""
    from casework import feedback
    from messaging import contacts
    from messaging.models import Message
    from store.database import transaction

    def give(
        text: str = "the truck is late", phone: str = "+254722000001", kind: str = "complaint", **told: object
    ) -> str:
        with transaction() as session:
            contact = contacts.find_or_make(session, "twilio", "sms", phone)
            contact.language = contact.language or "en"
            message = Message(contact_id=contact.id, direction="in", state="done", kind="message", body=text)
            session.add(message)
            session.flush()
            kept = feedback.take(session, contact, feedback.Told(message.id, text, [kind], **told))  # type: ignore[arg-type]
            return kept.reference

    return give


Take = Callable[..., str]


@pytest.fixture
def take(database: str, published: list[tuple[str, int]]) -> Take:
    """Takes a report as if a phone had written it; returns its code. `consent`: the answer, if there was one."""
    from casework import reports
    from messaging import contacts
    from messaging.models import Message
    from store.database import transaction

    def take(
        text: str = "he beats me",
        categories: tuple[str, ...] = ("gbv",),
        consent: bool | None = None,
        site: str | None = None,
        phone: str = "+254722000001",
    ) -> str:
        with transaction() as session:
            contact = contacts.find_or_make(session, "twilio", "sms", phone)
            message = Message(contact_id=contact.id, direction="in", state="done", kind="message", body=text)
            session.add(message)
            session.flush()
            report, _ = reports.open_report(session, contact, [message.id], categories, "en", site)
            if consent is not None:
                reports.settle_consent(session, report, contact, consent, "en")
            return report.reference

    return take
