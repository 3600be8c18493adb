"""Other words for a page, proposed by one editor, put in force by another: four eyes see what many people will read.

A proposal never changes: who thinks better of it takes it back and writes another. It remembers over which words it was
written, and nobody puts it in force over others.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import audit, corrections
from casework.corrections import CHECKED, DOUBT, PROPOSAL, TEXT, PageCorrection, state_of, subject_of, words_of
from casework.report_models import Staff
from runtime import pages
from store.database import now

APPROVED, DECLINED, WITHDRAWN, REPLACED = "approved", "declined", "withdrawn", "replaced"
EDITOR = "editor"


class Stale(Exception):
    """The words were changed by somebody else in the meantime."""


class Unchanged(Exception):
    """The proposed words are those that hold already."""


class NotWaiting(Exception):
    """There is no such proposal, or it was decided already."""


class OwnProposal(Exception):
    """Who wrote it cannot be the second person."""


class NotOwn(Exception):
    """Only who wrote it takes it back."""


def propose(
    session: Session, topic: str, language: str, part: str, text: str, author: str, base: str, reason: str = ""
) -> PageCorrection:
    """Keep other words for a part until somebody else looks at them. An earlier proposal of the author's ends.

    `base` is the `state_of` the words over which it was written.

    Raises:
        NoSuchPage: there is no such page or part.
        BadWords: the words cannot stand.
        Stale: other words hold meanwhile.
        Unchanged: nothing would change.
    """
    text = text.strip()
    corrections.check(topic, language, part)
    corrections.check_words(topic, language, part, text)
    present = _present(session, topic, language, part)
    if state_of(present) != base:
        raise Stale
    if text == present:
        raise Unchanged
    for earlier in waiting(session, topic, language):
        if earlier.part == part and earlier.author == author:
            _decide(earlier, REPLACED, author)
    made = PageCorrection(
        topic=topic,
        language=language,
        kind=PROPOSAL,
        part=part,
        text=text,
        reason=reason or None,
        author=author,
        base=base,
    )
    session.add(made)
    session.flush()
    audit.record(session, author, "content_proposed", subject_of(made), part=part, proposal=made.id)
    return made


def waiting(session: Session, topic: str | None = None, language: str | None = None) -> list[PageCorrection]:
    """Proposals that nobody has decided, oldest first; of one page, or of all."""
    query = select(PageCorrection).where(PageCorrection.kind == PROPOSAL, PageCorrection.ended_at.is_(None))
    if topic is not None:
        query = query.where(PageCorrection.topic == topic, PageCorrection.language == language)
    return list(session.scalars(query.order_by(PageCorrection.id)))


def is_overtaken(session: Session, made: PageCorrection) -> bool:
    """True if other words hold than those over which it was written."""
    return state_of(_present(session, made.topic, made.language, str(made.part))) != made.base


def approve(session: Session, number: int, by: str) -> PageCorrection:
    """The proposed words hold from now on.

    Raises:
        NotWaiting: it is gone.
        OwnProposal: `by` wrote it.
        Stale: other words hold than those over which it was written.
        BadWords: they cannot stand (any more).
    """
    made = _locked(session, number)
    if made.author == by:
        raise OwnProposal
    if is_overtaken(session, made):
        raise Stale
    corrections.check_words(made.topic, made.language, str(made.part), made.text or "")
    made.decision, made.decided_by, made.decided_at = APPROVED, by, now()
    corrections.put_in_force(session, made, made.decided_at)
    made.kind = TEXT
    detail = {"part": made.part, "proposal": made.id, "author": made.author}
    audit.record(session, by, "content_approved", subject_of(made), **detail)
    return made


def decline(session: Session, number: int, by: str, reason: str) -> PageCorrection:
    """It shall not be so. The author finds the reason in the history.

    Raises:
        NotWaiting: it is gone.
        OwnProposal: `by` wrote it; they may take it back.
    """
    made = _locked(session, number)
    if made.author == by:
        raise OwnProposal
    _decide(made, DECLINED, by, reason)
    detail = {"part": made.part, "proposal": made.id, "author": made.author}
    audit.record(session, by, "content_declined", subject_of(made), **detail)
    return made


def take_back(session: Session, number: int, by: str) -> PageCorrection:
    """Its author thought better of it.

    Raises:
        NotWaiting: it is gone.
        NotOwn: somebody else wrote it.
    """
    made = _locked(session, number)
    if made.author != by:
        raise NotOwn
    _decide(made, WITHDRAWN, by)
    audit.record(session, by, "content_taken_back", subject_of(made), part=made.part, proposal=made.id)
    return made


def mark_checked(session: Session, topic: str, language: str, by: str, state: str) -> PageCorrection:
    """A person has read the page, beside the English one, and found it right; doubts about it end.

    It holds while neither changes. `state` is `state_of_page` of what the person saw.

    Raises:
        NoSuchPage: there is none.
        Stale: the page or the English one was changed in the meantime.
    """
    corrections.check(topic, language, None)
    found, source = corrections.page(session, topic, language), corrections.page(session, topic, pages.SOURCE)
    if found is None or corrections.state_of_page(found, source) != state:
        raise Stale
    for kind in (DOUBT, CHECKED):
        corrections.end(session, topic, language, kind)
    made = PageCorrection(topic=topic, language=language, kind=CHECKED, author=by, base=state)
    session.add(made)
    audit.record(session, by, "content_checked", subject_of(made))
    return made


def has_second(session: Session, login: str) -> bool:
    """True if there is an editor besides this one who can log in."""
    people = session.scalars(select(Staff).where(Staff.disabled_at.is_(None), Staff.wrapped_key.is_not(None)))
    return any(EDITOR in person.roles and person.login != login for person in people)


def _present(session: Session, topic: str, language: str, part: str) -> str:
    found = corrections.page(session, topic, language)
    return words_of(found, part) if found is not None else ""


def _locked(session: Session, number: int) -> PageCorrection:
    """The proposal; nobody else decides anything of its page until the caller's transaction ends."""
    found = session.get(PageCorrection, number)
    if found is None:
        raise NotWaiting
    of_page = (PageCorrection.topic == found.topic, PageCorrection.language == found.language)
    query = select(PageCorrection).where(*of_page, PageCorrection.ended_at.is_(None)).order_by(PageCorrection.id)
    session.scalars(query.with_for_update().execution_options(populate_existing=True)).all()
    session.refresh(found)
    if found.kind != PROPOSAL or found.ended_at is not None:
        raise NotWaiting
    return found


def _decide(made: PageCorrection, decision: str, by: str, reason: str = "") -> None:
    made.decision, made.decided_by, made.decided_at = decision, by, now()
    made.decision_reason, made.ended_at = reason or None, made.decided_at
