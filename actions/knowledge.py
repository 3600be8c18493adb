"""The answers as they are given: the files' pages, with the staff's corrections over them."""

from sqlalchemy.orm import Session

from casework import corrections
from runtime import pages
from runtime.deployment import deployment
from runtime.pages import Page


def title(topic: str, language: str | None) -> str | None:
    """The page's title in the language, else in the deployment's own; None where there is no page."""
    found = _file(topic, language)
    return (corrections.title(topic, found.language) or found.title) if found else None


def answer(session: Session, topic: str, language: str | None) -> tuple[Page, bool] | None:
    """The page with corrections, and whether staff doubt it; None where there is none."""
    found = _file(topic, language)
    if found is None:
        return None
    known = corrections.of(session, topic, found.language)
    return corrections.over(found, known), known.doubted


def _file(topic: str, language: str | None) -> Page | None:
    default = deployment().default_language
    return pages.page(topic, language or default) or pages.page(topic, default)
