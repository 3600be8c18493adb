"""Directories as Open Referral HSDS 3.0, its tabular form: CSV files of one table each with a datapackage.json.

docs.openreferral.org/en/v3.0.1/hsds/schema_reference.html. Read: organization, service, location, address, phone,
schedule, language, cost_option, service_at_location, and our topic from taxonomy_term by attribute (or service_type).
"""

from __future__ import annotations

import csv
import io
import json
import re
import uuid
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from opening_hours import validate

from directory.rows import BadFile
from runtime import taxonomy

Table = list[dict[str, str]]

_DAYS = {"MO": "Mo", "TU": "Tu", "WE": "We", "TH": "Th", "FR": "Fr", "SA": "Sa", "SU": "Su"}
_OF_HOURS = re.compile(r"^(?P<days>[A-Z][a-z](?:[-,][A-Z][a-z])*) (?P<from>\d\d:\d\d)-(?P<to>\d\d:\d\d)$")
_TOPICS, _MARKS = "Sawti topics", "Sawti marks"
_OF_SERVICE = ("phone", "schedule", "language", "cost_option")
_SPACE = uuid.UUID("5f0c1a52-0e6b-4a1e-9f3d-2d7b6a8c9e10")
COLUMNS = {
    "organization": ["id", "name", "description"],
    "service": ["id", "organization_id", "name", "description", "status", "fees_description", "assured_date"],
    "location": ["id", "location_type", "name", "alternate_name", "transportation", "latitude", "longitude"],
    "address": ["id", "location_id", "address_1", "city", "state_province", "postal_code", "country", "address_type"],
    "service_at_location": ["id", "service_id", "location_id"],
    "phone": ["id", "service_id", "number"],
    "schedule": ["id", "service_id", "valid_to", "byday", "opens_at", "closes_at", "notes"],
    "language": ["id", "service_id", "code"],
    "cost_option": ["id", "service_id", "option"],
    "taxonomy_term": ["id", "code", "name", "taxonomy"],
    "attribute": ["id", "link_id", "link_entity", "taxonomy_term_id"],
    "service_area": ["id", "service_id", "name"],
}


