"""`sawti chat`: a phone in the terminal, through inbox and outbox."""

import secrets
import time

import click
import phonenumbers

from messaging import inbox, readiness, threads
from messaging.inbound import Inbound
from messaging.providers import simulator
from runtime import tasks
from runtime.logging import configure

SECONDS = 20


def run(phone: str, channel: str) -> None:
    """Read lines, send them, print what comes back; ends with Ctrl-D."""
    configure("chat")
    tasks.configure()
    try:
        number = phonenumbers.format_number(phonenumbers.parse(phone), phonenumbers.PhoneNumberFormat.E164)
    except phonenumbers.NumberParseException:
        raise click.ClickException("--from must look like +12025550198") from None
    if readiness.failing():
        raise click.ClickException("the service does not run; start it with `make run` or `sawti up`")
    seen = max((line.id for line in threads.read(simulator.NAME, channel, number)), default=0)
    while True:
        try:
            text = input("> ").strip()
        except (EOFError, KeyboardInterrupt):
            click.echo()
            return
        if not text:
            continue
        inbox.receive(Inbound(simulator.NAME, f"CHAT{secrets.token_hex(16)}", channel, number, "+12025550100", text))
        seen = _print_answers(channel, number, seen)


def _print_answers(channel: str, number: str, seen: int) -> int:
    """Wait for the answer to the last message; print it."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        lines = threads.read(simulator.NAME, channel, number, seen)
        answers = [line for line in lines if line.direction == "out"]
        if answers:
            for line in answers:
                click.echo(click.style(line.text or "", fg="cyan"))
            return max(line.id for line in lines)
        time.sleep(0.1)
    click.echo("(no answer within 20 s)")
    return seen
