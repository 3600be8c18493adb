"""Staff's steps: every state has its ways, what was done is owed, what did not arrive is seen."""

from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest
from sqlalchemy import func, select, update

from casework import answering, feedback, forgetting, reminders, reports, staff, states
from casework.answering import CannotAnswer, Changed, NoSuchFeedback
from casework.models import Cluster, Feedback, FeedbackEvent
from casework.report_models import Report
from console.inbox import desk
from messaging.models import Contact, Message, MessageFlag
from store.database import now, reading, transaction
from tests import focal_points
from tests.casework.conftest import Give

ALIKE = np.eye(1, 100, dtype=np.float32)[0]


def get(code: str) -> Feedback:
    with reading() as session:
        return session.scalars(select(Feedback).where(Feedback.reference == code)).one()


def add(code: str, words: str) -> int:
    """The person writes more about a case; the message's id."""
    with transaction() as session:
        kept = session.merge(get(code), load=True)
        extra = Message(contact_id=kept.contact_id, direction="in", state="done", kind="message", body=words)
        session.add(extra)
        session.flush()
        feedback.add_words(session, kept, extra.id)
        return extra.id


def kinds(code: str) -> list[str]:
    found = desk.case(code)
    assert found is not None
    return [line.kind for line in found.lines]


def test_a_case_from_new_to_closed_and_open_again(give: Give) -> None:
    code = give()
    answering.acknowledge(code, "Ada")
    answering.assign(code, "Bea", "Ada")
    answering.start(code, "Bea")
    answering.answer(code, "The truck comes on Monday.", "Bea")
    answering.close(code, "partly", "The truck came; a second one is ordered", "Bea")
    answering.reopen(code, "it did not come again", "Ada")
    assert kinds(code) == ["taken", "acknowledged", "assigned", "in_progress", "answered", "closed", "reopened"]
    kept = get(code)
    assert (kept.state, kept.assignee, kept.resolution) == ("reopened", "Bea", None)


@pytest.mark.parametrize(("first", "second"), [("closed", "answered"), ("closed", "acknowledged"), ("answered", "new")])
def test_what_cannot_be_is_refused(give: Give, first: str, second: str) -> None:
    kept = get(give())
    states.move(kept, first, now())
    with pytest.raises(states.Impossible):
        states.move(kept, second, now())


def test_every_state_is_reached_and_left() -> None:
    assert set().union(*states.MOVES.values()) == set(states.MOVES) - {"new"}
    assert all(states.MOVES.values())


@pytest.mark.parametrize("outcome", ["", "   ", "done"])
def test_closing_needs_what_was_done(give: Give, outcome: str) -> None:
    code = give()
    with pytest.raises(CannotAnswer):
        answering.close(code, "done", outcome, "Ada")
    assert get(code).state == "new"


def test_closing_words_fit_into_one_message(give: Give) -> None:
    code = give("late")
    with pytest.raises(CannotAnswer, match="1600 letters"):
        answering.close(code, "done", "x" * 1601, "cleo")
    answering.close(code, "done", "x" * 1600, "cleo")


@pytest.mark.parametrize("other", ["a\x00b", "\n", ""])
def test_what_is_no_code_is_linked_to_nothing(give: Give, other: str) -> None:
    with pytest.raises(CannotAnswer, match="no other feedback"):
        answering.link(give("late"), other, "cleo")


def test_an_unknown_code_is_told_plainly(database: str) -> None:
    with pytest.raises(CannotAnswer, match="no feedback"):
        answering.answer("AAAA-A", "Hello there", "Ada")


def test_an_answer_that_did_not_arrive_is_seen_and_waits_again(give: Give) -> None:
    code = give()
    answering.answer(code, "The truck comes on Monday.", "Ada")
    with transaction() as session:
        session.execute(
            update(Message).where(Message.direction == "out").values(state="undelivered", error_code="30003")
        )
    assert reminders.notice_undelivered() == 1
    assert reminders.notice_undelivered() == 0
    assert (get(code).state, kinds(code)[-1]) == ("in_progress", "undelivered")
    with reading() as session:
        assert answering.untold_answer(session, get(code)) == "The truck comes on Monday."


