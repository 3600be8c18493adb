"""Staff find feedback by what it is and by its words, in every language, though the words are encrypted."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import delete, func, select, update

from casework import (
    answering,
    care,
    feedback,
    finding,
    forgetting,
    reports,
    retention,
    states,
    word_forms,
    word_index,
)
from casework.finding import Filters
from casework.models import OPEN, Feedback, FeedbackWord
from messaging import contacts
from messaging.models import Contact, Message
from store.database import now, reading, transaction
from tests.casework.conftest import Give
from tests.conftest import forget_settings

TOLD = {
    "en": "The distribution point has no drinking water since Monday",
    "fr": "La distribution d'eau est arrêtée à côté de l’école",
    "es": "No llegó la alimentación para los niños",
    "ar": "لا يوجد الماء في المخيّم منذ ٣٠ يوماً",
    "pt": "O cartão não chegou à família, distribuição atrasou",
    "sw": "Maji yamekatika kambini tangu jana",
    "so": "Biyihii waa go'een xerada, su'aal baan qabaa",
    "am": "በካምፑ ውስጥ የውሃ ችግር አለ ፀሐይ",
    "fa": "آب آشامیدنی نمی‌رسد و خیمه‌ها خراب است",
    "uk": "Немає питної води, п'ятий день чекаємо",
    "ru": "Нет питьевой воды, ждём распределения",
    "ht": "Pa gen dlo nan kan an, n'ap tann distribisyon",
}
SOUGHT = [
    ("en", "water"), ("en", "WATER drinking"), ("en", "distribution"), ("en", "drink water"),
    ("fr", "eau"), ("fr", "ecole"), ("fr", "L'ÉCOLE"), ("fr", "arrêt"), ("fr", "cote"),
    ("es", "ninos"), ("es", "NIÑOS"), ("es", "aliment"), ("es", "llego"),
    ("ar", "ماء"), ("ar", "الماء"), ("ar", "مخيم"), ("ar", "30"), ("ar", "يوما"),
    ("pt", "cartao"), ("pt", "famíl"), ("pt", "distribuicao"),
    ("sw", "maji"), ("sw", "kambi"), ("sw", "yamekat jana"),
    ("so", "goeen"), ("so", "go’een"), ("so", "xerad"), ("so", "suaal"), ("so", "biyih"),
    ("am", "ውሃ"), ("am", "ችግር"), ("am", "ካምፑ"), ("am", "ካም"), ("am", "ጸሀይ"),
    ("fa", "خیمه"), ("fa", "خیمه‌ها"), ("fa", "نمیرسد"), ("fa", "اشامیدنی"), ("fa", "آشامید"),
    ("uk", "води"), ("uk", "п’ятий"), ("uk", "чекає"), ("uk", "ПИТНОЇ"),
    ("ru", "распредел"), ("ru", "ждем"), ("ru", "воды питьев"),
    ("ht", "dlo"), ("ht", "distribi"), ("ht", "n’ap"), ("ht", "tann dlo"),
]  # fmt: skip


def find(words: str | None = None, **more: object) -> list[str]:
    """Codes of all that is found, newest first."""
    with reading() as session:
        filters = Filters(words=words, **{"state": "all", **more})  # type: ignore[arg-type]
        found = finding.page(session, filters)
        assert finding.count(session, filters) == len(found.rows)
        return [row.reference for row in found.rows]


def change(code: str, **values: object) -> None:
    with transaction() as session:
        session.execute(update(Feedback).where(Feedback.reference == code).values(values))


def number_of_tokens() -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(FeedbackWord)) or 0


def write_more(code: str, text: str) -> int:
    """The person adds to what they told; the message's id."""
    with transaction() as session:
        kept = session.scalars(select(Feedback).where(Feedback.reference == code)).one()
        extra = Message(contact_id=kept.contact_id, direction="in", state="done", kind="message", body=text)
        session.add(extra)
        session.flush()
        feedback.add_words(session, kept, extra.id)
        return extra.id


@pytest.fixture
def twelve(give: Give) -> dict[str, str]:
    """A feedback in each language; its code."""
    return {language: give(text, language=language) for language, text in TOLD.items()}


