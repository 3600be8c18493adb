"""A reference code that neither a feedback nor a report has."""

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from casework import reference
from casework.models import Feedback
from casework.report_models import Report


def new_code(session: Session) -> str:
    """A free code; longer ones once the short ones get scarce."""
    for length in (4, 4, 4, 5, 5, 6, 6, 6):
        code = reference.make(length=length)
        taken = session.scalar(
            select(exists().where(Feedback.reference == code) | exists().where(Report.reference == code))
        )
        if not taken:
            return code
    raise RuntimeError("no free reference code was found")
