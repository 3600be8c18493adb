"""Files beside a message that was answered as something else: people get them all the same."""

from actions.fallback import SOFTLY
from actions.feedback import keep
from actions.turn import Turn
from casework import feedback, media, reports
from runtime.words import sentence


def attend(turn: Turn, report_id: int | None) -> str | None:
    """See that a message's files reach people. What to say about it; None if there are none or it was said.

    `report_id`: the open report that this talk is about; then the files are its own. While it is asked whether a
    message is private, nobody gets them.
    """
    if not turn.extras.media or turn.private or turn.message_id is None or turn.value == SOFTLY:
        return None
    report = reports.own_report(turn.session, turn.contact, report_id) if report_id is not None else None
    if report is not None:
        turn.announce.extend(reports.add_message(turn.session, report, turn.message_id))
        turn.private = True
        return None
    if feedback.of_message(turn.session, turn.message_id) is not None:
        media.want(turn.session, turn.message_id, turn.extras)
        return None
    keep(turn, ["question"])
    return sentence("media", turn.language)
