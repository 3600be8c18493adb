"""Celery's tasks: each takes an id and calls one plain function."""

from datetime import timedelta

from runtime import heartbeat, tasks
from runtime.tasks import app

LEFT_BEHIND = timedelta(seconds=3)
BUSY = timedelta(seconds=30)
ENOUGH = 1000


@app.task(name=tasks.READ_MAIL)
def read_mail(contact_id: int) -> None:
    """Answer a contact's waiting messages."""
    from bot.turn import read_mail

    read_mail(contact_id)


@app.task(name=tasks.DELIVER)
def deliver(contact_id: int) -> None:
    """Send what is due to a contact."""
    from messaging.outbox import deliver

    deliver(contact_id)


@app.task(name=tasks.REQUEUE)
def requeue() -> None:
    """Announce again what was left behind: a task was lost, a worker died, Redis was emptied."""
    from messaging import inbox, outbox

    heartbeat.beat("clock")
    for queue, task, left_behind in (
        ("conversations", tasks.READ_MAIL, inbox.left_behind),
        ("delivery", tasks.DELIVER, outbox.left_behind),
    ):
        queued = tasks.waiting(queue)
        if queued > ENOUGH:
            continue  # nobody takes them; announcing them again would only fill Redis
        # while tasks are queued, what waits is most likely among them: give the workers time
        for contact_id in left_behind(BUSY if queued else LEFT_BEHIND):
            tasks.publish(task, contact_id)


@app.task(name=tasks.ESCALATE)
def escalate() -> None:
    """Pass on alerts that nobody acknowledged."""
    from casework.escalation import pass_on_overdue

    pass_on_overdue()


@app.task(name=tasks.FETCH)
def fetch(media_id: int) -> None:
    """Fetch a file that a person sent."""
    from casework.media import fetch

    fetch(media_id)


@app.task(name=tasks.CARE)
def care() -> None:
    """What staff and people must not wait for: talks to give back, lost answers, files, many voices."""
    from casework import care

    care.often()


@app.task(name=tasks.TIDY)
def tidy() -> None:
    """Remind of what is overdue; forget what is old."""
    from casework import care
    from directory import uploads

    care.seldom()
    uploads.forget_old()
