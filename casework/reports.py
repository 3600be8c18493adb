"""Sensitive reports as the assistant takes them: the words are sealed in the turn that hears them, and nobody here can
read them afterwards. Readers open them with their own keys (readers.py)."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from casework import audit, escalation, feedback, media, people, report_keys, routing, sealing, watching
from casework.codes import new_code
from casework.report_models import Report, ReportEntry, ReportSeal, Staff
from casework.routing import Routing
from messaging.inbound import Extras
from messaging.models import Contact, Message, MessageFlag
from store.database import now
from store.encryption import keyring

WORDING = 2
"""Version of what is said before consent is asked; a new one when its meaning changes."""


def open_report(
    session: Session,
    contact: Contact,
    message_ids: Sequence[int],
    categories: Sequence[str],
    language: str | None,
    site: str | None = None,
    mentions: str | None = None,
) -> tuple[Report, list[int]]:
    """Open a report, seal the messages' words into it and alert who is on duty, in the caller's transaction.

    `site`: where the person is, if it is known; `mentions`: a code in the words that is another report's.
    Returns the report and the contacts whose outbox holds an alert: announce them after the commit.
    """
    words = " ".join(filter(None, (session.get_one(Message, number).body for number in message_ids)))
    routed = Routing(tuple(categories), site, language, kept_from=routing.concerned(session, words))
    keys = sealing.new_keys()
    report = Report(
        # the person keeps the code that they were given for the first of these words
        reference=feedback.code_begun_by(session, message_ids) or new_code(session),
        reporter_hash=reporter_hashes(contact)[0],
        public_key=keys.public,
        routing=routed.text(),
        urgent=routed.is_urgent,
    )
    session.add(report)
    session.flush()
    report_keys.give(session, report, keys, routed)
    head = {"categories": list(categories), "language": language, "channel": contact.channel, "mentions": mentions}
    write(session, report, "head", **head)
    for message_id in message_ids:
        add_message(session, report, message_id)
    if routed.is_at_risk:
        keep_identity(session, report, contact, "at_risk")
    return report, escalation.begin(session, report)


def add_message(session: Session, report: Report, message_id: int, written: bool = False) -> list[int]:
    """Seal a message's words into the report; nothing readable of them stays in the messages' table.

    `written`: they stand in the report already, as the answer to a question; then only the message is emptied.
    A focal point who is named in them no longer reads it. Returns the contacts to announce after the commit.
    """
    message = session.get_one(Message, message_id)
    if message.body is None and message.extras is None:
        return []  # it is in a report already, or the person had it deleted
    announced = _keep_from_named(session, report, message.body or "")
    extras = Extras.parse(message.extras)
    if not written or extras.sources:
        write(session, report, "words", text=message.body, place=extras.location, files=len(extras.sources) or None)
    session.execute(update(Message).where(Message.id == message_id).values(body=None, extras=None))
    session.execute(delete(MessageFlag).where(MessageFlag.message_id == message_id))
    media.move_to_report(session, message_id, report, extras)
    # what an earlier turn made of it: a feedback that staff read, with what was added to it
    for other in feedback.withdraw(session, message_id):
        announced += add_message(session, report, other)
    return announced


def _keep_from_named(session: Session, report: Report, words: str) -> list[int]:
    routed = Routing.of(report)
    named = [person for person in routing.concerned(session, words) if person not in routed.kept_from]
    announced: list[int] = []
    talking = report.relay_until is not None and report.relay_until > now() and not routed.must_be_told
    if talking and report.taken_by in named:
        # "thank you, Ada", or "it was Ada": they write with each other; let somebody else look too
        named.remove(report.taken_by)
        announced = watching.tell_colleagues(session, report)
    if not named:
        return announced
    kept = replace(routed, kept_from=(*routed.kept_from, *named))
    return [*announced, *reroute(session, report, kept, audit.SERVICE)]


def told_more(session: Session, report: Report, categories: Sequence[str], contact: Contact) -> list[int]:
    """The person wrote again. A new or deadly category alerts all anew, anything else who has taken it.

    Returns the contacts whose outbox holds an alert: announce them after the commit.
    """
    routed = Routing.of(report)
    added = [name for name in categories if name not in routed.categories]
    wider = replace(routed, categories=(*routed.categories, *added))
    if not added and not (set(categories) & routing.AT_RISK):
        return watching.tell_of_more(session, report)
    report.routing, report.urgent = wider.text(), wider.is_urgent
    write(session, report, "categories", categories=list(categories))
    if wider.is_at_risk and not routed.is_at_risk:
        keep_identity(session, report, contact, "at_risk")
    if not routing.is_withheld(report):
        report_keys.share_held(session, report, wider)
    return escalation.begin(session, report)


def settle_consent(session: Session, report: Report, contact: Contact, given: bool, language: str | None) -> list[int]:
    """May a trained person contact the reporter? The answer is kept as data, and decides what the readers get.

    Yes: who the person is. No: nothing that leads to them; and where staff need not report it and no life or child is
    at risk, the words are taken back from the readers too, and nobody is called, until the person says otherwise.

    Returns the contacts whose outbox holds an alert: announce them after the commit.
    """
    resumed = given and routing.is_withheld(report)
    report.consent = given
    write(session, report, "consent", given=given, wording=WORDING, language=language, channel=contact.channel)
    routed = Routing.of(report)
    if given:
        keep_identity(session, report, contact, "consent")
        report_keys.share_held(session, report, routed)
    elif not routed.is_at_risk:
        session.execute(delete(ReportEntry).where(ReportEntry.report_id == report.id, ReportEntry.kind == "identity"))
        if not routed.must_be_told and report.held_key is not None:
            session.execute(
                delete(ReportSeal).where(ReportSeal.report_id == report.id, ReportSeal.staff_id.is_not(None))
            )
    audit.record(session, audit.SERVICE, "consent", report.reference, given=given)
    if routing.is_withheld(report):
        report.escalate_at = None
    return escalation.begin(session, report) if resumed else []


def respect(session: Session, report: Report, outside: bool, wants: str | None) -> list[int]:
    """The person's wishes: not the people who work there, a woman or a man. Returns contacts to announce."""
    routed = replace(Routing.of(report), wants=wants or Routing.of(report).wants)
    if not outside:
        report.routing = routed.text()
        return []
    return reroute(session, report, replace(routed, outside=True), audit.SERVICE)


