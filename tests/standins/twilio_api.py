"""A local HTTP server that speaks Twilio's Messages API: it accepts, throttles, breaks, dawdles or loses its answer.

As a program: `python -m tests.standins.twilio_api PORT FILE` appends each accepted message to FILE as a JSON line, so
that it survives whatever happens to the service under test. Files in the folder `media` beside FILE are served too.
"""

import json
import secrets
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

Behaviour = Callable[[dict[str, str]], str]


class TwilioAPI:
    """The server. `behave` decides per message: ok, 429, 500, 21610, 21211, slow, lost (accepted, answer cut off)."""

    def __init__(self, port: int = 0, log: Path | None = None) -> None:
        self.accepted: list[dict[str, str]] = []
        self.requests: list[dict[str, str]] = []
        self.arrived_at: list[float] = []
        self.behave: Behaviour = lambda form: "ok"
        self.files = {
            "voice": b"OggS\x00\x02" + bytes(22) + b"OpusHead" + bytes(2000),
            "picture": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(2000),
            "program": b"MZ" + bytes(2000),
            "page": b"<html><script>alert(1)</script></html>",
            "big": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(17_000_000),
        }
        self._log = log
        self._lock = threading.Lock()
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                form = {key: values[0] for key, values in parse_qs(body, keep_blank_values=True).items()}
                api._post(self, form)

            def do_GET(self) -> None:
                if self.path.startswith("/media/"):
                    api._media(self)
                    return
                query = {key: values[0] for key, values in parse_qs(urlsplit(self.path).query).items()}
                found = [m for m in reversed(api.accepted) if m["to"] == query.get("To", m["to"])]
                api._answer(self, 200, {"messages": found, "next_page_uri": None, "page": 0, "page_size": 100})

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "TwilioAPI":
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()  # quick to stop
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def serve(self) -> None:
        """Serve until killed."""
        self._server.serve_forever()

    def bodies(self, to: str) -> list[str]:
        """What one phone received, in order."""
        return [message["body"] for message in self.accepted if message["to"] == to]

    def _post(self, handler: BaseHTTPRequestHandler, form: dict[str, str]) -> None:
        self.requests.append(form)
        self.arrived_at.append(time.monotonic())
        how = self.behave(form)
        codes = {"21610": (400, 21610), "21211": (400, 21211), "63016": (400, 63016)}
        errors = {"429": (429, 20429), "500": (500, 20500), **codes}
        if how in errors:
            status, code = errors[how]
            return self._answer(handler, status, {"code": code, "message": "no", "status": status, "more_info": ""})
        if how == "slow":
            time.sleep(1.0)
        made = {
            "sid": f"SM{secrets.token_hex(16)}",
            "status": "queued",
            "to": form.get("To", ""),
            "from": form.get("From", ""),
            "body": form.get("Body", ""),
            "status_callback": form.get("StatusCallback", ""),
            "date_created": format_datetime(datetime.now(UTC)),
            "arrived": str(time.time()),
        }
        with self._lock:
            self.accepted.append(made)
            if self._log:
                with self._log.open("a") as file:
                    file.write(json.dumps(made) + "\n")
        if how == "lost":
            handler.close_connection = True
            handler.connection.close()
            return None
        return self._answer(handler, 201, made)

    def _media(self, handler: BaseHTTPRequestHandler) -> None:
        """A file by the name in its address, to who shows credentials; /media/moved leads on, as Twilio's do."""
        name = urlsplit(handler.path).path.removeprefix("/media/")
        known = handler.headers.get("Authorization", "").startswith("Basic ")
        content = self.files.get(name) if known else None
        status = 302 if name == "moved" else 401 if not known else 404 if content is None else 200
        handler.send_response(status)
        if name == "moved":
            handler.send_header("Location", "/media/voice")
        handler.send_header("Content-Length", str(len(content or b"")))
        handler.end_headers()
        handler.wfile.write(content or b"")

    def _answer(self, handler: BaseHTTPRequestHandler, status: int, data: dict[str, Any]) -> None:
        payload = json.dumps(data).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(payload)))
        handler.end_headers()
        handler.wfile.write(payload)


if __name__ == "__main__":
    program = TwilioAPI(int(sys.argv[1]), Path(sys.argv[2]))
    program.files |= {file.name: file.read_bytes() for file in Path(sys.argv[2]).with_name("media").glob("*")}
    program.serve()
