"""A file for the directory: given by one editor, seen as what it would change, confirmed by another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from casework import audit, proposals
from console import asked, once
from console.blueprint import blueprint
from console.content import drafts, services
from console.words import gettext
from directory import importing, search, uploads
from directory.models import DirectoryUpload
from directory.rows import BadFile, BadRow, Row
from store.database import reading, transaction

SHOWN = 200
"""Rows of one kind on the page; the numbers beside them are of all."""
CELL = 600
"""Characters of a cell that are repeated where it is refused."""
SECRET = ("address", "directions", "latitude", "longitude")
"""Columns of a confidential service that only editors read."""
COVER = "…"
_NAMED_ABOVE = ("service", "place", "topic", "organisation")


@dataclass(frozen=True)
class Change:
    """A row that comes in, new or otherwise: column, what stands there, what shall."""

    row: Row
    columns: list[tuple[str, str, str]]


@blueprint.post("/directory/uploads")
def upload_directory() -> ResponseReturnValue:
    """Keep a file until somebody else has looked at what it would change. What cannot be read is not kept."""
    given, by = request.files.get("file"), g.who.person.login
    name = drafts.cleaned((given.filename or "") if given is not None else "").rpartition("/")[2]
    if given is None or not name:
        return _refused(gettext("Choose a file."))
    content = given.read(uploads.MOST_BYTES + 1)
    try:
        found = uploads.read(content, name)
    except BadFile as why:
        audit.note(by, "directory_file_refused")
        return _refused(reason(why))
    if not found.rows:
        return _refused(
            gettext("No row of the file can be used.") + (f" {_first(found.errors)}" if found.errors else "")
        )
    with once.first_time() as first:
        if not first:
            return redirect(url_for("console.directory"), 303)
        with transaction() as session:
            made = uploads.keep(session, name, content, request.form.get("removes") == "yes", by)
            audit.record(session, by, "directory_uploaded", None, upload=made.id, rows=len(found.rows))
    return redirect(url_for("console.uploaded_directory", number=made.id), 303)


@blueprint.get("/directory/uploads/<int:number>")
def uploaded_directory(number: int) -> ResponseReturnValue:
    """What the file would change now, every column of it: who confirms answers for each."""
    login = g.who.person.login
    part = max(1, min(asked.number(request.args.get("part", "1")) or 1, uploads.MOST_ROWS))
    here = slice((part - 1) * SHOWN, part * SHOWN)
    try:
        with reading() as session:
            made = uploads.find(session, _known(number))
            plan = uploads.plan(session, made)
            may = _why_not(session, made)
    except (uploads.NotWaiting, BadFile):
        return _gone()
    present = {row["code"]: row for row in importing.all_rows()}
    return render_template(
        "console/content/upload.html",
        made=made,
        plan=plan,
        changes=[_change(row, present[row.code]) for row in plan.changed[here] if row.code in present],
        added=[_change(row, {}) for row in plan.added[here]],
        gone=[present[code] for code in plan.gone[here] if code in present],
        errors=[(row, reason(why)) for row, why in plan.errors[here]],
        part=part,
        shown=uploads.fingerprint(plan),
        most=SHOWN,
        is_mine=made.author == login,
        why_not=may,
        until=made.created_at + uploads.KEPT,
    )


@blueprint.post("/directory/uploads/<int:number>/confirm")
def confirm_upload(number: int) -> ResponseReturnValue:
    """Do it: people are sent there from now on."""
    by = g.who.person.login
    try:
        with transaction() as session:
            why_not = _why_not(session, uploads.find(session, _known(number)))
            if why_not:
                flash(why_not, "problem")
                return redirect(url_for("console.uploaded_directory", number=number), 303)
            made, plan = uploads.confirm(session, number, by, request.form.get("shown", "")[:16])
            counts = {"added": len(plan.added), "changed": len(plan.changed), "removed": len(plan.gone)}
            audit.record(session, by, "directory_imported", None, upload=number, author=made.author, **counts)
    except (uploads.NotWaiting, BadFile):
        return _gone()
    except uploads.Changed:
        flash(gettext("The directory was changed meanwhile. This is what the file would change now."), "problem")
        return redirect(url_for("console.uploaded_directory", number=number), 303)
    search.forget()
    flash(gettext("The file was taken in."))
    return redirect(url_for("console.directory"), 303)


@blueprint.post("/directory/uploads/<int:number>/decline")
def decline_upload(number: int) -> ResponseReturnValue:
    """It shall not be taken in, or its author takes it back."""
    by = g.who.person.login
    try:
        with transaction() as session:
            made = uploads.decline(session, _known(number), by)
            own = made.author == by
            action = "directory_taken_back" if own else "directory_declined"
            audit.record(session, by, action, None, upload=number, author=made.author)
    except uploads.NotWaiting:
        return _gone()
    flash(gettext("The file was not taken in."))
    return redirect(url_for("console.directory"), 303)


def reason(why: BadFile | BadRow) -> str:
    """Why a file or row cannot be used, in the language of the reader."""
    sentence = gettext(why.sentence)
    said = sentence % {name: _short(value) for name, value in why.values.items()} if why.values else sentence
    return said[:1].upper() + said[1:]


def _why_not(session: Session, made: DirectoryUpload) -> str | None:
    """Why this person cannot confirm it; None if they can.

    Another editor does. Only where there is no other one may an administrator, who is somebody else too.
    """
    person = g.who.person
    if made.author == person.login:
        return gettext("You gave this file: another editor has to confirm it.")
    if "editor" in person.roles:
        return None
    if proposals.has_second(session, made.author):
        return gettext("An editor has to confirm it.")
    return None


def _short(value: object) -> object:
    """A cell may hold a book; what is known to us is told whole."""
    return f"{value[:CELL]}…" if isinstance(value, str) and len(value) > CELL else value


def _known(number: int) -> int:
    """An id that databases take."""
    if number > asked.LARGEST_ID:
        raise uploads.NotWaiting
    return number


def _change(row: Row, present: Mapping[str, Any]) -> Change:
    new = asdict(row)
    if not row.other_names:  # then those that the place has stay
        del new["other_names"]
    told = [(name, _text(present.get(name)), _text(new[name])) for name in new if present or name not in _NAMED_ABOVE]
    secret = (row.confidential or present.get("confidential")) and "editor" not in g.who.person.roles
    return Change(row, [_covered(one) if secret and one[0] in SECRET else one for one in told if one[1] != one[2]])


def _covered(column: tuple[str, str, str]) -> tuple[str, str, str]:
    """That it changes, not what it says."""
    return column[0], column[1] and COVER, column[2] and COVER


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "; ".join(map(str, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _first(errors: list[tuple[int, BadRow]]) -> str:
    number, why = errors[0]
    return gettext("Row %(number)s: %(reason)s") % {"number": number, "reason": reason(why)}


def _refused(sentence: str) -> ResponseReturnValue:
    flash(sentence, "problem")
    return redirect(url_for("console.directory"), 303)


def _gone() -> ResponseReturnValue:
    flash(gettext("This file does not wait any more: somebody decided, or a day has passed."), "problem")
    return services.listed(), 404
