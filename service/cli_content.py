"""`sawti content`: pages and sentences, checked, given to translators, taken back, and corrected."""

import sys
from pathlib import Path

import click

from service.plainly import speaks_plainly


@click.group()
def content() -> None:
    """What people read: pages of data/knowledge and sentences of bot/locales."""


@content.command("check")
@speaks_plainly
def check() -> None:
    """What is missing, too long, outdated or broken, per language. Exit 1 if anything must be mended."""
    from console.content import check

    findings = check.run()
    for finding in findings:
        click.echo(finding.line())
    errors = sum(finding.is_error for finding in findings)
    click.echo(f"{check.summary()}: {errors} to mend, {len(findings) - errors} to consider")
    sys.exit(1 if errors else 0)


@content.command("coverage")
@speaks_plainly
def coverage() -> None:
    """Write docs/coverage.md: every theme and right of the seeds, its topic, its languages."""
    from console.content import coverage as made

    click.echo(made.write())


@content.command("console")
@speaks_plainly
def console() -> None:
    """Bring the console's catalogues up to date with its sentences; new ones stand there empty."""
    from console import words
    from console.content import catalogues

    for language in words.LANGUAGES:
        if language != words.SOURCE:
            lacking = len(list(catalogues.missing(language)))
            click.echo(f"{catalogues.bring_up_to_date(language)}: {lacking} to translate")


@content.command("export")
@click.option("--lang", required=True, help="Language to translate into.")
@click.option("--format", "form", type=click.Choice(["xlsx", "po"]), default="xlsx", show_default=True)
@click.option("--file", type=click.Path(path_type=Path), help="Where to (default: sawti-LANG.FORMAT).")
@speaks_plainly
def give_out(lang: str, form: str, file: Path | None) -> None:
    """Write all pages and sentences with their English for a translator."""
    from console.content import translating

    where = file or Path(f"sawti-{lang}.{form}")
    try:
        click.echo(f"{translating.write(where, lang, form)} texts in {where}")
    except translating.BadFile as error:
        raise click.ClickException(str(error)) from None


@content.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--lang", required=True, help="Language of the file.")
@click.option("--reviewer", required=True, help="Who checked; pages marked as checked become `review: human`.")
@speaks_plainly
def take_in(file: Path, lang: str, reviewer: str) -> None:
    """Take a translator's file back. Texts that a person has corrected meanwhile are kept and listed."""
    from console.content import translating

    try:
        done = translating.take(file, lang, reviewer)
    except translating.BadFile as error:
        raise click.ClickException(str(error)) from None
    for line in done.kept:
        click.echo(f"  kept: {line}")
    click.echo(f"{done.changed} texts changed, {done.checked} pages checked, {len(done.kept)} texts kept as they are")


@content.command("doubt")
@click.argument("topic")
@click.argument("language")
@click.argument("reason")
@click.option("--by", "author", required=True, help="Your name.")
@speaks_plainly
def doubt(topic: str, language: str, reason: str, author: str) -> None:
    """Say that a page is wrong or old; people who ask are told that it is being checked."""
    from casework import corrections

    try:
        corrections.doubt(topic, language, author, reason)
    except corrections.NoSuchPage as error:
        raise click.ClickException(str(error)) from None
    click.echo("noted")


@content.command("correct")
@click.argument("topic")
@click.argument("language")
@click.argument("part")
@click.argument("text")
@click.option("--by", "author", required=True, help="Your name.")
@click.option("--reason", default="", help="Why.")
@speaks_plainly
def correct(topic: str, language: str, part: str, text: str, author: str, reason: str) -> None:
    """Put other words in the place of a page's PART (title, short, more, steps, rights) at once."""
    from casework import corrections

    try:
        corrections.replace(topic, language, part, text, author, reason)
    except (corrections.NoSuchPage, corrections.BadWords) as error:
        raise click.ClickException(str(error)) from None
    click.echo("in force")


@content.command("history")
@click.argument("topic")
@click.argument("language")
@speaks_plainly
def history(topic: str, language: str) -> None:
    """Every doubt and correction of a page."""
    from casework import corrections
    from store.database import reading

    with reading() as session:
        for item in corrections.history(session, topic, language):
            ended = f"until {item.ended_at:%Y-%m-%d %H:%M}" if item.ended_at else "in force"
            if item.kind == corrections.PROPOSAL:
                ended = item.decision or "waits"
            by = f", approved by {item.decided_by}" if item.decision == "approved" else ""
            click.echo(f"{item.created_at:%Y-%m-%d %H:%M}  {ended}  {item.kind} {item.part or ''}  {item.author}{by}")
            click.echo(f"    {item.text or item.reason or ''}")


@content.command("withdraw")
@click.argument("topic")
@click.argument("language")
@speaks_plainly
def withdraw(topic: str, language: str) -> None:
    """End every doubt and correction of a page: the file's words hold again."""
    from casework import corrections

    click.echo(f"{corrections.withdraw(topic, language)} ended")
