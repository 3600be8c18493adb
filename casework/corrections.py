"""What staff say of a page: "this is wrong or old", and the words that stand in its place until the file is mended.

A correction wins over the file in data/knowledge. Nothing is overwritten: an ended one stays, with who and when.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Index, String, Text, bindparam, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from messaging.segments import count
from runtime import pages, taxonomy
from store.database import Base, Identifier, UTCDateTime, changed, now, transaction

DOUBT, TEXT = "doubt", "text"


class PageCorrection(Base):
    """One doubt (`kind` doubt) or replaced part (`kind` text) of a page. Open until `ended_at`."""

    __tablename__ = "page_corrections"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True, autoincrement=True)
    topic: Mapped[str] = mapped_column(String(32))
    language: Mapped[str] = mapped_column(String(8))
    kind: Mapped[str] = mapped_column(String(16))
    part: Mapped[str | None] = mapped_column(String(16))
    text: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    author: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    __table_args__ = (Index("ix_page_corrections_page", "topic", "language", "ended_at"),)


@dataclass(frozen=True)
class Corrections:
    """What is open for one page: replaced parts, and whether somebody doubts it."""

    parts: dict[str, str] = field(default_factory=dict)
    doubted: bool = False


class NoSuchPage(ValueError):
    """There is no such page or part; the text says which."""


class BadWords(ValueError):
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
    return Corrections(parts, any(kind == DOUBT for kind, _, _ in found))


def replace(topic: str, language: str, part: str, text: str, author: str, reason: str = "") -> None:
    """From now on the part reads so. An earlier correction of the part ends, and so do doubts about the page."""
    _check(topic, language, part)
    _check_words(topic, language, part, text.strip())
    with transaction() as session:
        _end(session, topic, language, TEXT, part)
        _end(session, topic, language, DOUBT, None)
        session.add(
            PageCorrection(
                topic=topic, language=language, kind=TEXT, part=part, text=text.strip(), reason=reason, author=author
            )
        )
        if language == pages.SOURCE:  # the translations say what the English page said
            for other in taxonomy.languages():
                if other != language and pages.page(topic, other) is not None:
                    why = f"the English page was corrected ({part})"
                    session.add(PageCorrection(topic=topic, language=other, kind=DOUBT, reason=why, author=author))


def doubt(topic: str, language: str, author: str, reason: str) -> None:
    """Somebody says that the page is wrong or old; people who ask are told that it is being checked."""
    _check(topic, language, None)
    with transaction() as session:
        session.add(PageCorrection(topic=topic, language=language, kind=DOUBT, reason=reason, author=author))


def withdraw(topic: str, language: str) -> int:
    """End every open correction and doubt of the page: the file's words hold again. Returns how many ended."""
    with transaction() as session:
        return _end(session, topic, language, TEXT, None) + _end(session, topic, language, DOUBT, None)


def history(session: Session, topic: str, language: str) -> list[PageCorrection]:
    """Everything that was ever said of a page, oldest first."""
    of_page = (PageCorrection.topic == topic, PageCorrection.language == language)
    return list(session.scalars(select(PageCorrection).where(*of_page).order_by(PageCorrection.id)))


def _end(session: Session, topic: str, language: str, kind: str, part: str | None) -> int:
    statement = (
        update(PageCorrection)
        .where(
            PageCorrection.topic == topic,
            PageCorrection.language == language,
            PageCorrection.kind == kind,
            PageCorrection.ended_at.is_(None),
        )
        .values(ended_at=now())
    )
    return changed(session, statement.where(PageCorrection.part == part) if part else statement)


def _check(topic: str, language: str, part: str | None) -> None:
    if pages.page(topic, language) is None:
        raise NoSuchPage(f"there is no page {topic}/{language}")
    if part is not None and part not in pages.PARTS:
        raise NoSuchPage(f"a page has the parts {', '.join(pages.PARTS)}, not {part!r}")


def _check_words(topic: str, language: str, part: str, text: str) -> None:
    """A correction meets people at once: it must be there, fit, and have no placeholder that nobody fills."""
    if not text:
        raise BadWords("the text is empty; `sawti content withdraw` brings the file's words back")
    most = pages.most_segments(language)
    if part == "short" and count(text).segments > most:
        raise BadWords(f"a short answer fits into {most} SMS; this needs {count(text).segments}")
    if part in pages.LONGEST and len(text) > pages.LONGEST[part]:
        raise BadWords(f"{len(text)} characters; at most {pages.LONGEST[part]} fit")
    if "{" in text.replace("{organisation}", ""):
        raise BadWords("{organisation} is the only placeholder")
