"""`sawti up`: a whole service on one machine."""

import subprocess
import sys
import time

import click

from bot import model
from casework import readiness as people_ready
from messaging import readiness
from runtime import deployment, heartbeat
from runtime.logging import configure, quiet
from runtime.redis import RedisError, redis
from runtime.settings import SettingsError, settings
from service.parts import command, valkey_command
from service.supervisor import Supervisor
from store import migrate

READY_SECONDS = 120


def _tell(line: str) -> None:
    click.echo(line)
    sys.stdout.flush()


def run(workers: int) -> int:
    """Prepare, start all parts, watch them; the exit code."""
    began = time.monotonic()
    configure("up")
    given = settings()
    demonstration = deployment.prepare_demonstration(given)
    deployment.deployment()
    deployment.secret_keys(given)
    people_ready.install()
    supervisor = Supervisor(_tell)
    supervisor.stop_on_signals()
    if not model.exists() and not _train():
        return 1
    _tell(f"Sawti, {deployment.deployment().organisation}")
    try:
        if given.redis_url is None:
            supervisor.start("valkey", valkey_command(given))
        # it loads for the longest time, and finds Redis by itself
        supervisor.start("conversations 1", command("worker", "--only", "conversations"))
        if not supervisor.wait_for(_redis_answers, 20):
            if not supervisor.stopping:
                _tell("sawti: Redis does not answer; see REDIS_URL.")
            return 0 if supervisor.stopping else 1
        if given.redis_url is None:
            heartbeat.forget(readiness.PARTS)  # of the last run, kept by the append-only file
        migrate.upgrade()
        _fill_directory()
        _take_people_in(demonstration)
        _fill_samples(demonstration)
        supervisor.start("web", command("web"))
        supervisor.start("delivery", command("worker", "--only", "delivery"))
        supervisor.start("clock", command("clock"))
        if supervisor.wait_for(lambda: _web_answers(given.port) and not readiness.failing(), READY_SECONDS):
            _tell(f"Ready after {time.monotonic() - began:.0f} s.")
        elif not supervisor.stopping:
            _tell(f"Not ready after {READY_SECONDS} s: {', '.join(readiness.failing())}. Going on.")
        if not supervisor.stopping:
            for number in range(2, workers + 1):  # more hands once the service answers, so that the start stays quick
                supervisor.start(f"conversations {number}", command("worker", "--only", "conversations"))
            _addresses(demonstration)
        supervisor.watch()
    finally:
        _tell("Stopping.")
        supervisor.stop()
    return 0


def _fill_directory() -> None:
    """Take the deployment's file in while the directory is empty; later ones by `sawti directory import`."""
    from directory import importing
    from directory.rows import BadFile

    file = deployment.deployment().directory_file
    if file is None or not importing.is_empty():
        return
    try:
        made = importing.plan(importing.open_file(file))
    except (BadFile, OSError) as error:
        _tell(f"The service directory {file.name} was not taken in: {error}")
        return
    importing.apply(file.name, made)
    _tell(f"Service directory {file.name}: {len(made.added)} services, {len(made.errors)} rows refused.")


def _take_people_in(demonstration: bool) -> None:
    """Accounts for deployment.yml's people; a demonstration's have passwords, told here and nowhere else."""
    from casework import report_keys, staff
    from service import sample_staff

    if not demonstration and (settings().data_dir / sample_staff.FILE).exists():
        raise SettingsError(
            f"SAWTI_DATA_DIR holds {sample_staff.FILE} of a demonstration, whose passwords are known: "
            "begin with an empty folder, or disable those accounts and remove the file."
        )
    staff.take_in()
    report_keys.bring_up_to_date()
    if demonstration:
        for line in sample_staff.prepare():
            _tell(line)


def _fill_samples(demonstration: bool) -> None:
    """A demonstration begins with invented feedback and reports; never where real people write."""
    from service import sample_feedback, sample_reports

    for prepare in (sample_feedback.prepare, sample_reports.prepare) if demonstration else ():
        with quiet():
            told = prepare()
        if told is not None:
            _tell(told)


def run_workers() -> int:
    """Both kinds of work, watched: what `sawti worker` does."""
    configure("worker")
    supervisor = Supervisor(_tell)
    supervisor.stop_on_signals()
    try:
        supervisor.start("conversations", command("worker", "--only", "conversations"))
        supervisor.start("delivery", command("worker", "--only", "delivery"))
        supervisor.watch()
    finally:
        supervisor.stop()
    return 0


def _train() -> bool:
    _tell("There is no model for the present data. Training takes some minutes.")
    # a process of its own: what training needs in memory goes with it
    return subprocess.call(command("train")) == 0  # noqa: S603


def _redis_answers() -> bool:
    try:
        return bool(redis().ping())
    except (RedisError, OSError):
        return False


def _web_answers(port: int) -> bool:
    import http.client

    host = settings().host if settings().host not in ("", "0.0.0.0", "::") else "127.0.0.1"  # noqa: S104
    connection = http.client.HTTPConnection(host, port, timeout=1)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _addresses(demonstration: bool) -> None:
    here = f"http://localhost:{settings().port}"
    if demonstration:
        _tell(f"  simulator        {here}/simulator")
    _tell(f"  console          {here}/console/")
    _tell(f"  Twilio inbound   {settings().origin}/webhooks/twilio/inbound")
    _tell(f"  health           {here}/readyz")
    _tell("Ctrl-C stops everything.")
