"""Bringing the person to another organisation, in three steps: what, a look at exactly what is passed on, and then."""

from dataclasses import dataclass

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from casework import referrals, relay
from casework.states import Impossible
from console import asked, once, refusals
from console.blueprint import blueprint
from console.reports import opening, stale
from console.reports.actions import act, take_too
from console.reports.opening import Desk, desk, look
from console.reports.writing import must_be_open
from runtime.words import sentence
from store.database import now

WAYS = ("ask", "phone", "in_person", "override")
"""How the consent is got: asked by text; given by phone or in person; not at all, with a reason."""
BY_STAFF = frozenset({"sent", "accepted", "refused", "done", "revoked"})
"""States that staff bring about; `agreed` and `declined` are the person's own."""
LONGEST_NAME, LONGEST_TEXT = 120, 4000


@dataclass(frozen=True)
class Wanted:
    """A referral as it stands in the form."""

    organisation: str
    purpose: str
    text: str
    way: str
    reason: str


@blueprint.get("/reports/<reference>/refer")
def refer(reference: str) -> ResponseReturnValue:
    """Step 1: to whom, what for, what they are told, how the person consents."""
    return look(reference, lambda here: _form(here, Wanted("", "", "", "ask", "")), what="refer")


@blueprint.post("/reports/<reference>/refer/check")
def refer_check(reference: str) -> ResponseReturnValue:
    """Step 2: exactly what is passed on."""
    wanted = _wanted()
    return look(reference, lambda here: _checked(here, wanted), what="refer")


@blueprint.post("/reports/<reference>/refer")
def refer_confirm(reference: str) -> ResponseReturnValue:
    """Step 3: it is recorded, and the person asked where that was chosen."""
    wanted = _wanted()
    try:
        with once.first_time() as first:
            if first:
                _confirm(reference, wanted)
    except stale.Stale:
        return stale.page(reference)
    except (relay.CannotWrite, Impossible) as reason:
        opening.note_impossible(reference, "refer")
        problem = refusals.why(reason)
        return look(reference, lambda here: _form(here, wanted, problem), what="refer"), 400
    return redirect(url_for("console.report", reference=reference), 303)


@blueprint.post("/reports/<reference>/referrals/<int:referral_id>")
def referral(reference: str, referral_id: int) -> ResponseReturnValue:
    """The next state of a referral."""
    to = request.form.get("to", "")
    if to not in BY_STAFF or asked.number(str(referral_id)) is None:
        abort(400)
    return act(
        reference,
        lambda here: referrals.move(here.session, here.reader, here.opened, referral_id, to),
        "referral_moved",
    )


def _checked(here: Desk, wanted: Wanted) -> tuple[str, int]:
    problem = _problem(here, wanted)
    if problem is not None or request.form.get("do") == "change":
        return _form(here, wanted, problem), 400 if problem else 200
    question = None
    if wanted.way == "ask":
        language = relay.contact_of(here.session, here.opened).language
        question = sentence("ask_referral", language, organisation=wanted.organisation)
    return render_template(
        "console/reports/refer_check.html", report=here.report, wanted=wanted, question=question, seen=_seen()
    ), 200


def _confirm(reference: str, wanted: Wanted) -> None:
    with desk(reference) as here:
        must_be_open(here)
        stale.refuse(here)
        here.announced += _do(here, wanted)
        take_too(here)
    for said in ("referral_asked" if wanted.way == "ask" else "referral_recorded", *here.said):
        flash(said)


def _do(here: Desk, wanted: Wanted) -> list[int]:
    what = (here.session, here.reader, here.opened, wanted.organisation, wanted.purpose, wanted.text)
    if wanted.way == "ask":
        return referrals.ask(*what)
    if wanted.way == "override":
        referrals.override(*what, wanted.reason)
    elif wanted.way in WAYS:
        referrals.record(*what, wanted.way)
    else:
        raise Impossible("say how the person consents")
    return []


def _wanted() -> Wanted:
    return Wanted(
        asked.text("organisation")[:LONGEST_NAME],
        asked.text("purpose")[:LONGEST_NAME],
        asked.text("text")[:LONGEST_TEXT],
        asked.text("way"),
        asked.text("reason")[:LONGEST_TEXT],
    )


def _problem(here: Desk, wanted: Wanted) -> str | None:
    """What casework would say to it, before anything is done."""
    try:
        must_be_open(here)
        referrals.check_words(wanted.organisation, wanted.purpose, wanted.text)
        if wanted.way not in WAYS:
            raise Impossible("say how the person consents")
        if wanted.way == "ask":
            relay.contact_of(here.session, here.opened)
            relay.next_safe(here.opened, now())
        if wanted.way == "override":
            referrals.check_override(here.reader, here.opened, wanted.reason)
    except (relay.CannotWrite, Impossible) as reason:
        return refusals.why(reason)
    return None


def _form(here: Desk, wanted: Wanted, problem: str | None = None) -> str:
    return render_template(
        "console/reports/refer.html",
        report=here.report,
        wanted=wanted,
        problem=problem,
        may_override=referrals.may_override(here.reader, here.opened),
        shortest=referrals.SHORTEST_REASON,
        longest_name=LONGEST_NAME,
        longest_text=LONGEST_TEXT,
        seen=_seen(),
    )


def _seen() -> str:
    """The newest piece on the page from which this one was reached."""
    return request.values.get("seen", "")
