"""What an editor typed for a page: read from the form, compared with what holds, looked at before it is proposed."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from casework.corrections import PARTS, state_of, words_of
from console.content import check
from console.content.check import Fault
from console.words import mark
from runtime.pages import SOURCE, Page

LONGEST = 4000
"""Characters that are looked at at all."""


@dataclass(frozen=True)
class Draft:
    """`words`: what stands in each field; `changed`: the parts that would read otherwise.

    `stale`: parts that somebody else changed since the page was shown, under what was typed here.
    """

    words: dict[str, str]
    bases: dict[str, str]
    changed: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    faults: dict[str, list[Fault]] = field(default_factory=dict)

    @property
    def is_good(self) -> bool:
        """True if there is something to propose, and nothing against it."""
        return bool(self.changed) and not self.stale and not self.faults


def of_page(page: Page) -> Draft:
    """Nothing typed yet."""
    words = {part: words_of(page, part) for part in PARTS}
    return Draft(words, {part: state_of(text) for part, text in words.items()})


def with_words(page: Page, source: Page | None, words: Mapping[str, str]) -> Draft:
    """With other words in some fields, as if they had been typed over the present ones."""
    blank = of_page(page)
    return _looked_at(page, source, {**blank.words, **words}, blank.bases)


def read(page: Page, source: Page | None, form: Mapping[str, str]) -> Draft:
    """What the form says; a field that is not there says nothing."""
    blank = of_page(page)
    words = {part: cleaned(form[part]) if part in form else blank.words[part] for part in PARTS}
    bases = {part: form.get(f"base_{part}", blank.bases[part])[:8] for part in PARTS}
    return _looked_at(page, source, words, bases)


def as_page(page: Page, draft: Draft) -> Page:
    """The page as it would be told."""
    return replace(
        page, title=draft.words["title"], parts={part: draft.words[part] for part in PARTS if part != "title"}
    )


def cleaned(text: str) -> str:
    """With line ends as we keep them, without characters that nobody sees and no database takes."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")[:LONGEST]
    return "".join(one for one in text if one == "\n" or unicodedata.category(one) not in ("Cc", "Cs")).strip()


def _looked_at(page: Page, source: Page | None, words: dict[str, str], bases: dict[str, str]) -> Draft:
    present = of_page(page)
    # a field that nobody touched holds the words that were there when the page was shown
    touched = [part for part in PARTS if state_of(words[part]) != bases[part]]
    theirs = [part for part in touched if bases[part] != present.bases[part]]
    stale = tuple(part for part in theirs if words[part] != present.words[part])
    untouched = {part: present.words[part] for part in PARTS if part not in touched}
    words = {**words, **untouched}
    changed = tuple(part for part in PARTS if words[part] != present.words[part])
    fresh = {part: present.bases[part] for part in PARTS}
    draft = Draft(words, fresh, changed, stale)
    return replace(draft, faults=_faults(page, source, draft))


def _faults(page: Page, source: Page | None, draft: Draft) -> dict[str, list[Fault]]:
    """What `sawti content check` would say of the changed page and does not say of the present one."""
    found: dict[str, list[Fault]] = {}
    for part in draft.changed:
        if not draft.words[part]:
            found[part] = [Fault(part, mark("It is empty."), {})]
    if found:
        return found
    after = as_page(page, draft)
    known = {str(fault) for fault in _said(page, source)}
    for fault in (*_said(after, source), *_form(draft)):
        if str(fault) not in known:
            found.setdefault(fault.part, []).append(fault)
    return found


def _said(page: Page, source: Page | None) -> list[Fault]:
    beside = check.of_translation(page, source) if source is not None and page.language != SOURCE else ()
    return [*check.of_page(page), *beside]


def _form(draft: Draft) -> list[Fault]:
    """What would break the file in which the words stand one day, or reach people as it is."""
    found = []
    for part in draft.changed:
        text = draft.words[part]
        if any(line.startswith("## ") for line in text.split("\n")):
            found.append(Fault(part, mark("%(part)s: no line may begin with ##"), {}))
        if part == "title" and "\n" in text:
            found.append(Fault(part, mark("the title is one line"), {}))
        if "{" in text.replace("{organisation}", "") or (part == "title" and "{" in text):
            found.append(Fault(part, mark("%(part)s: {organisation} is the only placeholder"), {}))
    return found
