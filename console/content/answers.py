"""All answers at a glance: each topic in each language, and how it stands."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from flask import g, render_template, request
from flask.typing import ResponseReturnValue

from casework import proposals
from console import asked
from console.blueprint import blueprint
from console.content import states
from console.content.states import State
from runtime import taxonomy
from runtime.folding import fold
from runtime.pages import SOURCE
from store.database import reading


@dataclass(frozen=True)
class Tally:
    """One language: how many pages are in which state, and how many changes wait."""

    language: str
    states: Counter[str]
    waiting: int


@blueprint.get("/answers")
def answers() -> ResponseReturnValue:
    """The languages with their counts, and all topics; with `language`, a list of that language."""
    known = states.languages()
    language = asked.word("language", 8)
    language = language if language in known else None
    wanted = request.args.get("state", "")
    wanted = wanted if wanted in states.NAMES else ""
    words = asked.word("q", 60)
    with reading() as session:
        every = states.every(session)
        waiting = len(proposals.waiting(session))
        alone = not proposals.has_second(session, g.who.person.login)
    tallies = [_tally(code, every) for code in known]
    topics = [topic for topic in taxonomy.topics() if _is_meant(topic, language, words, every)]
    if wanted:
        looked_at = [language] if language is not None else known
        topics = [topic for topic in topics if any(every[topic, code].name == wanted for code in looked_at)]
    page = render_template(
        "console/content/answers.html",
        tallies=tallies,
        columns=[name for name in ("checked", "machine", "outdated", "doubted", "missing") if _is_shown(name, tallies)],
        languages=known,
        chosen=language,
        wanted=wanted,
        words=words or "",
        topics=topics,
        every=every,
        waiting=waiting,
        alone=alone,
    )
    is_odd = asked.is_odd("language", known) or asked.is_odd("state", states.NAMES) or asked.is_odd("q", longest=60)
    return page, 400 if is_odd else 200


def _tally(language: str, every: dict[tuple[str, str], State]) -> Tally:
    mine = [state for (_topic, code), state in every.items() if code == language]
    return Tally(language, Counter(state.name for state in mine), sum(len(state.proposals) for state in mine))


def _is_shown(name: str, tallies: list[Tally]) -> bool:
    """True for a state that some page is in; the two that are worked towards always."""
    return name in ("checked", "machine") or any(tally.states[name] for tally in tallies)


def _is_meant(topic: str, language: str | None, words: str | None, every: dict[tuple[str, str], State]) -> bool:
    """True if the words stand in the topic's title: in English, in the chosen language, or in any if none is."""
    if not words:
        return True
    looked_at = [code for _topic, code in every if _topic == topic and code in (language or code, SOURCE)]
    titles = [state.page.title for code in looked_at if (state := every[topic, code]).page is not None]
    return any(fold(words) in fold(title) for title in titles)