def test_words_are_found_in_every_language_and_nowhere_else(twelve: dict[str, str]) -> None:
    found = {(language, words): find(words) for language, words in SOUGHT}
    assert {language for language, _ in found} == set(TOLD)
    elsewhere = {"distribution": {"fr"}}  # the same word in another language
    for (language, words), codes in found.items():
        assert set(codes) == {twelve[one] for one in {language, *elsewhere.get(words, ())}}, words


@pytest.mark.parametrize(
    "words",
    ["wat", "waterfall", "distributed", "water rice", "camp", "الماءان", "مخي", "maj", "вод", "ውሃችን", "xyzzy"],
)
def test_other_words_are_not_found(twelve: dict[str, str], words: str) -> None:
    assert find(words) == []


def test_what_begins_alike_is_told_apart_and_pages_are_full_all_the_same(
    give: Give, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "AT_ONCE", 3)
    sought = [give("no distribution" if n % 3 == 0 else "no distress") for n in range(13)][::3]
    assert find("distribu") == sought[::-1]


def test_a_search_that_looks_at_too_much_goes_on_with_the_next_page(
    give: Give, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "AT_ONCE", 2)
    monkeypatch.setattr(finding, "ROUNDS", 2)
    oldest = give("no distribution")
    for _ in range(9):
        give("no distress")
    before, codes, pages = None, [], 0
    with reading() as session:
        while pages == 0 or before is not None:
            found = finding.page(session, Filters(words="distribution"), before)
            codes += [row.reference for row in found.rows]
            before, pages = found.next, pages + 1
    assert codes == [oldest] and pages == 3


def test_words_that_were_added_later_are_found(give: Give) -> None:
    code = give("the truck is late")
    write_more(code, "and the blankets are wet")
    assert find("truck blankets") == [code]


def test_a_code_finds_its_feedback_whatever_else_is_asked(give: Give) -> None:
    code = give()
    give()
    assert find(code.lower().replace("-", " ").upper() if "-" not in code else code.lower(), state="closed") == [code]


def test_forgetting_takes_the_words_out_of_the_search(give: Give) -> None:
    code = give("the truck is late")
    with transaction() as session:
        found = contacts.find_or_make(session, "twilio", "sms", "+254722000001")
        forgetting.forget_words(session, found, None)
    assert number_of_tokens() == 0 and find("truck") == []
    assert find() == [code]


def test_what_is_forgotten_by_its_age_leaves_the_search(give: Give) -> None:
    code = give("the truck is late")
    answering.close(code, "done", "It came in the evening", "Ada")
    assert number_of_tokens() > 0
    retention.run(now() + timedelta(days=4000))
    assert number_of_tokens() == 0


def test_what_is_passed_on_to_focal_points_leaves_the_search(give: Give) -> None:
    code = give("the guard beats us")
    write_more(code, "every night at the gate")
    answering.pass_on(code, ["misconduct"], "Ada")
    assert number_of_tokens() == 0


def test_an_added_message_that_was_private_leaves_the_search_alone(give: Give) -> None:
    code = give("the truck is late")
    before = number_of_tokens()
    private = write_more(code, "my husband beats me")
    with transaction() as session:
        contact = session.scalars(select(Contact).where(Contact.address == "+254722000001")).first()
        contact = contact or session.scalars(select(Contact).order_by(Contact.id.desc())).first()
        assert contact is not None
        reports.open_report(session, contact, [private], ["gbv"], "en")
    assert number_of_tokens() == before
    assert find("husband") == [] and find("truck") == [code]


def test_words_are_indexed_anew_when_the_key_rotates(give: Give, monkeypatch: pytest.MonkeyPatch) -> None:
    code = give("the truck is late")
    monkeypatch.setenv(
        "SAWTI_SECRET_KEY", "another-key-for-tests-only-of-forty-chars,a-key-for-tests-only-of-forty-characters"
    )
    forget_settings()
    try:
        assert find("truck") == []
        tokens = number_of_tokens()
        assert word_index.index_missing() == 1
        assert find("truck") == [code] and number_of_tokens() == tokens
        assert word_index.index_missing() == 0
    finally:
        monkeypatch.undo()
        forget_settings()


