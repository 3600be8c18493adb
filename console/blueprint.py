"""The blueprint that every page of the console joins. Who may call what stands in access.py."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from flask import Blueprint

from console import words
from runtime.deployment import deployment
from store.database import now

NAME = "console"
IDLE = timedelta(minutes=15)
"""A session ends so long after its last use."""

blueprint = Blueprint(NAME, __name__, url_prefix="/console", template_folder="templates", static_folder="static")


@blueprint.app_template_filter("moment")
def moment(at: datetime) -> str:
    """`22 Nov 2026, 09:31` in the deployment's time zone; a time without a zone is local already."""
    return format_datetime(_local(at), "d MMM y, HH:mm", locale=words.locale())


@blueprint.app_template_filter("hour")
def hour(at: datetime) -> str:
    """`09:31` if that is today, else with the day."""
    return f"{_local(at):%H:%M}" if _local(at).date() == _local(now()).date() else moment(at)


@blueprint.app_template_filter("is_past")
def is_past(at: datetime) -> bool:
    """True if it is now or was."""
    return at <= now()


@blueprint.app_template_filter("day")
def day(at: datetime) -> str:
    """`22 Nov 2026` in the deployment's time zone."""
    return format_datetime(_local(at), "d MMM y", locale=words.locale())


def _local(at: datetime) -> datetime:
    return at.astimezone(ZoneInfo(deployment().time_zone)) if at.tzinfo else at
