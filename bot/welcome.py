"""First contact: who we are, what is kept, for how long, who reads, how to stop and to delete; two short messages."""

from actions.turn import Turn
from bot.hearing import Heard
from runtime.deployment import deployment
from runtime.words import sentence
from store.database import now

WORDING = 1
"""Version of the notice; a new one when its meaning changes, so that the record says what a person was told."""
NO_AGREEMENT = frozenset({"opt_out", "delete_my_data", "report_privately"})
"""Who answers the notice so has not agreed by writing on."""


def introduction(turn: Turn) -> str | None:
    """Who we are, before the first answer that is not private; None later."""
    if turn.contact.introduced_at is not None or turn.private:
        return None
    turn.contact.introduced_at = now()
    return sentence("introduction", turn.language, organisation=deployment().organisation)


def notice(turn: Turn, heard: Heard) -> str | None:
    """What is kept and who may see it, after the first answer; the contact remembers which wording it was given."""
    contact = turn.contact
    if contact.informed is not None or turn.private or heard.intent == "opt_out":
        return None
    channel = "whatsapp" if contact.channel == "whatsapp" else "sms"
    contact.informed = f"{WORDING}/{turn.language}/{channel}"
    days = deployment().promises.retention.longest_days
    return " ".join(
        (sentence("introduction_data", turn.language, days=days), sentence(f"introduction_{channel}", turn.language))
    )


def agree(turn: Turn, heard: Heard) -> None:
    """Writing on after the notice is the consent to be answered; noted once."""
    if turn.contact.informed is not None and turn.contact.agreed_at is None and heard.intent not in NO_AGREEMENT:
        turn.contact.agreed_at = now()
