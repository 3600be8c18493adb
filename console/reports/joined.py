"""Who joined later and waits for access to what somebody reads: told so that a reader can see whom they let in."""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import readers, routing, sealing, staff
from casework.report_models import ReportSeal, Staff
from casework.routing import Routing


@dataclass(frozen=True)
class Waiting:
    """Somebody without a seal to reports that are for them. `key`: its fingerprint, to compare by voice."""

    person: Staff
    key: str
    reports: int


def waiting(session: Session, person: Staff) -> list[Waiting]:
    """Those to whom this person can give access (`readers.give_all`), and to how many reports."""
    mine = [report for report in readers.of_person(session, person.id) if not routing.is_withheld(report)]
    seals: dict[int, set[int | None]] = {report.id: set() for report in mine}
    query = select(ReportSeal.report_id, ReportSeal.staff_id).where(ReportSeal.report_id.in_(seals))
    for report_id, staff_id in session.execute(query):
        seals[report_id].add(staff_id)
    everybody = {one.id: one for one in staff.everybody(session) if one.public_key is not None}
    counted: Counter[int] = Counter()
    for report in mine:
        if person.id in seals[report.id]:
            routed = Routing.of(report)
            without = (one for one in everybody.values() if one.id not in seals[report.id])
            counted.update(one.id for one in without if routing.may_read(one, routed))
    return [
        Waiting(everybody[number], sealing.fingerprint(everybody[number].public_key or b""), count)
        for number, count in sorted(counted.items())
    ]
