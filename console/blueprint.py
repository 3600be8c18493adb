"""The blueprint that every page of the console joins. Who may call what stands in access.py."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint

from runtime.deployment import deployment

NAME = "console"
IDLE = timedelta(minutes=15)
"""A session ends so long after its last use."""

blueprint = Blueprint(NAME, __name__, url_prefix="/console", template_folder="templates", static_folder="static")


@blueprint.app_template_filter("moment")
def moment(at: datetime) -> str:
    """`22 Nov 2026, 09:31` in the deployment's time zone; a time without a zone is local already."""
    local = at.astimezone(ZoneInfo(deployment().time_zone)) if at.tzinfo else at
    return f"{local.day} {local:%b %Y, %H:%M}"


@blueprint.context_processor
def _idle() -> dict[str, int]:
    """Seconds after which an open page covers itself: its session is over then, and somebody may pass by."""
    return {"idle": int(IDLE.total_seconds())}


@blueprint.app_template_filter("day")
def day(at: datetime) -> str:
    """`22 Nov 2026` in the deployment's time zone."""
    return moment(at).partition(",")[0]
