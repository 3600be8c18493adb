"""The list of feedback: found by what it is, a page at a time; what came meanwhile; no trace of what is not for it."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from sqlalchemy import event, select, update

from casework import answering, audit, views
from casework.models import Cluster, Feedback
from casework.report_models import Report, Staff
from console.inbox import choices, listing, narrowing, rows
from console.inbox import desk as terminal
from messaging.models import Contact
from store.database import engine, now, transaction
from tests.casework import conftest as phones
from tests.casework.conftest import Give
from tests.console.conftest import Browser, Clock, Disclose, Person, change
from tests.console.inbox_list import codes, lasting, listed, set_feedback, tabs

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
Enter = Callable[..., Browser]
Hire = Callable[..., Person]
give = phones.give
"""The fixture of casework's tests."""


@pytest.fixture(autouse=True)
def _labels_anew(database: str) -> None:
    choices._labels.cache_clear()


@pytest.fixture
def desk(enter: Enter) -> Browser:
    """Cleo, who handles feedback."""
    return enter("cleo", ["engagement"])


def test_the_three_oldest_unanswered_complaints_about_water_in_riverside_in_arabic(desk: Browser, give: Give) -> None:
    wanted = {"topic": "water_sanitation", "place": "Riverside", "language": "ar"}
    given = [give(f"لا يوجد ماء {number}", **wanted) for number in range(5)]
    for number, code in enumerate(given):
        set_feedback(code, created_at=now() - timedelta(days=10 - number))
    answering.answer(given[0], "The truck comes on Monday.", "ada")
    give("لا ماء", kind="suggestion", **wanted)
    for other in ({"topic": "food"}, {"place": "Northgate"}, {"language": "fr"}):
        give("something else", **{**wanted, **other})
    page = desk.get("/feedback").text
    for name, value in {"type": "complaint", **wanted}.items():
        field = re.search(rf'<select[^>]* name="{name}">(.*?)</select>', page, re.DOTALL)
        assert field is not None and re.search(rf'<option(?: value="{value}")?>(?:{value})?', field[1])
    query = "?q=&type=complaint&topic=water_sanitation&place=Riverside&language=ar&state=&since="
    assert listed(desk, query) == given[:0:-1]
    oldest = re.search(r'<a href="/console(/feedback\?[^"]+)">Oldest first</a>', desk.page)
    assert oldest is not None
    assert listed(desk, unescape(oldest[1]).removeprefix("/feedback"))[:3] == given[1:4]
    assert "4 feedbacks" in desk.page and 'lang="ar"' in desk.page


def test_each_filter_narrows_the_list(desk: Browser, give: Give) -> None:
    code = give("the tap is dry", topic="water_sanitation", place="Riverside", language="so", sensitive=True)
    other = give("they were kind", kind="praise", topic="food", place="Northgate", language="fr", phone="+254722000002")
    answering.assign(code, "cleo", "cleo")
    answering.label(code, ["tank 4"], [], "cleo")
    set_feedback(code, acknowledge_by=now() - timedelta(days=1), answer_by=now() - timedelta(hours=1), mark=1)
    set_feedback(other, created_at=now() - timedelta(days=8), channel="whatsapp")
    today = now().date()
    for query in (
        "q=dry",
        f"q={code.lower()}",
        "type=complaint",
        "topic=water_sanitation",
        "place=Riverside",
        "language=so",
        "channel=sms",
        "assignee=me",
        "assignee=cleo",
        "label=tank+4",
        "late=1",
        "mark=1",
        "age=7",
        f"since={today - timedelta(days=2)}",
        "state=acknowledged",
    ):
        assert listed(desk, f"?{query}") == [code], query
        assert 'aria-label="Filters that are set"' in desk.page
    assert "read with care" in desk.page and "overdue" in desk.page and "with you" in desk.page
    assert listed(desk, "?assignee=nobody") == listed(desk, f"?until={today - timedelta(days=2)}") == [other]
    assert listed(desk, "?q=dry&topic=food") == [] and "Nothing fits these filters" in desk.page
    assert listed(desk) == [code, other]


def test_a_filter_is_taken_off_by_its_chip_and_all_by_one_link(desk: Browser, give: Give) -> None:
    give("the tap is dry", topic="water_sanitation", place="Riverside")
    desk.get("/feedback?topic=water_sanitation&place=Riverside&type=complaint&order=oldest")
    chips = {
        words: unescape(link)
        for link, words in re.findall(r'<li><a href="/console(/feedback[^"]*)"><bdi>(.*?)</bdi>', desk.page)
    }
    assert set(chips) == {"Type: Complaint", "Topic: Water and toilets", "Place: Riverside"}
    assert chips["Place: Riverside"] == "/feedback?type=complaint&topic=water_sanitation&order=oldest"
    assert 'class="clear" href="/console/feedback?order=oldest"' in desk.page


