"""An answer as it arrives: as SMS, with the places where the telephone company cuts it, and in WhatsApp."""

from __future__ import annotations

from dataclasses import dataclass

from messaging import segments
from messaging.segments import Count
from runtime import pages
from runtime.deployment import deployment
from runtime.pages import Page
from runtime.words import sentence

NUMBER = "112"
"""Shown where the number depends on the country of the person's phone."""


@dataclass(frozen=True)
class Bubble:
    """One message. `pieces`: what each SMS segment carries; `dear`: letters for which it needs the dear alphabet."""

    parts: tuple[str, ...]
    text: str
    counted: Count
    pieces: tuple[str, ...]
    dear: tuple[str, ...]


def bubbles(page: Page, channel: str, is_doubted: bool = False) -> list[Bubble]:
    """The messages that bring the page to somebody who asks for all of it."""
    return [_bubble(page, parts, channel, is_doubted) for parts in pages.PORTIONS[channel]]


def cost(found: list[Bubble]) -> int:
    """SMS segments of all of them."""
    return sum(one.counted.segments for one in found)


def _bubble(page: Page, parts: tuple[str, ...], channel: str, is_doubted: bool) -> Bubble:
    text = pages.told(page, parts, channel)
    if pages.tells_emergency_number(page.topic, parts):
        number = deployment().emergency_number or NUMBER
        text = f"{text}\n{sentence('emergency', page.language, number=number)}"
    if is_doubted:
        text = f"{text}\n\n{sentence('page_doubtful', page.language)}"
    text = text.replace("{organisation}", deployment().organisation)
    letters = segments.dear(text) if page.language in pages.GSM_LANGUAGES else []
    return Bubble(parts, text, segments.count(text), tuple(segments.segments(text)), tuple(letters))
