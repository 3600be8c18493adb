"""The desk of a focal point: the queue, one report, its files, the person's number."""

from flask import Response, abort, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from casework import audit, readers, referrals, relay, report_life, sealing, staff
from casework.readers import NotForYou
from console import asked, report_view
from console.blueprint import blueprint
from console.opening import Closed, Desk, desk
from runtime.deployment import deployment
from store.database import now, reading, transaction

PAGE = 50


@blueprint.get("/reports")
def queue() -> ResponseReturnValue:
    """What is for this person, unread first."""
    state = "closed" if asked.word("state") == "closed" else "open"
    page = asked.number(asked.word("page")) or 1
    with reading() as session:
        rows = report_view.queue(session, g.who.person, state)
    waiting = sorted({name for row in rows for name in row.waiting})
    shown = rows[(page - 1) * PAGE : page * PAGE]
    more = len(rows) > page * PAGE
    return render_template("console/queue.html", rows=shown, state=state, page=page, more=more, waiting=waiting)


@blueprint.post("/reports/access")
def give_access() -> ResponseReturnValue:
    """Seal what this person reads to those who joined later and may read it too."""
    with transaction() as session:
        readers.give_all(session, g.who.reader)
    flash("access_given")
    return redirect(url_for("console.queue"), 303)


@blueprint.get("/reports/<reference>")
def report(reference: str) -> ResponseReturnValue:
    """One report, with all that was said and done."""
    with desk(reference) as here:
        audit.record(here.session, here.person.login, "viewed", reference)
        return show(here)


@blueprint.errorhandler(Closed)
def _closed(closed: Closed) -> ResponseReturnValue:
    return render_template("console/closed.html", closed=closed)


def show(here: Desk) -> str:
    """The page of an open report."""
    session, opened = here.session, here.opened
    acknowledge, tell = report_view.clocks(here.report)
    routed = opened.routing
    names = report_view.names_of(session)
    others = [
        person
        for person in staff.everybody(session)
        if "focal_point" in person.roles and person.disabled_at is None and person.id not in routed.kept_from
    ]
    return render_template(
        "console/report.html",
        report=here.report,
        routing=routed,
        head=opened.last("head") or {},
        language=report_view.language_name(routed.language),
        taken_by=names.get(here.report.taken_by or 0),
        is_mine=here.report.taken_by == here.person.id,
        acknowledge=acknowledge,
        tell=tell,
        able=report_view.able(session, here.report),
        kept_from=[names.get(number, "?") for number in routed.kept_from],
        others=others,
        thread=report_view.thread(session, opened),
        files=report_view.files(session, here.report),
        referrals=referrals.of(session, opened),
        safe_hours=opened.safe_hours,
        safe_words=(opened.last("safe_way") or {}).get("text"),
        cannot_write=why_not(here),
        shows_number=opened.shows_number and opened.identity is not None,
        relay_open=here.report.relay_until is not None and here.report.relay_until > now(),
        longest=relay.LONGEST,
        outcomes=report_life.OUTCOMES,
        time_zone=deployment().time_zone,
    )


def why_not(here: Desk) -> str | None:
    """Why the person cannot be written to now; None if they can."""
    try:
        relay.contact_of(here.session, here.opened)
        relay.next_safe(here.opened, now())
    except relay.CannotWrite as reason:
        return str(reason)
    return None


@blueprint.post("/reports/<reference>/number")
def number(reference: str) -> ResponseReturnValue:
    """The person's number, where it may be shown."""
    with desk(reference) as here:
        identity = here.opened.identity
        if identity is None or not here.opened.shows_number:
            raise NotForYou("the number is not shown")
        audit.record(here.session, here.person.login, "number_shown", reference)
        return render_template("console/number.html", report=here.report, identity=identity)


@blueprint.get("/reports/<reference>/files/<int:media_id>")
def file(reference: str, media_id: int) -> Response:
    """A file, as a download under a neutral name."""
    with desk(reference) as here:
        files = report_view.files(here.session, here.report)
        name = next((one.name for one in files if one.id == media_id), None)
        if name is None:
            abort(404)
        try:
            kind, content = readers.file(here.session, here.opened, media_id)
        except sealing.Unopened:
            abort(404)
        audit.record(here.session, here.person.login, "file_opened", reference, file=media_id)
    return Response(content, mimetype=kind, headers={"Content-Disposition": f"attachment; filename={name}"})
