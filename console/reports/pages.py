"""One report, its files, the person's number."""

from flask import Response, jsonify, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from casework import readers, referrals, relay, report_life, staff
from casework.readers import NotForYou
from casework.report_models import ReportEntry
from console import asked, presence
from console.blueprint import blueprint
from console.reports import concern, files, stale, view, writing
from console.reports.opening import Closed, Desk, answering, find, look
from runtime.deployment import deployment
from store.database import now, reading


@blueprint.get("/reports/<reference>")
def report(reference: str) -> ResponseReturnValue:
    """One report, with all that was said and done."""
    return look(reference, show)


@blueprint.get("/reports/<reference>/here")
def report_here(reference: str) -> Response:
    """For an open page: a sentence on who else has it open, and whether it changed after what the page shows."""
    seen = asked.number(asked.word("seen"))
    with answering(reference), reading() as session:
        person, found = find(session, reference)
        newest = session.scalar(select(func.max(ReportEntry.id)).where(ReportEntry.report_id == found.id)) or 0
        others = presence.note("report", found.id, person.id)
    return jsonify(here=presence.said(others), changed=seen is not None and newest > seen)


@blueprint.errorhandler(Closed)
def _closed(closed: Closed) -> ResponseReturnValue:
    return render_template("console/reports/closed.html", closed=closed)


def show(here: Desk) -> str:
    """The page of an open report."""
    session, opened = here.session, here.opened
    acknowledge, tell = view.clocks(here.report)
    routed = opened.routing
    names = view.names_of(session)
    return render_template(
        "console/reports/report.html",
        report=here.report,
        routing=routed,
        head=opened.last("head") or {},
        taken_by=names.get(here.report.taken_by or 0),
        is_mine=here.report.taken_by == here.person.id,
        calls_on=view.calls_on(here.report),
        acknowledge=acknowledge,
        tell=tell,
        able=view.able(session, here.report),
        kept_from=[(number, names.get(number, "?")) for number in routed.kept_from],
        others=concern.choices(here),
        name_of={person.login: person.name for person in staff.everybody(session)},
        thread=view.thread(session, opened),
        files=files.files(session, here.report),
        referrals=referrals.of(session, opened),
        safe_hours=opened.safe_hours,
        safe_words=(opened.last("safe_way") or {}).get("text"),
        wishes=[piece.data["text"] for piece in opened.pieces if piece.kind == "wishes" and piece.data.get("text")],
        cannot_write=writing.why_not(here),
        must_ask=writing.only_asked_first(here),
        shows_number=opened.shows_number and opened.identity is not None,
        relay_open=here.report.relay_until is not None and here.report.relay_until > now(),
        longest=relay.LONGEST,
        seen=stale.newest(opened),
        here=presence.said(presence.note("report", here.report.id, here.person.id)),
        outcomes=report_life.OUTCOMES,
        time_zone=deployment().time_zone,
    )


@blueprint.post("/reports/<reference>/number")
def number(reference: str) -> ResponseReturnValue:
    """The person's number, where it may be shown."""

    def shown(here: Desk) -> str:
        identity = here.opened.identity
        if identity is None or not here.opened.shows_number:
            raise NotForYou("the number is not shown")
        return render_template("console/reports/number.html", report=here.report, identity=identity)

    return look(reference, shown, "number_shown")


@blueprint.get("/reports/<reference>/files/<int:media_id>")
def file(reference: str, media_id: int) -> Response:
    """A file, as a download under a neutral name."""

    def taken(here: Desk) -> Response:
        kept = files.files(here.session, here.report)
        name = next((one.name for one in kept if one.id == media_id), None)
        if name is None:
            raise NotForYou("it is not of this report")
        kind, content = readers.file(here.session, here.opened, media_id)
        return Response(content, mimetype=kind, headers={"Content-Disposition": f"attachment; filename={name}"})

    return look(reference, taken, "file_opened", file=media_id)
