"""Editors change answers with four eyes: one proposes, another approves, and people are answered so at once."""

import html
import io
import re
from collections.abc import Callable, Iterator

import pytest
from openpyxl import load_workbook

from actions import knowledge
from casework import audit, corrections, proposals, staff
from casework.corrections import PageCorrection
from console.content import states
from runtime import pages, taxonomy
from store.database import reading, transaction
from tests.console.conftest import Browser, Person

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
Enter = Callable[..., Browser]
NEW = "Cunto: weydii xafiiska xerada meesha la isku diiwaangeliyo. Gargaarku waa bilaash."
FOOD = "/answers/food/so"


@pytest.fixture(autouse=True)
def _titles() -> Iterator[None]:
    corrections.forget()
    yield
    corrections.forget()


@pytest.fixture
def ed(enter: Enter) -> Browser:
    return enter("ed", ["editor"])


@pytest.fixture
def fin(enter: Enter) -> Browser:
    return enter("fin", ["editor"])


def form(browser: Browser, path: str = FOOD, **typed: str) -> dict[str, str]:
    """What the page's form holds when it is opened, with other words typed into some fields."""
    page = browser.get(path).text
    fields = re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    fields += re.findall(r'<input[^>]* name="(title|base_\w+)" value="([^"]*)"', page)
    return {**{name: html.unescape(value) for name, value in fields}, **typed}


def propose(browser: Browser, path: str = FOOD, **typed: str) -> str:
    return browser.does(path, do="propose", **form(browser, path, **typed))


def numbers() -> list[int]:
    with reading() as session:
        return [made.id for made in proposals.waiting(session)]


def told(topic: str = "food", language: str = "so", part: str = "short") -> str:
    """The words with which the assistant answers."""
    with reading() as session:
        found = knowledge.answer(session, topic, language)
    assert found is not None
    return corrections.words_of(found[0], part)


def is_doubted(language: str, topic: str = "food") -> bool:
    with reading() as session:
        return corrections.of(session, topic, language).doubted


def actions(actor: str) -> list[str]:
    return [entry.action for entry in audit.page(actor=actor) if entry.action.startswith("content")]


def test_what_one_proposes_and_another_approves_is_answered_at_once(ed: Browser, fin: Browser) -> None:
    before = told()
    page = propose(ed, short=NEW, reason="shorter")
    assert "1 change waits for another editor" in page and told() == before
    page = fin.get("/answers/waiting").text
    assert "Proposed by <bdi>ed</bdi>" in page and "shorter" in page and "<ins>" in page and "<del>" in page
    page = fin.does("/answers/waiting/approve", proposal=str(numbers()[0]))
    assert "1 change is in force" in page and "Nothing waits." in page
    assert told() == NEW
    page = fin.get(FOOD).text
    assert "In force" in page and "approved by <bdi>fin</bdi>" in page
    assert actions("ed") == ["content_proposed"] and actions("fin") == ["content_approved"]
    entry = audit.page(actor="fin", subject="food/so")[0]
    assert entry.detail is not None and NEW not in str(entry.detail) and entry.detail["author"] == "ed"


def test_nobody_approves_or_declines_their_own(ed: Browser) -> None:
    before = told()
    propose(ed, short=NEW)
    assert "That is for" not in ed.get("/answers/waiting").text
    for way in ("approve", "decline"):
        page = ed.does(f"/answers/waiting/{way}", proposal=str(numbers()[0]), reason="it is mine")
        assert "Who wrote a change cannot approve or decline it" in page
    assert told() == before and len(numbers()) == 1


def test_an_administrator_or_one_of_engagement_cannot_approve(ed: Browser, enter: Enter) -> None:
    propose(ed, short=NEW)
    other = enter("boss", ["administrator", "engagement"])
    other.get("/account")
    assert other.post("/answers/waiting/approve", proposal=str(numbers()[0])).status_code == 404
    assert len(numbers()) == 1


def test_a_declined_one_changes_nothing_and_tells_why(ed: Browser, fin: Browser) -> None:
    before = told()
    propose(ed, short=NEW)
    number = str(numbers()[0])
    fin.get("/answers/waiting")
    assert "Say why" in fin.does("/answers/waiting/decline", proposal=number)
    assert numbers()
    fin.does("/answers/waiting/decline", proposal=number, reason="the old one is clearer")
    assert told() == before and not numbers()
    page = ed.get(FOOD).text
    assert "Declined" in page and "the old one is clearer" in page and "declined by <bdi>fin</bdi>" in page
    assert "does not wait any more" in fin.does("/answers/waiting/approve", proposal=number)
    assert told() == before


