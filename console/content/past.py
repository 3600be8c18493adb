"""What was said of a page so far: who, when, what changed, and whether those words can be proposed again."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from casework import corrections
from casework.corrections import PROPOSAL, TEXT, PageCorrection, words_of
from casework.proposals import APPROVED
from console.content import differences
from runtime import pages

SHOWN = 40


@dataclass(frozen=True)
class Entry:
    """One thing that was said. `pieces`: what it changed, word by word; empty for what changes no words.

    `kind`: in_force, past (was in force), waiting, declined, withdrawn, replaced, doubt, checked.
    """

    made: PageCorrection
    kind: str
    pieces: list[tuple[str, str]]
    can_return: bool
    """These words do not hold, and can be proposed again."""


def of_page(session: Session, topic: str, language: str) -> list[Entry]:
    """Newest first."""
    file = pages.page(topic, language)
    if file is None:
        return []
    said = corrections.history(session, topic, language)
    present = corrections.page(session, topic, language) or file
    entries = []
    for made in said:
        if made.text is None or made.part is None:
            entries.append(Entry(made, made.kind, [], False))
            continue
        before = _before(said, made, words_of(file, made.part))
        pieces = differences.words(before, made.text)
        entries.append(Entry(made, _kind(made), pieces, made.text != words_of(present, made.part)))
    return entries[::-1]


def words_again(session: Session, topic: str, language: str, number: int) -> dict[str, str]:
    """The words of an earlier entry, by part; for 0 those of the file. Empty if there is no such entry."""
    if number == 0:
        file = pages.page(topic, language)
        return {part: words_of(file, part) for part in corrections.PARTS} if file is not None else {}
    made = session.get(PageCorrection, number)
    if made is None or (made.topic, made.language) != (topic, language) or not made.text or not made.part:
        return {}
    return {made.part: made.text}


def pieces_of(session: Session, made: PageCorrection) -> list[tuple[str, str]]:
    """What a proposal would change of the words that hold now."""
    present = corrections.page(session, made.topic, made.language)
    return differences.words(words_of(present, str(made.part)) if present else "", made.text or "")


def _kind(made: PageCorrection) -> str:
    if made.kind == PROPOSAL:
        return made.decision or "waiting"
    return "in_force" if made.ended_at is None else "past"


def _before(said: list[PageCorrection], made: PageCorrection, in_file: str) -> str:
    """The words that held when it came into force, or was written if it never did. The file's are those of today."""
    moment = made.began_at if made.kind == TEXT and made.decision == APPROVED else made.created_at
    earlier = [
        one
        for one in said
        if one is not made
        and one.kind == TEXT
        and one.part == made.part
        and one.began_at <= moment
        and (one.ended_at is None or one.ended_at >= moment)
    ]
    held = max(earlier, key=lambda one: one.began_at, default=None)
    return (held.text or in_file) if held is not None else in_file
