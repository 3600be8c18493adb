"""What became of the answers on their way, and what they cost."""

from collections import Counter
from datetime import date
from decimal import Decimal

from babel.numbers import format_currency
from sqlalchemy.orm import Session

from casework import figures
from casework.figure_tables import SAID
from casework.figures import Period
from console import labels, words
from console.dashboards.blocks import Block, bars
from console.dashboards.lens import Lens
from console.dashboards.page import Page, Tile
from console.words import gettext, mark
from runtime.deployment import deployment

BECAME = {
    "arrived": (mark("Arrived"), ("delivered",)),
    "sent": (mark("Sent, no word of arrival"), ("sent",)),
    "waits": (mark("On the way, or waits"), ("queued", "sending", "held", "later")),
    "lost": (mark("Did not arrive"), ("undelivered", "failed")),
    "stopped": (mark("Not sent: the person said STOP"), ("suppressed",)),
}
SENDERS = {"assistant": mark("%(channel)s, by the assistant"), "staff": mark("%(channel)s, by staff")}


def page(session: Session, period: Period, lens: Lens, today: date, codes: bool) -> Page:
    """The tab. Messages have no place."""
    found = figures.totals(session, Period(period.since, period.until), SAID)
    became: Counter[str] = Counter()
    by_way: dict[tuple[str, str], Counter[str]] = {}
    of_state = {state: name for name, (_, of) in BECAME.items() for state in of}
    for value, n in found["sent"].items():
        channel, sender, state = value.split("|")
        name = of_state.get(state, "waits")
        became[name] += n
        by_way.setdefault((channel, sender), Counter())[name] += n
    tiles = (
        Tile(gettext("Answers"), lens.told(became.total())),
        Tile(gettext("Arrived"), lens.share(became["arrived"], became.total()) or "–"),
        *_cost(found["segments"], lens),
    )
    rows = tuple(
        (
            gettext(SENDERS[sender]) % {"channel": labels.of_channel(channel)},
            *(lens.told(counts[name]) for name in BECAME),
        )
        for (channel, sender), counts in sorted(by_way.items())
    )
    heads = (gettext("Way"), *(gettext(text) for text, _ in BECAME.values()))
    note = gettext("Answers to questions and feedback; not what goes to our own staff, and no private talks.")
    blocks = (
        bars(
            "became",
            gettext("What became of answers"),
            gettext("State"),
            lens.fixed(became, BECAME, lambda name: gettext(BECAME[name][0])),
            note,
        ),
        Block(
            "segments",
            gettext("SMS segments and WhatsApp messages"),
            (gettext("Channel"), gettext("Number"), *((gettext("Cost"),) if deployment().prices else ())),
            tuple(
                (labels.of_channel(channel), lens.told(n), *_price(channel, n, lens))
                for channel, n in sorted(found["segments"].items())
            ),
            note=gettext("Estimated from the prices in deployment.yml; the bill of the provider counts.")
            if deployment().prices
            else "",
        ),
        Block("ways", gettext("By channel and sender"), heads, rows),
    )
    return Page(tiles, blocks)


def _cost(segments: Counter[str], lens: Lens) -> tuple[Tile, ...]:
    prices = deployment().prices
    if prices is None:
        return ()
    total = sum((prices.of(channel, lens.see(n) or 0) for channel, n in segments.items()), Decimal(0))
    return (Tile(gettext("Cost"), _money(total, prices.currency), gettext("estimated")),)


def _price(channel: str, n: int, lens: Lens) -> tuple[str, ...]:
    prices, seen = deployment().prices, lens.see(n)
    if prices is None:
        return ()
    if seen is None:
        return ("–",)
    return (_money(prices.of(channel, seen), prices.currency),)


def _money(amount: Decimal, currency: str) -> str:
    # between words that run to the left a symbol of Latin letters falls apart
    how = "name" if words.is_right_to_left() else "standard"
    return format_currency(amount, currency, locale=words.locale(), format_type=how)  # type: ignore[arg-type]