def test_only_its_author_takes_a_proposal_back(ed: Browser, fin: Browser) -> None:
    propose(ed, short=NEW)
    number = str(numbers()[0])
    fin.get("/answers/waiting")
    assert "Only who wrote a change" in fin.does("/answers/waiting/take-back", proposal=number)
    ed.get("/answers/waiting")
    assert "1 change was taken back" in ed.does("/answers/waiting/take-back", proposal=number)
    assert not numbers() and "Taken back" in ed.get(FOOD).text


def test_over_words_that_were_changed_meanwhile_nothing_is_proposed(ed: Browser, fin: Browser) -> None:
    opened = form(ed, short=NEW)
    corrections.replace("food", "so", "short", "Cunto waxaa laga helaa hoolka cusub.", "Ada")
    answer = ed.post(FOOD, do="propose", **opened)
    assert answer.status_code == 200 and "somebody changed this page since you opened it" in answer.text
    assert "Cunto waxaa laga helaa hoolka cusub." in answer.text and NEW in answer.text
    assert not numbers()
    assert propose(ed, short=NEW) and len(numbers()) == 1, "with the page opened again it goes"


def test_what_was_not_touched_is_not_proposed_though_somebody_changed_it(ed: Browser) -> None:
    opened = form(ed, short=NEW)
    steps = pages.page("food", "so").parts["steps"].replace(".", "!", 1)  # type: ignore[union-attr]
    corrections.replace("food", "so", "steps", steps, "Ada")
    assert ed.post(FOOD, do="propose", **opened).status_code == 303
    with reading() as session:
        assert [made.part for made in proposals.waiting(session)] == ["short"]


def test_of_two_proposals_for_a_part_the_first_that_is_approved_wins(ed: Browser, fin: Browser, enter: Enter) -> None:
    propose(ed, short=NEW)
    assert "ed proposed a change of this page already" in fin.get(FOOD).text
    propose(fin, short=NEW + " Noo sheeg.")
    third = enter("gil", ["editor"])
    first, second = numbers()
    third.get("/answers/waiting")
    third.does("/answers/waiting/approve", proposal=str(second))
    assert told() == NEW + " Noo sheeg."
    page = third.does("/answers/waiting/approve", proposal=str(first))
    assert "it must be written anew" in page and "Write it anew" in page
    assert told() == NEW + " Noo sheeg." and numbers() == [first]
    page = ed.get(f"{FOOD}?again={first}").text
    assert NEW in html.unescape(page)


def test_a_newer_proposal_of_the_same_person_takes_the_place_of_the_older(ed: Browser) -> None:
    propose(ed, short=NEW)
    propose(ed, short=NEW + " Noo sheeg.")
    assert len(numbers()) == 1 and "Written anew" in ed.get(FOOD).text


def test_a_form_that_is_sent_twice_is_one_proposal(ed: Browser) -> None:
    opened = {**form(ed, short=NEW), "once": "x" * 20}
    for _ in range(2):
        assert ed.post(FOOD, do="propose", **opened).status_code == 303
    with reading() as session:
        assert [entry.decision for entry in corrections.history(session, "food", "so")] == [None]


def test_several_parts_are_approved_one_by_one(ed: Browser, fin: Browser) -> None:
    before = told(part="rights")
    propose(ed, short=NEW, title="Cunto cusub", rights=before + "\n- Noo sheeg.")
    assert len(numbers()) == 3
    fin.get("/answers/waiting")
    assert "Tick the changes that you mean" in fin.does("/answers/waiting/approve")
    with reading() as session:
        by_part = {made.part: made.id for made in proposals.waiting(session)}
    fin.does("/answers/waiting/approve", proposal=[str(by_part["short"]), str(by_part["title"])])
    assert (told(), told(part="title"), told(part="rights")) == (NEW, "Cunto cusub", before)
    assert knowledge.title("food", "so") == "Cunto cusub", "menus have it too"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"short": "cunto " * 80}, "Short answer needs 4 SMS, at most 2"),
        ({"short": "Cunto “cusub” waa bilaash."}, "has characters that only cost"),
        ({"more": "Это написано не теми буквами, которые здесь нужны."}, "More is not written in Latin letters"),
        ({"more": "cunto " * 200}, "More has 1199 characters, at most 900"),
        ({"title": "Cunto iyo wax kasta oo kale"}, "the title has 27 characters, at most 24 fit"),
        ({"steps": "- Weydii {name}."}, "{organisation} is the only placeholder"),
        ({"rights": "## short\nCunto."}, "no line may begin with ##"),
        ({"short": "  \x00 \n"}, "It is empty"),
    ],
)
def test_what_the_check_refuses_is_not_proposed(ed: Browser, typed: dict[str, str], said: str) -> None:
    answer = ed.post(FOOD, do="propose", **form(ed, **typed))
    assert answer.status_code == 200
    assert said.lower() in html.unescape(answer.text).lower() and "Not proposed" in answer.text
    assert not numbers()