def read(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Numbered rows, in our columns: one for each service at each location, numbered as service_at_location is.

    `path` is the package's folder, its datapackage.json, or a ZIP file of it.
    """
    table = _tables(path)
    services, places = table("service"), {row.get("id", ""): row for row in table("location")}
    if not services:
        raise BadFile("there is no service.csv with services in the package")
    organisations = {row.get("id", ""): row.get("name", "") for row in table("organization")}
    addresses = _by(table("address"), "location_id")
    topics = _topics(table)
    marks = _marks(table)
    of_service = {name: _by(table(name), "service_id") for name in _OF_SERVICE}
    of_location = {name: _by(table(name), "location_id") for name in ("phone", "schedule")}
    of_link = {name: _by(table(name), "service_at_location_id") for name in ("phone", "schedule")}
    by_id = {row.get("id", ""): row for row in services}
    links = table("service_at_location") or [{"id": key, "service_id": key, "location_id": ""} for key in by_id]
    for number, link in enumerate(links, 2):
        service = by_id.get(link.get("service_id", ""))
        if service is None:
            yield number, {"service": link.get("service_id", "")}  # refused: no organisation
            continue
        if (service.get("status") or "active").strip().lower() != "active":
            continue  # defunct, inactive, temporarily closed
        key, there = service.get("id", ""), link.get("location_id", "")
        place = places.get(there, {})
        address = next(iter(addresses[there]), {})
        at = link.get("id", "")
        schedule = of_link["schedule"][at] or of_service["schedule"][key] or of_location["schedule"][there]
        phones = of_link["phone"][at] or of_service["phone"][key] or of_location["phone"][there]
        cost = service.get("fees_description") or next(
            (r.get("option", "") for r in of_service["cost_option"][key]), ""
        )
        yield (
            number,
            {
                "code": link.get("id") or key,
                "organisation": organisations.get(service.get("organization_id", ""), ""),
                "service": service.get("name", ""),
                "topic": topics.get(key, ""),
                "description": service.get("description", ""),
                "place": address.get("city") or place.get("name", ""),
                "other_names": place.get("alternate_name", ""),
                "address": address.get("address_1", ""),
                "latitude": place.get("latitude", ""),
                "longitude": place.get("longitude", ""),
                "phone": "; ".join(row["number"] for row in phones if row.get("number")),
                "languages": "; ".join(_code(row) for row in of_service["language"][key] if _code(row)),
                "for_whom": "; ".join(mark.removeprefix("for ") for mark in marks[key] if mark.startswith("for ")),
                "confidential": next((m.removeprefix("confidential ") for m in marks[key] if m.startswith("conf")), ""),
                "sample": "yes" if "sample" in marks[key] else "",
                "cost": cost[:80],
                "hours": _hours(schedule),
                "directions": place.get("transportation", ""),
                "valid_until": next((row["valid_to"] for row in schedule if row.get("valid_to")), ""),
                "checked_on": service.get("assured_date", ""),
            },
        )


def _tables(path: Path) -> Callable[[str], Table]:
    """A function from a table's name to its rows."""
    if path.suffix == ".zip":
        try:
            pack = zipfile.ZipFile(path)
        except zipfile.BadZipFile:
            raise BadFile("the file is not a ZIP file") from None
        names = {Path(name).name: name for name in pack.namelist()}
        return lambda table: _rows(pack.read(names[f"{table}.csv"])) if f"{table}.csv" in names else []
    folder = path if path.is_dir() else path.parent
    return lambda table: _rows((folder / f"{table}.csv").read_bytes()) if (folder / f"{table}.csv").exists() else []


def _rows(content: bytes) -> Table:
    try:
        return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    except (UnicodeDecodeError, csv.Error):
        raise BadFile("a table of the package is not a CSV file in UTF-8") from None


def _by(rows: Table, key: str) -> dict[str, Table]:
    found: dict[str, Table] = defaultdict(list)
    for row in rows:
        found[row.get(key) or ""].append(row)
    return found


def _topics(table: Callable[[str], Table]) -> dict[str, str]:
    """Service id to topic: the first of its taxonomy terms whose code or name is one of ours, else the first term."""
    all_terms = [row for row in table("taxonomy_term") if row.get("taxonomy") != _MARKS]
    terms = {row.get("id", ""): (row.get("code") or "", row.get("name") or "") for row in all_terms}
    found: dict[str, str] = {}
    for row in table("attribute"):
        for word in terms.get(row.get("taxonomy_term_id", ""), ()):
            topic = word.strip().lower().replace(" ", "_")
            key = row.get("link_id", "")
            better = key not in found or (topic in taxonomy.topics() and found[key] not in taxonomy.topics())
            if topic and better:
                found[key] = topic
    return found


def _marks(table: Callable[[str], Table]) -> dict[str, list[str]]:
    """Service id to what we keep of it in terms of our own: for women, confidential yes, sample."""
    ours = {row["id"]: row.get("code") or "" for row in table("taxonomy_term") if row.get("taxonomy") == _MARKS}
    found: dict[str, list[str]] = defaultdict(list)
    for row in table("attribute"):
        if row.get("taxonomy_term_id") in ours:
            found[row.get("link_id", "")].append(ours[row["taxonomy_term_id"]])
    return found


def _code(row: Mapping[str, str]) -> str:
    """The language of a row, without its region: en of en-GB."""
    return re.split(r"[-_]", (row.get("code") or "").strip().lower())[0]


def _hours(schedule: Table) -> str:
    """iCalendar days and times as OpenStreetMap's hours; notes count where they are such hours."""
    parts = []
    for row in schedule:
        if row.get("notes") and not row.get("opens_at"):
            parts += [row["notes"]] if validate(row["notes"]) else []
        elif row.get("opens_at") and row.get("closes_at"):
            parts.append(f"{_span(row.get('byday') or '')} {row['opens_at'][:5]}-{row['closes_at'][:5]}".strip())
    return "; ".join(parts)


def _span(byday: str) -> str:
    """iCalendar's days as OpenStreetMap's: MO,TU,WE,SA as Mo-We,Sa."""
    order = list(_DAYS)
    named = {part.strip().upper()[-2:] for part in byday.split(",")}
    days = [place for place, name in enumerate(order) if name in named]
    spans: list[tuple[int, int]] = []
    for day in days:
        if spans and day == spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], day)
        else:
            spans.append((day, day))
    names = list(_DAYS.values())
    return ",".join(names[first] if first == last else f"{names[first]}-{names[last]}" for first, last in spans)


