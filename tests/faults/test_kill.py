"""Whatever process dies, at whatever moment: every message is answered, and once."""

import random
import sqlite3
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.phones import form
from tests.running import Running

MESSAGES, PHONES = 120, 24
TEXTS = ("where is the clinic", "necesito comida", "je cherche un abri", "احتاج طعام", "MENU", "2")


@pytest.mark.timeout(420)
def test_every_message_is_answered_once_although_each_part_is_killed(model: Path, tmp_path: Path) -> None:
    service = Running(tmp_path)
    chance = random.Random(7)
    try:
        service.wait_ready()
        victims = ["conversations", "delivery", "web", "valkey", "clock", "conversations", "delivery", "valkey"]

        def kill_one_by_one() -> None:
            for part in victims:
                time.sleep(chance.uniform(1.0, 3.0))
                service.kill(part)

        killer = threading.Thread(target=kill_one_by_one)
        killer.start()
        forms = [form(f"+2547330000{n % PHONES:02d}", chance.choice(TEXTS)) for n in range(MESSAGES)]

        def send(position: int) -> int:
            time.sleep(position * 0.15)
            return service.post(forms[position])

        with ThreadPoolExecutor(16) as pool:
            assert set(pool.map(send, range(MESSAGES))) == {200}
        killer.join()
        accepted = service.wait_accepted(MESSAGES + PHONES, 150)
        time.sleep(8)  # a second answer would come now
        accepted = service.accepted()
    finally:
        seconds = service.stop()
    assert seconds < 10, f"stopping took {seconds:.1f} s"

    with sqlite3.connect(service.database) as record:
        waiting = record.execute("select count(*) from messages where direction='in' and state<>'done'").fetchone()[0]
        answers = Counter(row[0] for row in record.execute("select in_reply_to from messages where direction='out'"))
        inbound = [row[0] for row in record.execute("select id from messages where direction='in'")]
    assert waiting == 0 and len(inbound) == MESSAGES, "a message was lost"
    assert [n for n in inbound if answers[n] != 1] == [], "a message was not answered exactly once"
    sent = Counter(parse_qs(urlsplit(message["status_callback"]).query)["message"][0] for message in accepted)
    # each new phone is told once what is kept of it
    assert len(sent) == MESSAGES + PHONES, f"{MESSAGES + PHONES - len(sent)} answers never left"
    assert [number for number, times in sent.items() if times != 1] == [], "an answer left twice"
