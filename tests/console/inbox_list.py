"""The list of feedback as tests read it."""

import re
from html import unescape
from typing import Any

from sqlalchemy import select, update

from casework.models import Feedback
from store.database import reading, transaction
from tests.console.conftest import Browser


def listed(browser: Browser, query: str = "") -> list[str]:
    """The codes of the list, in its order; what is odd in the query is named above it, and told by the status."""
    answer = browser.get(f"/feedback{query}")
    assert answer.status_code == (400 if "not known here and was left out" in answer.text else 200), query
    return codes(answer.text)


def codes(page: str) -> list[str]:
    """The codes of a list that is open."""
    return re.findall(r'class="code-name" href="/console/feedback/([^"]+)"', page)


def pick(browser: Browser, code: str) -> str:
    """What the box beside a feedback holds on the page that is open."""
    found = re.search(rf'name="pick" value="({code}:\d+)"', browser.page)
    assert found is not None
    return found[1]


def said(page: str) -> list[str]:
    """What the page says was done, and what was not."""
    return [unescape(text) for text in re.findall(r'<p class="alert[^"]*" role="status">(.*?)</p>', page)]


def lasting(page: str) -> str:
    """The page without what is another at each look."""
    return re.sub(r'value="[^"]{20,}"|<time.*?</time>', "", page)


def set_feedback(code: str, **values: Any) -> None:
    with transaction() as session:
        session.execute(update(Feedback).where(Feedback.reference == code).values(values))


def get(code: str) -> Feedback:
    with reading() as session:
        return session.scalars(select(Feedback).where(Feedback.reference == code)).one()


def tabs(page: str) -> dict[str, tuple[str, str]]:
    """The views above the list: address and count by name."""
    nav = re.search(r'<nav class="views".*?</nav>', page, re.DOTALL)
    assert nav is not None
    found = re.findall(r'<a href="/console(/feedback[^"]*)"[^>]*>(.*?) <span class="number">(.*?)</span>', nav[0])
    return {unescape(re.sub(r"<[^>]+>", "", name)): (unescape(link), number) for link, name, number in found}