def test_the_english_words_are_no_translation(ed: Browser) -> None:
    english = pages.page("food", "en")
    assert english is not None
    answer = ed.post(FOOD, do="propose", **form(ed, steps=english.parts["steps"]))
    assert "it is still in English" in answer.text and not numbers()


def test_what_the_check_refuses_by_now_is_not_approved_either(ed: Browser, fin: Browser) -> None:
    propose(ed, short=NEW)
    with transaction() as session:
        made = proposals.waiting(session)[0]
        made.text = "Cunto “cusub”."
    fin.get("/answers/waiting")
    page = fin.does("/answers/waiting/approve", proposal=str(numbers()[0]))
    assert "has characters that only cost" in page and numbers() and told() != "Cunto “cusub”."


def test_nothing_changed_is_nothing_proposed(ed: Browser) -> None:
    answer = ed.post(FOOD, do="propose", **form(ed))
    assert "Nothing was changed" in answer.text and not numbers()


def test_looking_shows_how_it_arrives_and_proposes_nothing(ed: Browser) -> None:
    long = NEW + " " + NEW
    page = ed.post(FOOD, do="look", **form(ed, short=long)).text
    assert "with what you typed" in page and page.count('class="cut"') > 1 and "2 SMS" in page and not numbers()
    assert NEW not in ed.get(FOOD).text


def test_what_is_typed_is_shown_as_text_everywhere(ed: Browser, fin: Browser) -> None:
    evil = "Cunto <script>alert(1)</script> <b onclick=x>waa</b> bilaash."
    page = ed.post(FOOD, do="look", **form(ed, short=evil)).text
    assert "<script>alert" not in page and "<b onclick" not in page and "&lt;script&gt;" in page
    propose(ed, short=evil, reason="<img src=x onerror=alert(1)>")
    page = fin.get("/answers/waiting").text + fin.get(FOOD).text
    assert "<script>alert" not in page and "<img src=x" not in page and "&lt;img" in page


@pytest.mark.parametrize(
    "path",
    [
        "/answers/football/so", "/answers/food/xx", "/answers/food/de", "/answers/%00/so", "/answers/food/so%00",
        "/answers/texts/xx", "/answers/texts/so?as=exe",
    ],
)  # fmt: skip
def test_odd_pages_are_not_there(ed: Browser, path: str) -> None:
    assert ed.get(path).status_code == 404


@pytest.mark.parametrize("path", ["", "/doubt", "/checked"])
def test_nothing_is_done_to_pages_that_are_not_there(ed: Browser, path: str) -> None:
    ed.get(FOOD)
    assert ed.post(f"/answers/football/so{path}", do="propose", short="x", reason="x").status_code == 404
    assert ed.post(f"/answers/food/xx{path}", do="propose", short="x", reason="x").status_code == 404


@pytest.mark.parametrize(
    "query",
    ["language=xx", "language=%00", "state=x&q=%00", "q=" + "x" * 5000, "language=so&state='--"],
)
def test_odd_filters_are_left_out(ed: Browser, query: str) -> None:
    answer = ed.get(f"/answers?{query}")
    assert answer.status_code == 400 and 'name="q"' in answer.text
    is_odd_there = "state=" not in query or "%00" in query
    assert ed.get(f"/answers/sentences?{query}").status_code == (400 if is_odd_there else 200)


@pytest.mark.parametrize(
    "query", ["", "language=so", "q=%ff&language=ar", "state=machine&q=food", "language=&state=&q="]
)
def test_known_filters_are_answered(ed: Browser, query: str) -> None:
    assert ed.get(f"/answers?{query}").status_code == ed.get(f"/answers/sentences?{query}").status_code == 200


@pytest.mark.parametrize("again", ["x", "-1", "99999999999999999999999", "12345", "%00"])
def test_an_odd_earlier_entry_is_left_out(ed: Browser, again: str) -> None:
    page = ed.get(f"{FOOD}?again={again}")
    assert page.status_code == 400 and "with what you typed" not in page.text


@pytest.mark.parametrize("proposal", ["x", "0", "-1", "99999999999999999999999", str(2**63 - 1), "12345"])
def test_an_odd_proposal_is_refused(ed: Browser, proposal: str) -> None:
    ed.get("/answers/waiting")
    for way in ("approve", "decline", "take-back"):
        assert ed.post(f"/answers/waiting/{way}", proposal=proposal, reason="no").status_code == 303


