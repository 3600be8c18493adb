"""The console with a large deployment's feedback behind it: 20 users at once, and what its pages weigh.

    .venv/bin/python -m bench.console [--sqlite] [--feedback N] [--seconds N] [--folder FOLDER] [--workers N]

A database of its own is filled (1,000,000 feedbacks and three messages each in PostgreSQL with its default settings,
200,000 in SQLite; bench/console_data.py), the real web process started with an embedded Valkey of its own, and 20
accounts log in by its forms. Then each looks at a page, waits 1 to 3 seconds (2 in the mean), and looks at the next:
lists, filters, searches, single cases and figures, half of these of days and a place that nobody asked for before, so
that their charts are drawn then. The browsers run on the same cores as the service and the database.
`--folder` keeps the database there, and measures what is there already.
"""

import argparse
import contextlib
import random
import statistics
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import select, text

from bench import console_service, machine
from bench.browsing import ENCODINGS, Browser
from bench.console_data import PLACES, RARE, STAFF
from casework import finding
from casework.filters import Filters
from casework.models import Feedback
from runtime.settings import settings
from store.database import engine, now, reading

TARGET, WEIGHTS = 300, (150, 30)
"""Milliseconds at the 95th percentile; kB of a page with its files, and without them."""
ALL = {"state": "all"}
FILTERS: tuple[dict[str, str], ...] = (
    {"topic": "water_sanitation", "place": "Riverside", "language": "ar"},
    {"topic": "water_sanitation", "place": "Riverside", "language": "ar"} | ALL,
    {"type": "rumour"}, {"type": "rumour"} | ALL, {"late": "1"}, {"assignee": "nobody"}, {"assignee": "user03"} | ALL,
    {"state": "closed", "mark": "1"}, {"label": "urgent"} | ALL, {"channel": "whatsapp", "state": "new"},
    {"since": "2026-03-01", "until": "2026-03-31"} | ALL, {"place": "Border", "topic": "disability"} | ALL,
    {"language": "ht", "type": "praise", "topic": "education", "place": "Airport"} | ALL,
)  # fmt: skip
SEARCHES: tuple[dict[str, str], ...] = (
    {"q": RARE} | ALL, {"q": "water"} | ALL, {"q": "water"}, {"q": "the tent"} | ALL, {"q": "tent 4711"} | ALL,
    {"q": "distribution"} | ALL, {"q": "ماء"} | ALL, {"q": "ውሃ"} | ALL, {"q": "воды"} | ALL,
    {"q": "water", "place": "Riverside", "language": "en"} | ALL,
)  # fmt: skip
LISTS: tuple[dict[str, str], ...] = ({}, {}, ALL, {"state": "closed"}, {"order": "oldest"})
SHARES = {"list": 30, "filter": 20, "search": 15, "detail": 20, "figures": 5, "new figures": 5, "constant": 5}
"""Of a hundred clicks. `constant`: a page of the same frame with nothing from the database, to compare with."""


OF_OTHERS = {
    "answers": [
        "/console/answers",
        "/console/answers?language=ar",
        "/console/answers/food/ar",
        "/console/answers/waiting",
    ],
    "directory": ["/console/directory"],
    "people": ["/console/people", "/console/duty", "/console/duty/rota", "/console/service", "/console/keys"],
    "audit": ["/console/audit"],
    "reports": ["/console/reports"],
}
"""Pages of editors, administrators, auditors and focal points: weighed only."""


