"""What staff say of a page: "this is wrong or old", and the words that stand in its place until the file is mended.

A correction wins over the file in data/knowledge. Nothing is overwritten: an ended one stays, with who and when. How a
correction comes into force with the consent of a second person stands in proposals.py.
"""

from __future__ import annotations

import dataclasses
import hashlib
import time
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Index, String, Text, bindparam, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from casework import audit
from casework.refusal import Refusal
from messaging.segments import count
from runtime import pages, taxonomy
from runtime.pages import Page
from store.database import Base, Identifier, UTCDateTime, changed, now, reading, transaction

DOUBT, TEXT, PROPOSAL, CHECKED = "doubt", "text", "proposal", "checked"
PARTS = ("title", *pages.PARTS)
"""What of a page can be corrected."""
ENGLISH_CHANGED = "the English page was corrected"
"""Why translations are doubted then."""
FRESH = 5.0
"""Seconds after which a process notices that a title was corrected; the other words are read each time."""


class PageCorrection(Base):
    """One thing said of a page; open until `ended_at`.

    `kind`: doubt; text (a part reads so); proposal (it shall read so: waits for a second person, then is a text);
    checked (a person found the page right, as it stood in `base`).
    """

    __tablename__ = "page_corrections"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True, autoincrement=True)
    topic: Mapped[str] = mapped_column(String(32))
    language: Mapped[str] = mapped_column(String(8))
    kind: Mapped[str] = mapped_column(String(16))
    part: Mapped[str | None] = mapped_column(String(16))
    text: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    author: Mapped[str] = mapped_column(String(80))
    base: Mapped[str | None] = mapped_column(String(40))
    """State of the words that were proposed over, or of the page that was checked: `state_of`, `state_of_page`."""
    decision: Mapped[str | None] = mapped_column(String(16))
    """Of what was once a proposal: approved, declined, withdrawn, replaced (by a newer one of its author)."""
    decided_by: Mapped[str | None] = mapped_column(String(80))
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    decision_reason: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    __table_args__ = (Index("ix_page_corrections_page", "topic", "language", "ended_at"),)

    @property
    def began_at(self) -> datetime:
        """Since when a text holds."""
        return self.decided_at or self.created_at


@dataclass(frozen=True)
class Corrections:
    """What is open for one page: replaced parts, and whether somebody doubts it."""

    parts: dict[str, str] = field(default_factory=dict)
    doubted: bool = False
    title: str | None = None


class NoSuchPage(ValueError):
    """There is no such page or part; the text says which."""


class BadWords(Refusal):
    """The words cannot stand in a page; the text says why."""


_OPEN = select(PageCorrection.kind, PageCorrection.part, PageCorrection.text).where(
    PageCorrection.topic == bindparam("topic"),
    PageCorrection.language == bindparam("language"),
    PageCorrection.ended_at.is_(None),
)


def of(session: Session, topic: str, language: str) -> Corrections:
    """The open corrections of a page."""
    found = session.execute(_OPEN, {"topic": topic, "language": language}).all()
    parts = {part: text for kind, part, text in found if kind == TEXT and part and text}
    title = parts.pop("title", None)
    return Corrections(parts, any(kind == DOUBT for kind, _, _ in found), title)


def over(file: Page, known: Corrections) -> Page:
    """The page as people are told it: the file's words with the corrections over them."""
    if not known.parts and known.title is None:
        return file
    return dataclasses.replace(file, title=known.title or file.title, parts={**file.parts, **known.parts})


def page(session: Session, topic: str, language: str) -> Page | None:
    """The page as people are told it; None where there is none."""
    file = pages.page(topic, language)
    return over(file, of(session, topic, language)) if file is not None else None


def title(topic: str, language: str) -> str | None:
    """The corrected title of a page, if there is one. Menus ask for many: they are remembered for a moment."""
    return _titles(int(time.monotonic() / FRESH)).get((topic, language))


def forget() -> None:
    """Look for corrected titles again."""
    _titles.cache_clear()


@lru_cache(maxsize=1)
def _titles(_moment: int) -> dict[tuple[str, str], str]:
    query = select(PageCorrection.topic, PageCorrection.language, PageCorrection.text).where(
        PageCorrection.kind == TEXT, PageCorrection.part == "title", PageCorrection.ended_at.is_(None)
    )
    with reading() as session:
        return {(topic, language): text for topic, language, text in session.execute(query) if text}


def words_of(found: Page, part: str) -> str:
    """The words of one part, the title among them."""
    return found.title if part == "title" else found.parts[part]


def state_of(words: str) -> str:
    """Changes with every letter of a part."""
    return hashlib.sha256(words.encode()).hexdigest()[:8]


def state_of_page(found: Page, source: Page | None) -> str:
    """Changes with every letter of a page, and of the English one beside which it is read."""
    return f"{found.state}/{source.state if source is not None else ''}"


