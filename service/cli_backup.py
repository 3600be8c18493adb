"""`sawti backup` and `sawti restore`: the database in one file, and back (docs/deploying.md)."""

import getpass
from pathlib import Path

import click

from service.plainly import speaks_plainly

BY = click.option("--by", default=getpass.getuser, help="Who does it (default: the name of this account).")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@BY
@speaks_plainly
def backup(file: Path, by: str) -> None:
    """Copy the database into FILE, also while the service runs."""
    from runtime.logging import configure
    from service import backup as saving

    configure("backup")
    _refuse_stream(file)
    try:
        size = saving.backup(file, by)
    except saving.Refused as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{file}: {size} bytes, what people wrote as ciphertext.")
    click.echo("Not in it, keep them elsewhere: SAWTI_SECRET_KEY, the recovery key, deployment.yml, .env. Nor Redis.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Give up the present database although there are people in it.")
@BY
@speaks_plainly
def restore(file: Path, yes: bool, by: str) -> None:
    """Put the backup FILE in the place of the database. Stop the service first."""
    from runtime.logging import configure
    from service import backup as saving

    configure("restore")
    _refuse_stream(file)
    try:
        opens = saving.restore(file, by, overwrite=yes)
    except saving.Refused as error:
        raise click.ClickException(str(error)) from None
    click.echo("restored, and at the newest revision")
    if not opens:
        raise click.ClickException("SAWTI_SECRET_KEY does not open it: set the key of the time of the backup.")


def _refuse_stream(file: Path) -> None:
    if str(file) == "-":
        raise click.ClickException("a backup is a file, not a stream; give its name.")
