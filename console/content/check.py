"""Is every page and sentence there, current, short enough, and in the right letters?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import yaml

from console.words import mark
from messaging.segments import count, dear
from runtime import pages, taxonomy
from runtime.pages import PARTS, SOURCE, Page
from runtime.settings import ROOT
from runtime.words import catalogue

MOST_OF_A_SENTENCE = 4
ORGANISATION = "Example Organisation"
COSTLY = frozenset("’‘“”–—…\u00a0\u202f\u200b")
"""Characters that make an SMS cost double where plain ones would do."""
_SCRIPTS = {"ar": "ARABIC", "fa": "ARABIC", "am": "ETHIOPIC", "uk": "CYRILLIC", "ru": "CYRILLIC"}
_PLACEHOLDER = re.compile(r"\{\w+\}")
GLOSSARY = ROOT / "data" / "glossary.yml"


@dataclass(frozen=True)
class Finding:
    """One thing to mend (`is_error`) or to consider."""

    language: str
    where: str
    what: str
    is_error: bool = True

    def line(self) -> str:
        """For a terminal."""
        return f"{'MEND' if self.is_error else 'note'}  {self.language}  {self.where}: {self.what}"


@dataclass(frozen=True)
class Fault:
    """What is wrong with one part of a page: a sentence and its values, which the console says in other languages."""

    part: str
    sentence: str
    values: dict[str, object]

    def __str__(self) -> str:
        return self.sentence % {"part": self.part, **self.values}


def summary() -> str:
    """What was looked at."""
    sentences = len(catalogue(SOURCE))
    return f"{len(taxonomy.topics())} topics and {sentences} sentences in {len(taxonomy.languages())} languages"


def run() -> list[Finding]:
    """Every finding, language by language."""
    return [
        finding
        for language in taxonomy.languages()
        for check in (_pages, _sentences)
        for finding in check(language)
    ]  # fmt: skip


def _pages(language: str) -> Iterator[Finding]:
    for topic in taxonomy.topics():
        where = f"{topic}/{language}.md"
        try:
            page, source = pages.page(topic, language), pages.page(topic, SOURCE)
        except pages.BadPage as error:
            yield Finding(language, where, str(error))
            continue
        if page is None:
            yield Finding(language, where, "the page is missing")
            continue
        if (page.topic, page.language) != (topic, language):
            yield Finding(language, where, f"the front matter says {page.topic}/{page.language}")
        for what in of_page(page):
            yield Finding(language, where, str(what))
        if source is not None and page is not source:
            yield from _against(page, source)


def of_page(page: Page) -> Iterator[Fault]:
    """What is wrong with a page for itself."""
    if len(page.title) > pages.TITLE:
        said = mark("the title has %(count)s characters, at most %(most)s fit")
        yield Fault("title", said, {"count": len(page.title), "most": pages.TITLE})
    yield from _short(page)
    for part, most in pages.LONGEST.items():
        if len(page.parts[part]) > most:
            said = mark("%(part)s has %(count)s characters, at most %(most)s")
            yield Fault(part, said, {"count": len(page.parts[part]), "most": most})
    for part in PARTS:
        yield from _letters(page.parts[part], page.language, part)
    if not page.sources:
        yield Fault("sources", mark("no source is named"), {})
    for other in page.next:
        if other not in taxonomy.topics() or other == page.topic:
            yield Fault("next", mark("next: %(topic)s is not another topic"), {"topic": repr(other)})


def _short(page: Page) -> Iterator[Fault]:
    text = page.parts["short"].replace("{organisation}", ORGANISATION)
    counted, most = count(text), pages.most_segments(page.language)
    if counted.segments <= most:
        return
    letters = dear(page.parts["short"]) if page.language in pages.GSM_LANGUAGES else []
    if letters:
        said = mark("%(part)s needs %(count)s SMS, at most %(most)s; %(letters)s are outside GSM-7")
    else:
        said = mark("%(part)s needs %(count)s SMS, at most %(most)s")
    yield Fault("short", said, {"count": counted.segments, "most": most, "letters": " ".join(letters)})


def of_translation(page: Page, source: Page) -> Iterator[Fault]:
    """What is wrong with a page beside its English one."""
    for part in PARTS:
        if page.parts[part] == source.parts[part]:
            yield Fault(part, mark("%(part)s: it is still in English"), {})
        if placeholders(page.parts[part]) != placeholders(source.parts[part]):
            yield Fault(part, mark("%(part)s: the placeholders are not those of the English page"), {})


def _against(page: Page, source: Page) -> Iterator[Finding]:
    """A translation beside its English page."""
    where = f"{page.topic}/{page.language}.md"
    if page.of != source.state:
        yield Finding(page.language, where, f"outdated: the English page is now {source.state}, this is of {page.of}")
    for fault in of_translation(page, source):
        yield Finding(page.language, where, str(fault))
    said, meant = "\n".join(page.parts.values()).lower(), "\n".join(source.parts.values()).lower()
    for term, forms in glossary().items():
        ours = [str(form).lower() for form in forms.get(page.language, ())]
        if (
            ours
            and any(str(form).lower() in meant for form in forms[SOURCE])
            and not any(form in said for form in ours)
        ):
            yield Finding(page.language, where, f"the glossary's word for {term!r} is not used", is_error=False)


def _sentences(language: str) -> Iterator[Finding]:
    ours, source = catalogue(language), catalogue(SOURCE)
    for name, english in source.items():
        text = ours.get(name)
        if text is None:
            yield Finding(language, name, "the sentence is missing")
            continue
        if placeholders(text) != placeholders(english):
            yield Finding(language, name, "the placeholders are not those of the English sentence")
        for what in _letters(text, language, "the sentence"):
            yield Finding(language, name, str(what))
        if count(text).segments > MOST_OF_A_SENTENCE:
            yield Finding(language, name, f"needs {count(text).segments} SMS, at most {MOST_OF_A_SENTENCE}")
    for name in ours.keys() - source.keys():
        yield Finding(language, name, "there is no such sentence in English")


def placeholders(text: str) -> list[str]:
    """What is filled in when the text is said."""
    return sorted(_PLACEHOLDER.findall(text))


def _letters(text: str, language: str, part: str) -> Iterator[Fault]:
    costly = sorted(COSTLY & set(text))
    if costly:
        names = ", ".join(unicodedata.name(letter).lower() for letter in costly)
        yield Fault(part, mark("%(part)s has characters that only cost: %(names)s"), {"names": names})
    letters = [c for c in _PLACEHOLDER.sub("", text) if c.isalpha()]
    wanted = _SCRIPTS.get(language, "LATIN")
    right = sum(unicodedata.name(c, "").startswith(wanted) for c in letters)
    if len(letters) > 20 and right < 0.7 * len(letters):
        yield Fault(part, mark("%(part)s is not written in %(script)s letters"), {"script": wanted.title()})


@lru_cache(maxsize=1)
def glossary() -> dict[str, dict[str, list[str]]]:
    """Term to its words in each language (data/glossary.yml)."""
    data: dict[str, dict[str, list[str]]] = yaml.safe_load(GLOSSARY.read_text(encoding="utf-8"))
    return data
