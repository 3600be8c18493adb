"""Saving the present filters under a name, and removing what was saved."""

from flask import abort, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from casework import views
from console import refusals
from console.blueprint import blueprint
from console.inbox import narrowing
from console.words import gettext
from store.database import transaction


@blueprint.post("/feedback/views")
def save_view() -> ResponseReturnValue:
    """Keep the filters of the address."""
    person = g.who.person
    wanted = narrowing.of(request.args, person.login)
    name, shared = narrowing.plain(request.form.get("name", "")), request.form.get("shared") == "yes"
    try:
        with transaction() as session:
            views.save(session, person.id, name, wanted.address, shared)
    except views.BadView as reason:
        flash(refusals.why(reason), "problem")
    else:
        flash(gettext("The view %(name)s was saved.") % {"name": name})
    return redirect(url_for("console.inbox", **wanted.address), 303)


@blueprint.post("/feedback/views/<int:number>/remove")
def remove_view(number: int) -> ResponseReturnValue:
    """Forget one's own view; a colleague's is as if it were not there."""
    with transaction() as session:
        removed = number < 2**63 and views.remove(session, g.who.person.id, number)
    if not removed:
        abort(404)
    flash(gettext("The view was removed."))
    return redirect(url_for("console.inbox"), 303)
