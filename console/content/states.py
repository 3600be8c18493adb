"""How the pages stand: missing, doubted, behind the English one, checked by a person, or waiting for a change."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import corrections
from casework.corrections import CHECKED, DOUBT, PROPOSAL, TEXT, Corrections, PageCorrection
from console.words import mark
from runtime import pages, taxonomy
from runtime.deployment import deployment
from runtime.pages import SOURCE, Page

NAMES = {
    "missing": mark("Missing"),
    "doubted": mark("Doubted"),
    "outdated": mark("Outdated"),
    "machine": mark("By machine"),
    "checked": mark("Checked"),
}
"""What staff read for the state of a page, the most pressing first."""
MEANINGS = {
    "missing": mark("There is no page in this language."),
    "doubted": mark("Somebody says that it is wrong or old. People who ask are told that it is being checked."),
    "outdated": mark("The English page was changed since this was translated."),
    "machine": mark("Up to date, but written by a machine: nobody has checked it."),
    "checked": mark("A person has read it as it stands and found it right."),
}
MARKS = {"missing": "–", "doubted": "?", "outdated": "!", "machine": "·", "checked": "✓"}
PARTS = {
    "title": mark("Title"),
    "short": mark("Short answer"),
    "more": mark("More"),
    "steps": mark("Steps"),
    "rights": mark("Rights"),
}
RIGHT_TO_LEFT = frozenset({"ar", "fa"})


@dataclass(frozen=True)
class State:
    """One page. `page` is as people are told it, None where it is missing; `source` the English one."""

    topic: str
    language: str
    page: Page | None
    source: Page | None
    name: str
    doubts: tuple[PageCorrection, ...] = ()
    proposals: tuple[PageCorrection, ...] = ()
    checked: PageCorrection | None = None
    """The check that still holds."""
    is_behind: bool = False
    """The English page was changed since; said also where the page is doubted."""


def languages() -> list[str]:
    """The languages in which answers are given, English first: it is what the others are translated from."""
    served = [code for code in taxonomy.languages() if code in deployment().languages and code != SOURCE]
    return [SOURCE, *served]


def direction(language: str) -> str:
    """For the `dir` of an element."""
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"


def every(session: Session) -> dict[tuple[str, str], State]:
    """The state of each page, by topic and language."""
    said: dict[tuple[str, str], list[PageCorrection]] = defaultdict(list)
    query = select(PageCorrection).where(PageCorrection.ended_at.is_(None)).order_by(PageCorrection.id)
    for one in session.scalars(query):
        said[one.topic, one.language].append(one)
    found = {}
    for topic in taxonomy.topics():
        source = _in_force(topic, SOURCE, said[topic, SOURCE])
        for language in languages():
            found[topic, language] = _state(topic, language, source, said[topic, language])
    return found


def of(session: Session, topic: str, language: str) -> State:
    """The state of one page."""
    query = select(PageCorrection).where(PageCorrection.topic == topic, PageCorrection.ended_at.is_(None))
    said: dict[str, list[PageCorrection]] = defaultdict(list)
    for one in session.scalars(query.order_by(PageCorrection.id)):
        said[one.language].append(one)
    return _state(topic, language, _in_force(topic, SOURCE, said[SOURCE]), said[language])


def _in_force(topic: str, language: str, said: list[PageCorrection]) -> Page | None:
    file = pages.page(topic, language)
    if file is None:
        return None
    parts = {str(one.part): str(one.text) for one in said if one.kind == TEXT}
    title = parts.pop("title", None)
    return corrections.over(file, Corrections(parts, title=title))


def _state(topic: str, language: str, source: Page | None, said: list[PageCorrection]) -> State:
    page = _in_force(topic, language, said)
    if page is None:
        return State(topic, language, None, source, "missing")
    doubts = tuple(one for one in said if one.kind == DOUBT)
    proposals = tuple(one for one in said if one.kind == PROPOSAL)
    now_is = corrections.state_of_page(page, source)
    checked = next((one for one in said if one.kind == CHECKED and one.base == now_is), None)
    file = pages.page(topic, SOURCE)
    is_behind = language != SOURCE and checked is None and file is not None and page.of != file.state
    is_checked = checked is not None or page.review == "human"
    name = "doubted" if doubts else "outdated" if is_behind else "checked" if is_checked else "machine"
    return State(topic, language, page, source, name, doubts, proposals, checked, is_behind)