def test_an_opted_out_person_gets_no_answer_but_the_record_has_it(give: Give, published: list[tuple[str, int]]) -> None:
    code = give()
    with transaction() as session:
        session.execute(update(Contact).values(opted_out_at=now()))
    published.clear()
    assert answering.answer(code, "The truck comes on Monday.", "Ada") is not None
    assert published == []
    assert get(code).state == "answered"


def test_what_is_late_is_listed_and_staff_are_reminded_once(
    give: Give, monkeypatch: pytest.MonkeyPatch, published: list[tuple[str, int]]
) -> None:
    late, fresh = give("one"), give("two")
    with transaction() as session:
        session.execute(
            update(Feedback).where(Feedback.reference == late).values(acknowledge_by=now() - timedelta(hours=1))
        )
    assert [item.reference for item in desk.waiting(late=True)] == [late]
    assert fresh in [item.reference for item in desk.waiting()]
    published.clear()
    assert reminders.remind() == 1
    assert reminders.remind() == 0
    with reading() as session:
        told = session.scalars(select(Message.body).where(Message.kind == "staff")).all()
    assert len(told) == 1 and late in (told[0] or "") and fresh not in (told[0] or "")
    assert len(published) == 1


def test_times_follow_the_type(give: Give) -> None:
    complaint, suggestion = get(give("a")), get(give("b", kind="suggestion"))
    assert complaint.answer_by and suggestion.answer_by and complaint.answer_by < suggestion.answer_by


def test_a_case_passed_on_becomes_a_report_and_leaves_no_trace(give: Give) -> None:
    code, other = give("the man at the gate wants money"), give("something else", phone="+254722000002")
    add(code, "every day")
    answering.pass_on(code, ["fraud"], "Ada")
    assert desk.case(code) is None
    assert [item.reference for item in desk.waiting()] == [other]
    with reading() as session:
        report = session.scalars(select(Report)).one()
        assert report.reference == code  # the person keeps the code
        assert focal_points.words("ada", code) == ["the man at the gate wants money", "every day"]
        events = session.scalars(
            select(FeedbackEvent).where(FeedbackEvent.feedback_id.not_in(select(Feedback.id)))
        ).all()
        bodies = session.scalars(select(Message.body).where(Message.direction == "in")).all()
    assert events == [] and sorted(bodies, key=str) == [None, None, "something else"]


def test_a_case_passed_on_is_named_nowhere_among_staff(give: Give) -> None:
    one, two = give("the man at the gate wants money", meaning=ALIKE), give("the same here", meaning=ALIKE)
    answering.link(one, two, "Ada")
    answering.pass_on(one, ["fraud"], "Ada")
    (group,) = desk.groups(fewest=1)
    seen = repr(desk.case(two)) + repr(group) + repr(desk.waiting()) + repr(desk.rising(fewest=0))
    assert one not in seen and two in seen


def test_an_added_message_that_is_private_takes_no_code_and_leaves_no_mark(give: Give) -> None:
    code = give()
    answering.answer(code, "The truck comes on Monday.", "Ada")
    extra = add(code, "he hits me")
    with transaction() as session:
        contact = session.get_one(Contact, get(code).contact_id)
        reports.open_report(session, contact, [extra], ["gbv"], "en")
    with reading() as session:
        assert session.scalars(select(Report.reference)).one() != code
    assert (get(code).state, kinds(code)) == ("answered", ["taken", "answered"])


def test_closing_words_that_did_not_arrive_open_the_case_again(give: Give) -> None:
    code = give()
    answering.close(code, "done", "The tank was cleaned on Monday", "Ada")
    with transaction() as session:
        session.execute(update(Message).where(Message.direction == "out").values(state="failed"))
    assert reminders.notice_undelivered() == 1
    assert (get(code).state, kinds(code)[-2:]) == ("reopened", ["undelivered", "reopened"])


