"""The command line as an operator uses it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


def sawti(*arguments: str, stdin: str = "", **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "service", *arguments],
        input=stdin, capture_output=True, text=True, env={**os.environ, **env}, timeout=120,
    )  # fmt: skip


def test_understand_prints_one_json_object_a_line(model: Path) -> None:
    texts = ["wapi naweza pata dawa", "je cherche un abri", "احتاج طعام", "", "\x00\x07", "x" * 5000]
    done = sawti("understand", stdin="\n".join(texts))
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0 and [line["text"] for line in said] == texts
    assert [line["language"] for line in said[:3]] == ["sw", "fr", "ar"]
    assert [line["intent"] for line in said[1:3]] == ["ask_shelter", "ask_food"]


def test_doctor_prints_one_line_a_check_and_fails_where_something_is_wrong(database: str, model: Path) -> None:
    done = sawti("doctor")
    lines = done.stdout.splitlines()
    assert done.returncode == 1
    assert [line.split()[0] for line in lines].count("FAIL") == 1
    assert any(line.startswith("FAIL  workers") for line in lines)


@pytest.mark.parametrize("url", ["postgresql://nobody:secret@127.0.0.1:1/none", "mysql://x", "sqlite:////nowhere/x.db"])
def test_doctor_says_what_is_wrong_with_the_database(model: Path, url: str) -> None:
    done = sawti("doctor", DATABASE_URL=url)
    assert done.returncode == 1
    assert any(line.startswith("FAIL") and "DATABASE_URL" in line for line in done.stdout.splitlines())
    assert "secret" not in done.stdout + done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "command", [["up"], ["web"], ["worker", "--only", "delivery"], ["clock"], ["understand"], ["train"]]
)
def test_a_wrong_setting_stops_every_command_with_one_sentence(command: list[str]) -> None:
    done = sawti(*command, PUBLIC_URL="nonsense")
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1].startswith("sawti: PUBLIC_URL")
    assert "Traceback" not in done.stderr


def test_help_is_quick_and_lists_the_contract() -> None:
    done = sawti("--help")
    for name in ("up", "web", "worker", "clock", "chat", "understand", "train", "doctor"):
        assert f"\n  {name} " in done.stdout
