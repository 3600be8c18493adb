"""The audit log as a file, for an auditor's own tools. That it was taken out is a row of the log itself."""

from collections.abc import Iterator
from typing import Any

from flask import Response, g, request
from flask.typing import ResponseReturnValue

from casework import audit as log
from casework.audit import BATCH
from console.audit.pages import Row, row, shown, wanted
from console.blueprint import blueprint
from console.exports import sheets
from console.login import attempts

HEADER = ("row", "time_utc", "who", "did", "to", "detail", "hash")


@blueprint.post("/audit/export")
def export_audit() -> ResponseReturnValue:
    """CSV of what is looked for, newest first; names of cases in the place of codes, no cell a formula."""
    looked_for = wanted(request.form)
    if looked_for.is_odd:
        return shown(looked_for)
    attempts.write_counted()
    filters = looked_for.filters()
    log.note(g.who.person.login, "audit_exported", filters=sorted(looked_for.address))
    cells = (_cells(one) for one in _every(filters))
    answer = Response(sheets.as_csv(HEADER, cells), mimetype="text/csv")
    answer.headers["Content-Disposition"] = "attachment; filename=audit.csv"
    return answer


def _every(filters: dict[str, Any]) -> Iterator[Row]:
    before: int | None = None
    while True:
        found = log.page(before, BATCH, **filters)
        yield from map(row, found)
        if len(found) < BATCH:
            return
        before = found[-1].id


def _cells(one: Row) -> tuple[str | int, ...]:
    at = one.at.isoformat(timespec="seconds")
    return (one.id, at, one.actor, one.action, one.subject or "", one.detail, one.hash)