def test_a_forgotten_case_takes_no_more_words(give: Give) -> None:
    code = give()
    with transaction() as session:
        forgetting.forget_words(session, session.scalars(select(Contact)).one(), None)
    for step in (
        lambda: answering.note(code, "the woman of tent 4", "Ada"),
        lambda: answering.reopen(code, "so", "Ada"),
    ):
        with pytest.raises(CannotAnswer, match="deleted"):
            step()


def test_a_group_of_nobody_with_words_has_no_centre(give: Give) -> None:
    give(meaning=ALIKE)
    with transaction() as session:
        forgetting.forget_words(session, session.scalars(select(Contact)).one(), None)
    with reading() as session:
        assert session.scalars(select(Cluster.centroid)).all() == [None]


def test_a_note_and_a_link_stay_with_the_case(give: Give) -> None:
    one, two = give("a"), give("b")
    answering.note(one, "spoke with the driver", "Ada")
    answering.link(one, two, "Ada")
    assert [kinds(one)[-2:], kinds(two)[-1:]] == [["noted", "linked"], ["linked"]]
    found = desk.case(one)
    assert found is not None and found.alike == (two,)


def test_a_correction_keeps_what_it_was(give: Give) -> None:
    code = give(topic="food")
    answering.correct(code, "Ada", ["suggestion"], "water_sanitation")
    kept = get(code)
    assert (kept.types, kept.topic) == (["suggestion"], "water_sanitation")
    with pytest.raises(CannotAnswer):
        answering.correct(code, "Ada", ["nonsense"])


def test_an_answer_without_another_word_closes_after_its_time(give: Give, monkeypatch: pytest.MonkeyPatch) -> None:
    code = give()
    answering.answer(code, "The truck comes on Monday.", "Ada")
    assert answering.close_answered() == 0
    monkeypatch.setattr(answering, "now", lambda: now() + timedelta(days=31))
    assert answering.close_answered() == 1
    assert (get(code).state, get(code).outcome) == ("closed", "The truck comes on Monday.")


def test_the_thread_is_in_order(give: Give) -> None:
    code = give()
    for step in (answering.acknowledge, answering.start):
        step(code, "Ada")
    found = desk.case(code)
    assert found is not None and all(a.at <= b.at for a, b in pairwise(found.lines))


def test_no_number_is_in_what_staff_see(give: Give) -> None:
    code = give(phone="+254722000001")
    answering.answer(code, "The truck comes on Monday.", "Ada")
    assert "254722000001" not in repr(desk.case(code)) + repr(desk.waiting())


def newest(code: str) -> int:
    with reading() as session:
        return session.scalars(
            select(func.max(FeedbackEvent.id)).where(FeedbackEvent.feedback_id == get(code).id)
        ).one()


def test_who_saw_an_older_state_changes_nothing(give: Give) -> None:
    code, other = give(), give("the same", phone="+254722000002")
    before = newest(code)
    answering.note(code, "I called the driver", "Bea")
    steps = (
        lambda: answering.acknowledge(code, "Ada", before),
        lambda: answering.assign(code, "Ada", "Ada", before),
        lambda: answering.start(code, "Ada", before),
        lambda: answering.answer(code, "Monday", "Ada", before),
        lambda: answering.close(code, "done", "The tank was cleaned", "Ada", before),
        lambda: answering.note(code, "so", "Ada", before),
        lambda: answering.label(code, ["tank"], [], "Ada", before),
        lambda: answering.link(code, other, "Ada", before),
        lambda: answering.correct(code, "Ada", ["praise"], None, before),
        lambda: answering.leave_cluster(code, "Ada", before),
        lambda: answering.pass_on(code, ["fraud"], "Ada", before),
    )
    for step in steps:
        with pytest.raises(Changed):
            step()
    assert (kinds(code), get(code).state) == (["taken", "noted"], "new")
    answering.note(code, "so", "Bea", before)  # who did it knows it
    answering.note(code, "so", "Ada", newest(code))


