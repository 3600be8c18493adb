"""Why something was not done, as casework says it, in the language of the reader."""

from casework.refusal import Refusal
from console import labels
from console.words import gettext

NAMED = {"state": labels.of_state, "next_state": labels.of_state}
"""Values that the code calls by a name, with what the reader calls them."""


def why(refusal: Refusal) -> str:
    """The sentence with its values."""
    sentence = gettext(refusal.sentence)
    values = {name: NAMED[name](str(value)) if name in NAMED else value for name, value in refusal.values.items()}
    return sentence % values if values else sentence