@pytest.mark.parametrize("order", ["", "order=oldest"])
@pytest.mark.parametrize("filters", ["", "type=complaint", "q=tap", "group=1"])
def test_pages_show_each_feedback_once(
    desk: Browser, give: Give, monkeypatch: pytest.MonkeyPatch, order: str, filters: str
) -> None:
    codes = [give(f"the tap {number}0 is dry", phone=f"+25472200000{number}") for number in range(7)]
    with transaction() as session:
        session.add(Cluster(id=1, first_reference=codes[0], voices=7, size=7))
        session.execute(update(Feedback).values(cluster_id=1))
    monkeypatch.setattr(listing, "PAGE", 3)
    seen = listed(desk, f"?{filters}&{order}")
    pages = 1
    while (further := re.search(r'href="/console(/feedback\?[^"]+)" rel="next"', desk.page)) is not None:
        seen += listed(desk, unescape(further[1]).removeprefix("/feedback"))
        assert "To the start of the list" in desk.page and "7 feedbacks" in desk.page
        pages += 1
    assert seen == (codes if order else codes[::-1]) and pages == 3


def test_many_are_counted_as_so_many_or_more(desk: Browser, give: Give, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        give(f"the tap {number}0 is dry")
    monkeypatch.setattr(listing, "COUNTED", 2)
    monkeypatch.setattr(listing, "COUNTED_OF_A_VIEW", 2)
    listed(desk)
    assert "2+ feedbacks" in desk.page and 'class="number">2+</span>' in desk.page
    monkeypatch.setattr(listing, "COUNTED_OF_A_SEARCH", 1)
    listed(desk, "?q=tap")
    assert "1+ feedbacks" in desk.page


ODD = (
    "%00",
    "%E2%80%8F",
    "x" * 3000,
    "-1",
    "99999999999999999999999999",
    "'%22--",
    "2026-02-30",
    "%FF%FE",
    "%25s",
    "١",
)


@pytest.mark.parametrize("name", [*narrowing.CHIPS, "before", "order", "after", "days", "filters"])
def test_odd_filters_find_what_the_others_find(desk: Browser, give: Give, name: str) -> None:
    code = give("the tap is dry")
    exact = name in ("place", "label", "assignee", "q", "group", "since", "until", "before")
    for value in ODD:
        for query in (f"{name}={value}", f"{name}={value}&{name}=2"):
            found = listed(desk, f"?{query}")
            assert found == [code] or (exact and found == []), query
        query = f"{name}={value}"
        assert desk.get(f"/feedback/live?after=1&{query}").status_code in (200, 204), query
        assert desk.get(f"/feedback/groups?{query}").status_code == (400 if name == "days" else 200), query
    for query in (f"{name}[]=1", f"{name}[x]=1"):
        assert listed(desk, f"?{query}") == [code], query


def test_what_is_not_known_is_named_and_left_out(desk: Browser, give: Give) -> None:
    code = give("the tap is dry", topic="water_sanitation")
    assert listed(desk, "?topic=gold&age=8&group=x&live=2&type=complaint") == [code]
    assert "left out: age, live, group, topic." in desk.page
    for query in ("topic=gold", "since=2026-02-30", "order=up", "before=x", "group=-1", "late=maybe"):
        assert desk.get(f"/feedback?{query}").status_code == 400, query
    for query in ("topic=food&late=0&q=&since=", "order=oldest&before=1", "assignee=gone&place=Gone"):
        assert desk.get(f"/feedback?{query}").status_code == 200, query


def test_a_view_that_was_saved_with_what_is_no_more_is_shown_without_it(desk: Browser, give: Give) -> None:
    code = give("the tap is dry")
    with transaction() as session:
        me = session.scalars(select(Staff).where(Staff.login == "cleo")).one().id
        views.save(session, me, "Old", {"topic": "gold", "assignee": "nobody"}, False)
    address, number = tabs(desk.get("/feedback").text)["Old"]
    assert number == "1" and listed(desk, address.removeprefix("/feedback")) == [code]
    assert desk.get(address).status_code == 200


def news(browser: Browser) -> str | None:
    """What the open list says when it has asked, and shows then; None if it stays as it is."""
    found = re.search(r'data-live="/console([^"]+)"', browser.page)
    assert found is not None
    answer = browser.client.get(f"/console{unescape(found[1])}", base_url="https://sawti.example.org")
    if answer.status_code == 204:
        return None
    assert answer.status_code == 200
    browser.page = answer.text
    said = re.search(r'id="live"[^>]*>([^<]*)<', browser.page)
    return said[1] if said else ""


def test_an_open_list_takes_up_what_is_new_and_changed_by_others(desk: Browser, give: Give, hire: Hire) -> None:
    hire("dan", ["engagement"])
    code = give("the tap is dry", topic="water_sanitation")
    listed(desk, "?topic=water_sanitation")
    assert news(desk) is None
    answering.acknowledge(code, "cleo")
    assert news(desk) is None, "what one does oneself is no news"
    answering.note(code, "I looked", "dan")
    give("no rice", topic="food")
    assert news(desk) == "1 has changed."
    assert news(desk) is None, "it was told"
    new = [give(text, topic="water_sanitation") for text in ("no water again", "no water at all")]
    answering.note(code, "I went there", "dan")
    assert news(desk) == "2 are new. 1 has changed."
    assert codes(desk.page) == [new[1], new[0], code] and tabs(desk.page)["Waits for somebody"][1] == "4"


def test_an_empty_list_hears_of_the_first(desk: Browser, give: Give) -> None:
    listed(desk)
    give("the tap is dry")
    assert news(desk) == "1 is new." and len(codes(desk.page)) == 1


def test_asking_for_news_does_not_keep_a_session_alive(desk: Browser, give: Give, clock: Clock) -> None:
    listed(desk)
    for _ in range(7):
        clock.turn(minutes=2)
        news(desk)
    clock.turn(minutes=2)
    assert desk.get("/feedback/live?after=1").status_code == 401
    assert desk.get("/feedback").status_code == 303


def test_a_page_that_is_used_lives_on_beside_the_news(desk: Browser, clock: Clock) -> None:
    for _ in range(4):
        listed(desk)
        clock.turn(minutes=10)
        news(desk)
    assert desk.get("/feedback").status_code == 200


def test_who_waits_live_is_seen_and_a_focal_points_talk_is_not(desk: Browser, give: Give, disclose: Disclose) -> None:
    code = give("may I speak to somebody?", kind="question")
    with transaction() as session:
        session.execute(update(Contact).values(with_people_until=now() + timedelta(minutes=20)))
    assert listed(desk, "?live=1") == [code] and "waits live" in desk.page
    before = lasting(desk.get("/feedback").text)
    assert "waits live" in before
    with transaction() as session:
        session.execute(update(Contact).values(with_people_until=None))
    quiet = [lasting(desk.get(path).text) for path in ("/feedback", f"/feedback/{code}")]
    report = disclose("my husband beats me every night", phone="+254722000001")

    def talk(session: Any, found: Report) -> None:
        found.relay_until = now() + timedelta(days=7)
        session.execute(update(Contact).values(with_people_until=now() + timedelta(days=6)))

    change(report, talk)
    assert [lasting(desk.get(path).text) for path in ("/feedback", f"/feedback/{code}")] == quiet
    told = terminal.case(code)
    assert told is not None and not told.item.live
    assert listed(desk, "?live=1") == [] and tabs(desk.page)["Live"][1] == "0"


def test_no_page_of_the_list_knows_of_a_report_or_of_a_number(desk: Browser, give: Give, disclose: Disclose) -> None:
    give("the tap is dry")
    pages = ("/feedback", "/feedback?state=all", "/feedback?q=husband", "/feedback/groups", "/feedback/live?after=1")
    plain = [lasting(desk.get(path).text) for path in pages]
    code = disclose()
    after = [lasting(desk.get(path).text) for path in pages]
    assert after == plain and not any(word in page for page in after for word in (code, "husband beats", "+254"))
    assert listed(desk, f"?q={code}&state=all") == []


def test_searches_are_written_down_without_their_words(desk: Browser, give: Give) -> None:
    for query in (
        "?q=dry+tap&place=Riverside",
        "?q=dry+tap&place=Riverside",
        "?q=dry+tap&place=Riverside&before=9",
        "",
    ):
        listed(desk, query)
    kept = [(entry.actor, entry.detail) for entry in audit.entries() if entry.action == "feedback_listed"]
    assert kept == [("cleo", {"filters": ["q", "place"]}), ("cleo", {"filters": []})]


def test_a_long_list_costs_no_more_queries_than_a_short_one(desk: Browser, give: Give) -> None:
    asked: list[str] = []
    event.listen(engine(), "before_cursor_execute", lambda _c, _k, statement, *_: asked.append(statement))

    def cost() -> int:
        listed(desk)  # the first is written down
        asked.clear()
        listed(desk)
        return len(asked)

    def fill(start: int, end: int) -> None:
        for number in range(start, end):
            code = give("again", kind="question", phone=f"+2547220001{number:02}")
            with transaction() as session:
                session.add(Cluster(id=number, first_reference=code, voices=2, size=2))
            set_feedback(code, cluster_id=number)

    fill(1, 2)
    few = cost()
    fill(2, 30)
    assert cost() == few < 25


def test_groups_lead_to_what_they_tell(desk: Browser, give: Give) -> None:
    codes = [give("the tap is dry", phone=f"+25472200000{number}", topic="water_sanitation") for number in range(4)]
    alone = give("the cook was kind", kind="praise")
    with transaction() as session:
        session.add(Cluster(id=1, first_reference=codes[0], topic="water_sanitation", voices=4, size=4))
        session.add(Cluster(id=2, first_reference=alone, voices=1, size=1))
        session.execute(update(Feedback).where(Feedback.reference.in_(codes)).values(cluster_id=1))
    set_feedback(codes[0], created_at=now() - timedelta(days=9))
    page = desk.get("/feedback/groups").text
    assert page.count("the tap is dry") == 2 and "the cook was kind" not in page
    assert "3 now, 1 before" in page and "4 voices" in page
    assert "Nothing is told more often" in desk.get("/feedback/groups?days=0").text or "3 now" in desk.page
    link = re.search(r'href="/console/feedback(\?[^"]*group=1[^"]*)"', page)
    assert link is not None
    assert listed(desk, unescape(link[1])) == codes[::-1] and "Told alike: group 1" in desk.page
    set_feedback(codes[1], state="closed")
    assert codes[1] in listed(desk, "?group=1&state=all") and codes[1] not in listed(desk, "?group=1")
    assert listed(desk, "?group=1&type=praise") == listed(desk, "?group=3&state=all") == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("short  and\nplain", "short and plain"),
        ("word " * 40, "word " * 27 + "word\u00a0…"),
        ("x" * 200, "x" * 140 + "\u00a0…"),
        (None, ""),
    ],
)
def test_an_excerpt_ends_between_words(database: str, text: str | None, shown: str) -> None:
    assert rows.excerpt(text) == shown


