"""Every page that a role can reach is free of what axe knows to break WCAG 2.2 A and AA, at a desk and on a phone.

Links are followed from the role's first page until each kind of page was seen. What only a form leads to is looked over
by those who use the form: test_tasks.py, test_first_day.py.
"""

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter

from console.access import TABLE
from console.blueprint import NAME
from tests.browser.axe import look_over, violations
from tests.browser.conftest import Desk, Opens

ROLES = {
    "engagement": "engagement",
    "first.focal.point": "focal_point",
    "viewer": "viewer",
    "editor": "editor",
    "administrator": "administrator",
    "auditor": "auditor",
}
"""Login and role of each who looks."""
STARTS = {
    "engagement": ["/feedback?state=closed", "/feedback?q=oneoddword"],
    "first.focal.point": ["/reports?state=closed"],
}
"""Where links do not lead by themselves, or late."""
NO_PAGES = frozenset(
    [
        "static",
        "home",
        "alive",
        "here",
        "report_here",
        "inbox_live",
        "queue_live",
        "file",
        "case_file",
        "directory_file",
        "logout",
        "export_feedback",
        "export_figures",
        "texts",
        "api.openapi",
    ]
)
"""What is no page to read: files, what leads on, and what pages ask for by themselves."""
ONLY_BY_A_FORM = frozenset({"phone", "uploaded_directory", "first", "phone_link", "login", "code"})
"""What is there only after a form was sent, or before somebody is logged in."""
LISTS = {"inbox": "case", "queue": "report"}
"""Lists of what is open, closed …, and what they lead to."""
MOST = 60
"""Kinds of pages for one role. That there are more fails the test: nothing is left out silently."""


@pytest.fixture(scope="module")
def addresses() -> MapAdapter:
    """The console's addresses."""
    from service.web import create_app

    return create_app().url_map.bind("localhost")


def endpoint(addresses: MapAdapter, address: str) -> str | None:
    """Name of the page, as in the table of access; None if it is none of the console's."""
    try:
        found, _ = addresses.match(urlsplit(address).path)
    except HTTPException:
        return None
    return str(found).removeprefix(f"{NAME}.") if str(found).startswith(f"{NAME}.") else None


def kind(page: str, address: str, before: str) -> str:
    """Pages that differ only in what they show are one kind; what is open and what is closed is two."""
    query = parse_qs(urlsplit(address).query)
    state = query.get("state", [""])[0] if page in LISTS else ""
    before = f" of {before}" if LISTS.get(before.partition("?")[0]) == page else ""
    is_narrowed = query and not page.startswith("figures")
    return f"{page}{'?' if is_narrowed else ''}{state}{before}"


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("ar", 390)])
@pytest.mark.parametrize("login", ROLES)
def test_no_page_breaks_the_guidelines(
    sit_down: Opens, addresses: MapAdapter, login: str, language: str, width: int
) -> None:
    page = sit_down(login, "/", language, width)
    origin = page.url.partition("/console")[0]
    wrong, seen, pages = [], set[str](), set[str]()
    left = [(page.url, "")] + [(f"{origin}/console{path}", "") for path in STARTS.get(login, ())]
    while left:
        address, before = left.pop(0)
        name = endpoint(addresses, address)
        if name is None or name in NO_PAGES or (now := kind(name, address, before)) in seen:
            continue
        seen.add(now)
        pages.add(name)
        assert len(seen) <= MOST, "there are more kinds of pages than are looked at"
        answer = page.goto(address)
        assert answer is not None and answer.status == 200, address
        wrong += violations(page)
        links = page.eval_on_selector_all("a[href*='/console/']", "links => links.map(link => link.href)")
        left += [(link, now) for link in links]
    assert wrong == [], "\n".join(wrong)
    assert expected(addresses, ROLES[login]) - pages == set(), "these were not looked at"


def expected(addresses: MapAdapter, role: str) -> set[str]:
    """The pages that this role may open by an address, as the table of access has them."""
    can_be_opened = {
        str(rule.endpoint).removeprefix(f"{NAME}.") for rule in addresses.map.iter_rules() if "GET" in rule.methods
    }
    return {name for name, roles in TABLE.items() if role in roles} & can_be_opened - NO_PAGES - ONLY_BY_A_FORM


@pytest.mark.parametrize("language", ["en", "ar"])
def test_who_is_not_logged_in_can_read_too(desk: Desk, language: str) -> None:
    context = desk.chromium.new_context(locale=language, reduced_motion="reduce")
    page: Page = context.new_page()
    page.goto(f"{desk.demonstration.origin}/console/login")
    assert page.locator("html").get_attribute("lang") == language
    look_over(page)
    answer = page.goto(f"{desk.demonstration.origin}/console/nothing-here")
    assert answer is not None and answer.status == 404
    look_over(page)
    context.close()


def test_axe_would_notice(sit_down: Opens) -> None:
    page = sit_down("viewer", "/account")
    page.evaluate("document.querySelector('#main').innerHTML += '<img src=x><details><input></details>'")
    assert {line.split(": ")[1].split(" ")[0] for line in violations(page)} >= {"image-alt", "label"}
