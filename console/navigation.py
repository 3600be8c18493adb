"""The pages that the head of each page links to: those where a role's work begins, in the order of a day."""

from dataclasses import dataclass

from flask import current_app, g

from console import access
from console.blueprint import NAME
from console.words import gettext, mark


@dataclass(frozen=True)
class Place:
    """A link of the head. `within`: first part of the addresses that belong to it."""

    endpoint: str
    words: str
    within: str


PLACES = (
    Place("inbox", mark("Feedback"), "feedback"),
    Place("queue", mark("Reports"), "reports"),
    Place("figures", mark("Figures"), "figures"),
    Place("exports", mark("Exports"), "exports"),
    Place("answers", mark("Answers"), "answers"),
    Place("directory", mark("Directory"), "directory"),
    Place("people", mark("People"), "people"),
    Place("duty", mark("Duty"), "duty"),
    Place("service", mark("Service"), "service"),
    Place("audit", mark("Audit"), "audit"),
    Place("account", mark("Account"), "account"),
)


def links(path: str) -> list[tuple[str, str, bool]]:
    """Endpoint, words and whether we are there, of each place that is for the person who is logged in."""
    roles = set(g.who.person.roles)
    here = path.removeprefix(f"/{NAME}/").partition("/")[0]
    return [
        (place.endpoint, gettext(place.words), here == place.within)
        for place in PLACES
        if access.TABLE.get(place.endpoint, frozenset()) & roles
        and f"{NAME}.{place.endpoint}" in current_app.view_functions
    ]