def write(folder: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Our rows as a package in `folder`: one location a service, identifiers derived from our codes."""
    folder.mkdir(parents=True, exist_ok=True)
    tables: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in COLUMNS}

    def put(table: str, key: str, **values: Any) -> str:
        identifier = str(uuid.uuid5(_SPACE, f"{table} {key}"))
        tables[table][identifier] = {"id": identifier, **{name: _text(value) for name, value in values.items()}}
        return identifier

    for row in rows:
        code = str(row["code"])
        organisation = put(
            "organization", row["organisation"], name=row["organisation"], description=row["organisation"]
        )
        service = put(
            "service", code, organization_id=organisation, name=row["service"], description=row.get("description"),
            status="active", fees_description=row.get("cost"), assured_date=row.get("checked_on"),
        )  # fmt: skip
        location = put(
            "location", code, location_type="physical", name=row["place"], transportation=row.get("directions"),
            alternate_name="; ".join(row.get("other_names") or ()), latitude=row.get("latitude"),
            longitude=row.get("longitude"),
        )  # fmt: skip
        put(
            "address",
            code,
            location_id=location,
            address_1=row.get("address"),
            city=row["place"],
            address_type="physical",
        )
        tables["service_at_location"][code] = {"id": code, "service_id": service, "location_id": location}
        for phone in filter(None, (row.get("phone") or "").split(", ")):
            put("phone", f"{code} {phone}", service_id=service, number=phone)
        for language in row.get("languages") or ():
            put("language", f"{code} {language}", service_id=service, code=language)
        if row.get("hours") or row.get("valid_until"):
            put("schedule", code, service_id=service, valid_to=row.get("valid_until"), **_schedule(row.get("hours")))
        marks = [f"for {who}" for who in row.get("for_whom") or ()] + (["sample"] if row.get("sample") else [])
        marks.append("confidential yes" if row.get("confidential") else "confidential no")
        for word, kind in ((row["topic"], _TOPICS), *((mark, _MARKS) for mark in marks)):
            term = put("taxonomy_term", f"{kind} {word}", code=word, name=word, taxonomy=kind)
            put("attribute", f"{code} {word}", link_id=service, link_entity="service", taxonomy_term_id=term)
    _store(folder, tables)


def _schedule(hours: str | None) -> dict[str, str]:
    """One span of days and times as iCalendar's; anything richer stays in the notes, as it was."""
    simple = _OF_HOURS.match(hours or "")
    if simple is None:
        return {"notes": hours or ""}
    order = list(_DAYS.values())
    days: list[str] = []
    for part in simple["days"].split(","):
        begin, _, end = part.partition("-")
        days += order[order.index(begin) : order.index(end or begin) + 1]
    return {"byday": ",".join(day.upper() for day in days), "opens_at": simple["from"], "closes_at": simple["to"]}


def _text(value: Any) -> str:
    return "" if value is None else value.isoformat() if hasattr(value, "isoformat") else str(value)


def _store(folder: Path, tables: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> None:
    kept = {name: list(rows.values()) for name, rows in tables.items() if rows}
    for name, rows in kept.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            out = csv.DictWriter(file, COLUMNS[name], restval="")
            out.writeheader()
            out.writerows(rows)
    schemas = {name: {"fields": [{"name": column, "type": "string"} for column in COLUMNS[name]]} for name in kept}
    resources = [{"name": name, "path": f"{name}.csv", "schema": schemas[name]} for name in kept]
    package = {"name": "service-directory", "profile": "tabular-data-package", "resources": resources}
    (folder / "datapackage.json").write_text(json.dumps(package, indent=1), encoding="utf-8")
