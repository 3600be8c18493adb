"""`sawti directory`: taking files of services in, and giving them out."""

import sys
from pathlib import Path

import click

from service.plainly import speaks_plainly

SHOWN = 5


@click.group()
def directory() -> None:
    """Where help is: organisations' services at places (CSV, XLSX, Open Referral HSDS 3)."""


@directory.command("import")
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@click.option("--yes", is_flag=True, help="Do it without asking.")
@click.option("--preview", is_flag=True, help="Only show what would change.")
@click.option("--replace", is_flag=True, help="Also remove services that FILE does not have.")
@speaks_plainly
def take_in(file: Path, yes: bool, preview: bool, replace: bool) -> None:
    """Take FILE in: show what will change, ask, do it. Rows with a mistake are listed, the others come in."""
    from tqdm import tqdm

    from directory import importing
    from directory.rows import BadFile
    from store import migrate

    migrate.upgrade()
    try:
        made = importing.plan(importing.open_file(file))
    except BadFile as error:
        raise click.ClickException(str(error)) from None
    _show(made, replace)
    changes = len(made.added) + len(made.changed) + (len(made.gone) if replace else 0)
    if preview or not changes:
        return
    if not yes and not click.confirm("Take this in?"):
        sys.exit(1)
    with tqdm(total=len(made.added) + len(made.changed), desc="Services", unit="service") as bar:
        importing.apply(file.name, made, replace, bar.update)
    click.echo("done")


def _show(made, replace: bool) -> None:  # type: ignore[no-untyped-def]
    click.echo(f"{len(made.added)} new, {len(made.changed)} changed, {made.same} the same")
    for sign, rows in (("+", made.added), ("~", made.changed)):
        for row in rows[:SHOWN]:
            click.echo(f"  {sign} {row.service}, {row.organisation}, {row.place} ({row.topic})")
        if len(rows) > SHOWN:
            click.echo(f"  {sign} and {len(rows) - SHOWN} more")
    if made.gone:
        click.echo(f"{len(made.gone)} not in the file: {'removed' if replace else 'kept (--replace removes them)'}")
    if made.ignored:
        click.echo(f"columns that are not used: {', '.join(made.ignored)}")
    for number, sentence in made.errors:
        click.echo(f"  row {number}: {sentence}")
    if made.errors:
        click.echo(f"{len(made.errors)} rows refused")


@directory.command("export")
@click.argument("file", type=click.Path(path_type=Path))
@speaks_plainly
def give_out(file: Path) -> None:
    """Write the directory to FILE (.csv or .xlsx), or as an HSDS package into the folder FILE."""
    from directory import hsds, importing, sheets

    rows = importing.all_rows()
    write = {".csv": sheets.write_csv, ".xlsx": sheets.write_xlsx}.get(file.suffix, hsds.write)
    write(file, rows)
    click.echo(f"{len(rows)} services")
