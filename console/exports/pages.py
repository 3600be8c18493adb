"""Where staff fetch feedback as a file: a form, and the two tables that it asks for."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from flask import Response, g, request, send_file
from flask.typing import ResponseReturnValue

from casework import audit, finding
from casework.refusal import Refusal
from console.blueprint import blueprint
from console.dashboards.lens import Lens
from console.exports import counts, form, rows, sheets, wanted
from console.exports.rows import Cell
from console.exports.wanted import Wanted
from store.database import reading

MOST_XLSX = 100_000
"""Rows of a workbook: more take minutes to pack, and longer to open."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/exports")
def exports() -> ResponseReturnValue:
    """The form, as the list of feedback fills it."""
    return form.page(request.args)


@blueprint.post("/exports/feedback")
def export_feedback() -> ResponseReturnValue:
    """One feedback a row."""
    try:
        asked = wanted.of(request.form, form.places(), form.today(), form.sees_feedback())
        with reading() as session:
            found = finding.count(session, asked.filters, most=10_000_000)
        if not found:
            raise Refusal("There is no feedback of this kind in this period.")
        if asked.format == "xlsx" and found > MOST_XLSX:
            raise Refusal("That is too much for Excel: choose a shorter period, or CSV.")
    except Refusal as refusal:
        return form.refused(refusal, request.form)
    columns = (*rows.COLUMNS, *((rows.WORDS,) if asked.with_words else ()))
    _note("feedback_exported", asked, with_words=asked.with_words, count=found)
    cells = ([column.of(row) for column in columns] for row in rows.every(asked.filters, asked.with_words))
    header, hashtags = [column.name for column in columns], [column.hashtag for column in columns]
    return _file("feedback", asked, header, hashtags, cells)


@blueprint.post("/exports/figures")
def export_figures() -> ResponseReturnValue:
    """Numbers by month; without small ones for those who see no feedback."""
    try:
        asked = wanted.of(request.form, form.places(), form.today(), form.sees_feedback())
    except Refusal as refusal:
        return form.refused(refusal, request.form)
    lens, today = Lens.of(g.who.person.roles), form.today()
    oldest = counts.first_day() or today
    first, last = max(asked.filters.since or oldest, oldest), min(asked.filters.until or today, today)
    filters = asked.filters if lens.exact else replace(asked.filters, state="all")
    _note("figures_exported", asked, exact=lens.exact)
    cells = counts.by_month(filters, *counts.seen_days(first, last, today, lens), lens)
    return _file("figures", asked, counts.HEADER, counts.HASHTAGS, cells)


def _file(
    name: str, asked: Wanted, header: Sequence[str], hashtags: Sequence[str], cells: Iterable[Sequence[Cell]]
) -> Response:
    file_name = f"{name}_{asked.days}"
    if asked.format == "xlsx":
        answer = send_file(
            sheets.as_xlsx(header, cells, name), XLSX, as_attachment=True, download_name=f"{file_name}.xlsx"
        )
        answer.headers["Cache-Control"] = "no-store"
        return answer
    tagged = asked.format == "hxl"
    answer = Response(sheets.as_csv(header, cells, hashtags if tagged else None), mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{file_name}{'_hxl' if tagged else ''}.csv")
    return answer


def _note(action: str, asked: Wanted, **detail: Any) -> None:
    audit.note(g.who.person.login, action, filters=asked.named, format=asked.format, **detail)