def replace(topic: str, language: str, part: str, text: str, author: str, reason: str = "") -> None:
    """From now on the part reads so, on the word of one person who operates the service.

    An earlier correction of the part ends, and so do doubts about the page. The audit log says that it was a command.

    Raises:
        NoSuchPage: there is no such page or part.
        BadWords: the words cannot stand.
    """
    check(topic, language, part)
    check_words(topic, language, part, text.strip())
    with transaction() as session:
        made = PageCorrection(
            topic=topic, language=language, kind=TEXT, part=part, text=text.strip(), reason=reason, author=author
        )
        made.created_at = now()
        put_in_force(session, made, made.created_at)
        detail = {"part": part, "approved_by": "operator's command"}
        audit.record(session, operator(author), "content_corrected", subject_of(made), **detail)
    forget()


def put_in_force(session: Session, made: PageCorrection, at: datetime) -> None:
    """The text holds from then on, in the caller's transaction; what it takes the place of ends at the same moment.

    Doubts that were there when it was written end too; a corrected English page makes its translations doubtful. A
    title says nothing that could be wrong: it does neither.
    """
    end(session, made.topic, made.language, TEXT, made.part, at=at)
    session.add(made)
    if made.part == "title":
        return
    end(session, made.topic, made.language, DOUBT, until=made.created_at)
    if made.language == pages.SOURCE:  # the translations say what the English page said
        for other in taxonomy.languages():
            if other != made.language and pages.page(made.topic, other) is not None:
                why = f"{ENGLISH_CHANGED} ({made.part})"
                session.add(
                    PageCorrection(topic=made.topic, language=other, kind=DOUBT, reason=why, author=made.author)
                )


def doubt(topic: str, language: str, author: str, reason: str, actor: str | None = None) -> None:
    """Somebody says that the page is wrong or old; people who ask are told that it is being checked."""
    check(topic, language, None)
    with transaction() as session:
        made = PageCorrection(topic=topic, language=language, kind=DOUBT, reason=reason, author=author)
        session.add(made)
        audit.record(session, actor or operator(author), "content_doubted", subject_of(made))


def withdraw(topic: str, language: str) -> int:
    """End every open correction and doubt of the page: the file's words hold again. Returns how many ended."""
    with transaction() as session:
        ended = end(session, topic, language, TEXT) + end(session, topic, language, DOUBT)
        if ended:
            audit.record(session, "operator", "content_withdrawn", f"{topic}/{language}"[:48], ended=ended)
    forget()
    return ended


def history(session: Session, topic: str, language: str) -> list[PageCorrection]:
    """Everything that was ever said of a page, oldest first."""
    of_page = (PageCorrection.topic == topic, PageCorrection.language == language)
    return list(session.scalars(select(PageCorrection).where(*of_page).order_by(PageCorrection.id)))


def end(
    session: Session,
    topic: str,
    language: str,
    kind: str,
    part: str | None = None,
    until: datetime | None = None,
    at: datetime | None = None,
) -> int:
    """End what is open of a kind (of one part only, or what was there `until` then); how many ended."""
    statement = (
        update(PageCorrection)
        .where(
            PageCorrection.topic == topic,
            PageCorrection.language == language,
            PageCorrection.kind == kind,
            PageCorrection.ended_at.is_(None),
        )
        .values(ended_at=at or now())
    )
    if part:
        statement = statement.where(PageCorrection.part == part)
    if until is not None:
        statement = statement.where(PageCorrection.created_at <= until)
    return changed(session, statement)


def subject_of(made: PageCorrection) -> str:
    """`food/so`, as the audit log names a page."""
    return f"{made.topic}/{made.language}"


def operator(name: str) -> str:
    """How the audit log names somebody at the command line."""
    return f"operator {name}"[:48]


def check(topic: str, language: str, part: str | None) -> None:
    """There is such a page, and such a part.

    Raises:
        NoSuchPage: there is not.
    """
    if pages.page(topic, language) is None:
        raise NoSuchPage(f"there is no page {topic}/{language}")
    if part is not None and part not in PARTS:
        raise NoSuchPage(f"a page has the parts {', '.join(PARTS)}, not {part!r}")


def check_words(topic: str, language: str, part: str, text: str) -> None:
    """A correction meets people at once: it must be there, fit, and have no placeholder that nobody fills.

    Raises:
        BadWords: it does not.
    """
    if not text:
        raise BadWords("the text is empty; `sawti content withdraw` brings the file's words back")
    most = pages.most_segments(language)
    if part == "title" and (len(text) > pages.TITLE or "\n" in text):
        raise BadWords("a title is one line of at most %(most)s characters", most=pages.TITLE)
    if part == "short" and count(text).segments > most:
        raise BadWords(
            "a short answer fits into %(most)s SMS; this needs %(needed)s", most=most, needed=count(text).segments
        )
    if part in pages.LONGEST and len(text) > pages.LONGEST[part]:
        raise BadWords("%(count)s characters; at most %(most)s fit", count=len(text), most=pages.LONGEST[part])
    if "{" in text.replace("{organisation}", ""):
        raise BadWords("{organisation} is the only placeholder")
