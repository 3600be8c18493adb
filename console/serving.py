"""How the console's pages and files go out: compressed, and files kept by the browser until they change.

Compressing a page in which a secret stands beside what a stranger chose can tell the secret by its length (BREACH);
here it cannot be asked for by another site: the session's cookie is SameSite=Strict.
"""

from datetime import timedelta
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask, Response, request
from flask_compress import Compress

KEPT = timedelta(days=365)
"""How long a browser keeps a file whose address holds its version."""
_FOLDERS = ("console.static", "bootstrap.static")


def install(app: Flask) -> None:
    """Compress answers; give the addresses of files their version."""
    app.config.update(
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_ALGORITHM_STREAMING=["br", "deflate"],
        COMPRESS_MIMETYPES=[
            "text/html",
            "text/css",
            "text/javascript",
            "application/json",
            "image/svg+xml",
            "text/csv",
        ],
    )

    def with_version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint in _FOLDERS and "filename" in values:
            folder = app.blueprints[endpoint.partition(".")[0]].static_folder
            values["v"] = _version(Path(folder or "") / str(values["filename"]))

    def keep(response: Response) -> Response:
        if request.endpoint in _FOLDERS and "v" in request.args and response.status_code in (200, 304):
            response.headers["Cache-Control"] = f"public, max-age={int(KEPT.total_seconds())}, immutable"
        return response

    app.url_defaults(with_version)
    app.after_request(keep)
    Compress(app)


@lru_cache(maxsize=64)
def _version(file: Path) -> str:
    return sha256(file.read_bytes()).hexdigest()[:10] if file.is_file() else "0"
