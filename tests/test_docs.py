"""What the documents point at is there."""

import ast
import re

import pytest

from runtime.settings import ROOT

DOCUMENTS = [*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md"]
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
_LINK = re.compile(r"\]\(((?!https?:)[^)#]+)")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_named_tests_exist(document) -> None:  # type: ignore[no-untyped-def]
    for file, name in _TEST.findall(document.read_text(encoding="utf-8")):
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}, f"{file}::{name}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document) -> None:  # type: ignore[no-untyped-def]
    for target in _LINK.findall(document.read_text(encoding="utf-8")):
        assert (document.parent / target).exists(), target


def test_every_principle_has_a_test() -> None:
    table = (ROOT / "docs" / "data-protection.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) .*`tests/[^`]+::\w+` \|$", table, re.MULTILINE)
    assert rows == [str(number) for number in range(1, 14)]
