"""Celery's tasks: each takes an id and calls one plain function."""

from datetime import timedelta

from runtime import heartbeat, tasks
from runtime.tasks import app

LEFT_BEHIND = timedelta(seconds=3)
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
    if tasks.waiting("conversations") > ENOUGH or tasks.waiting("delivery") > ENOUGH:
        return  # nobody takes them; announcing them again would only fill Redis
    for contact_id in inbox.left_behind(LEFT_BEHIND):
        tasks.publish(tasks.READ_MAIL, contact_id)
    for contact_id in outbox.left_behind(LEFT_BEHIND):
        tasks.publish(tasks.DELIVER, contact_id)


@app.task(name=tasks.ESCALATE)
def escalate() -> None:
    """Pass on alerts that nobody acknowledged."""
    from casework.escalation import pass_on_overdue

    pass_on_overdue()
