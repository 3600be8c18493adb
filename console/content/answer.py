"""One answer in one language beside the English one: seen as it arrives, changed by a proposal, doubted, checked."""

from __future__ import annotations

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from casework import corrections, proposals
from casework.refusal import Refusal
from console import asked, once, refusals
from console.blueprint import blueprint
from console.content import drafts, past, preview, states
from console.content.drafts import Draft
from console.content.states import State
from console.words import gettext, ngettext
from runtime import pages, taxonomy
from runtime.pages import SOURCE, Page
from store.database import reading, transaction

LONGEST_REASON = 300


@blueprint.get("/answers/<topic>/<language>")
def answer(topic: str, language: str) -> ResponseReturnValue:
    """The page; with `again`, the words of an earlier entry of its history stand in the form."""
    with reading() as session:
        state, page = _find(session, topic, language)
        draft = drafts.of_page(page)
        earlier = request.args.get("again", "")
        number = 0 if earlier == "0" else asked.number(earlier)
        words = past.words_again(session, topic, language, number) if number is not None else {}
        if words:
            draft = drafts.with_words(page, state.source, words)
        return _shown(session, state, page, draft), 400 if earlier and not words else 200


@blueprint.post("/answers/<topic>/<language>")
def propose_answer(topic: str, language: str) -> ResponseReturnValue:
    """Look at what was typed, or propose it: each changed part waits for another editor."""
    is_final = request.form.get("do") == "propose"
    with reading() as session:
        state, page = _find(session, topic, language)
        draft = drafts.read(page, state.source, request.form)
        if not is_final or not draft.is_good:
            return _shown(session, state, page, draft, is_final)
    with once.first_time() as first:
        made = _propose(topic, language, draft) if first else 0
    if made:
        said = ngettext("%(num)s change waits for another editor.", "%(num)s changes wait for another editor.", made)
        flash(said % {"num": made})
    return _back(topic, language)


@blueprint.post("/answers/<topic>/<language>/doubt")
def doubt_answer(topic: str, language: str) -> ResponseReturnValue:
    """It is wrong or old: people who ask are told so from now on."""
    reason = _reason("reason")
    with reading() as session:
        _find(session, topic, language)
    if not reason:
        flash(gettext("Say what is wrong or old, for who mends it."), "problem")
        return _back(topic, language)
    with once.first_time() as first:
        if first:
            login = g.who.person.login
            corrections.doubt(topic, language, login, reason, actor=login)
    flash(gettext("People who ask are told that it is being checked."))
    return _back(topic, language)


@blueprint.post("/answers/<topic>/<language>/checked")
def check_answer(topic: str, language: str) -> ResponseReturnValue:
    """A person has read it and found it right."""
    try:
        with transaction() as session:
            _find(session, topic, language)
            given = request.form.get("state", "")[:40]
            proposals.mark_checked(session, topic, language, g.who.person.login, given)
    except proposals.Stale:
        flash(gettext("The page was changed meanwhile. Read it again."), "problem")
    else:
        flash(gettext("It counts as checked by you, until it or the English page is changed."))
    return _back(topic, language)


def _find(session: Session, topic: str, language: str) -> tuple[State, Page]:
    """The page; 404 where there is none."""
    if topic not in taxonomy.topics() or language not in states.languages():
        abort(404)
    state = states.of(session, topic, language)
    if state.page is None:
        abort(404)
    return state, state.page


def _propose(topic: str, language: str, draft: Draft) -> int:
    """Keep a proposal for each changed part; how many. What somebody else was faster with is told."""
    by, reason, made = g.who.person.login, _reason("reason"), 0
    with transaction() as session:
        for part in draft.changed:
            words, base = draft.words[part], draft.bases[part]
            try:
                proposals.propose(session, topic, language, part, words, by, base, reason)
                made += 1
            except Refusal as why:  # what the draft's own look let through
                flash(refusals.why(why), "problem")
            except (proposals.Stale, proposals.Unchanged):
                flash(gettext("The page was changed meanwhile. Read it again."), "problem")
    return made


def _shown(session: Session, state: State, page: Page, draft: Draft, was_final: bool = False) -> str:
    login = g.who.person.login
    seen = drafts.as_page(page, draft)
    is_doubted = bool(state.doubts)
    return render_template(
        "console/content/answer.html",
        state=state,
        page=page,
        draft=draft,
        was_final=was_final,
        reason=_reason("reason"),
        present=drafts.of_page(page).words,
        english=drafts.of_page(state.source).words if state.source is not None else {},
        sms=preview.bubbles(seen, "sms", is_doubted),
        whatsapp=preview.bubbles(seen, "whatsapp", is_doubted),
        cost=preview.cost,
        entries=past.of_page(session, state.topic, state.language)[: past.SHOWN],
        seen_state=corrections.state_of_page(page, state.source),
        is_source=state.language == SOURCE,
        others=[one for one in state.proposals if one.author != login],
        alone=not proposals.has_second(session, login),
        languages=[code for code in states.languages() if pages.page(state.topic, code) is not None],
        longest=drafts.LONGEST,
        longest_reason=LONGEST_REASON,
    )


def _reason(name: str) -> str:
    return drafts.cleaned(request.form.get(name, ""))[:LONGEST_REASON]


def _back(topic: str, language: str) -> ResponseReturnValue:
    return redirect(url_for("console.answer", topic=topic, language=language), 303)