@dataclass
class Seen:
    """What the users saw: seconds by kind of page, and what was no page."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failed: list[tuple[str, int]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, kind: str, path: str, seconds: float, status: int) -> None:
        """Of one page."""
        with self.lock:
            self.seconds[kind].append(seconds)
            if status != 200:
                self.failed.append((path, status))


def pages(browser: Browser) -> dict[str, list[str]]:
    """Addresses of each kind; the tabs of the figures as their page names them."""
    with reading() as session:
        newest = session.scalars(select(Feedback.reference).order_by(Feedback.id.desc()).limit(100)).all()
        most = session.scalar(select(Feedback.id).order_by(Feedback.id.desc()).limit(1)) or 1
        some = random.Random(3).sample(range(1, most + 1), min(200, most))
        older = session.scalars(select(Feedback.reference).where(Feedback.id.in_(some))).all()
    figures = browser.get("/console/figures").text
    tabs = {part.split('"')[0].split("?")[0] for part in figures.split('href="')[1:]}
    tabs = {"/console/figures", *(tab for tab in tabs if tab.startswith("/console/figures/"))}
    return {
        "list": [_list(one) for one in LISTS] + [_list({"before": str(number), **ALL}) for number in some[:5]],
        "filter": [_list(one) for one in FILTERS],
        "search": [_list(one) for one in SEARCHES],
        "detail": [f"/console/feedback/{code}" for code in (*newest, *older)],
        "figures": sorted(tabs),
        "new figures": _new_figures(sorted(tab for tab in tabs if "/month" not in tab)),
        "constant": ["/console/account"],
    }


def _new_figures(tabs: list[str]) -> list[str]:
    """Tabs with days and a place that nobody asked for yet: so many that hardly one is asked for twice."""
    chance, today, found = random.Random(5), now().date(), []
    for _ in range(4000):
        since = today - timedelta(days=chance.randrange(2, 360))
        until = min(today, since + timedelta(days=chance.randrange(1, 120)))
        asked = {"period": "own", "since": since, "until": until, "place": chance.choice(("", *PLACES))}
        found.append(f"{chance.choice(tabs)}?{urlencode(asked)}")
    return found


def _list(parameters: dict[str, str]) -> str:
    return f"/console/feedback?{urlencode(parameters)}" if parameters else "/console/feedback"


def click(browser: Browser, known: dict[str, list[str]], seen: Seen, end: float, seed: int) -> None:
    """One user until the end: look, wait, look at something else."""
    chance = random.Random(seed)
    time.sleep(chance.uniform(0, 2))
    while time.monotonic() < end:
        kind = chance.choices(list(SHARES), list(SHARES.values()))[0]
        path = chance.choice(known[kind])
        answer = browser.get(path)
        seen.note(kind, path, answer.seconds, answer.status)
        time.sleep(chance.uniform(1, 3))


def use(users: list[Browser], known: dict[str, list[str]], seconds: float) -> Seen:
    """All at once, for so long."""
    seen, end = Seen(), time.monotonic() + seconds
    threads = [threading.Thread(target=click, args=(browser, known, seen, end, n)) for n, browser in enumerate(users)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seen


def report(seen: Seen) -> None:
    """Print how long pages took, by kind, beside the constant one."""
    print(f"\n{'':<12} {'count':>6} {'median':>7} {'p95':>7} {'max':>7}  ms   p95 to the constant page's")
    ninety_five = {kind: _part(seconds, 0.95) for kind, seconds in seen.seconds.items()}
    for kind in SHARES:
        times = [1000 * one for one in seen.seconds.get(kind, [])]
        if times:
            print(
                f"{kind:<12} {len(times):>6} {statistics.median(times):>7.0f} {1000 * ninety_five[kind]:>7.0f}"
                f" {max(times):>7.0f}  {'' if ninety_five[kind] * 1000 <= TARGET else 'above'}"
                f"     {ninety_five[kind] / ninety_five.get('constant', ninety_five[kind]):.1f}"
            )
    every = [one for times in seen.seconds.values() for one in times]
    print(f"{'all':<12} {len(every):>6} {'':>7} {1000 * _part(every, 0.95):>7.0f}   (target {TARGET} ms)")
    print(f"not answered with 200: {len(seen.failed)} {seen.failed[:5] or ''}")


def _part(values: list[float], part: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def weigh(browser: Browser, known: dict[str, list[str]]) -> None:
    """Print what a page of each kind weighs: with all its files, and once they are cached."""
    print(f"\n{'kB on the wire':<16} {'first':>7} {'after':>7}  (targets {WEIGHTS[0]}, {WEIGHTS[1]}; {ENCODINGS})")
    for kind, paths in known.items():
        weights = [browser.weigh(path) for path in paths[:8]]
        print(f"{kind:<16} {max(w[0] for w in weights) / 1000:>7.1f} {max(w[1] for w in weights) / 1000:>7.1f}")


def without_indexes() -> None:
    """Print how long two questions take with the indexes and without, one user alone."""
    filters = Filters.of(FILTERS[-1])
    with reading() as session:
        with_them = _time(lambda: finding.page(session, filters))
        plain = select(Feedback.id).where(*finding.conditions(filters, now())).order_by(Feedback.id.desc()).limit(50)
        if engine().dialect.name == "sqlite":
            plain = plain.with_hint(Feedback, "not indexed", "sqlite")
        else:
            for way in ("indexscan", "bitmapscan", "indexonlyscan"):
                session.execute(text(f"set local enable_{way} = off"))
        without = _time(lambda: session.execute(plain).all())
    ratio = without / with_them
    print(f"\na filter that few pass: {with_them:.1f} ms; without indexes {without:.0f} ms, {ratio:.0f} times")
    with reading() as session:
        number = session.scalar(select(Feedback.id).order_by(Feedback.id.desc()).limit(1)) or 1
        words = Filters.of(SEARCHES[0])
        with_them = _time(lambda: finding.page(session, words))
        some = _time(lambda: [RARE in body for body in session.scalars(select(Feedback.body).limit(5000)) if body])
    all_of_them = some * number / 5000
    print(f"a rare word: {with_them:.1f} ms; opening every text would take {all_of_them / 1000:.0f} s (from 5,000)")


def _time(do: Callable[[], object], rounds: int = 3) -> float:
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        do()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def main() -> None:
    """Fill, use, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sqlite", action="store_true", help="SQLite instead of PostgreSQL")
    parser.add_argument("--feedback", type=int, help="how many; 1,000,000 or 200,000 without it")
    parser.add_argument("--seconds", type=int, default=60, help="how long the users click")
    parser.add_argument("--folder", type=Path, help="keep the database here, or measure what is here")
    parser.add_argument("--workers", type=int, default=1, help="web processes (WEB_CONCURRENCY)")
    given = parser.parse_args()
    number = given.feedback or (200_000 if given.sqlite else 1_000_000)
    with contextlib.ExitStack() as stack:
        folder = given.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        stack.enter_context(console_service.deployment(folder, given.sqlite))
        print(machine.line())
        with reading() as session:
            there = session.scalar(select(Feedback.id).order_by(Feedback.id.desc()).limit(1))
        if not there:
            console_service.fill(given.sqlite, number)
        print(
            f"{there or number} feedbacks in {engine().dialect.name}, {given.workers} web process(es),"
            f" {len(STAFF)} users, 1 to 3 s between clicks, {given.seconds} s"
        )
        secrets = console_service.hire()
        process = stack.enter_context(console_service.web(given.workers))
        users = [Browser(settings().port, f"127.0.1.{n}") for n in range(1, len(STAFF) + 1)]
        for browser, (login, secret) in zip(users, secrets.items(), strict=True):
            browser.log_in(login, console_service.PASSWORD, secret)
        known = pages(users[0])
        use(users, known, 10)  # what is compiled and cached at first use
        before = console_service.cpu_seconds(process)
        seen = use(users, known, given.seconds)
        used = console_service.cpu_seconds(process) - before
        report(seen)
        print(f"the web process used {1000 * used / sum(map(len, seen.seconds.values())):.0f} ms of CPU a page")
        weigh(users[0], {**known, **OF_OTHERS})
        without_indexes()


if __name__ == "__main__":
    main()