def test_days_back_count_from_midnight_of_the_deployment(database: str) -> None:
    late_evening = now().replace(year=2026, month=3, day=10, hour=22, minute=30)  # 01:30 of the 11th in Nairobi
    assert narrowing.of({"age": "1"}, "cleo", late_evening).filters.since == date(2026, 3, 11)
    assert narrowing.of({"age": "7"}, "cleo", late_evening).filters.since == date(2026, 3, 5)


def test_what_came_long_ago_is_all_that_the_days_back_leave_out(database: str) -> None:
    late_evening = now().replace(year=2026, month=3, day=10, hour=22, minute=30)
    for days, last in (("7", date(2026, 3, 4)), ("14", date(2026, 2, 25)), ("30", date(2026, 2, 9))):
        filters = narrowing.of({"age": f"over{days}"}, "cleo", late_evening).filters
        assert (filters.since, filters.until) == (None, last)
    both = {"age": "over7", "since": "2026-01-01", "until": "2026-03-09"}
    assert narrowing.of(both, "cleo", late_evening).filters.until == date(2026, 3, 4)
    assert narrowing.of(both, "cleo", late_evening).filters.since == date(2026, 1, 1)
    assert narrowing.of({**both, "until": "2026-02-01"}, "cleo", late_evening).filters.until == date(2026, 2, 1)


def test_the_backlog_is_listed_by_its_age(desk: Browser, give: Give) -> None:
    codes = {days: give(f"word {days}") for days in (0, 10, 20, 40)}
    for days, code in codes.items():
        set_feedback(code, created_at=now() - timedelta(days=days))
    for days, left in ((7, [40, 20, 10]), (14, [40, 20]), (30, [40])):
        assert listed(desk, f"?age=over{days}&order=oldest") == [codes[one] for one in left]
        assert f'<option value="over{days}" selected>More than {days} days ago</option>' in desk.page
        assert f"<bdi>Came: More than {days} days ago</bdi>" in desk.page
    assert listed(desk, "?age=7") == [codes[0]]
