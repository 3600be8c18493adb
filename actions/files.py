"""Files beside a message that was answered as something else: people get them all the same."""

from actions.feedback import keep
from actions.turn import Turn
from casework import feedback, media
from runtime.words import sentence


def attend(turn: Turn) -> str | None:
    """See that a message's files reach people. What to say about it; None if there are none or it was said."""
    if not turn.extras.media or turn.private or turn.message_id is None:
        return None
    if feedback.of_message(turn.session, turn.message_id) is not None:
        media.want(turn.session, turn.message_id, turn.extras)
        return None
    keep(turn, ["question"])
    return sentence("media", turn.language)