def test_the_clock_indexes_what_was_taken_before_there_was_an_index_or_under_another_key(give: Give) -> None:
    code = give("the truck is late")
    for words_key in (None, "0", "z"):
        with transaction() as session:
            session.execute(delete(FeedbackWord))
        change(code, words_key=words_key)
        assert find("truck") == []
        care.seldom()
        assert find("truck") == [code]


def test_tokens_tell_nothing_without_the_key(give: Give, monkeypatch: pytest.MonkeyPatch) -> None:
    give("truck")
    words = word_forms.sought("truck")
    known = word_index.tokens(words)
    with reading() as session:
        assert list(session.scalars(select(FeedbackWord.token))) == known
    monkeypatch.setenv("SAWTI_SECRET_KEY", "another-key-for-tests-only-of-forty-chars")
    forget_settings()
    assert word_index.tokens(words) != known
    monkeypatch.undo()
    forget_settings()


@pytest.fixture
def varied(give: Give) -> dict[str, str]:
    """Four feedbacks, each different in everything that is filtered."""
    told = {
        "water": give("no water", topic="water_sanitation", place="Riverside", language="ar"),
        "food": give("no food", kind="suggestion", topic="food", place="Hilltop", language="en"),
        "read": give("why no food", kind="question", topic="food", place="Riverside", language="ar"),
        "done": give("late truck", kind="praise", language="fr"),
    }
    change(told["food"], channel="whatsapp", labels=["to check", "حاجة"], assignee="ada")
    change(told["read"], state="acknowledged", types=["question", "rumour"])
    change(told["done"], state="closed", mark=2, labels=["to check again"])
    change(told["water"], acknowledge_by=now() - timedelta(hours=1))
    return told


@pytest.mark.parametrize(
    ("parameters", "names"),
    [
        ({}, "read food water"),
        ({"state": "all"}, "done read food water"),
        ({"state": "closed"}, "done"),
        ({"state": "acknowledged"}, "read"),
        ({"type": "complaint"}, "water"),
        ({"type": "rumour"}, "read"),
        ({"topic": "food"}, "read food"),
        ({"place": "Riverside"}, "read water"),
        ({"language": "ar", "topic": "food"}, "read"),
        ({"channel": "whatsapp"}, "food"),
        ({"assignee": "ada"}, "food"),
        ({"assignee": "nobody"}, "read water"),
        ({"label": "to check"}, "food"),
        ({"label": "حاجة"}, "food"),
        ({"label": "to%"}, ""),
        ({"late": "1"}, "water"),
        ({"mark": "1", "state": "all"}, "done"),
        ({"q": "food"}, "read food"),
        ({"q": "food", "place": "Riverside"}, "read"),
        ({"place": "Riverside", "language": "ar", "topic": "water_sanitation", "type": "complaint"}, "water"),
        ({"place": "Elsewhere"}, ""),
    ],
)
def test_filters_narrow_the_list(varied: dict[str, str], parameters: dict[str, str], names: str) -> None:
    filters = Filters.of(parameters)
    with reading() as session:
        found = [row.reference for row in finding.page(session, filters).rows]
        assert finding.count(session, filters) == len(found)
    assert found == [varied[name] for name in names.split()]
    assert filters.odd == () and Filters.of(filters.to_query()) == filters


def test_open_is_in_the_index_what_it_is_elsewhere() -> None:
    assert set(re.findall("'([a-z_]+)'", OPEN)) == states.OPEN


def test_days_are_those_of_the_deployment_and_the_last_one_counts(give: Give) -> None:
    early, late = give(), give()
    change(early, created_at=datetime(2026, 3, 1, 20, 59, tzinfo=UTC))  # 23:59 of the same day in Nairobi
    change(late, created_at=datetime(2026, 3, 1, 21, 0, tzinfo=UTC))
    first, second = date(2026, 3, 1), date(2026, 3, 2)
    assert find(until=first) == [early]
    assert find(since=second) == [late]
    assert find(since=first, until=second) == [late, early]
    assert find(since=second, until=first) == []


