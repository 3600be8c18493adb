"""`sawti`: the command line. Commands import what they need when they run, so that `sawti --help` is quick."""

import json
import math
import os
import sys
from pathlib import Path
from typing import TextIO

import click

from service.cli_backup import backup, restore
from service.cli_content import content
from service.cli_desk import desk, retention
from service.cli_directory import directory
from service.cli_staff import audit, recovery, staff
from service.plainly import speaks_plainly as _speaks_plainly


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Sawti: migrants text in their own language; Sawti answers, and brings what is grave to the right human."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    os.environ.setdefault("LOG_LEVEL", "WARNING")  # Rasa: its own progress bars stay away
    os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
    os.environ.setdefault("PYTHONWARNINGS", "ignore")


@main.command()
@click.option("--port", type=int, help="Port of the web part (default: PORT, or 8080).")
@click.option("--workers", type=click.IntRange(1, 64), help="Conversation workers (default: one a core, at most two).")
@_speaks_plainly
def up(port: int | None, workers: int | None) -> None:
    """Everything on one machine; restarts what dies, stops all on Ctrl-C or SIGTERM."""
    from runtime.settings import settings
    from service.up import run

    if port is not None:
        os.environ["PORT"] = str(port)
        settings.cache_clear()
    sys.exit(run(workers or min(2, os.cpu_count() or 1)))


@main.command()
@_speaks_plainly
def web() -> None:
    """The webhooks and pages."""
    from service.parts import run_web

    run_web()


@main.command()
@click.option("--only", type=click.Choice(["conversations", "delivery"]), help="One kind of work (default: both).")
@_speaks_plainly
def worker(only: str | None) -> None:
    """Answers messages and delivers replies."""
    from service import parts

    if only == "conversations":
        parts.run_conversations()
    elif only == "delivery":
        parts.run_delivery()
    else:
        from service.up import run_workers

        sys.exit(run_workers())


@main.command()
@_speaks_plainly
def clock() -> None:
    """Requeues what was left behind, escalates what nobody acknowledged. Run exactly one."""
    from service.parts import run_clock

    run_clock()


@main.command()
@click.option("--missing", is_flag=True, help="Only if there is no model for the present data.")
@_speaks_plainly
def train(missing: bool) -> None:
    """Train the model on the present data."""
    from bot import model
    from runtime.logging import configure

    if missing and model.exists():
        return
    configure("train")
    made = model.train()
    click.echo(f"trained: {made.name}")


@main.command()
@click.option("--from", "phone", default="+12025550198", show_default=True, help="The number that writes.")
@click.option("--whatsapp", is_flag=True, help="Write by WhatsApp instead of SMS.")
@_speaks_plainly
def chat(phone: str, whatsapp: bool) -> None:
    """Talk to the running service in the terminal, through the whole path."""
    from service.chat import run

    run(phone, "whatsapp" if whatsapp else "sms")


@main.command()
@_speaks_plainly
def understand() -> None:
    """Read one message a line from standard input; print one JSON object a line."""
    from bot.lean import lean

    lean()
    from bot import model
    from runtime.logging import configure

    configure("understand")
    os.environ.setdefault("OMP_NUM_THREADS", str(os.cpu_count() or 1))
    try:
        where = model.path()
    except model.NoModel:
        click.echo("sawti: there is no model for the present data; `sawti train` makes one.", err=True)
        sys.exit(1)
    from bot.understanding import load

    understanding = load(where)
    stream = open(sys.stdin.fileno(), encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115
    for line in stream:
        print(json.dumps(understanding.describe(line.rstrip("\r\n")), ensure_ascii=False), flush=True)


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_speaks_plainly
def evaluate(file: Path) -> None:
    """Measure the model on FILE, a table with the columns lang, text and any of label, categories, kind."""
    from runtime.logging import configure

    configure("evaluate")
    os.environ.setdefault("OMP_NUM_THREADS", str(os.cpu_count() or 1))
    from bot.lean import lean

    lean()
    from bot import evaluation, model
    from bot.understanding import load

    try:
        rows = evaluation.read_rows(file)
        readings = evaluation.read_all(load(model.path()), rows)
    except evaluation.BadTable as error:
        raise click.ClickException(str(error)) from None
    except model.NoModel:
        raise click.ClickException("there is no model for the present data; `sawti train` makes one.") from None
    for line in evaluation.report(readings):
        click.echo(line)


@main.command()
@_speaks_plainly
def doctor() -> None:
    """Is this deployment able to do its job? One line per check; exit 1 if not."""
    from service.doctor import run

    sys.exit(run())


@main.command()
@click.argument("login")
@_speaks_plainly
def code(login: str) -> None:
    """The one-time code of a demonstration's account. Real people have theirs on their own phone."""
    import pyotp
    import yaml

    from runtime.deployment import deployment
    from runtime.settings import settings
    from service.sample_staff import FILE

    if not deployment().demonstration:
        raise click.ClickException("this is no demonstration")
    file = settings().data_dir / FILE
    known = yaml.safe_load(file.read_text()) if file.exists() else {}
    if login not in known:
        raise click.ClickException("there is no such account of a demonstration here")
    click.echo(pyotp.TOTP(known[login]["secret"]).now())


@main.group()
def keys() -> None:
    """The keys that encrypt what people write."""


@keys.command()
@_speaks_plainly
def rotate() -> None:
    """Bring everything under the newest key of SAWTI_SECRET_KEY; then the older ones may be removed from it."""
    from casework import reports, views, word_index  # noqa: F401 - views: its table holds ciphertext too
    from messaging import contacts
    from store.database import transaction
    from store.rotation import rotate as run

    contacts.rehash()
    with transaction() as session:
        reports.rehash(session)
    click.echo(f"{run()} values are now under the newest key")
    word_index.index_missing(math.inf)


@main.group()
def review() -> None:
    """Learning from use: messages that the assistant was unsure of, of contacts who agreed."""


@review.command("agree")
@click.argument("phone")
@click.option("--whatsapp", is_flag=True, help="The person writes by WhatsApp.")
@click.option("--withdraw", is_flag=True, help="The person no longer agrees.")
@_speaks_plainly
def review_agree(phone: str, whatsapp: bool, withdraw: bool) -> None:
    """Record that the person with this number agreed, asked by a human, that stripped words may teach the assistant."""
    from console.content import review as learning

    if not learning.agree("twilio", "whatsapp" if whatsapp else "sms", phone, not withdraw):
        raise click.ClickException("nobody has written from this number")
    click.echo("recorded")


@review.command("export")
@click.argument("file", type=click.File("w", encoding="utf-8"))
@click.option("--most", default=200, show_default=True, help="Lines at most, the least certain first.")
@_speaks_plainly
def review_export(file: TextIO, most: int) -> None:
    """Write lines to label to FILE. Read each before you pass it on: names of people are not taken out."""
    from console.content import review as learning

    click.echo(f"{learning.write(file, most)} lines to label", err=True)


@review.command("import")
@click.argument("file", type=click.File("r", encoding="utf-8"))
@_speaks_plainly
def review_import(file: TextIO) -> None:
    """Add the labelled lines of FILE to data/nlu; then `sawti train`."""
    from console.content import review as learning

    try:
        done = learning.take(file)
    except learning.BadLine as error:
        raise click.ClickException(f"nothing was added: {error}") from None
    click.echo(f"{done.added} added, {done.unlabelled} without a label, {done.known} known already")


main.add_command(backup)
main.add_command(restore)
main.add_command(content)
main.add_command(directory)
main.add_command(desk)
main.add_command(retention)
main.add_command(staff)
main.add_command(recovery)
main.add_command(audit)
