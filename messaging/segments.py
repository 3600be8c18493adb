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
    if all(letter in _BASIC or letter in _EXTENDED for letter in text):
        sizes = [2 if letter in _EXTENDED else 1 for letter in text]
        return Count("gsm7", sum(sizes), _parts(sizes, 160, 153))
    sizes = [2 if ord(letter) > 0xFFFF else 1 for letter in text]
    return Count("ucs2", sum(sizes), _parts(sizes, 70, 67))


def _parts(sizes: list[int], single: int, part: int) -> int:
    if sum(sizes) <= single:
        return 1
    parts, room = 1, part
    for size in sizes:  # a two-unit character is never cut in half
        if size > room:
            parts, room = parts + 1, part
        room -= size
    return parts


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