@pytest.mark.parametrize("oldest_first", [False, True])
@pytest.mark.parametrize("words", [None, "truck"])
def test_pages_follow_each_other_from_either_end(give: Give, oldest_first: bool, words: str | None) -> None:
    codes = [give() for _ in range(7)]
    for code in codes[2:5]:  # of one moment, which a search does not ask for
        change(code, created_at=datetime(2026, 3, 1, tzinfo=UTC))
    filters, seen, before = Filters(words=words), [], None
    with reading() as session:
        for expected in (2, 2, 2, 1):
            found = finding.page(session, filters, before, 2, oldest_first)
            assert len(found.rows) == expected
            seen += [row.reference for row in found.rows]
            before = found.next
    assert before is None
    in_order = codes if words else codes[2:5] + codes[:2] + codes[5:]
    assert seen == (in_order if oldest_first else in_order[::-1])


def test_a_page_goes_on_where_a_feedback_has_gone(give: Give) -> None:
    codes = [give(f"truck {n}") for n in range(4)]
    with reading() as session:
        first = finding.page(session, Filters(), None, 2)
    with transaction() as session:
        gone = session.get_one(Feedback, first.next)
        feedback.withdraw(session, gone.message_id or 0)
    with reading() as session:
        assert [row.reference for row in finding.page(session, Filters(), first.next).rows] == codes[1::-1]


def test_counting_ends_where_nobody_counts_on(give: Give, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(4):
        give("no distribution")
    give("no distress")
    with reading() as session:
        for words in ("no", "distribution"):
            assert finding.count(session, Filters(words=words), most=2) == 3
            assert finding.count(session, Filters(words=words), most=5) == (5 if words == "no" else 4)
        monkeypatch.setattr(finding, "OPENED", 5)
        assert finding.count(session, Filters(words="distribution"), most=4) == 5, "there may be more"


@pytest.mark.parametrize(
    ("parameters", "odd"),
    [
        ({"type": "nonsense"}, ("type",)),
        ({"topic": "x" * 5000, "language": "zz", "channel": "pigeon"}, ("topic", "language", "channel")),
        ({"state": "open; drop"}, ("state",)),
        ({"place": "a\x00b", "label": "\x1b", "assignee": "a" * 81}, ("place", "assignee", "label")),
        ({"since": "yesterday", "until": "9999-12-31"}, ("since", "until")),
        ({"since": "0001-01-01"}, ("since",)),
        ({"q": "\x00"}, ("q",)),
        ({"q": "!?"}, ("q",)),
        ({"q": "a"}, ("q",)),
        ({"q": "word " * 1000}, ("q",)),
        ({"late": "maybe", "mark": "5"}, ("late", "mark")),
    ],
)
def test_what_makes_no_sense_is_named_and_filters_nothing(
    give: Give, parameters: dict[str, str], odd: tuple[str, ...]
) -> None:
    code = give()
    filters = Filters.of(parameters)
    assert filters == Filters() and filters.odd == odd
    with reading() as session:
        assert [row.reference for row in finding.page(session, filters).rows] == [code]


def test_odd_queries_are_answered(give: Give) -> None:
    give("no water")
    odd = ("'; drop table feedback --", "%%%__ water", "\ud800 water", "水 water", "🚰 water", "ab " * 60, "A" * 200)
    with reading() as session:
        for words in odd:
            for before in (None, -1, 0, 1, 2**63 - 1, 2**63, 10**30):
                assert len(finding.page(session, Filters.of({"q": words}), before).rows) <= 1


def test_known_feedback_is_narrowed_like_a_list(varied: dict[str, str]) -> None:
    with reading() as session:
        ids = list(session.scalars(select(Feedback.id).where(Feedback.reference != varied["food"])))
        for parameters, expected in (({"topic": "food"}, {"read"}), ({"q": "food"}, {"read"}), ({"q": "truck"}, set())):
            found = {row.reference for row in finding.among(session, Filters.of(parameters), ids)}
            assert found == {varied[name] for name in expected}
        assert finding.among(session, Filters(), []) == []
