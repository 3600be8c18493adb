"""Where help is, as staff read it: services by name and place, one service, files that came in, the file to take."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from flask import abort, flash, g, render_template, request, send_file
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import audit
from console import asked
from console.blueprint import blueprint
from console.words import gettext
from directory import importing, sheets, uploads
from directory.models import DirectoryImport, Place, Service
from directory.search import STALE
from runtime.folding import fold
from store.database import now, reading

PAGE = 50
IMPORTS = 8
Write = Callable[[Path, Sequence[Mapping[str, Any]]], None]
FORMS: dict[str, tuple[Write, str]] = {
    "csv": (sheets.write_csv, "text/csv"),
    "xlsx": (sheets.write_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


@dataclass(frozen=True)
class Row:
    """One service in the list."""

    service: Service
    place: str
    is_old: bool


@blueprint.get("/directory")
def directory() -> ResponseReturnValue:
    """Services by place and name, or those with the words that are looked for; files that wait; the last imports."""
    return listed(), 400 if asked.is_odd("q", longest=60) or asked.is_odd_number("page") else 200


def listed() -> str:
    """The page of the directory."""
    looked_for = asked.word("q", 60) or ""
    number = asked.number(request.args.get("page")) or 1
    with reading() as session:
        found = _found(session, looked_for)
        start = (min(number, len(found) // PAGE + 1) - 1) * PAGE
        return render_template(
            "console/content/directory.html",
            words=looked_for,
            total=len(found),
            rows=_rows(session, found[start : start + PAGE]),
            page=start // PAGE + 1,
            more=start + PAGE < len(found),
            waiting=uploads.waiting(session),
            imports=session.scalars(select(DirectoryImport).order_by(DirectoryImport.id.desc()).limit(IMPORTS)).all(),
            is_editor="editor" in g.who.person.roles,
            most=uploads.MOST_BYTES // 1_000_000,
        )


@blueprint.get("/directory/services/<int:number>")
def directory_service(number: int) -> ResponseReturnValue:
    """Everything that is known of a service."""
    with reading() as session:
        found = session.get(Service, number) if number <= asked.LARGEST_ID else None
        row = _rows(session, [number])[0] if found is not None else None
        place = session.get(Place, found.place_id) if found is not None else None
    if found is None:
        flash(gettext("There is no such service, or not any more."), "problem")
        return listed(), 404
    return render_template(
        "console/content/service.html", row=row, found=found, place=place, is_editor="editor" in g.who.person.roles
    )


@blueprint.get("/directory/file")
def directory_file() -> ResponseReturnValue:
    """The whole directory as it can come in again."""
    form = request.args.get("as", "csv")
    if form not in FORMS:
        abort(404)
    rows = importing.all_rows()
    write, kind = FORMS[form]
    with tempfile.TemporaryDirectory(prefix="sawti-") as folder:
        file = Path(folder) / f"directory.{form}"
        write(file, rows)
        audit.note(g.who.person.login, "directory_exported", None, services=len(rows), form=form)
        return send_file(BytesIO(file.read_bytes()), kind, as_attachment=True, download_name=file.name)


def _found(session: Session, looked_for: str) -> list[int]:
    """Ids of the services, by place and name. Names are compared here: SQLite knows small letters of English only."""
    places = {place.id: place for place in session.scalars(select(Place))}
    query = select(Service.id, Service.name, Service.organisation, Service.topic, Service.code, Service.place_id)
    found = sorted(session.execute(query), key=lambda row: (fold(places[row.place_id].name), fold(row.name), row.id))
    wanted = fold(looked_for)
    if not wanted:
        return [row.id for row in found]
    near = {place.id for place in places.values() if any(wanted in fold(name) for name in (place.name, *place.names))}
    return [row.id for row in found if row.place_id in near or any(wanted in fold(text) for text in row[1:5])]


def _rows(session: Session, ids: list[int]) -> list[Row]:
    query = select(Service, Place.name).join(Place, Place.id == Service.place_id).where(Service.id.in_(ids))
    found = {one.id: Row(one, place, _is_old(one)) for one, place in session.execute(query)}
    return [found[number] for number in ids if number in found]


def _is_old(service: Service) -> bool:
    today = now().date()
    if service.valid_until is not None and service.valid_until < today:
        return True
    return service.checked_on is not None and today - service.checked_on > STALE