def test_the_way_back_is_a_proposal_too(ed: Browser, fin: Browser) -> None:
    in_file = told()
    propose(ed, short=NEW)
    fin.get("/answers/waiting")
    fin.does("/answers/waiting/approve", proposal=str(numbers()[0]))
    assert in_file[:30] in html.unescape(re.sub(r"</?(ins|del)>", "", ed.get(FOOD).text)), "the history shows it"
    propose(ed, f"{FOOD}?again=0")
    fin.get("/answers/waiting")
    fin.does("/answers/waiting/approve", proposal=str(numbers()[0]))
    assert told() == in_file
    page = ed.get(FOOD).text
    again = re.findall(r"again=(\d+)", page)
    assert "Was in force" in page and NEW in form(ed, f"{FOOD}?again={again[-2]}").values()


def test_a_doubt_is_told_at_once_and_ends_when_somebody_has_checked(ed: Browser, fin: Browser) -> None:
    assert "Say what is wrong" in ed.does(f"{FOOD}/doubt", reason=" ", csrf_token=opened(ed))
    ed.does(f"{FOOD}/doubt", reason="the hall has moved")
    assert is_doubted("so")
    page = fin.get(FOOD).text
    assert "Doubted by <bdi>ed</bdi>" in page and "the hall has moved" in page
    fin.does(f"{FOOD}/checked", state=state_in(page))
    assert not is_doubted("so")
    with reading() as session:
        assert states.of(session, "food", "so").name == "checked"
    assert actions("ed") == ["content_doubted"] and actions("fin") == ["content_checked"]


def opened(browser: Browser, path: str = FOOD) -> str:
    browser.get(path)
    return browser.token


def state_in(page: str) -> str:
    return re.findall(r'name="state" value="([^"]+)"', page)[0]


def test_a_page_that_was_changed_since_is_not_checked(ed: Browser) -> None:
    seen = state_in(ed.get(FOOD).text)
    corrections.replace("food", "so", "short", NEW, "Ada")
    assert "changed meanwhile" in ed.does(f"{FOOD}/checked", state=seen)
    with reading() as session:
        assert states.of(session, "food", "so").name == "machine"
    ed.does(f"{FOOD}/checked", state=state_in(ed.get(FOOD).text))
    corrections.replace("food", "en", "short", "Food is free. Ask at the office.", "Ada")
    with reading() as session:
        assert states.of(session, "food", "so").name == "doubted", "the check was of another English page"


def test_an_approved_english_page_makes_its_translations_doubtful(ed: Browser, fin: Browser) -> None:
    propose(ed, "/answers/food/en", short="Food is free. Ask at the camp office where to register.")
    assert not is_doubted("so")
    fin.get("/answers/waiting")
    fin.does("/answers/waiting/approve", proposal=str(numbers()[0]))
    assert all(is_doubted(code) for code in taxonomy.languages() if code != "en") and not is_doubted("en")
    assert "The English page was corrected." in ed.get(FOOD).text


def test_an_older_translation_does_not_end_a_newer_doubt(ed: Browser, fin: Browser) -> None:
    corrections.doubt("food", "so", "Ada", "before it")
    propose(ed, short=NEW)
    corrections.doubt("food", "so", "Ada", "after it")
    fin.get("/answers/waiting")
    fin.does("/answers/waiting/approve", proposal=str(numbers()[0]))
    with reading() as session:
        assert [doubt.reason for doubt in states.of(session, "food", "so").doubts] == ["after it"]


def test_where_there_is_one_editor_only_the_page_says_so(ed: Browser, hire: Callable[..., Person]) -> None:
    for path in ("/answers", "/answers/waiting", FOOD):
        assert "there is none. An administrator can add one" in ed.get(path).text
    with transaction() as session:
        staff.add(session, "test", "nova", "Nova", ["editor"])
    assert "there is none" in ed.get("/answers").text, "she has no password yet"
    hire("fin", ["editor"])
    assert "there is none" not in ed.get("/answers").text


def test_an_operators_command_counts_as_approved_and_the_audit_says_so(ed: Browser) -> None:
    corrections.replace("food", "so", "short", NEW, "Ada", "moved")
    assert told() == NEW
    entry = audit.page(subject="food/so")[0]
    assert (entry.actor, entry.action) == ("operator Ada", "content_corrected")
    assert entry.detail == {"part": "short", "approved_by": "operator's command"}
    assert "at the command line" in ed.get(FOOD).text


