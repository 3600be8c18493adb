"""A step from a page that is older than the report: the person or a colleague was there first, so that is shown before.

Without it two focal points would text the same person, or one would set other safe hours than a colleague just did.
"""

from dataclasses import replace

from flask import render_template, request

from casework.readers import Opened, Piece
from console import asked
from console.reports import view
from console.reports.opening import Desk, look

OURS = ("csrf_token", "once", "seen")
"""Fields of a form that are made anew for the next one."""
WORDS = ("text", "hours", "organisation", "purpose", "reason")
"""Fields that somebody typed."""


class Stale(Exception):
    """Something was added since the page was shown: nothing was done."""


def newest(opened: Opened) -> int:
    """Id of the newest piece: the forms of a page carry it as `seen`."""
    return max((piece.id for piece in opened.pieces), default=0)


def refuse(here: Desk) -> None:
    """Raises Stale where the form is of a page without the newest pieces; one's own are known."""
    if _later(here):
        raise Stale


def page(reference: str) -> tuple[str, int]:
    """What was added, and the step as it was sent, to be done all the same."""
    return look(reference, _shown, what="stale"), 409


def _shown(here: Desk) -> str:
    kept = [(name, value) for name, value in request.form.items(multi=True) if name not in OURS]
    return render_template(
        "console/reports/stale.html",
        report=here.report,
        thread=view.thread(here.session, replace(here.opened, pieces=tuple(_later(here)))),
        kept=kept,
        typed=[value for name, value in kept if name in WORDS and value.strip()],
        seen=newest(here.opened),
    )


def _later(here: Desk) -> list[Piece]:
    seen = asked.number(request.form.get("seen"))
    if seen is None:
        return []
    shown = (piece for piece in here.opened.pieces if piece.id > seen and piece.kind not in view.IN_THE_HEAD)
    return [piece for piece in shown if piece.data.get("by") != here.reader.login]
