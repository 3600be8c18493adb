"""The list that is asked for; also those that begin with a few known feedbacks: what a group tells, who waits live."""

from sqlalchemy import String, cast, select
from sqlalchemy.orm import Session

from casework import finding, hand_over
from casework.finding import Found
from casework.models import Feedback
from console.inbox.narrowing import Asked
from messaging.models import Contact
from store.database import now

MOST = 1000
"""Feedback of one group that is looked at, the newest."""
MOST_LIVE = 200


def look(session: Session, wanted: Asked, before: int | None, most: int, counted: int) -> tuple[Found, int]:
    """The next feedbacks after `before` that are asked for, and how many there are in all, as `count` says it."""
    ids = chosen(session, wanted)
    if ids is None:
        found = finding.page(session, wanted.filters, before, most, wanted.oldest_first)
        return found, finding.count(session, wanted.filters, counted)
    rows = finding.among(session, wanted.filters, ids)
    rows.sort(key=lambda one: (one.created_at, one.id), reverse=not wanted.oldest_first)
    begin = next((place for place, one in enumerate(rows, 1) if one.id == before), 0)
    shown = rows[begin : begin + most]
    more = shown[-1].id if len(rows) > begin + most else None
    return Found(tuple(shown), more), min(len(rows), counted + 1)


def count(session: Session, wanted: Asked, most: int) -> int:
    """How many are asked for; one more than `most` stands for more."""
    ids = chosen(session, wanted)
    if ids is None:
        return finding.count(session, wanted.filters, most)
    return min(len(finding.among(session, wanted.filters, ids)), most + 1)


def chosen(session: Session, wanted: Asked) -> set[int] | None:
    """Ids of the feedback of the group, and of those who wait live; None where neither was asked for."""
    ids = None
    if wanted.group is not None:
        of_group = select(Feedback.id).where(Feedback.cluster_id == wanted.group)
        ids = set(session.scalars(of_group.order_by(Feedback.id.desc()).limit(MOST + 1)))
    if wanted.is_live:
        live = live_ids(session)
        ids = live if ids is None else ids & live
    return ids


def live_ids(session: Session) -> set[int]:
    """Questions of people who wait for staff to write, now."""
    waits = (
        select(Feedback.id, Contact)
        .join(Contact, Contact.id == Feedback.contact_id)
        .where(
            Contact.with_people_until > now(),
            Feedback.state != "closed",
            cast(Feedback.types, String).contains('"question"'),
        )
        .order_by(Contact.with_people_until)
        .limit(MOST_LIVE)
    )
    found = session.execute(waits).all()
    live = {one.id for one in {contact for _, contact in found} if hand_over.waits_live(session, one)}
    return {number for number, contact in found if contact.id in live}
