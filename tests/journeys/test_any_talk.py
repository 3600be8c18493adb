"""Random talks of several people with random steps of staff and of the clock in between (hypothesis, stateful).

No message is lost, no state is impossible, what a person gave is in the database once, and STOP means stop.
SAWTI_TALKS=200 tries that many other talks; without it the same few are tried each time.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from casework import answering, care, states
from casework.answering import CannotAnswer
from casework.models import Feedback, FeedbackEvent
from casework.report_models import Report
from messaging.models import Contact, Message
from messaging.outbox import DESPITE_OPT_OUT
from runtime import taxonomy
from runtime.words import sentence
from store.database import reading
from tests.phones import Town

HERE = Path(__file__).parent
WORDS: dict[str, dict[str, str]] = yaml.safe_load((HERE / "feedback_words.yaml").read_text(encoding="utf-8"))
GIVEN = ("complaint", "complaint_placed", "suggestion", "praise", "rumour")
PLAIN = ["1", "2", "4", "Riverside", "hello", "😀", "?", "K7Q4-X", "yes", "no", "5 thank you", "1 nobody came"]
TALKS = int(os.environ.get("SAWTI_TALKS", "0"))
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
_numbers = iter(range(10_000))


class Talks(RuleBasedStateMachine):
    """Two people, the staff and the clock."""

    town: Town

    @initialize(languages=st.lists(st.sampled_from(sorted(WORDS)), min_size=2, max_size=2))
    def people_come(self, languages: list[str]) -> None:
        first = next(_numbers) * 2
        self.languages = languages
        self.phones = [f"+2547{100_000_00 + first + each:08d}" for each in (0, 1)]
        self.sent = dict.fromkeys(self.phones, 0)
        self.given: list[tuple[str, str]] = []  # phone, text
        self.before: dict[int, str] = {}

    def says(self, who: int, text: str, **form: str) -> None:
        phone = self.phones[who]
        heard = "\n".join(self.town.says(phone, text, **form))
        self.sent[phone] += 1
        if text and any(self._thanked(heard, name) for name in ("complaint", "suggestion", "praise", "rumour")):
            self.given.append((phone, text))

    def _thanked(self, heard: str, name: str) -> bool:
        return any(sentence(f"{name}_taken", code).split("{")[0] in heard for code in taxonomy.languages())

    @rule(who=st.integers(0, 1), name=st.sampled_from(sorted(WORDS["en"])))
    def a_person_says_something(self, who: int, name: str) -> None:
        self.says(who, WORDS[self.languages[who]][name])

    @rule(who=st.integers(0, 1), name=st.sampled_from(GIVEN))
    def a_person_gives_feedback(self, who: int, name: str) -> None:
        self.says(who, WORDS[self.languages[who]][name])

    @rule(who=st.integers(0, 1), text=st.sampled_from(PLAIN))
    def a_person_says_a_word(self, who: int, text: str) -> None:
        self.says(who, text)

    @rule(who=st.integers(0, 1), text=st.text(min_size=1, max_size=40))
    def a_person_says_anything(self, who: int, text: str) -> None:
        self.says(who, text)

    @rule(who=st.integers(0, 1))
    def a_person_sends_a_picture(self, who: int) -> None:
        url = f"{self.town.api.url}/media/picture"
        self.says(who, "", NumMedia="1", MediaUrl0=url, MediaContentType0="image/jpeg")

    @rule(
        which=st.integers(0, 9), step=st.sampled_from(["acknowledge", "start", "answer", "close", "reopen", "pass_on"])
    )
    def staff_do_something(self, which: int, step: str) -> None:
        codes = [feedback.reference for feedback in self._feedback()]
        if not codes:
            return
        code = codes[which % len(codes)]
        steps: dict[str, Any] = {
            "acknowledge": lambda: answering.acknowledge(code, "Ada"),
            "start": lambda: answering.start(code, "Ada"),
            "answer": lambda: answering.answer(code, "We looked into it.", "Ada"),
            "close": lambda: answering.close(code, "done", "It was repaired on Monday", "Ada"),
            "reopen": lambda: answering.reopen(code, "it broke again", "Ada"),
            "pass_on": lambda: answering.pass_on(code, ["fraud"], "Ada"),
        }
        with suppress(CannotAnswer):
            steps[step]()
        self.town.work()

    @rule()
    def the_clock_strikes(self) -> None:
        care.often()
        care.seldom()
        self.town.work()

    @rule()
    def redis_forgets(self) -> None:
        from runtime.redis import redis

        redis().flushall()

    def _contacts(self) -> list[int]:
        from messaging import contacts

        with reading() as session:
            found = (contacts.find(session, "twilio", "sms", phone) for phone in self.phones)
            return [contact.id for contact in found if contact is not None]

    def _feedback(self) -> list[Feedback]:
        with reading() as session:
            query = select(Feedback).where(Feedback.contact_id.in_(self._contacts())).order_by(Feedback.id)
            return list(session.scalars(query))

    @invariant()
    def no_message_is_lost(self) -> None:
        for phone, sent in getattr(self, "sent", {}).items():
            with reading() as session:
                from messaging import contacts

                contact = contacts.find(session, "twilio", "sms", phone)
                rows = session.execute(
                    select(Message.state, func.count())
                    .where(Message.contact_id == (contact.id if contact else 0), Message.direction == "in")
                    .group_by(Message.state)
                ).all()
            assert {state for state, _ in rows} <= {"done"}, rows
            assert sum(number for _, number in rows) == sent

    @invariant()
    def no_state_is_impossible(self) -> None:
        if not hasattr(self, "before"):
            return
        for feedback in self._feedback():
            earlier = self.before.get(feedback.id, "new")
            ways, seen = {earlier}, {earlier}
            while ways:  # several steps may lie between two looks
                ways = set().union(*(states.MOVES[state] for state in ways)) - seen
                seen |= ways
            assert feedback.state in seen
            assert (feedback.state == "closed") == (feedback.closed_at is not None)
            assert feedback.state == "new" or feedback.acknowledged_at is not None
            self.before[feedback.id] = feedback.state

    @invariant()
    def what_was_given_is_kept_once(self) -> None:
        for phone, text in set(getattr(self, "given", [])):
            times = self.given.count((phone, text))
            with reading() as session:
                from messaging import contacts

                contact = contacts.find(session, "twilio", "sms", phone)
                assert contact is not None
                forgotten = session.scalar(
                    select(func.count()).where(
                        Message.contact_id == contact.id, Message.direction == "in", Message.body.is_(None)
                    )
                )
                kept = session.scalars(select(Feedback.body).where(Feedback.contact_id == contact.id)).all()
                if not forgotten:  # neither deleted nor sealed into a report
                    assert list(kept).count(text) == times, (text, kept)
                doubled = session.execute(
                    select(Feedback.message_id, func.count())
                    .where(Feedback.message_id.is_not(None))
                    .group_by(Feedback.message_id)
                    .having(func.count() > 1)
                ).all()
                assert doubled == []

    @invariant()
    def stop_means_stop(self) -> None:
        if not hasattr(self, "phones"):
            return
        with reading() as session:
            stopped = session.scalars(
                select(Contact).where(Contact.id.in_(self._contacts()), Contact.opted_out_at.is_not(None))
            ).all()
            for contact in stopped:
                told = session.scalars(
                    select(Message.kind).where(
                        Message.contact_id == contact.id,
                        Message.direction == "out",
                        Message.created_at > contact.opted_out_at,
                        Message.state.not_in(("suppressed",)),
                    )
                ).all()
                assert set(told) <= DESPITE_OPT_OUT, told

    @invariant()
    def private_words_are_nowhere_else(self) -> None:
        with reading() as session:
            sealed = select(Message.id).where(Message.kind == "private", Message.direction == "in")
            assert session.scalars(select(Feedback.id).where(Feedback.message_id.in_(sealed))).all() == []
            assert session.scalars(select(FeedbackEvent.id).where(FeedbackEvent.message_id.in_(sealed))).all() == []
            codes = session.scalars(select(Report.reference)).all()
            assert session.scalars(select(Feedback.id).where(Feedback.reference.in_(codes))).all() == []


def test_any_talk(stocked: Town) -> None:
    machine = type("Machine", (Talks,), {"town": stocked})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=TALKS or 12,
            stateful_step_count=18,
            derandomize=not TALKS,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
