"""Bringing a person to another organisation, with their consent as data.

asked → agreed → sent → accepted | refused; accepted → done; revoked at any time. Without consent only with a reason.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import audit, people, relay, reports, sealing
from casework.readers import Opened, Reader
from casework.report_models import Referral, Report
from casework.states import Impossible
from messaging.models import Contact, Message
from runtime.deployment import deployment
from runtime.words import sentence
from store.database import now

FOLLOWS = {
    "asked": ("agreed", "declined", "revoked"),
    "agreed": ("sent", "revoked"),
    "sent": ("accepted", "refused", "revoked"),
    "accepted": ("done", "revoked"),
}
WORDING = 1
"""Version of the question `ask_referral`."""
SETTLES = timedelta(seconds=8)
"""An answer that comes sooner after the question left was to something else: a "1" sent twice."""
SHORTEST_REASON = 20
"""Letters of a reason to go on without consent."""


@dataclass(frozen=True)
class Shown:
    """A referral as its reader sees it."""

    id: int
    state: str
    organisation: str
    purpose: str
    text: str
    override: str | None
    consent: dict[str, Any] | None
    changed_at: datetime


def ask(session: Session, reader: Reader, opened: Opened, organisation: str, purpose: str, text: str) -> list[int]:
    """Prepare a referral and ask the person by text. Returns the contacts to announce.

    Raises:
        relay.CannotWrite: the person cannot be written to.
        Impossible: something is missing.
    """
    contact = relay.contact_of(session, opened)
    made = _make(session, reader, opened, "asked", organisation, purpose, text)
    yes, no = sentence("button_yes", contact.language), sentence("button_no", contact.language)
    question = f"{sentence('ask_referral', contact.language, organisation=organisation)}\n1 {yes}\n2 {no}"
    sent = relay.post(session, reader, opened, question)
    made.question_id = sent.message_id
    return sent.contacts


def record(
    session: Session, reader: Reader, opened: Opened, organisation: str, purpose: str, text: str, way: str
) -> None:
    """Prepare a referral to which the person agreed otherwise: `way` is phone or in_person."""
    made = _make(session, reader, opened, "agreed", organisation, purpose, text)
    made.consent = _consent(True, opened.routing.language, way)
    audit.record(session, reader.login, "consent_noted", opened.report.reference, referral=made.id, way=way)


def override(
    session: Session, reader: Reader, opened: Opened, organisation: str, purpose: str, text: str, reason: str
) -> None:
    """Without consent: only where a life or a child is at risk, with a reason that stands in the report and the audit.

    Raises:
        Impossible: see `check_override`.
    """
    check_override(reader, opened, reason)
    _make(session, reader, opened, "agreed", organisation, purpose, text, reason.strip())
    audit.record(session, reader.login, "consent_overridden", opened.report.reference)


def check_words(organisation: str, purpose: str, text: str) -> None:
    """Raises Impossible where one of the three is missing."""
    if not (organisation.strip() and purpose.strip() and text.strip()):
        raise Impossible("name the organisation, the purpose, and what is passed on")


def check_override(reader: Reader, opened: Opened, reason: str) -> None:
    """Raises Impossible where this person may not go on without consent, or the reason is too short."""
    if not may_override(reader, opened):
        raise Impossible(
            "without consent only where a life or a child is at risk, by who is named in escalation.may_override"
        )
    if len(reason.strip()) < SHORTEST_REASON:
        raise Impossible("say why, in %(shortest)s letters or more", shortest=SHORTEST_REASON)


def may_override(reader: Reader, opened: Opened) -> bool:
    """True where a life or a child is at risk, and the deployment names this person for that."""
    return opened.routing.is_at_risk and reader.login in deployment().escalation.may_override


def answered(session: Session, report: Report, contact: Contact, given: bool) -> bool | None:
    """The person's yes or no to the question last asked; None if none was asked, or it was not what they answer.

    It is, if the question has left for some seconds, and was the last thing that staff wrote to this phone.
    """
    query = select(Referral).where(Referral.report_id == report.id, Referral.state == "asked")
    asked = session.scalars(query.order_by(Referral.id.desc()).limit(1).with_for_update()).first()
    if asked is None or not _was_just_asked(session, contact, asked):
        return None
    asked.consent = _consent(given, contact.language, contact.channel)
    _move(session, audit.SERVICE, report, asked, "agreed" if given else "declined")
    return given


def move(session: Session, reader: Reader, opened: Opened, referral_id: int, to: str) -> None:
    """The next state.

    Raises:
        Impossible: it does not follow.
    """
    referral = session.get(Referral, referral_id, with_for_update=True)
    if referral is None or referral.report_id != opened.report.id:
        raise Impossible("there is no such referral")
    _move(session, reader.login, opened.report, referral, to)


def of(session: Session, opened: Opened) -> Sequence[Shown]:
    """A report's referrals, newest first."""
    found = session.scalars(select(Referral).where(Referral.report_id == opened.report.id).order_by(Referral.id.desc()))
    shown = []
    for one in found:
        data = json.loads(sealing.unseal(opened.private, one.sealed)) if one.sealed else {}
        told = (data.get("organisation", ""), data.get("purpose", ""), data.get("text", ""), data.get("override"))
        shown.append(Shown(one.id, one.state, *told, one.consent, one.changed_at))
    return shown


def _make(
    session: Session,
    reader: Reader,
    opened: Opened,
    state: str,
    organisation: str,
    purpose: str,
    text: str,
    reason: str | None = None,
) -> Referral:
    check_words(organisation, purpose, text)
    data = {"organisation": organisation.strip(), "purpose": purpose.strip(), "text": text.strip(), "override": reason}
    made = Referral(
        report_id=opened.report.id,
        state=state,
        sealed=sealing.seal(opened.report.public_key or b"", json.dumps(data, ensure_ascii=False).encode()),
        created_by=reader.staff_id,
    )
    session.add(made)
    session.flush()
    audit.record(session, reader.login, "referral", opened.report.reference, referral=made.id, to=state)
    return made


def _move(session: Session, by: str, report: Report, referral: Referral, to: str) -> None:
    if to not in FOLLOWS.get(referral.state, ()):
        raise Impossible("a referral that is %(state)s cannot become %(to)s", state=referral.state, to=to)
    referral.state, referral.changed_at = to, now()
    reports.write(session, report, "referral", referral=referral.id, state=to, by=by)
    audit.record(session, by, "referral", report.reference, referral=referral.id, to=to)


def _was_just_asked(session: Session, contact: Contact, asked: Referral) -> bool:
    theirs = Message.contact_id.in_([contact.id, *people.same_phone(session, contact)])
    left = Message.state.in_(("sent", "delivered")) & (Message.direction == "out")
    of_staff = Message.kind.in_(("relay", "answer", "allowed"))
    last = select(Message).where(theirs, left, of_staff).order_by(Message.handled_at.desc(), Message.id.desc())
    found = session.scalars(last.limit(1)).first()
    long_enough = found is not None and found.handled_at is not None and found.handled_at <= now() - SETTLES
    return found is not None and found.id == asked.question_id and long_enough


def _consent(given: bool, language: str | None, way: str) -> dict[str, Any]:
    return {"given": given, "wording": WORDING, "language": language, "way": way, "at": now().isoformat()}
