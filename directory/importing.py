"""Taking a directory's file in: what will change is known before anything does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from directory import hsds, packed, search, sheets
from directory.models import DirectoryImport, Place, Service
from directory.rows import BadFile, BadRow, Reading, Row, read
from directory.search import romanised
from runtime.deployment import deployment
from store.database import reading, transaction

BATCH = 500
_OF_PLACE = ("place", "other_names")


@dataclass(frozen=True)
class Plan:
    """What an import will do. `gone`: codes in the directory that the file does not have."""

    added: list[Row]
    changed: list[Row]
    same: int
    gone: list[str]
    errors: list[tuple[int, BadRow]]
    ignored: list[str]


def open_file(path: Path, most: int | None = None) -> Reading:
    """Read and check a CSV, XLSX or HSDS package (folder, datapackage.json or ZIP).

    Raises:
        BadFile: it is none of these, or has more than `most` rows.
    """
    if path.suffix in (".zip", ".xlsx"):
        packed.check(path)
    if path.is_dir() or path.suffix in (".zip", ".json"):
        table: Iterable[tuple[int, Mapping[str, Any]]] = hsds.read(path)
    elif path.suffix == ".csv":
        table = sheets.read_csv(path)
    elif path.suffix == ".xlsx":
        table = sheets.read_xlsx(path)
    else:
        raise BadFile("use a .csv or .xlsx file, or an HSDS package (its folder, datapackage.json or .zip)")
    return read(table if most is None else _at_most(most, table), deployment().country)


def _at_most(most: int, table: Iterable[tuple[int, Mapping[str, Any]]]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for counted, row in enumerate(table, 1):
        if counted > most:
            raise BadFile("the file has more than %(most)s rows", most=most)
        yield row


def plan(found: Reading) -> Plan:
    """Compare a file with the directory."""
    with reading() as session:
        return compare(session, found)


def compare(session: Session, found: Reading) -> Plan:
    """The same, as the directory is in the caller's transaction."""
    present = {row["code"]: row for row in _present(session)}
    added = [row for row in found.rows if row.code not in present]
    known = [row for row in found.rows if row.code in present]
    changed = [row for row in known if _differs(row, present[row.code])]
    gone = sorted(present.keys() - {row.code for row in found.rows})
    return Plan(added, changed, len(known) - len(changed), gone, found.errors, found.ignored)


def apply(file: str, made: Plan, remove_gone: bool = False, tell: Callable[[int], None] | None = None) -> None:
    """Do it, in one transaction. `tell` hears how many rows were written since the last call."""
    with transaction() as session:
        write(session, file, made, remove_gone, tell)
    search.forget()


def write(
    session: Session, file: str, made: Plan, remove_gone: bool = False, tell: Callable[[int], None] | None = None
) -> None:
    """The same in the caller's transaction; `search.forget` is theirs too, once it is committed."""
    places = _places(session, [*made.added, *made.changed])
    for start in range(0, len(made.added), BATCH):
        batch = [_values(row, places) for row in made.added[start : start + BATCH]]
        session.execute(insert(Service), batch)
        if tell:
            tell(len(batch))
    for row in made.changed:
        session.execute(update(Service).where(Service.code == row.code).values(**_values(row, places)))
        if tell:
            tell(1)
    if remove_gone:
        for start in range(0, len(made.gone), BATCH):
            session.execute(delete(Service).where(Service.code.in_(made.gone[start : start + BATCH])))
    removed = len(made.gone) if remove_gone else 0
    counts = {"added": len(made.added), "changed": len(made.changed), "removed": removed}
    session.add(DirectoryImport(file=file[:120], refused=len(made.errors), **counts))


def is_empty() -> bool:
    """True while no service is known."""
    with reading() as session:
        return session.scalar(select(Service.id).limit(1)) is None


def all_rows() -> list[dict[str, Any]]:
    """The whole directory in the columns of a file, by code."""
    with reading() as session:
        return _present(session)


def _present(session: Session) -> list[dict[str, Any]]:
    found = session.execute(select(Service, Place).join(Place, Place.id == Service.place_id).order_by(Service.code))
    return [_as_row(service, place) for service, place in found]


def _as_row(service: Service, place: Place) -> dict[str, Any]:
    kept = {name: getattr(service, name) for name in _same_name()}
    return {**kept, "service": service.name, "place": place.name, "other_names": tuple(place.names)}


def _same_name() -> list[str]:
    return [name for name in Row.__dataclass_fields__ if name not in ("service", *_OF_PLACE)]


def _differs(row: Row, present: Mapping[str, Any]) -> bool:
    new = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(row).items()}
    old = {name: list(value) if isinstance(value, tuple) else value for name, value in present.items()}
    names = set(new.pop("other_names"))
    renamed = bool(names) and names != set(old.pop("other_names"))
    same_place = romanised(row.place) == romanised(str(old.pop("place")))
    new.pop("place")
    return renamed or not same_place or any(new[name] != old[name] for name in new)


def _values(row: Row, places: Mapping[str, int]) -> dict[str, Any]:
    kept = {name: getattr(row, name) for name in _same_name()}
    lists = {name: list(value) for name, value in kept.items() if isinstance(value, tuple)}
    return {**kept, **lists, "name": row.service, "place_id": places[row.place]}


def _places(session: Session, rows: list[Row]) -> dict[str, int]:
    """Name, as the rows write it, to the id of its place.

    A place is known by its romanised name: "RIVERSIDE" is no other one. What the file says of other names and positions
    replaces what was there.
    """
    known = {romanised(place.name): place for place in session.scalars(select(Place))}
    told: dict[str, set[str]] = {}
    found: dict[str, Place] = {}
    for row in rows:
        key = romanised(row.place)
        place = known.get(key)
        if place is None:
            place = known[key] = Place(name=row.place, names=[])
            session.add(place)
        found[row.place] = place
        told.setdefault(key, set()).update(row.other_names)
        if row.latitude is not None and row.longitude is not None and key not in told.get("positions", ()):
            place.latitude, place.longitude = row.latitude, row.longitude
            told.setdefault("positions", set()).add(key)
    for key, names in told.items():
        if names and key in known:
            known[key].names = sorted(names)
    session.flush()
    return {name: place.id for name, place in found.items()}
