"""Ready-made answers: all of them, one to change, the first ones to take in."""

from itertools import groupby

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from casework import audit, canned, staff
from casework.canned import BadCanned, CannedAnswer
from console import asked, once, refusals, words
from console.blueprint import blueprint
from console.words import gettext
from messaging import segments
from messaging.segments import MESSAGE_LIMIT
from runtime import taxonomy
from runtime.deployment import deployment
from store.database import reading, transaction


@blueprint.get("/canned", endpoint="canned")
def canned_answers() -> ResponseReturnValue:
    """All answers by name, each with its languages, and a form for another; `edit` opens one to change."""
    wanted = asked.number(asked.word("edit"))
    with reading() as session:
        answer = session.get(CannedAnswer, wanted) if wanted is not None else None
    if wanted is not None and answer is None:
        abort(404)
    return _page(answer)


@blueprint.post("/canned")
def canned_save() -> ResponseReturnValue:
    """Keep a new answer, or change the one whose id is given."""
    answer_id = asked.number(request.form.get("id"))
    name, language, text = asked.text("name"), request.form.get("language", ""), asked.text("text")
    by = g.who.person.login
    try:
        with once.first_time() as first:
            if first:
                with transaction() as session:
                    kept = canned.save(session, by, name, language, text, answer_id)
                    audit.record(session, by, "canned_saved", None, id=kept.id, language=language)
                flash(gettext("The answer is kept."))
    except BadCanned as reason:
        typed = CannedAnswer(id=answer_id, name=name, language=language, text=text)
        return _page(typed, refusals.why(reason)), 400
    return redirect(url_for("console.canned"), 303)


@blueprint.post("/canned/<int:number>/remove")
def canned_remove(number: int) -> ResponseReturnValue:
    """Take an answer away for everybody."""
    if asked.number(str(number)) is None:
        abort(404)
    by = g.who.person.login
    with transaction() as session:
        if canned.remove(session, number):
            audit.record(session, by, "canned_removed", None, id=number)
    flash(gettext("The answer was removed."))
    return redirect(url_for("console.canned"), 303)


@blueprint.post("/canned/first")
def canned_first() -> ResponseReturnValue:
    """Take in the ready-made ones, where there is none yet."""
    by = g.who.person.login
    with transaction() as session:
        made = canned.take_in(session, by, named_in=words.language())
        if made:
            audit.record(session, by, "canned_taken_in", None, count=made)
    flash(gettext("They are yours now: read and change them.") if made else gettext("There are answers already."))
    return redirect(url_for("console.canned"), 303)


def _page(answer: CannedAnswer | None, problem: str | None = None) -> str:
    with reading() as session:
        every = canned.every(session)
        names = {person.login: person.name for person in staff.everybody(session)}
    return render_template(
        "console/inbox/canned.html",
        names=[(name, list(of_name)) for name, of_name in groupby(every, key=lambda one: one.name)],
        staff=names,
        answer=answer,
        problem=problem,
        languages=[code for code in taxonomy.languages() if code in deployment().languages or code == canned.SOURCE],
        sizes={one.id: segments.count(canned.filled(one.text, "K7Q4-X")).segments for one in every},
        longest_name=canned.LONGEST_NAME,
        longest=MESSAGE_LIMIT,
        gap=canned.GAP,
    )
