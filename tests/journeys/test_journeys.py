"""Whole conversations. Each file beside this one tells who says what, and what the database must hold after."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import func, select

from tests.phones import Town

FILES = sorted(Path(__file__).parent.glob("*.yml"))
JOURNEYS = [
    pytest.param(journey, database, id=f"{path.stem}: {journey['journey']}-{database}")
    for path in FILES
    for journey in yaml.safe_load(path.read_text(encoding="utf-8"))
    # the same talks in other languages (in_*.yml) take the same ways: one kind of database is enough for them
    for database in (("sqlite",) if path.stem.startswith("in_") else ("sqlite", "postgresql"))
]


@pytest.mark.parametrize(("journey", "database"), JOURNEYS, indirect=["database"])
def test_journey(journey: dict[str, Any], town: Town) -> None:
    from runtime.redis import redis

    default = journey.get("phone", "+254722000001")
    for step in journey["steps"]:
        if step.get("redis") == "flushed":
            redis().flushall()
            continue
        phone = step.get("phone", default)
        heard = "\n".join(town.says(phone, _filled(step.get("says", ""), town, phone), **step.get("form", {})))
        for words in step.get("hears", []):
            assert words in heard, f"{words!r} was not heard after {step['says']!r}, but: {heard!r}"
        for words in step.get("hears_not", []):
            assert words not in heard, f"{words!r} was heard after {step['says']!r}: {heard!r}"
        if step.get("silence"):
            assert heard == ""
    _holds(journey.get("database", {}), town)


def _filled(text: str, town: Town, phone: str) -> str:
    """{code} is the last reference code that the phone heard."""
    from casework import reference

    if "{code}" not in text:
        return text
    codes = [code for body in town.api.bodies(phone) if (code := reference.find(body))]
    return text.replace("{code}", codes[-1])


def _holds(expected: dict[str, Any], town: Town) -> None:
    from casework.models import Feedback
    from casework.report_models import Alert, Report
    from messaging.models import Contact
    from store.database import reading

    with reading() as session:
        feedback = session.scalars(select(Feedback).order_by(Feedback.id)).all()
        numbers = {
            "reports": session.scalar(select(func.count()).select_from(Report)),
            "alerts": session.scalar(select(func.count()).select_from(Alert)),
            "acknowledged": session.scalar(select(func.count(Report.taken_at))),
            "opted_out": session.scalar(select(func.count(Contact.opted_out_at))),
        }
    if "feedback" in expected:
        assert len(feedback) == len(expected["feedback"])
        for kept, wanted in zip(feedback, expected["feedback"], strict=True):
            for key, value in wanted.items():
                assert (getattr(kept, key)) == value, key
    for name, number in numbers.items():
        if name in expected:
            assert number == expected[name], name
    if "consents" in expected:
        assert _consents() == expected["consents"]
    for phone, words in expected.get("told", {}).items():
        assert any(words in body for body in town.api.bodies(phone)), f"{phone} was not told {words!r}"


def _consents() -> list[bool]:
    from casework.report_models import Report
    from store.database import reading

    with reading() as session:
        return [report.consent for report in session.scalars(select(Report)) if report.consent is not None]
