"""What may go wrong around a private matter: shared phones, a child, staff who are concerned, STOP, WhatsApp's window."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from casework import (
    answering,
    credentials,
    escalation,
    readers,
    referrals,
    relay,
    report_keys,
    report_life,
    safe_hours,
    staff,
)
from casework.models import Feedback
from casework.report_models import Referral, Report
from casework.routing import Routing
from messaging.models import Contact, Message
from runtime import deployment as deployments
from runtime.words import sentence
from store.database import now, reading, transaction
from tests import focal_points
from tests.journeys.test_reports import clock, newest, says_safe_hours, writes
from tests.phones import Town

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
PHONE, ADA, BEA, BOSS = "+254722000031", "+254700000001", "+254700000002", "+254700000009"
GBV, SEA = "my husband beats me every night", "the aid worker wants sex before he gives the food card"


def says(town: Town, text: str, phone: str = PHONE, **form: str) -> str:
    return "\n".join(town.says(phone, text, **form))


def agrees(town: Town, text: str = GBV, phone: str = PHONE) -> str:
    """A disclosure, a yes to being contacted, at any time; the code."""
    says(town, text, phone)
    for answer in ("1", "1", "4"):
        heard = says(town, answer, phone)
    assert "the way you said" in heard
    return newest().reference


def sent_to(town: Town, phone: str) -> list[dict[str, str]]:
    """The forms that Twilio's API got for a phone."""
    return [form for form in town.api.requests if form["To"] == phone]