def reroute(session: Session, report: Report, routed: Routing, by: str) -> list[int]:
    """Who may no longer read it loses the seal; if they had taken it, it is nobody's. Returns contacts to announce."""
    before = {person.id: person.login for person in routing.readers(session, Routing.of(report))}
    report.routing = routed.text()
    able = {person.id for person in routing.readers(session, routed)}
    out = set(before) - able
    lost = report_keys.drop(session, report, out)
    audit.record(session, by, "kept_from", report.reference, people=sorted(before[one] for one in out), seals_lost=lost)
    lost_taker = report.taken_by in out
    if report.state != "open" or not (lost_taker or (report.taken_at is None and out)):
        return []
    return escalation.begin(session, report, anew=lost_taker)


def unkeep(session: Session, by: str, report: Report, person_id: int) -> None:
    """It does not concern this person after all. The seal is another reader's to give (readers.give)."""
    routed = Routing.of(report)
    left = tuple(one for one in routed.kept_from if one != person_id)
    if left != routed.kept_from:
        report.routing = replace(routed, kept_from=left).text()
        person = session.get(Staff, person_id)
        audit.record(session, by, "not_kept_from", report.reference, people=[person.login] if person else None)


def keep_identity(session: Session, report: Report, contact: Contact, why: str) -> None:
    """Who the person is goes into the report, sealed, once."""
    known = select(ReportEntry.id).where(ReportEntry.report_id == report.id, ReportEntry.kind == "identity")
    if session.scalars(known.limit(1)).first() is None:
        write(
            session, report, "identity", contact=contact.id, channel=contact.channel, address=contact.address, why=why
        )


def write(session: Session, report: Report, kind: str, **piece: Any) -> ReportEntry:
    """Seal one more piece into the report."""
    kept = {"kind": kind, **{name: value for name, value in piece.items() if value is not None}}
    data = json.dumps(kept, ensure_ascii=False).encode("utf-8", "replace")
    if report.public_key is None:  # taken before reports had keys, and not brought up to date yet
        report_keys.seal_old(session, report)
    entry = ReportEntry(report_id=report.id, kind=kind, sealed=sealing.seal(report.public_key or b"", data))
    session.add(entry)
    session.flush()
    return entry


def own_report(
    session: Session, contact: Contact, report_id: int | None = None, code: str | None = None, lock: bool = True
) -> Report | None:
    """The contact's own open report, by id, by code, or the latest; locked, unless it is only looked at."""
    query = select(Report).where(Report.reporter_hash.in_(hashes_of_phone(session, contact)), Report.state == "open")
    if report_id is not None:
        query = query.where(Report.id == report_id)
    if code is not None:
        query = query.where(Report.reference == code)
    query = query.order_by(Report.id.desc()).limit(1)
    return session.scalars(query.with_for_update() if lock else query).first()


def has_own(session: Session, contact_id: int) -> bool:
    """True if the contact has a report whose words are kept."""
    hashes = keyring().fingerprints("reporter", str(contact_id))
    found = select(Report.id).where(Report.reporter_hash.in_(hashes), Report.forgotten_at.is_(None))
    return session.scalars(found.limit(1)).first() is not None


def day_of_own(session: Session, contact: Contact, code: str | None) -> date | None:
    """The day on which the contact's own report with this code was opened; None if there is no such report."""
    query = select(Report.created_at).where(
        Report.reporter_hash.in_(hashes_of_phone(session, contact)), Report.reference == code
    )
    found = session.scalars(query).first() if code else None
    return found.date() if found else None


def exists(session: Session, code: str) -> bool:
    """True if there is a report with this code, whosever it is."""
    return session.scalars(select(Report.id).where(Report.reference == code)).first() is not None


def reporter_hashes(contact: Contact) -> list[str]:
    """Keyed hashes of the contact for reports, newest key first."""
    return keyring().fingerprints("reporter", str(contact.id))


def hashes_of_phone(session: Session, contact: Contact) -> list[str]:
    """The same for every channel of the contact's phone: who began by WhatsApp may go on by SMS."""
    contacts = dict.fromkeys([contact.id, *people.same_phone(session, contact)])
    return [one for number in contacts for one in keyring().fingerprints("reporter", str(number))]


def rehash(session: Session) -> None:
    """Bring every report's hash of its reporter under the newest key; no table leads to them, so contacts are tried."""
    newest = {}
    for contact_id in session.scalars(select(Contact.id)):
        hashes = keyring().fingerprints("reporter", str(contact_id))
        newest.update(dict.fromkeys(hashes, hashes[0]))
    for report in session.scalars(select(Report).where(Report.reporter_hash.is_not(None))):
        report.reporter_hash = newest.get(str(report.reporter_hash), report.reporter_hash)
