"""The page of one case, its files, and what an open page asks now and then: who else is here, what is new."""

from collections.abc import Sequence
from urllib.parse import urlencode

from flask import Response, abort, current_app, g, jsonify, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from casework import answering, audit, desk_step, states
from console import asked, presence
from console.blueprint import blueprint
from console.inbox import case_view, desk
from console.inbox.case_view import Case
from console.inbox.thread import Line
from console.reports.files import file_name
from messaging.segments import MESSAGE_LIMIT
from runtime import taxonomy
from store.database import reading


@blueprint.get("/feedback/<code>")
def case(code: str) -> ResponseReturnValue:
    """One feedback with all that was said and done. Looking is written down."""
    found = read(code)
    audit.note(g.who.person.login, "feedback_viewed", found.feedback.reference)
    return show(found)


def read(code: str) -> Case:
    """The case with this code, or the answer that there is no such page."""
    with reading() as session:
        feedback = case_view.find(session, code)
        if feedback is None:
            abort(404)
        return case_view.read(session, feedback)


def show(
    found: Case,
    typed: MultiDict[str, str] | None = None,
    problem: str | None = None,
    changes: Sequence[Line] = (),
) -> str:
    """The page. `typed`: what a form held that could not be done; `changes`: what others did meanwhile."""
    others = presence.note("case", found.feedback.id, g.who.person.id)
    return render_template(
        "console/inbox/case.html",
        case=found,
        feedback=found.feedback,
        typed=typed or MultiDict(),
        problem=problem,
        changes=changes,
        here=presence.said(others),
        is_mine=found.feedback.assignee == g.who.person.login,
        phone=_phone(found),
        types=tuple(taxonomy.feedback_types()),
        topics=tuple(taxonomy.topics()),
        resolutions=states.RESOLUTIONS[:-1],
        shortest=answering.SHORTEST_OUTCOME,
        longest=MESSAGE_LIMIT,
        most_labels=answering.MOST_LABELS,
        longest_label=answering.LONGEST_LABEL,
    )


def changes_since(found: Case, seen: int) -> list[Line]:
    """What others did after the event that this person saw last."""
    login = g.who.person.login
    return [
        line for line in found.lines if line.id > seen and line.by != login and line.kind not in desk_step.NO_CHANGE
    ]


@blueprint.get("/feedback/<code>/here")
def here(code: str) -> ResponseReturnValue:
    """For an open page: a sentence on who else has it open, and whether it changed after what the page shows."""
    seen = asked.number(asked.word("seen"))
    with reading() as session:
        feedback = case_view.find(session, code)
        if feedback is None:
            abort(404)
        changed = seen is not None and desk_step.has_changed(session, feedback.id, g.who.person.login, seen)
    others = presence.note("case", feedback.id, g.who.person.id)
    return jsonify(here=presence.said(others), changed=changed)


@blueprint.get("/feedback/<code>/files/<int:file_id>")
def case_file(code: str, file_id: int) -> ResponseReturnValue:
    """A file of the person, as a download under a neutral name."""
    with reading() as session:
        feedback = case_view.find(session, code)
    if feedback is None or asked.number(str(file_id)) is None:
        abort(404)
    kept = desk.file_of(feedback.reference, file_id)
    if kept is None:
        abort(404)
    kind, content = kept
    audit.note(g.who.person.login, "feedback_file_opened", feedback.reference, file=file_id)
    name = file_name(feedback.reference, file_id, kind)
    return Response(content, mimetype=kind, headers={"Content-Disposition": f"attachment; filename={name}"})


def _phone(found: Case) -> str | None:
    """In a demonstration: where the person's phone can be seen."""
    if found.person is None or found.person.phone is None:
        return None
    asked_for = urlencode({"phone": found.person.phone, "channel": found.feedback.channel})
    return f"{url_for('simulator.page')}?{asked_for}" if "simulator" in current_app.blueprints else None
