"""`sawti desk`: feedback read, answered and closed in the terminal; `sawti retention`: forgetting."""

import getpass
from pathlib import Path
from typing import Any

import click

from service.plainly import speaks_plainly

BY = click.option("--by", default=getpass.getuser, help="Who does it (default: the name of this account).")


@click.group()
def desk() -> None:
    """Feedback: what waits, one case, answers. No numbers, no private reports."""


@desk.command("list")
@click.option("--state", help="One state: new, acknowledged, in_progress, answered, closed, reopened.")
@click.option("--type", "kind", help="One type: complaint, suggestion, praise, rumour, question.")
@click.option("--overdue", is_flag=True, help="Only what should have been read or answered by now.")
@click.option("--most", default=50, show_default=True)
@speaks_plainly
def list_(state: str | None, kind: str | None, overdue: bool, most: int) -> None:
    """What waits for somebody, oldest first."""
    from console.inbox import desk as staff

    for item in staff.waiting(most, state=state, kind=kind, late=overdue):
        marks = [
            name for name, is_so in (("OVERDUE", item.overdue), ("LIVE", item.live), ("CARE", item.sensitive)) if is_so
        ]
        many = f"{item.voices} voices" if item.voices > 1 else ""
        cells = [
            item.reference,
            item.created_at.date().isoformat(),
            item.state,
            item.language or "-",
            ",".join(item.types),
            item.topic or "-",
            item.place or "-",
            item.assignee or "-",
            " ".join([*marks, many]).strip() or "-",
            " ".join((item.text or "").split()),
        ]
        click.echo("  ".join(cells))


@desk.command("show")
@click.argument("reference")
@speaks_plainly
def show(reference: str) -> None:
    """One case with all that happened to it."""
    from console.inbox import desk as staff

    found = staff.case(reference)
    if found is None:
        raise click.ClickException("there is no feedback with this code")
    item = found.item
    click.echo(f"{item.reference}  {item.state}  {','.join(item.types)}  {item.topic or '-'}  {item.place or '-'}")
    click.echo(
        f"{item.language or '-'} by {item.channel}, assigned to {item.assignee or 'nobody'}, mark {found.mark or '-'}"
    )
    if found.answer_by and item.state in ("new", "acknowledged", "in_progress", "reopened"):
        click.echo(f"answer by {found.answer_by:%Y-%m-%d %H:%M} UTC{' (OVERDUE)' if item.overdue else ''}")
    for line in found.lines:
        who = line.by or ""
        state = f" [{line.delivery}]" if line.delivery else ""
        click.echo(f"{line.at:%Y-%m-%d %H:%M}  {line.kind:<12} {who}{state} {line.words or line.detail or ''}".rstrip())
        for file in line.files:
            click.echo(f"    file {file.id}: {file.content_type}, {file.state}")
    if found.alike:
        click.echo("alike: " + " ".join(found.alike))


@desk.command("file")
@click.argument("reference")
@click.argument("media_id", type=int)
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@speaks_plainly
def file(reference: str, media_id: int, target: Path) -> None:
    """Write one file of a case to TARGET. Open it with care: it comes from a stranger."""
    from console.inbox import desk as staff

    found = staff.file_of(reference, media_id)
    if found is None:
        raise click.ClickException("this case has no such file")
    target.write_bytes(found[1])
    click.echo(f"{found[0]}, {len(found[1])} bytes")


@desk.command("groups")
@click.option("--rising", is_flag=True, help="Only what grows: voices of the last day, and of the day before.")
@speaks_plainly
def groups(rising: bool) -> None:
    """What many people tell, most voices first."""
    from console.inbox import desk as staff

    if rising:
        for group, recent, before in staff.rising():
            click.echo(
                f"{group.first_reference}  {recent} after {before}  {','.join(group.types)}  {group.topic or '-'}"
            )
        return
    for group in staff.groups():
        days = f"{group.first_at:%Y-%m-%d} to {group.last_at:%Y-%m-%d}"
        click.echo(
            f"{group.first_reference}  {group.voices} voices  {group.size} messages  "
            f"{','.join(group.types)}  {group.topic or '-'}  {days}"
        )


