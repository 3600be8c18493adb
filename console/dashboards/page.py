"""What one tab shows: a few numbers in large letters, then blocks."""

from dataclasses import dataclass

from console.dashboards.blocks import Block


@dataclass(frozen=True)
class Tile:
    """One number with its words, and what helps to judge it."""

    words: str
    number: str
    beside: str = ""


@dataclass(frozen=True)
class Page:
    """A tab, or a month."""

    tiles: tuple[Tile, ...]
    blocks: tuple[Block, ...]
    sentences: tuple[str, ...] = ()
