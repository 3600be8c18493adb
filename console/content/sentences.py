"""What the service says besides its answers: every sentence of bot/locales in one language, to read and to search.

They are changed in the files: a translator's file goes out and comes back by `sawti content export` and `import`.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template
from flask.typing import ResponseReturnValue

from console import asked, words
from console.blueprint import blueprint
from console.content import states
from messaging.segments import Count, count
from runtime.folding import fold
from runtime.pages import SOURCE
from runtime.words import catalogue


@dataclass(frozen=True)
class Row:
    """One sentence. `text` is empty where the language lacks it: people read the English one."""

    name: str
    english: str
    text: str
    counted: Count


@blueprint.get("/answers/sentences")
def sentences() -> ResponseReturnValue:
    """All of a language, or those with the words that are looked for."""
    known = states.languages()
    language = asked.word("language", 8)
    chosen = language if language in known else words.language() if words.language() in known else SOURCE
    looked_for = asked.word("q", 60) or ""
    ours = catalogue(chosen)
    rows = [
        Row(name, english, text, count(text or english))
        for name, english in catalogue(SOURCE).items()
        if _has(looked_for, name, english, text := ours.get(name, ""))
    ]
    page = render_template(
        "console/content/sentences.html", rows=rows, chosen=chosen, languages=known, words=looked_for, source=SOURCE
    )
    return page, 400 if asked.is_odd("language", known) or asked.is_odd("q", longest=60) else 200


def _has(looked_for: str, *texts: str) -> bool:
    wanted = fold(looked_for)
    return not wanted or any(wanted in fold(text) for text in texts)
