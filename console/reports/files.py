"""The files of a report, under neutral names."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from casework import readers
from casework.report_models import Report

EXTENSIONS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/gif": "gif",
    "image/heic": "heic",
    "image/heif": "heif",
    "audio/ogg": "ogg",
    "audio/opus": "opus",
    "audio/mpeg": "mp3",
    "audio/mp3": "mp3",
    "audio/mp4": "m4a",
    "audio/m4a": "m4a",
    "audio/x-m4a": "m4a",
    "audio/aac": "aac",
    "audio/amr": "amr",
    "audio/3gpp": "3gp",
    "audio/wav": "wav",
    "audio/x-wav": "wav",
    "audio/wave": "wav",
    "video/mp4": "mp4",
    "video/3gpp": "3gp",
    "video/quicktime": "mov",
    "video/ogg": "ogv",
    "application/pdf": "pdf",
    "application/ogg": "ogg",
}


@dataclass(frozen=True)
class File:
    """A file of the report, by the neutral name under which it is given out."""

    id: int
    name: str
    state: str
    size: int | None
    content_type: str


def files(session: Session, report: Report) -> list[File]:
    """The files in their order; their names tell the code and a number, and nothing else."""
    return [
        File(row.id, file_name(report.reference, number, row.content_type), row.state, row.size, row.content_type)
        for number, row in enumerate(readers.files(session, report), 1)
    ]


def file_name(reference: str, number: int, content_type: str) -> str:
    """`K7Q4-X-3.jpg`."""
    return f"{reference}-{number}.{EXTENSIONS.get(content_type, 'bin')}"