def test_a_reminder_by_the_clock_is_no_change(give: Give) -> None:
    code = give()
    before = newest(code)
    with transaction() as session:
        feedback.record(session, session.merge(get(code), load=True), "reminded")
    answering.acknowledge(code, "Ada", before)
    assert get(code).state == "acknowledged"


def test_labels_are_kept_plain_and_few(give: Give) -> None:
    code = give()
    answering.label(code, ["  Tank\u00a04 ", "tank 4", "قناة", "", "\x00"], [], "Ada")
    answering.label(code, ["tank 4"], ["never there"], "Ada")
    assert get(code).labels == ["tank 4", "قناة"] and kinds(code).count("labelled") == 1
    with pytest.raises(CannotAnswer, match="10 labels"):
        answering.label(code, [f"l{number}" for number in range(9)], [], "Ada")
    answering.label(code, [f"l{number}" for number in range(9)], ["TANK 4"], "Ada")
    assert len(get(code).labels) == 10 and "tank 4" not in get(code).labels
    with pytest.raises(CannotAnswer, match="30 letters"):
        answering.label(code, ["x" * 31], [], "Ada")


def test_a_case_is_given_to_staff_who_answer_feedback_only(give: Give) -> None:
    code = give()
    with transaction() as session:
        staff.add(session, "test", "eve", "Eve", ["engagement"])
        staff.add(session, "test", "carl", "Carl", ["editor"])
        gone = staff.add(session, "test", "gone", "Gone", ["engagement"])
        gone.disabled_at = now()
    for login in ("carl", "gone", "nobody"):
        with pytest.raises(CannotAnswer, match="has this login"):
            answering.assign(code, login, "Ada", only_colleagues=True)
    answering.assign(code, "eve", "Ada", only_colleagues=True)
    answering.assign(code, "eve", "Ada", only_colleagues=True)
    assert kinds(code) == ["taken", "assigned"] and get(code).assignee == "eve"


def test_who_answers_what_nobody_has_takes_it_and_from_nobody_else(give: Give) -> None:
    with transaction() as session:
        staff.add(session, "cli", "hanna", "Hanna", ["engagement"])
    code = give()
    answering.answer(code, "It comes tomorrow.", "someone at the terminal")
    assert get(code).assignee is None
    answering.answer(code, "It comes tomorrow.", "hanna")
    assert get(code).assignee == "hanna"
    answering.answer(code, "It comes on Monday.", "cleo")
    assert get(code).assignee == "hanna"


def test_what_is_refused_keeps_its_sentence_and_its_values(give: Give) -> None:
    code = give()
    answering.close(code, "done", "The tank was cleaned", "Ada")
    with pytest.raises(CannotAnswer) as refused:
        answering.start(code, "Ada")
    assert refused.value.sentence == "%(code)s is %(state)s and cannot become %(next_state)s"
    assert str(refused.value) == f"{code} is closed and cannot become in_progress"
    with pytest.raises(NoSuchFeedback):
        answering.note("AAAA-A", "so", "Ada")


def test_the_last_correction_is_what_the_assistant_learns(give: Give) -> None:
    code = give("where is the clinic?", kind="complaint")
    answering.correct(code, "Ada", ["suggestion"])
    answering.correct(code, "Ada", ["question", "complaint"], "health")
    answering.correct(code, "Ada", ["question", "complaint"], "health")
    with reading() as session:
        flags = session.scalars(select(MessageFlag).where(MessageFlag.message_id == get(code).message_id)).all()
    assert [(flag.name, flag.detail) for flag in flags] == [("corrected", {"intent": "ask_health"})]
    assert kinds(code).count("corrected") == 2
