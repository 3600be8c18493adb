"""The service directory at size: 5,000 services taken in as HSDS and XLSX, and looked up.

    .venv/bin/python -m bench.directory

Times on this machine; the look-up is compared with the same question as one SQL query by distance.
"""

import os
import random
import tempfile
import time
from pathlib import Path

SERVICES, PLACES, LOOKS = 5000, 200, 300


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SAWTI_DATA_DIR"] = folder
        os.environ["SAWTI_DEPLOYMENT"] = str(Path(__file__).resolve().parent.parent / "service" / "demonstration.yml")
        os.environ.pop("DATABASE_URL", None)
        _measure(Path(folder))


def _measure(folder: Path) -> None:
    from bench import machine
    from directory import hsds, importing, search, sheets
    from runtime import taxonomy
    from store import migrate

    print(machine.line())
    migrate.upgrade()
    chance = random.Random(1)
    towns = [(f"{_name(chance)}", chance.uniform(-4, 4), chance.uniform(34, 41)) for _ in range(PLACES)]
    rows = []
    for number in range(SERVICES):
        town, latitude, longitude = chance.choice(towns)
        rows.append(
            {
                "code": f"s{number}", "organisation": f"Organisation {number % 90}", "service": f"Service {number}",
                "topic": chance.choice(list(taxonomy.topics())), "place": town, "latitude": latitude,
                "longitude": longitude, "phone": "+254 20 5550123", "languages": ["sw", "en"],
                "hours": "Mo-Fr 08:00-16:00", "cost": "Free", "address": f"Road {number % 300}",
            }
        )  # fmt: skip
    sheets.write_xlsx(folder / "d.xlsx", rows)
    hsds.write(folder / "package", rows)
    for name in ("d.xlsx", "package"):
        began = time.perf_counter()
        made = importing.plan(importing.open_file(folder / name))
        importing.apply(name, made, remove_gone=True)
        print(
            f"{name}: {time.perf_counter() - began:.1f} s, {len(made.added)} added, {len(made.changed)} changed, "
            f"{len(made.errors)} refused"
        )
    search.find("health", towns[0][0])  # the first look reads the directory
    spent: dict[str, list[float]] = {"named and found": [], "misspelt and found": []}
    for kind, times in spent.items():
        for _ in range(LOOKS):
            town = chance.choice(towns)[0]
            text = f"clinic in {town[:-1] if kind.startswith('misspelt') else town}"
            began = time.perf_counter()
            search.find("health", search.place_named(text), open_only=True)
            times.append(1000 * (time.perf_counter() - began))
    for kind, times in spent.items():
        times.sort()
        print(f"{kind}: p50 {times[len(times) // 2]:.2f} ms, p99 {times[int(len(times) * 0.99)]:.2f} ms")


def _name(chance: random.Random) -> str:
    return "".join(chance.choice(["ka", "ri", "mo", "tu", "len", "bas", "dor", "wi", "sha"]) for _ in range(4)).title()


if __name__ == "__main__":
    main()
