"""A language's answers out to a translator as one file, and back: what came back otherwise waits as proposals."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from babel.messages.pofile import PoFileError
from flask import Response, abort, flash, g, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from casework import audit, proposals
from casework.refusal import Refusal
from console import once, refusals
from console.blueprint import blueprint
from console.content import drafts, states, told, translating
from console.content.states import State
from console.content.translating import Returned
from console.words import gettext
from directory import packed, uploads
from directory.rows import BadFile as BadPack
from runtime.pages import SOURCE, Page
from store.database import reading, transaction

FORMS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "po": "text/x-gettext-translation",
}


@dataclass
class Taken:
    """What became of a file: proposals made, texts that somebody changed meanwhile, texts that cannot stand and why."""

    proposed: int = 0
    kept: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    sentences: int = 0
    """Changed sentences of the service, which are taken in on the command line only."""


class BadFile(Exception):
    """It is not a file that we gave out; the text says so to the reader."""


@blueprint.get("/answers/texts/<language>")
def texts(language: str) -> ResponseReturnValue:
    """Every text of the language beside its English, as people are told them now."""
    form = request.args.get("as", "xlsx")
    if language not in states.languages() or form not in FORMS:
        abort(404)
    if language == SOURCE:
        flash(gettext("The other languages are translated from English: choose one of them."), "problem")
        return redirect(url_for("console.answers"), 303)
    with reading() as session:
        every = states.every(session)
    with tempfile.TemporaryDirectory(prefix="sawti-") as folder:
        file = Path(folder) / f"sawti-{language}.{form}"
        count = translating.write(file, language, form, lambda topic, code: _page(every, topic, code))
        audit.note(g.who.person.login, "content_exported", language, texts=count, form=form)
        return _download(file, FORMS[form])


@blueprint.post("/answers/texts/<language>")
def take_texts(language: str) -> ResponseReturnValue:
    """Take such a file back: each text that reads otherwise waits for another editor."""
    given = request.files.get("file")
    if language not in states.languages() or language == SOURCE:
        abort(404)
    if given is None or not given.filename:
        flash(gettext("Choose a file."), "problem")
        return redirect(url_for("console.answers", language=language), 303)
    try:
        returned = _read(given.filename, given.read(), language)
    except BadFile as why:
        flash(str(why), "problem")
        return redirect(url_for("console.answers", language=language), 303)
    with once.first_time() as first:
        if not first:
            return redirect(url_for("console.waiting"), 303)
        with transaction() as session:
            done = _take(session, language, returned)
    return render_template("console/content/taken.html", done=done, language=language)


def _page(every: dict[tuple[str, str], State], topic: str, language: str) -> Page | None:
    state = every.get((topic, language))
    return state.page if state is not None else None


def _read(name: str, content: bytes, language: str) -> dict[str, Returned]:
    suffix = Path(name).suffix.lower()
    if suffix.removeprefix(".") not in FORMS:
        raise BadFile(gettext("Use the .xlsx or .po file that you took from here."))
    with tempfile.TemporaryDirectory(prefix="sawti-") as folder:
        file = Path(folder) / f"texts{suffix}"
        file.write_bytes(content)
        try:
            if suffix == ".xlsx":
                packed.check(file)
            return dict(translating.read(file, language))
        except (translating.BadFile, BadPack, PoFileError, *uploads.ODD):
            raise BadFile(gettext("Use the .xlsx or .po file that you took from here.")) from None


def _take(session: Session, language: str, returned: dict[str, Returned]) -> Taken:
    every = states.every(session)
    known = {one.id: one for one in translating.texts(language, lambda topic, code: _page(every, topic, code))}
    done, words = Taken(), defaultdict[str, dict[str, str]](dict)
    for name, back in returned.items():
        ours, text = known.get(name), drafts.cleaned(back.translation)
        if ours is None or not text or text == ours.translation:
            continue
        kind, _, rest = name.partition(".")
        topic, _, part = rest.partition(".")
        if kind != "page":
            done.sentences += 1
        elif back.state != ours.state:
            done.kept.append(name)
        else:
            words[topic][part] = text
    for topic, parts in words.items():
        _propose(session, every[topic, language], parts, done)
    audit.record(
        session, g.who.person.login, "content_taken_in", language, proposed=done.proposed, refused=len(done.refused)
    )
    return done


def _propose(session: Session, state: State, words: dict[str, str], done: Taken) -> None:
    if state.page is None:
        done.refused.append((state.topic, gettext("There is no page yet: make its file with `sawti content import`.")))
        return
    draft = drafts.with_words(state.page, state.source, words)
    for part in draft.changed:
        name = f"page.{state.topic}.{part}"
        if part in draft.faults:
            done.refused.append((name, told.of_fault(draft.faults[part][0])))
            continue
        try:
            proposals.propose(
                session,
                state.topic,
                state.language,
                part,
                draft.words[part],
                g.who.person.login,
                draft.bases[part],
                gettext("from a translator's file"),
            )
            done.proposed += 1
        except Refusal as why:
            done.refused.append((name, refusals.why(why)))


def _download(file: Path, kind: str) -> Response:
    return send_file(BytesIO(file.read_bytes()), kind, as_attachment=True, download_name=file.name)