def test_the_list_tells_how_pages_stand_and_is_searched_in_every_script(ed: Browser) -> None:
    corrections.doubt("shelter", "ar", "Ada", "moved")
    page = ed.get("/answers?language=ar&state=doubted").text
    assert 'href="/console/answers/shelter/ar"' in page and 'href="/console/answers/food/ar"' not in page
    page = ed.get("/answers?language=ar&q=غذاء").text
    assert 'href="/console/answers/food/ar"' in page and 'href="/console/answers/shelter/ar"' not in page
    page = ed.get("/answers?q=FOOD").text
    assert 'href="/console/answers/food/so"' in page and 'href="/console/answers/shelter/so"' not in page
    page = ed.get("/answers").text
    assert page.count('href="/console/answers/') >= 36 * 12
    assert 'href="/console/answers?language=ar&amp;state=doubted">1<' in page


def test_other_sentences_are_there_to_read(ed: Browser) -> None:
    page = ed.get("/answers/sentences?language=ar&q=goodbye").text
    assert "<code>goodbye</code>" in page and 'lang="ar" dir="rtl"' in page and "<textarea" not in page


def workbook(browser: Browser, changes: dict[str, str]) -> bytes:
    """The translator's file with other words typed in."""
    book = load_workbook(io.BytesIO(browser.get("/answers/texts/so").data))
    for row in book.worksheets[0].iter_rows(min_row=2):
        row[2].value = changes.get(str(row[0].value), row[2].value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def send(browser: Browser, content: bytes, name: str = "so.xlsx", path: str = "/answers/texts/so") -> str:
    browser.get("/answers?language=so")
    answer = browser.post(path, file=(io.BytesIO(content), name))
    if answer.status_code == 303:
        return browser.get(answer.headers["Location"].removeprefix("/console")).text
    assert answer.status_code == 200, answer.text
    return answer.text


def test_a_translators_file_comes_back_as_proposals(ed: Browser, fin: Browser) -> None:
    corrections.replace("health", "so", "title", "Caafimaad", "Ada")
    content = workbook(ed, {
        "page.food.short": NEW, "page.food.title": "Cunto cusub", "page.asylum.short": "magan " * 90,
        "page.shelter.title": "Hoy cusub", "sentence.goodbye": "Nabad gelyo saaxiib",
    })  # fmt: skip
    corrections.replace("shelter", "so", "title", "Guri", "Ada")
    page = send(ed, content)
    assert "2 changes wait for another editor" in page and "page.asylum.short" in page and "SMS, at most 2" in page
    assert "page.shelter.title" in page and "1 changed sentence of the service was left out" in page
    with reading() as session:
        made = {(one.topic, one.part): one.text for one in proposals.waiting(session)}
    assert made == {("food", "short"): NEW, ("food", "title"): "Cunto cusub"}
    assert actions("ed")[:2] == ["content_taken_in", "content_proposed"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("so.xlsx", b"PK\x03\x04 no"),
        ("so.po", b"\xff\xfe no po"),
        ("so.po", b'msgid "a'),
        ("so.exe", b"x"),
        ("so.xlsx", b""),
    ],
)
def test_a_file_that_is_none_of_ours_is_refused_in_a_sentence(ed: Browser, name: str, content: bytes) -> None:
    page = send(ed, content, name)
    assert "Use the .xlsx or .po file that you took from here" in page or "0 changes wait" in page
    assert not numbers()


def test_nothing_of_it_is_for_others(enter: Enter) -> None:
    for role in sorted(set(staff.ROLES) - {"editor"}):
        browser = enter(f"x{role[:6]}", [role])
        for path in ("/answers", FOOD, "/answers/waiting", "/answers/sentences", "/answers/texts/so"):
            assert browser.get(path).status_code == 404, (role, path)


def test_every_proposal_row_of_the_past_can_be_read(ed: Browser, fin: Browser) -> None:
    """All that a page can go through, and its history still opens."""
    propose(ed, short=NEW)
    fin.get("/answers/waiting")
    fin.does("/answers/waiting/approve", proposal=str(numbers()[0]))
    corrections.doubt("food", "so", "Ada", "old")
    corrections.withdraw("food", "so")
    propose(ed, steps=told(part="steps") + " Noo sheeg.")
    fin.does(f"{FOOD}/checked", state=state_in(fin.get(FOOD).text))
    page = ed.get(FOOD).text
    assert all(word in page for word in ("Was in force", "Doubted", "Waits", "Checked"))
    with reading() as session:
        assert session.query(PageCorrection).count() == 4
