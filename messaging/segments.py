"""How many SMS a text costs (3GPP TS 23.038), and splitting what one provider message cannot hold."""

import re
from dataclasses import dataclass

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")

MESSAGE_LIMIT = 1600
"""Characters that Twilio takes in one message (error 21617 above it)."""

_SENTENCE_END = re.compile(r"(?<=[.!?؟።。])\s+|\n+")


@dataclass(frozen=True)
class Count:
    """Encoding and number of SMS segments of a text."""

    encoding: str
    units: int
    segments: int


def count(text: str) -> Count:
    """Segments of `text`: GSM-7 160/153, UCS-2 70/67; an extended GSM character costs two units."""
    encoding, sizes, cuts = _measured(text)
    return Count(encoding, sum(sizes), len(cuts) + 1)


def segments(text: str) -> list[str]:
    """The text as its SMS segments carry it; a phone puts them together again."""
    cuts = _measured(text)[2]
    return [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]


def dear(text: str) -> list[str]:
    """The letters for which a text needs UCS-2, each once."""
    return sorted({letter for letter in text if letter not in _BASIC and letter not in _EXTENDED})


def _measured(text: str) -> tuple[str, list[int], list[int]]:
    """Encoding, units of each character, and where the second and later segments begin."""
    if all(letter in _BASIC or letter in _EXTENDED for letter in text):
        sizes = [2 if letter in _EXTENDED else 1 for letter in text]
        return "gsm7", sizes, _cuts(sizes, 160, 153)
    sizes = [2 if ord(letter) > 0xFFFF else 1 for letter in text]
    return "ucs2", sizes, _cuts(sizes, 70, 67)


def _cuts(sizes: list[int], single: int, part: int) -> list[int]:
    if sum(sizes) <= single:
        return []
    cuts, room = [], part
    for place, size in enumerate(sizes):  # a two-unit character is never cut in half
        if size > room:
            cuts.append(place)
            room = part
        room -= size
    return cuts


def split(text: str, limit: int = MESSAGE_LIMIT) -> list[str]:
    """The text in pieces of at most `limit` characters, cut after sentences, else between words, else anywhere."""
    pieces: list[str] = []
    rest = text.strip()
    while len(rest) > limit:
        cut = _last_end(rest, limit)
        pieces.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*pieces, rest] if rest else pieces


def _last_end(text: str, limit: int) -> int:
    ends = [match.start() for match in _SENTENCE_END.finditer(text, 0, limit) if match.start() > limit // 2]
    if ends:
        return ends[-1]
    space = text.rfind(" ", limit // 2, limit)
    return space if space > 0 else limit
