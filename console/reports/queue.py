"""The queue of a focal point: what is for them, once, and again while its page is open."""

from flask import flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from casework import audit, readers, reference
from console import asked
from console.blueprint import blueprint
from console.reports import joined, view
from console.words import gettext
from store.database import reading, transaction
from store.encryption import keyring

PAGE = 50
STATES = ("open", "closed")


@blueprint.get("/reports")
def queue() -> ResponseReturnValue:
    """What is for this person, what presses first. A code from an alert leads to its report."""
    if (told := asked.word("code")) is not None:
        return _to_report(told)
    return _page() or "", 400 if asked.is_odd("state", STATES) or asked.is_odd_number("page") else 200


@blueprint.get("/reports/live")
def queue_live() -> ResponseReturnValue:
    """The queue once more if it is not as the page that is open shows it; else 204. Asked by that page (live.js)."""
    page = _page(asked.word("known", 64), gettext("This list has changed."))
    return page or ("", 204)


def _page(known: str | None = None, said: str = "") -> str | None:
    """The page, noted in the audit log; None if its list is the known one. `said`: to who has it open."""
    person = g.who.person
    state = "closed" if asked.word("state") == "closed" else "open"
    number = asked.number(asked.word("page")) or 1
    with reading() as session:
        rows = view.queue(session, person, state)
        waiting = joined.waiting(session, person)
    shown = rows[(number - 1) * PAGE : number * PAGE]
    groups = view.grouped(shown) if state == "open" else [("closed", shown)] if shown else []
    reports = render_template(
        "console/reports/_queue.html", groups=groups, state=state, page=number, more=len(rows) > number * PAGE
    )
    shows = keyring().fingerprints("queue", reports)[0]
    if shows == known:
        return None
    audit.note(person.login, "listed", None, state=state, count=len(rows))
    live = url_for("console.queue_live", state=state, page=number, known=shows)
    return render_template("console/reports/queue.html", reports=reports, waiting=waiting, live=live, news=said)


def _to_report(told: str) -> ResponseReturnValue:
    found = reference.find(told)
    if found is None:
        flash("no_code", "problem")
        return redirect(url_for("console.queue"), 303)
    return redirect(url_for("console.report", reference=found), 303)


@blueprint.post("/reports/access")
def give_access() -> ResponseReturnValue:
    """Seal what this person reads to those who joined later, may read it too, and were shown and ticked."""
    chosen = asked.numbers("person")
    if chosen:
        with transaction() as session:
            readers.give_all(session, g.who.reader, to=chosen)
        flash("access_given")
    else:
        flash("choose", "problem")
    return redirect(url_for("console.queue"), 303)
