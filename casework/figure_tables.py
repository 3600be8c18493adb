"""Counts by day, from which the figures are drawn. They are made anew from what they count, at any time.

No table leads from a count to a feedback or a message; of a sensitive report nothing is counted (figure_counting.py).
"""

from datetime import date, datetime

from sqlalchemy import JSON, Date, String
from sqlalchemy.orm import Mapped, mapped_column

from store.database import Base, UTCDateTime

EVERYWHERE = ""
"""The place of counts of all places, those without a place among them."""
WHAT, TIMES, SAID = "what", "times", "said"
"""Parts of a day's counts: what was told, how soon it was answered, what we said (of all places only)."""


class Figure(Base):
    """One part of the counts of one day and place. A day is one of the deployment's time zone."""

    __tablename__ = "figures"

    place: Mapped[str] = mapped_column(String(80), primary_key=True)
    part: Mapped[str] = mapped_column(String(8), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True, index=True)
    feedback: Mapped[int]
    """How much feedback it is the count of."""
    counts: Mapped[dict[str, int]] = mapped_column(JSON)
    """How many have each value: `topic:food` → 12. A row for each would be as many rows as there is feedback."""


class FigureDay(Base):
    """When a day was counted last, and how many feedbacks it had then."""

    __tablename__ = "figure_days"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    feedback: Mapped[int]
    counted_at: Mapped[datetime] = mapped_column(UTCDateTime)