def _step(name: str, *given: Any) -> None:
    """Do a step of casework/answering.py, and say what came of it."""
    from casework import answering
    from runtime import tasks

    tasks.configure()
    try:
        remark = getattr(answering, name)(*given)
    except answering.CannotAnswer as error:
        raise click.ClickException(str(error)) from None
    click.echo(remark or "done")


@desk.command("acknowledge")
@click.argument("reference")
@BY
@speaks_plainly
def acknowledge(reference: str, by: str) -> None:
    """Somebody has read it."""
    _step("acknowledge", reference, by)


@desk.command("assign")
@click.argument("reference")
@click.argument("to")
@BY
@speaks_plainly
def assign(reference: str, to: str, by: str) -> None:
    """TO takes care of it."""
    _step("assign", reference, to, by)


@desk.command("start")
@click.argument("reference")
@BY
@speaks_plainly
def start(reference: str, by: str) -> None:
    """Work on it has begun."""
    _step("start", reference, by)


@desk.command("answer")
@click.argument("reference")
@click.argument("text")
@BY
@speaks_plainly
def answer(reference: str, text: str, by: str) -> None:
    """Send TEXT to the person, in their thread."""
    _step("answer", reference, text, by)


@desk.command("close")
@click.argument("reference")
@click.argument("how", type=click.Choice(["done", "partly", "not_done"]))
@click.argument("outcome")
@BY
@speaks_plainly
def close(reference: str, how: str, outcome: str, by: str) -> None:
    """Close it, tell the person the OUTCOME (what was done, and why not more), and ask how much it helped."""
    _step("close", reference, how, outcome, by)


@desk.command("reopen")
@click.argument("reference")
@click.argument("reason")
@BY
@speaks_plainly
def reopen(reference: str, reason: str, by: str) -> None:
    """Look at it again."""
    _step("reopen", reference, reason, by)


@desk.command("note")
@click.argument("reference")
@click.argument("text")
@BY
@speaks_plainly
def note(reference: str, text: str, by: str) -> None:
    """A note for colleagues."""
    _step("note", reference, text, by)


@desk.command("link")
@click.argument("reference")
@click.argument("other")
@BY
@speaks_plainly
def link(reference: str, other: str, by: str) -> None:
    """Two cases belong together."""
    _step("link", reference, other, by)


@desk.command("apart")
@click.argument("reference")
@BY
@speaks_plainly
def apart(reference: str, by: str) -> None:
    """It was grouped with others by mistake."""
    _step("leave_cluster", reference, by)


@desk.command("correct")
@click.argument("reference")
@click.option("--type", "types", multiple=True, help="What it is; may be given several times.")
@click.option("--topic", help="What it is about.")
@BY
@speaks_plainly
def correct(reference: str, types: tuple[str, ...], topic: str | None, by: str) -> None:
    """Set type and topic where the assistant was wrong."""
    _step("correct", reference, by, list(types) or None, topic)


@desk.command("pass-on")
@click.argument("reference")
@click.argument("categories", nargs=-1, required=True)
@BY
@speaks_plainly
def pass_on(reference: str, categories: tuple[str, ...], by: str) -> None:
    """It is a sensitive matter: give it to the focal points of CATEGORIES; it leaves the feedback."""
    _step("pass_on", reference, list(categories), by)


@click.group()
def retention() -> None:
    """Forgetting what is old (deployment.yml, promises.retention)."""


@retention.command("run")
@click.option("--preview", is_flag=True, help="Only say what would go now, and what within the time of warning.")
@speaks_plainly
def run(preview: bool) -> None:
    """Forget what is due now. The clock does the same every ten minutes."""
    from casework import retention as forgetting

    rounds = (
        (("now", forgetting.preview()), ("soon", forgetting.soon())) if preview else (("forgotten", forgetting.run()),)
    )
    for when, found in rounds:
        click.echo(
            f"{when}: words of {found.messages} messages, {found.media} files, {found.feedback} feedbacks, "
            f"{found.contacts} contacts"
        )
