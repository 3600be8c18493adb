"""One complaint told by three hundred people in twelve languages, and fifty other messages: one group, and the others apart."""

import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import select

from casework import clusters, reminders
from casework.models import Cluster, Feedback
from console.inbox import desk
from messaging.models import Message
from runtime import taxonomy
from runtime.words import sentence
from store.database import reading
from tests.phones import Town

MANY: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "many.yaml").read_text(encoding="utf-8"))
SAME = {text for texts in MANY["same"].values() for text in texts}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.timeout(600)
def test_three_hundred_voices_are_one_group(stocked: Town) -> None:
    said = [*SAME, *(item["text"] for item in MANY["others"])]
    random.Random(7).shuffle(said)
    for number, text in enumerate(said):
        phone = f"+2547{20_000_000 + number}"
        _and_chooses(stocked, phone, "\n".join(stocked.says(phone, text)))
        if number % 100 == 99:
            clusters.regroup()  # as the clock does every ten minutes
    clusters.regroup()
    with reading() as session:
        kept = session.execute(select(Feedback.body, Feedback.cluster_id)).all()
    of_same = Counter(cluster for body, cluster in kept if body in SAME)
    of_others = Counter(cluster for body, cluster in kept if body not in SAME)
    ((largest, told_by),) = of_same.most_common(1)
    taken = sum(of_same.values())
    print(
        f"{taken} of 300 taken as feedback; {told_by} in one group, {of_others[largest]} of {sum(of_others.values())} others with them"
    )
    (first, *others) = desk.groups()
    assert taken >= 0.9 * 300  # the others were asked again, answered from a page, or taken for something private
    assert 0.95 * taken <= first.voices <= 1.05 * taken
    assert of_others[largest] <= 0.15 * sum(of_others.values())
    assert all(group.voices < 20 for group in others)


def _and_chooses(town: Town, phone: str, heard: str) -> None:
    """Asked whether it is private, the phone says no; asked what it meant, that it is a complaint."""
    for code in taxonomy.languages():
        if sentence("ask_private", code) in heard:
            town.says(phone, "2")
        elif sentence("clarify", code) in heard:
            wanted = sentence("button_feedback", code)
            number = next((line.split()[0] for line in heard.splitlines() if line.endswith(wanted)), None)
            if number is not None:
                town.says(phone, number)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_staff_hear_of_many_voices_a_few_times_not_hundreds(stocked: Town) -> None:
    for number, text in enumerate(MANY["same"]["en"][:14]):
        stocked.says(f"+2547{30_000_000 + number}", text)
        reminders.tell_of_many()
    stocked.work()
    assert len(stocked.api.bodies("+254700000003")) == 1
    with reading() as session:
        (group, *_) = session.scalars(select(Cluster).order_by(Cluster.voices.desc()))
        (told,) = session.scalars(select(Message.body).where(Message.kind == "staff"))
    assert group.first_reference in (told or "")
    assert [voices.first_reference for voices, _, _ in desk.rising()][:1] == [group.first_reference]
