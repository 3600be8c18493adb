"""Saved views of the feedback list: filters under a name, of one staff member, or shared with all colleagues."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, String, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from casework.refusal import Refusal
from store.database import Base, Identifier, UTCDateTime, now
from store.encryption import EncryptedText

MOST = 20
"""Views of one person: more cannot be overlooked."""
LONGEST = 40
"""Letters of a name."""


class BadView(Refusal):
    """The view cannot be saved; the text says why."""


class SavedView(Base):
    """What a staff member saved. `filters`: JSON of the address' parameters; the words searched may be in it."""

    __tablename__ = "saved_views"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True, autoincrement=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    name: Mapped[str] = mapped_column(String(LONGEST))
    filters: Mapped[str] = mapped_column(EncryptedText("saved_views.filters"))
    shared: Mapped[bool] = mapped_column(default=False, index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)


@dataclass(frozen=True)
class View:
    """A saved view as its reader sees it."""

    id: int
    name: str
    parameters: dict[str, str]
    shared: bool
    is_own: bool


def known_to(session: Session, staff_id: int) -> list[View]:
    """This person's views and those that colleagues share, by name."""
    seen = select(SavedView).where(or_(SavedView.owner_id == staff_id, SavedView.shared.is_(True)))
    found = session.scalars(seen.order_by(SavedView.name, SavedView.id).limit(2 * MOST))
    return [View(one.id, one.name, json.loads(one.filters), one.shared, one.owner_id == staff_id) for one in found]


def save(session: Session, staff_id: int, name: str, parameters: Mapping[str, str], shared: bool) -> int:
    """Keep filters under a name; one of one's own with this name is replaced. Returns its id.

    Raises:
        BadView: there is no name, it is too long or no text, or there are too many.
    """
    name = " ".join(name.split())
    if not name or not name.isprintable():
        raise BadView("give the view a name")
    if len(name) > LONGEST:
        raise BadView("a name has at most %(most)s letters", most=LONGEST)
    own = SavedView.owner_id == staff_id
    kept = session.scalars(select(SavedView).where(own, SavedView.name == name)).first()
    if kept is None:
        if (session.scalar(select(func.count()).select_from(SavedView).where(own)) or 0) >= MOST:
            raise BadView("you have %(most)s views: remove one first", most=MOST)
        kept = SavedView(owner_id=staff_id, name=name)
        session.add(kept)
    kept.filters, kept.shared = json.dumps(dict(parameters), sort_keys=True), shared
    session.flush()
    return kept.id


def remove(session: Session, staff_id: int, view_id: int) -> bool:
    """Remove one's own view; False if there is none with this id, or it is a colleague's."""
    kept = session.get(SavedView, view_id)
    if kept is None or kept.owner_id != staff_id:
        return False
    session.delete(kept)
    return True
