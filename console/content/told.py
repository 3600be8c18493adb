"""What the pages on content call parts, states and faults, in the reader's language: filters of their templates."""

from casework.corrections import ENGLISH_CHANGED, PageCorrection
from console.blueprint import blueprint
from console.content import states
from console.content.check import Fault
from console.words import gettext


@blueprint.app_template_filter("part_name")
def of_part(part: str) -> str:
    """`short` as `Short answer`."""
    return gettext(states.PARTS.get(part, part))


@blueprint.app_template_filter("page_state_name")
def of_state(name: str) -> str:
    """`machine` as `By machine`."""
    return gettext(states.NAMES[name])


@blueprint.app_template_filter("page_state_meaning")
def meaning_of_state(name: str) -> str:
    """What that means, in a sentence."""
    return gettext(states.MEANINGS[name])


@blueprint.app_template_filter("fault_words")
def of_fault(fault: Fault) -> str:
    """What is wrong, in a sentence."""
    sentence = gettext(fault.sentence) % {"part": of_part(fault.part), **fault.values}
    return sentence[:1].upper() + sentence[1:]


@blueprint.app_template_filter("doubt_words")
def of_doubt(doubt: PageCorrection) -> str:
    """Why a page is doubted; who typed a reason typed it in their language."""
    reason = doubt.reason or ""
    return gettext("The English page was corrected.") if reason.startswith(ENGLISH_CHANGED) else reason


@blueprint.app_template_filter("page_direction")
def direction(language: str) -> str:
    """For the `dir` of an element with words in that language."""
    return states.direction(language)
