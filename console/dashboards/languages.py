"""In which languages and on which channels people write, and what the assistant could not do with it."""

from collections import Counter
from datetime import date

from sqlalchemy.orm import Session

from casework import figures
from casework.figure_tables import SAID
from casework.figures import Period
from console import labels, words
from console.dashboards.blocks import bars
from console.dashboards.lens import Lens
from console.dashboards.page import Page, Tile
from console.words import gettext


def page(session: Session, period: Period, lens: Lens, today: date, codes: bool) -> Page:
    """The tab. Messages have no place: what is counted of them is counted everywhere."""
    found = figures.totals(session, period)
    everywhere = Period(period.since, period.until)
    said = figures.totals(session, everywhere, SAID)
    by_language: Counter[str] = Counter()
    by_kind: Counter[str] = Counter()
    for value, n in said["flag"].items():
        kind, _, language = value.partition("|")
        by_language[language] += n
        by_kind[kind] += n
    replies = sum(n for value, n in said["sent"].items() if "|assistant|" in value)
    note = gettext("Of all places: what a place is known of is feedback only.") if period.place else ""
    tiles = (
        Tile(
            gettext("Not understood"),
            lens.told(by_kind["not_understood"]),
            gettext("of %(number)s answers of the assistant") % {"number": lens.told(replies)},
        ),
        Tile(gettext("Asked what was meant"), lens.told(by_kind["unsure"])),
        Tile(gettext("In a language not served"), lens.told(said["unserved"].total())),
    )
    blocks = (
        bars(
            "languages",
            gettext("Languages of feedback"),
            gettext("Language"),
            lens.ranked(found["language"], words.of_language),
        ),
        bars(
            "channels",
            gettext("Channels of feedback"),
            gettext("Channel"),
            lens.fixed(found["channel"], sorted({"sms", "whatsapp", *found["channel"]}), labels.of_channel),
        ),
        bars(
            "unserved",
            gettext("Languages that are not served"),
            gettext("Language"),
            lens.ranked(said["unserved"], words.of_language),
            note,
        ),
        bars(
            "not-understood",
            gettext("Not understood, or asked what was meant"),
            gettext("Language"),
            lens.ranked(by_language, words.of_language),
            note,
        ),
        bars(
            "guesses",
            gettext("What it may have been about"),
            gettext("Topic"),
            lens.ranked(said["guess"], labels.of_topic),
            note,
        ),
    )
    return Page(tiles, blocks)
