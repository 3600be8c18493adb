"""What people tell of, and where; rumours."""

from datetime import date

from sqlalchemy.orm import Session

from casework import figures
from casework.figures import Period
from console import labels
from console.dashboards.blocks import Block, bars
from console.dashboards.lens import Lens
from console.dashboards.page import Page
from console.words import gettext


def page(session: Session, period: Period, lens: Lens, today: date, codes: bool) -> Page:
    """The tab. `codes`: the reader may open cases."""
    found = figures.totals(session, period)
    blocks = [bars("topics", gettext("Topics"), gettext("Topic"), lens.ranked(found["topic"], labels.of_topic))]
    if not period.place:
        blocks.append(bars("places", gettext("Places"), gettext("Place"), lens.ranked(found["place"], str)))
    rumours = lens.ranked(found["rumour_topic"], labels.of_topic)
    blocks.append(bars("rumours", gettext("Rumours by topic"), gettext("Topic"), rumours))
    if not period.place:
        where = lens.ranked(found["rumour_place"], str)
        blocks.append(bars("rumour-places", gettext("Rumours by place"), gettext("Place"), where))
    if codes:
        blocks.append(_groups(session, period, lens))
    return Page((), tuple(blocks))


def _groups(session: Session, period: Period, lens: Lens) -> Block:
    groups = figures.rumour_groups(session, period)
    return Block(
        "rumour-groups",
        gettext("Rumours that several told"),
        (gettext("Topic"), gettext("Number")),
        tuple((labels.of_topic(one.topic), lens.told(one.now)) for one in groups),
        note=gettext("Each row is a group of feedback that tells the same; the code opens its first."),
        codes=tuple(one.reference for one in groups),
    )