def rebuilt(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    """The deployment with changes."""
    changed = deployments.deployment().model_copy(update=changes)
    for module in ("casework.routing", "casework.escalation", "messaging.window"):
        monkeypatch.setattr(f"{module}.deployment", lambda: changed)


def test_what_is_told_before_the_question_comes_in_the_order_of_the_rules(town: Town) -> None:
    heard = says(town, GBV)
    order = [
        sentence("private_sorry", "en"),
        sentence("private_danger", "en", number="999"),
        sentence("help_gbv", "en"),
        sentence("private_secrecy", "en", exit="EXIT", delete="DELETE"),
        sentence("private_reference", "en", reference=newest().reference),
        sentence("ask_may_contact", "en"),
    ]
    places = [heard.index(part) for part in order]
    assert places == sorted(places)
    assert "?" not in heard.replace(sentence("ask_may_contact", "en"), ""), "nothing else is asked"


def test_a_report_against_the_only_focal_point_of_the_site_goes_to_others(town: Town) -> None:
    with transaction() as session:
        staff.find(session, "ada").sites = ["Riverside"]
        staff.find(session, "bea").categories = ["sea", "gbv"]
    says(town, "Ada the aid worker in Riverside wants sex before she gives the food card")
    assert town.api.bodies(ADA) == []
    assert len(town.api.bodies(BEA)) == 1
    with pytest.raises(readers.NotForYou):
        focal_points.opens("ada")
    assert focal_points.words("bea")


def test_not_the_people_who_work_here_takes_it_away_from_them_at_once(town: Town) -> None:
    with transaction() as session:
        staff.find(session, "ada").sites = ["Riverside"]
        staff.find(session, "bea").categories = ["sea"]
    says(town, SEA)
    says(town, "1")
    says(town, "1")
    says(town, "1 3")
    assert Routing.of(newest()).outside and Routing.of(newest()).wants == "woman"
    with pytest.raises(readers.NotForYou):
        focal_points.opens("ada")
    assert focal_points.words("bea")
    code = newest().reference
    assert not any("with you" in line for line in town.says(ADA, f"OK {code}"))


def test_where_only_the_concerned_are_left_nobody_reads_it_and_the_administrators_are_called(town: Town) -> None:
    with transaction() as session:
        credentials.disable(session, "test", "bea")
        staff.add(session, "test", "boss", "Boss", ["administrator"], phone=BOSS)
    says(town, "Ada the aid worker wants sex before she gives the food card")
    assert town.api.bodies(ADA) == []
    assert "nobody has taken" in town.api.bodies(BOSS)[-1]
    with reading() as session:
        assert session.scalars(select(Report.held_key)).one() is not None
    with transaction() as session:
        staff.add(session, "test", "cleo", "Cleo", ["focal_point"], phone="+254700000010")
    focal_points.equip("cleo")
    assert focal_points.words("cleo")


def test_a_child_is_kept_reachable_and_told_so(town: Town) -> None:
    heard = says(town, "i am 12 and my uncle beats me with a belt every day")
    assert "child" in Routing.of(newest()).categories, heard
    assert sentence("help_child", "en") in heard
    assert sentence("consent_refused_risk", "en", reference=newest().reference) in says(town, "2")
    assert focal_points.opens("ada").identity["address"] == PHONE


def test_who_said_stop_is_answered_in_a_private_matter(town: Town) -> None:
    says(town, "STOP")
    agrees(town)
    before = len(town.api.bodies(PHONE))
    writes("ada", "Can we talk?")
    clock(town)
    assert town.api.bodies(PHONE)[before:] == [sentence("relay_prompt", "en")]
    assert "Can we talk?" in says(town, "1")


def test_neither_sees_the_number_of_the_other(town: Town) -> None:
    agrees(town)
    writes("ada", "Can we talk?", ask_first=False)
    clock(town)
    assert not any(ADA in body for body in town.api.bodies(PHONE))
    shown = focal_points.opens("ada")
    assert shown.shows_number, "any time, on this number: it was given for that"
    says(town, "the aid worker takes 20 dollars from each family for food that is free", "+254722000032")
    assert focal_points.opens("ada").identity is None


def test_a_talk_over_three_days_by_whatsapp_with_its_window_closed(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    phone = f"whatsapp:{PHONE}"
    rebuilt(monkeypatch, whatsapp_templates={"answer_waits": {"en": "HX" + "1" * 32}})
    code = agrees(town, GBV, phone)
    for day, (ours, theirs) in enumerate(
        (("Are you safe today?", "yes I am at my sister"), ("Shall we meet?", "yes"), ("At nine?", "ok"))
    ):
        _a_day_passes()
        before = len(sent_to(town, phone))
        writes("ada", ours)
        clock(town)
        (called,) = sent_to(town, phone)[before:]
        assert called.get("ContentSid"), (day, called)  # only the approved template may go
        assert ours not in str(called)
        heard = says(town, "hello?", phone)
        assert ours not in heard and sentence("relay_prompt", "en") in heard
        assert ours in says(town, "1", phone)
        says(town, theirs, phone)
        assert theirs in focal_points.words("ada", code)
    assert sentence("menu", "en") in says(town, "MENU", phone)
    assert "food" in says(town, "where can I get food", phone).lower(), "the assistant is back"


def _a_day_passes() -> None:
    """Everything that was written becomes two days older."""
    with transaction() as session:
        for message in session.scalars(select(Message)):
            session.execute(
                update(Message)
                .where(Message.id == message.id)
                .values(created_at=message.created_at - timedelta(days=2))
            )


def test_without_a_template_the_text_goes_to_the_same_number_and_its_answer_joins_the_report(town: Town) -> None:
    code = agrees(town, GBV, f"whatsapp:{PHONE}")
    _a_day_passes()
    writes("ada", "Are you safe?")
    clock(town)
    assert town.api.bodies(PHONE)[-1] == sentence("relay_prompt", "en")
    assert "Are you safe?" in says(town, "1", PHONE)
    says(town, "yes, at my sister", PHONE)
    assert "yes, at my sister" in focal_points.words("ada", code)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits some seconds before they answer a question here."""
    monkeypatch.setattr(referrals, "SETTLES", timedelta(0))


def test_a_referral_needs_the_yes_of_the_person_and_is_kept_as_data(town: Town) -> None:
    code = agrees(town)
    with transaction() as session:
        opened = readers.open_(session, focal_points.reader("ada"), session.get_one(Report, newest().id))
        referrals.ask(session, focal_points.reader("ada"), opened, "Women's House", "a safe room", "Needs a room.")
    clock(town)
    heard = says(town, "1")
    assert "Women's House" in heard
    assert sentence("referral_yes", "en") in says(town, "1")
    with reading() as session:
        referral = session.scalars(select(Referral)).one()
        assert referral.state == "agreed"
        assert referral.consent is not None
        assert {key: referral.consent[key] for key in ("given", "wording", "language", "way")} == {
            "given": True, "wording": 1, "language": "en", "way": "sms",
        }  # fmt: skip
        assert b"Women" not in (referral.sealed or b"")
        assert session.scalars(select(Report.reference)).one() == code


def test_a_no_to_a_referral_ends_it(town: Town) -> None:
    agrees(town)
    with transaction() as session:
        opened = readers.open_(session, focal_points.reader("ada"), session.get_one(Report, newest().id))
        referrals.ask(session, focal_points.reader("ada"), opened, "Women's House", "a safe room", "Needs a room.")
    clock(town)
    says(town, "1")
    assert sentence("referral_no", "en") in says(town, "2")
    with transaction() as session:
        referral = session.scalars(select(Referral)).one()
        opened = readers.open_(session, focal_points.reader("ada"), session.get_one(Report, newest().id))
        with pytest.raises(Exception, match="declined"):
            referrals.move(session, focal_points.reader("ada"), opened, referral.id, "sent")


def test_without_consent_a_referral_needs_somebody_at_risk_and_a_reason(town: Town) -> None:
    agrees(town)
    with transaction() as session:
        opened = readers.open_(session, focal_points.reader("ada"), session.get_one(Report, newest().id))
        with pytest.raises(Exception, match="at risk"):
            referrals.override(
                session, focal_points.reader("ada"), opened, "Police", "safety", "x", "because I say so, really"
            )


def test_pictures_in_a_private_talk_are_sealed(town: Town) -> None:
    code = agrees(town)
    picture = {"NumMedia": "1", "MediaUrl0": f"{town.api.url}/media/picture", "MediaContentType0": "image/jpeg"}
    says(town, "", **picture)
    from casework import media

    media.fetch_waiting()
    town.work()
    with reading() as session:
        opened = focal_points.opens("ada", code)
        (kept,) = readers.files(session, opened.report)
        kind, content = readers.file(session, opened, kept.id)
        assert kind == "image/jpeg" and content == town.api.files["picture"]


def test_a_disclosure_days_later_is_a_report_of_its_own_and_one_with_the_code_joins(town: Town) -> None:
    code = agrees(town)
    says(town, "EXIT")
    says(town, f"{code} he did it again in the night")
    assert newest().reference == code
    assert any("did it again" in words for words in focal_points.words("ada", code))
    says(town, "EXIT")
    says(town, "my husband beats me again")
    assert newest().reference != code, "somebody else may hold the phone: consent is asked anew"


def test_status_of_a_private_matter_is_neutral(town: Town) -> None:
    code = agrees(town)
    heard = says(town, f"STATUS {code}")
    assert "received it" in heard and "private" not in heard.lower()
    assert code not in says(town, f"STATUS {code}", "+254722000033")


def test_deletion_takes_the_words_but_not_where_staff_must_report(town: Town) -> None:
    agrees(town, SEA)
    says(town, "DELETE")
    says(town, "1")
    report = newest()
    assert report.deletion_asked_at is not None and report.forgotten_at is None
    assert focal_points.opens("ada").identity is None, "what leads to the person goes at once"
    assert focal_points.words("ada")


def test_late_silence_about_consent_leaves_the_words_to_the_readers_only(town: Town) -> None:
    says(town, GBV)
    assert newest().held_key is not None
    with transaction() as session:
        session.execute(update(Report).values(created_at=now() - timedelta(days=8)))
    assert report_keys.settle_late() == 1
    assert newest().held_key is None
    assert focal_points.words("ada")


def test_a_refusal_without_must_report_closes_the_words_to_everybody(town: Town) -> None:
    says(town, GBV)
    assert sentence("consent_refused", "en", reference=newest().reference) in says(town, "2")
    with pytest.raises(readers.NotForYou, match="said no"):
        focal_points.opens("ada")
    assert sentence("ask_safe_time", "en") not in says(town, "thank you")
    assert sentence("ask_may_contact", "en") in says(town, "yes please")
    says(town, "1")
    assert focal_points.words("ada")


def test_safe_hours_are_kept_to_the_minute(database: str) -> None:
    at = datetime.fromisoformat("2026-11-22T12:00:00+00:00")  # 15:00 in Nairobi
    assert relay.next_open("Mo-Su 08:00-10:00", at).isoformat() == "2026-11-23T05:00:00+00:00"
    assert relay.next_open("Mo-Su 14:00-16:00", at) == at
    assert relay.next_open("24/7", at) == at


def test_an_outsider_named_like_nobody_changes_nothing(town: Town) -> None:
    says(town, GBV)
    assert Routing.of(newest()).kept_from == ()
    assert escalation.failing() == []


def test_contacts_tell_nothing_of_who_reported(town: Town) -> None:
    agrees(town)
    says(town, "where can I get food", "+254722000044")
    with reading() as session:
        kinds = set(session.scalars(select(Message.kind).where(Message.direction == "in")))
        out = set(session.scalars(select(Message.kind).where(Message.direction == "out", Message.state == "sent")))
        assert kinds == {"message"} and out <= {"reply", "notice", "alert", "answer"}
        assert {contact.place for contact in session.scalars(select(Contact))} == {None}


def test_a_focal_point_named_later_loses_it_and_somebody_else_is_called(town: Town) -> None:
    with transaction() as session:
        staff.find(session, "bea").categories = ["sea"]
    says(town, SEA)
    assert focal_points.words("ada")
    says(town, "1")
    says(town, "1")
    says(town, "4")
    says(town, "it was ada who did it")
    with pytest.raises(readers.NotForYou):
        focal_points.opens("ada")
    assert "it was ada who did it" in focal_points.words("bea")
    assert len(town.api.bodies(BEA)) == 1


def test_thanks_by_name_to_who_writes_with_them_take_nothing_away(town: Town) -> None:
    code = agrees(town)
    town.says(ADA, f"OK {code}")
    writes("ada", "This is Ada. Are you safe?", ask_first=False)
    clock(town)
    says(town, "thank you ada, yes")
    assert "thank you ada, yes" in focal_points.words("ada", code)


def test_a_text_for_a_safe_hour_is_not_read_before_and_holds_no_talk_before(town: Town) -> None:
    agrees(town)
    says_safe_hours(_in_hours(3))
    writes("ada", "Can we talk?")
    assert "Can we talk" not in says(town, "1")
    assert sentence("relay_added", "en", menu="MENU") not in says(town, "where can I get food")


def test_a_yes_to_a_focal_point_is_no_answer_to_when_it_is_safe(town: Town) -> None:
    says(town, GBV)
    assert sentence("ask_safe_time", "en").split("?")[0] in says(town, "1")
    says_safe_hours("24/7")
    writes("ada", "Can we talk?")
    clock(town)
    assert town.api.bodies(PHONE)[-1] == sentence("relay_prompt", "en")
    assert "Can we talk?" in says(town, "1")
    assert not [piece for piece in focal_points.opens("ada").pieces if piece.kind == "safe_way"]
    says(town, "yes please, tomorrow at ten")
    assert focal_points.words("ada")[-1] == "yes please, tomorrow at ten"


def test_an_answer_to_a_focal_point_is_no_answer_to_what_to_respect(town: Town) -> None:
    says(town, GBV)
    says(town, "1")
    assert sentence("ask_wishes", "en").split("?")[0] in says(town, "1")
    says_safe_hours("24/7")
    writes("ada", "Is there a place to which he does not come?", ask_first=False)
    clock(town)
    says(town, "I am at my sister's")
    assert focal_points.words("ada")[-1] == "I am at my sister's"
    assert not [piece for piece in focal_points.opens("ada").pieces if piece.kind == "wishes"]
    says(town, "2 rooms")
    assert focal_points.words("ada")[-1] == "2 rooms"


def _in_hours(hours: int) -> str:
    """One hour a day, so many hours from now, in Nairobi."""
    hour = (now() + timedelta(hours=3 + hours)).strftime("%H")
    return f"Mo-Su {hour}:00-{hour}:59"


def test_a_text_whose_hour_was_missed_does_not_go(town: Town) -> None:
    agrees(town)
    says_safe_hours(_in_hours(3))
    writes("ada", "Can we talk?")
    before = len(town.api.bodies(PHONE))
    assert safe_hours.release_due(now() + timedelta(hours=6)) == 0
    town.work()
    assert len(town.api.bodies(PHONE)) == before
    with reading() as session:
        lost = session.scalars(select(Message).where(Message.error_code == "too_late")).one()
        assert lost.body is None


def test_new_hours_move_what_waits(town: Town) -> None:
    agrees(town)
    says_safe_hours(_in_hours(5))
    writes("ada", "Can we talk?")
    says_safe_hours("24/7")
    before = len(town.api.bodies(PHONE))
    clock(town)
    assert town.api.bodies(PHONE)[before:] == [sentence("relay_prompt", "en")]


def test_an_unread_question_is_not_agreed_to(town: Town) -> None:
    agrees(town)
    asks_to_refer(town)
    says(town, "ok thank you")
    with reading() as session:
        assert session.scalars(select(Referral.state)).all() == ["asked"]


def test_a_yes_to_a_later_text_is_no_consent_to_a_referral(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    agrees(town)
    asks_to_refer(town)
    says(town, "1")
    writes("ada", "Are you safe tonight?", ask_first=False)
    clock(town)
    says(town, "yes")
    with reading() as session:
        assert session.scalars(select(Referral.state)).all() == ["asked"]


def test_a_one_sent_twice_is_no_consent(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(referrals, "SETTLES", timedelta(seconds=8))
    agrees(town)
    asks_to_refer(town)
    says(town, "1")
    says(town, "1")
    with reading() as session:
        assert session.scalars(select(Referral.state)).all() == ["asked"]


def asks_to_refer(town: Town) -> None:
    with transaction() as session:
        opened = readers.open_(session, focal_points.reader("ada"), session.get_one(Report, newest().id))
        referrals.ask(session, focal_points.reader("ada"), opened, "Women's House", "a safe room", "Needs a room.")
    clock(town)


def test_delete_and_exit_work_while_a_focal_point_holds_the_talk(town: Town) -> None:
    code = agrees(town)
    writes("ada", "Are you safe?", ask_first=False)
    clock(town)
    assert sentence("forget_ask", "en") in says(town, "DELETE")
    assert sentence("forgotten", "en") in says(town, "1")
    with reading() as session:
        assert session.scalars(select(Report.forgotten_at).where(Report.reference == code)).one() is not None
    agrees(town)
    writes("ada", "Are you safe?", ask_first=False)
    clock(town)
    says(town, "EXIT")
    assert sentence("relay_added", "en", menu="MENU") not in says(town, "where can I get food")


def test_a_second_report_of_the_same_talk_asks_for_its_own_safe_way(town: Town) -> None:
    agrees(town)
    says(town, "EXIT")
    says(town, SEA)
    assert sentence("ask_safe_time", "en") in says(town, "1")
    assert sentence("ask_wishes", "en") in says(town, "2")


def test_a_deadly_word_in_a_report_that_somebody_has_calls_everybody_anew(town: Town) -> None:
    code = agrees(town)
    town.says(ADA, f"OK {code}")
    before = len(town.api.bodies(ADA))
    says(town, "he has a knife he will kill me now")
    assert newest().taken_at is None
    assert len(town.api.bodies(ADA)) == before + 1, "she must know that it is another matter now"


def test_two_who_write_with_one_phone_do_not_get_each_others_answers(town: Town) -> None:
    agrees(town)
    writes("ada", "Are you safe?", ask_first=False)
    clock(town)
    says(town, "EXIT")
    agrees(town, SEA)
    with pytest.raises(relay.CannotWrite, match="somebody else writes"):
        writes("ada", "Who was it?")


def test_the_code_counts_more_than_the_talk(town: Town) -> None:
    first = agrees(town)
    says(town, "EXIT")
    agrees(town, SEA)
    says(town, f"{first} he came again")
    assert any("came again" in words for words in focal_points.words("ada", first))


def test_after_a_no_a_graver_matter_is_a_report_of_its_own(town: Town) -> None:
    says(town, GBV)
    first = newest().reference
    says(town, "2")
    heard = says(town, "he has a knife he will kill me now")
    assert newest().reference != first
    assert sentence("private_danger", "en", number="999") in heard
    with pytest.raises(readers.NotForYou):
        focal_points.opens("ada", first)


def test_stop_after_a_yes_stops_focal_points(town: Town) -> None:
    agrees(town)
    says_safe_hours(_in_hours(3))
    writes("ada", "Can we talk?")
    says(town, "STOP")
    with reading() as session:
        assert session.scalars(select(Message.state).where(Message.error_code == "opted_out")).all()
    with pytest.raises(relay.CannotWrite, match="STOP"):
        writes("ada", "Can we talk?")


def test_the_code_of_a_closed_report_makes_no_question_for_feedback_staff(town: Town) -> None:
    from casework import report_life
    from casework.models import Feedback

    code = agrees(town)
    with transaction() as session:
        opened = readers.open_(session, focal_points.reader("ada"), session.get_one(Report, newest().id))
        report_life.close(session, focal_points.reader("ada"), opened, "helped", "Met, and brought to the clinic.")
    says(town, "EXIT")
    says(town, f"{code} please call me again tomorrow")
    with reading() as session:
        assert session.scalars(select(Feedback)).all() == []
    assert newest().reference != code


@pytest.mark.parametrize("tell", [False, True])
def test_after_the_closing_no_word_goes_to_feedback_staff_as_if_people_held_the_talk(town: Town, tell: bool) -> None:
    agrees(town)
    says_safe_hours(_in_hours(3) if tell else "24/7")
    writes("ada", "Are you safe?", ask_first=False)
    clock(town)
    with transaction() as session:
        opened = readers.open_(session, focal_points.reader("ada"), session.get_one(Report, newest().id))
        told = report_life.close(session, focal_points.reader("ada"), opened, "helped", "Met, and helped.", tell)
    assert bool(told) is tell
    with transaction() as session:  # the safe hour comes
        session.execute(update(Message).where(Message.state == "later").values(due_at=now()))
    clock(town)
    with reading() as session:
        assert (
            session.scalars(select(Contact.with_people_until).where(Contact.with_people_until.is_not(None))).all() == []
        )


def test_a_talk_never_outlasts_the_relay_that_holds_it(town: Town) -> None:
    agrees(town)
    writes("ada", "Are you safe?", ask_first=False)
    clock(town)
    with reading() as session:
        ends = session.scalars(select(Contact.with_people_until).where(Contact.with_people_until.is_not(None))).one()
    until = newest().relay_until
    assert ends is not None and until is not None and ends < until


def test_what_staff_do_with_a_complaint_ends_no_talk_of_a_focal_point(town: Town) -> None:
    says(town, "the queue for water at Riverside is too long")
    with reading() as session:
        complaint = session.scalars(select(Feedback)).one().reference
    agrees(town)
    says(town, "EXIT")
    writes("ada", "Are you safe?", ask_first=False)
    clock(town)
    answering.close(complaint, "done", "A second tap was opened.", "cleo")
    says(town, "he is at work until six")
    assert focal_points.words("ada")[-1] == "he is at work until six"
    with reading() as session:
        assert session.scalars(select(Feedback)).one().reference == complaint


def test_closing_another_report_of_the_person_leaves_the_talk_alone(town: Town) -> None:
    earlier = agrees(town)
    says(town, "EXIT")
    later = agrees(town, SEA)
    says(town, "EXIT")
    assert later != earlier
    writes("ada", "Are you safe?", ask_first=False)
    clock(town)
    with transaction() as session:
        opened = readers.open_(
            session,
            focal_points.reader("bea"),
            session.scalars(select(Report).where(Report.reference == earlier)).one(),
        )
        report_life.close(session, focal_points.reader("bea"), opened, "helped", "Met, and helped.", tell=False)
    says(town, "he is at work until six")
    assert focal_points.words("ada", later)[-1] == "he is at work until six"


def test_the_word_private_again_opens_nothing_new(town: Town) -> None:
    says(town, "private")
    for _ in range(3):
        says(town, "private")
    with reading() as session:
        assert len(session.scalars(select(Report)).all()) == 1


def test_after_a_no_nobody_is_called_any_more(town: Town) -> None:
    says(town, GBV)
    says(town, "2")
    assert escalation.pass_on_overdue(now() + timedelta(days=3)) == 0
    says(town, "yes please")
    says(town, "1")
    assert newest().escalate_at is not None
