"""What staff do with a case. Each is one form of its page; casework/answering.py does it and writes it down."""

from collections.abc import Callable, Sequence

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from casework import answering
from casework.answering import CannotAnswer, Changed, NoSuchFeedback
from console import asked, once, refusals
from console.blueprint import blueprint
from console.inbox import case_page
from console.inbox.case_view import Case
from console.words import gettext
from runtime import taxonomy

LONGEST_NOTE = 4000
Step = Callable[[str, int | None], str | None]
"""Given the login of who does it and the newest event that they saw; may say what came of it."""


def _on_its_page(found: Case, problem: str) -> str:
    return case_page.show(found, request.form, problem)


def act(
    code: str, step: Step, said: str, again: Callable[[Case, str], str] = _on_its_page, then: str | None = None
) -> ResponseReturnValue:
    """Do it once and go back to the case, or to `then`.

    Where it cannot be done, `again` shows why and keeps what was typed. Where somebody else was there first nothing is
    done, and the page of the case shows what they did.
    """
    found = case_page.read(code)
    seen = asked.number(request.form.get("seen"))
    try:
        with once.first_time() as first:
            if first:
                flash(step(g.who.person.login, seen) or said)
    except NoSuchFeedback:
        abort(404)
    except Changed:
        found = case_page.read(code)
        return case_page.show(found, request.form, changes=case_page.changes_since(found, seen or 0)), 409
    except CannotAnswer as reason:
        return again(found, refusals.why(reason)), 400
    return redirect(then or url_for("console.case", code=found.feedback.reference), 303)


@blueprint.post("/feedback/<code>/acknowledge")
def case_acknowledge(code: str) -> ResponseReturnValue:
    """Somebody has read it."""
    return act(code, lambda by, seen: answering.acknowledge(code, by, seen), gettext("It is marked as read."))


@blueprint.post("/feedback/<code>/assign")
def case_assign(code: str) -> ResponseReturnValue:
    """To oneself, a colleague, or nobody any more."""
    to = request.form.get("to", "") or None
    said = gettext("It is with you now.") if to == g.who.person.login else gettext("It is with your colleague now.")
    return act(
        code,
        lambda by, seen: answering.assign(code, to, by, seen, only_colleagues=True),
        said if to else gettext("It is with nobody now."),
    )


@blueprint.post("/feedback/<code>/start")
def case_start(code: str) -> ResponseReturnValue:
    """Work on it has begun."""
    return act(code, lambda by, seen: answering.start(code, by, seen), gettext("It is in progress."))


@blueprint.post("/feedback/<code>/note")
def case_note(code: str) -> ResponseReturnValue:
    """Words for colleagues."""
    text = asked.text("note")[:LONGEST_NOTE]
    return act(code, lambda by, seen: answering.note(code, text, by, seen), gettext("The note was added."))


@blueprint.post("/feedback/<code>/reopen")
def case_reopen(code: str) -> ResponseReturnValue:
    """It goes on, and why."""
    reason = asked.text("reason")[:LONGEST_NOTE]
    return act(code, lambda by, seen: answering.reopen(code, reason, by, seen), gettext("It is open again."))


@blueprint.post("/feedback/<code>/link")
def case_link(code: str) -> ResponseReturnValue:
    """It belongs together with another."""
    other = asked.text("other")[:20]
    return act(code, lambda by, seen: answering.link(code, other, by, seen), gettext("The two are linked."))


@blueprint.post("/feedback/<code>/apart")
def case_apart(code: str) -> ResponseReturnValue:
    """It is not like the others of its group."""
    return act(code, lambda by, seen: answering.leave_cluster(code, by, seen), gettext("It stands by itself now."))


@blueprint.post("/feedback/<code>/correct")
def case_correct(code: str) -> ResponseReturnValue:
    """What it is and what it is about, where the assistant was wrong."""
    types, topic = request.form.getlist("types"), request.form.get("topic") or None

    def step(by: str, seen: int | None) -> None:
        if not types:
            raise CannotAnswer("choose at least one type")
        answering.correct(code, by, types, topic, seen)

    return act(code, step, gettext("It was corrected."))


@blueprint.post("/feedback/<code>/label")
def case_label(code: str) -> ResponseReturnValue:
    """Labels that were typed are added, ticked ones taken away."""
    add, remove = asked.text("labels")[:500].split(","), request.form.getlist("remove")
    return act(code, lambda by, seen: answering.label(code, add, remove, by, seen), gettext("The labels were changed."))


@blueprint.route("/feedback/<code>/pass-on", methods=["GET", "POST"])
def case_pass_on(code: str) -> ResponseReturnValue:
    """It is sensitive: ask what it concerns and say what happens; then it is a report, and gone from here."""
    categories = tuple(taxonomy.sensitive_categories())
    if request.method == "GET":
        return _ask_categories(case_page.read(code))
    chosen = [one for one in categories if one in request.form.getlist("category")]

    def step(by: str, seen: int | None) -> None:
        if not chosen:
            raise CannotAnswer("choose what it may concern")
        answering.pass_on(code, chosen, by, seen)

    return act(
        code,
        step,
        gettext("It is with the focal points now, and only with them. You see nothing more of it here."),
        lambda found, problem: _ask_categories(found, chosen, problem),
        then=url_for("console.inbox"),
    )


def _ask_categories(found: Case, chosen: Sequence[str] = (), problem: str | None = None) -> str:
    return render_template(
        "console/inbox/pass_on.html",
        case=found,
        feedback=found.feedback,
        categories=tuple(taxonomy.sensitive_categories()),
        chosen=chosen,
        problem=problem,
    )
