"""What a focal point does with a report. Each is one form of its page; casework does it and writes it down."""

from collections.abc import Callable

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from casework import audit, escalation, relay, report_life, reports
from casework.readers import NotForYou
from casework.states import Impossible
from console import access, asked, once, refusals
from console.blueprint import NAME, blueprint
from console.reports import opening, stale, view
from console.reports.opening import Desk, desk
from store.database import transaction


def act(reference: str, do: Callable[[Desk], list[int] | None], said: str) -> ResponseReturnValue:
    """Do it once and go back to the report, which tells that it was done, or why not."""
    try:
        with once.first_time() as first:
            if first:
                with desk(reference) as here:
                    stale.refuse(here)
                    here.announced += do(here) or []
                for one in (said, *here.said):
                    flash(one)
    except stale.Stale:
        return stale.page(reference)
    except (relay.CannotWrite, Impossible) as reason:
        opening.note_impossible(reference, str(request.endpoint).removeprefix(f"{NAME}."))
        flash(refusals.why(reason), "problem")
    return redirect(url_for("console.report", reference=reference), 303)


def take_too(here: Desk) -> None:
    """Who writes to the person or brings them elsewhere has taken the report: nobody else is called any more."""
    if here.report.taken_at is None and escalation.acknowledge(here.session, here.report, here.person, "console"):
        here.said.append("taken_too")


@blueprint.post("/reports/<reference>/acknowledge")
def acknowledge(reference: str) -> ResponseReturnValue:
    """Take it; also where the words are kept closed, for the alarm must end. From a colleague only when asked twice."""
    colleague = None
    try:
        with transaction() as session:
            person, report = opening.find(session, reference, lock=True)
            if report.state == "open" and report.taken_by not in (None, person.id) and not _is_sure():
                colleague = view.names_of(session).get(report.taken_by or 0, "?")
                done = False
            else:
                done = report.state == "open" and escalation.acknowledge(session, report, person, "console")
            is_open = report.state == "open"
    except NotForYou:
        access.note_refused({"reference": reference})
        abort(404)
    if colleague is not None:
        return render_template("console/reports/take_over.html", reference=reference, colleague=colleague)
    if done:
        flash("acknowledged")
    else:
        opening.note_impossible(reference, "acknowledge")
        flash("cannot_take" if is_open else "closed_already", "problem")
    return redirect(url_for("console.report", reference=reference), 303)


@blueprint.post("/reports/<reference>/note")
def note(reference: str) -> ResponseReturnValue:
    """Words for those who read the report; nobody sends them anywhere."""

    def do(here: Desk) -> None:
        text = asked.text("text")
        if not text:
            raise Impossible("a note has words")
        reports.write(here.session, here.report, "note", text=text, by=here.reader.login)
        audit.record(here.session, here.reader.login, "noted", reference)

    return act(reference, do, "noted")


@blueprint.post("/reports/<reference>/hand-back")
def hand_back(reference: str) -> ResponseReturnValue:
    """The assistant answers the person again."""
    return act(reference, lambda here: relay.hand_back(here.session, here.reader, here.opened), "handed_back")


@blueprint.post("/reports/<reference>/close")
def close(reference: str) -> ResponseReturnValue:
    """It ended, in one of the known ways, with a note; the person is told in neutral words if they may be."""
    outcome, tell = request.form.get("outcome", ""), request.form.get("tell") == "yes"

    def do(here: Desk) -> list[int]:
        told = report_life.close(here.session, here.reader, here.opened, outcome, asked.text("text"), tell)
        if tell:
            here.said.append("closed_told" if told else "closed_untold")
        return told

    return act(reference, do, "closed")


@blueprint.post("/reports/<reference>/reopen")
def reopen(reference: str) -> ResponseReturnValue:
    """It goes on."""
    return act(reference, lambda here: report_life.reopen(here.session, here.reader, here.report), "reopened")


def _is_sure() -> bool:
    return request.form.get("sure") == "yes"
