"""Ready-made answers in the console: kept, changed, taken away, put into an answer."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import update

from casework import audit, canned
from casework.canned import CannedAnswer
from messaging.models import Contact
from store.database import reading, transaction
from tests.casework.conftest import Give, give
from tests.console.conftest import Browser

__all__ = ["give"]

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
Enter = Callable[..., Browser]


@pytest.fixture
def ada(enter: Enter) -> Browser:
    return enter("dora", ["engagement"])


def texts() -> list[tuple[str, str, str]]:
    with reading() as session:
        return [(one.name, one.language, one.text) for one in canned.every(session)]


def test_ours_are_offered_while_there_are_none(ada: Browser) -> None:
    assert "Take ours in" in ada.get("/canned").text
    page = ada.does("/canned/first")
    assert "Take ours in" not in page and "Put right" in page and 'lang="ar"' in page
    assert audit.page(limit=1)[0].action == "canned_taken_in"


def test_an_answer_is_added_changed_and_removed(ada: Browser) -> None:
    ada.get("/canned")
    page = ada.does("/canned", name="Fixed <b>", language="en", text="It is fixed: {reference}")
    assert "Fixed &lt;b&gt;" in page and texts() == [("Fixed <b>", "en", "It is fixed: {reference}")]
    (number,) = re.findall(r"edit=(\d+)", page)
    assert "It is fixed: {reference}" in ada.get(f"/canned?edit={number}").text.partition("<textarea")[2]
    ada.does("/canned", id=number, name="Fixed", language="es", text="Ya está")
    assert texts() == [("Fixed", "es", "Ya está")]
    answer = ada.post("/canned", name="Fixed", language="es", text="Otra vez")
    assert answer.status_code == 400 and "already" in answer.text and "Otra vez" in answer.text
    assert "was removed" in ada.does(f"/canned/{number}/remove") and texts() == []
    done = [one.action for one in audit.entries() if one.action.startswith("canned")]
    assert done == ["canned_saved", "canned_saved", "canned_removed"]


def test_odd_ids_are_no_pages(ada: Browser) -> None:
    ada.get("/canned")
    for odd in ("9", "9" * 18):
        assert ada.get(f"/canned?edit={odd}").status_code == 404
    for odd in ("x", "-1", "9" * 30):
        assert ada.get(f"/canned?edit={odd}").status_code == 200
    assert ada.post(f"/canned/{'9' * 30}/remove").status_code == 404
    assert ada.post("/canned/77/remove").status_code == 303
    assert ada.post("/canned", id="77", name="x", language="en", text="x").status_code == 400


def test_it_is_put_into_an_answer_in_the_person_s_language_without_script(ada: Browser, give: Give) -> None:
    code = give()
    with transaction() as session:
        for name, language, text in (("Fixed", "en", "It is fixed: {reference}"), ("Fixed", "es", "Ya está")):
            canned.save(session, "dora", name, language, text)
        number = canned.save(session, "dora", "Thanks", "en", "Thank you for {reference}").id
    page = ada.get(f"/feedback/{code}").text
    assert f'data-text="It is fixed: {code}"' in page and "Ya está" not in page and "only in" not in page
    page = ada.post(f"/feedback/{code}/reply", do="use", canned=str(number), text="Hello.").text
    assert f"Hello.\nThank you for {code}</textarea>" in page
    for odd in ("", "x", "999999"):
        assert "Hello.</textarea>" in ada.post(f"/feedback/{code}/reply", do="use", canned=odd, text="Hello.").text


def test_staff_are_told_where_an_answer_is_in_english_only(ada: Browser, give: Give) -> None:
    code = give()
    with transaction() as session:
        session.execute(update(Contact).values(language="so"))
        canned.save(session, "dora", "Thanks", "en", "Thank you")
    page = ada.get(f"/feedback/{code}").text
    assert "Thanks (only in English)" in page and "The person reads Somali" in page


def test_an_answer_of_another_is_not_written_over_by_a_stale_form(ada: Browser) -> None:
    with transaction() as session:
        number = canned.save(session, "bea", "Thanks", "en", "Thank you").id
        canned.remove(session, number)
    ada.get("/canned")
    assert ada.post("/canned", id=str(number), name="Thanks", language="en", text="Hm").status_code == 400
    with reading() as session:
        assert session.get(CannedAnswer, number) is None
