"""The console's own sentences: found in templates and code, kept in console/locales/<language>/console.po."""

from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

from console import words
from runtime.settings import ROOT

FOLDERS = ("console", "casework", "directory")
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
REFUSALS = (
    "Refusal",
    "Impossible",
    "CannotAnswer",
    "CannotWrite",
    "BadStaff",
    "BadRota",
    "CannotMake",
    "Changed",
    "NoSuchFeedback",
    "BadCanned",
    "BadView",
    "BadWords",
    "BadRow",
    "BadFile",
)
"""Of casework: their sentences are translated where they are shown (console/refusals.py)."""
KEYWORDS = {**DEFAULT_KEYWORDS, **dict.fromkeys(("mark", *REFUSALS))}
"""`mark` is for a sentence that is translated where it is shown."""


def found() -> Catalog:
    """Every sentence that stands in the code, with the places where it stands."""
    made = Catalog(project="Sawti", fuzzy=False)
    for folder in FOLDERS:
        for name, line, message, comments, context in extract_from_dir(
            ROOT / folder, method_map=METHODS, keywords=KEYWORDS, options_map={"**.html": {"silent": "false"}}
        ):
            made.add(message, None, [(f"{folder}/{name}", line)], auto_comments=comments, context=context)
    return made


def kept(language: str) -> Catalog:
    """The catalogue of a language as it stands."""
    file = words.path(language)
    if not file.exists():
        return Catalog(locale=language, project="Sawti", fuzzy=False)
    with file.open("rb") as source:
        return read_po(source, locale=language)


def missing(language: str) -> Iterator[str]:
    """Sentences of the code that a language has not, or not in every form."""
    ours = kept(language)
    for message in found():
        if message.id and not _is_there(ours.get(message.id), ours.num_plurals):
            yield message.id if isinstance(message.id, str) else message.id[0]


def bring_up_to_date(language: str) -> Path:
    """Write the catalogue anew: what is new stands there empty, what is gone from the code is left out."""
    ours, present = kept(language), found()
    for message in present:
        before = ours.get(message.id) if message.id else None
        if before is not None and not before.fuzzy:
            message.string = before.string
    made = Catalog(locale=language, project="Sawti", fuzzy=False, header_comment="# The console in this language.")
    for message in sorted((one for one in present if one.id), key=_place):
        files = sorted({(name, 1) for name, _line in message.locations})
        made.add(message.id, message.string, files[:2])
    file = words.path(language)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as out:
        write_po(out, made, width=0, include_lineno=False, omit_header=False)
    words.translations.cache_clear()
    return file


def _is_there(message: Message | None, forms: int) -> bool:
    if message is None or not message.string or message.fuzzy:
        return False
    return isinstance(message.string, str) or (len(message.string) == forms and all(message.string))


def _place(message: Message) -> tuple[str, str]:
    first = message.id if isinstance(message.id, str) else message.id[0]
    return (min(name for name, _line in message.locations), str(first))
