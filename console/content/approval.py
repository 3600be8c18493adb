"""What waits for a second pair of eyes: proposals of other editors, looked at word by word, approved or declined."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby

from flask import flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from casework import corrections, proposals
from casework.corrections import PageCorrection
from casework.refusal import Refusal
from console import asked, once, refusals
from console.blueprint import blueprint
from console.content import drafts, past, preview, states, told
from console.content.check import Fault
from console.content.preview import Bubble
from console.content.states import State
from console.words import gettext, ngettext
from store.database import reading, transaction

LONGEST_REASON = 300
SHOWN = 100
"""Proposals on one page; a translator's whole file has more."""


@dataclass(frozen=True)
class Waiting:
    """One proposal as it is looked at. `first`: the SMS answer as it would be, where its words change."""

    made: PageCorrection
    pieces: list[tuple[str, str]]
    is_overtaken: bool
    faults: list[Fault]
    first: Bubble | None


@dataclass(frozen=True)
class Group:
    """The proposals of one author for one page."""

    state: State
    author: str
    is_mine: bool
    waiting: list[Waiting]


@blueprint.get("/answers/waiting")
def waiting() -> ResponseReturnValue:
    """Oldest first, those of one page and author together."""
    login = g.who.person.login
    with reading() as session:
        found = proposals.waiting(session)
        shown = sorted(found[:SHOWN], key=_place)
        groups = [_group(session, list(some), login) for _key, some in groupby(shown, key=_place)]
        alone = not proposals.has_second(session, login)
    groups.sort(key=lambda group: (group.is_mine, group.waiting[0].made.id))
    return render_template(
        "console/content/waiting.html",
        groups=groups,
        more=max(0, len(found) - SHOWN),
        alone=alone,
        longest=LONGEST_REASON,
    )


@blueprint.post("/answers/waiting/approve")
def approve_change() -> ResponseReturnValue:
    """Those that were ticked hold from now on."""

    def do(session: Session, number: int) -> None:
        _check(session, number)
        proposals.approve(session, number, g.who.person.login)

    done = _each(do)
    corrections.forget()
    if done:
        said = ngettext(
            "%(num)s change is in force: people are answered with it.",
            "%(num)s changes are in force: people are answered with them.",
            done,
        )
        _say(said, done)
    return redirect(url_for("console.waiting"), 303)


@blueprint.post("/answers/waiting/decline")
def decline_change() -> ResponseReturnValue:
    """Those that were ticked shall not be; the reason is for their author."""
    reason = drafts.cleaned(asked.text("reason"))[:LONGEST_REASON]
    if not reason:
        flash(gettext("Say why, for who wrote it."), "problem")
        return redirect(url_for("console.waiting"), 303)
    done = _each(lambda session, number: proposals.decline(session, number, g.who.person.login, reason))
    if done:
        _say(ngettext("%(num)s change was declined.", "%(num)s changes were declined.", done), done)
    return redirect(url_for("console.waiting"), 303)


@blueprint.post("/answers/waiting/take-back")
def take_back_change() -> ResponseReturnValue:
    """Own ones, thought better of."""
    done = _each(lambda session, number: proposals.take_back(session, number, g.who.person.login))
    if done:
        _say(ngettext("%(num)s change was taken back.", "%(num)s changes were taken back.", done), done)
    return redirect(url_for("console.waiting"), 303)


def _each(do: Callable[[Session, int], object]) -> int:
    """Do it with each that was ticked, on its own; how many it was done with. Why not is told once for each reason."""
    ticked = sorted(asked.numbers("proposal"))[:SHOWN]
    if not ticked:
        flash(gettext("Tick the changes that you mean."), "problem")
    done, why = 0, []
    with once.first_time() as first:
        for number in ticked if first else ():
            try:
                with transaction() as session:
                    do(session, number)
                done += 1
            except proposals.NotWaiting:
                why.append(gettext("Somebody else was faster: a change does not wait any more."))
            except proposals.OwnProposal:
                why.append(gettext("Who wrote a change cannot approve or decline it: that is for another editor."))
            except proposals.NotOwn:
                why.append(gettext("Only who wrote a change can take it back."))
            except proposals.Stale:
                why.append(gettext("The words were changed since a change was proposed: it must be written anew."))
            except Refusal as refused:
                why.append(refusals.why(refused))
    for said in dict.fromkeys(why):
        flash(said, "problem")
    return done


def _check(session: Session, number: int) -> None:
    """What `sawti content check` refuses does not come into force, whoever approves it.

    Raises:
        Refusal: it refuses what the page would become.
    """
    made = session.get(PageCorrection, number)
    for fault in _faults(states.of(session, made.topic, made.language), made) if made is not None else ():
        raise Refusal(fault.sentence, **{"part": told.of_part(fault.part), **fault.values})


def _faults(state: State, made: PageCorrection) -> list[Fault]:
    if state.page is None or made.part is None:
        return []
    draft = drafts.with_words(state.page, state.source, {made.part: made.text or ""})
    return [fault for faults in draft.faults.values() for fault in faults]


def _group(session: Session, some: list[PageCorrection], login: str) -> Group:
    state = states.of(session, some[0].topic, some[0].language)
    looked_at = [_looked_at(session, state, made) for made in some]
    return Group(state, some[0].author, some[0].author == login, looked_at)


def _looked_at(session: Session, state: State, made: PageCorrection) -> Waiting:
    first = None
    if state.page is not None and made.part == "short":
        draft = drafts.with_words(state.page, state.source, {"short": made.text or ""})
        changed = drafts.as_page(state.page, draft)
        first = preview.bubbles(changed, "sms")[0]
    overtaken = proposals.is_overtaken(session, made)
    return Waiting(made, past.pieces_of(session, made), overtaken, _faults(state, made), first)


def _place(made: PageCorrection) -> tuple[str, str, str]:
    return made.topic, made.language, made.author


def _say(sentence: str, count: int) -> None:
    flash(sentence % {"num": count})
