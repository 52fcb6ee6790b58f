"""The service over HTTP, for browsers, other processes and other languages."""

from __future__ import annotations

import logging
import re
import socket
import struct
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.service.message import Response, error_response

if TYPE_CHECKING:
    from gee_sm.emulator.emulator import Emulator

__all__ = ["Server"]

_log = logging.getLogger(__name__)

_LONGEST_LINE = 65_536
_STACK_BYTES = 64 * 1024 * 1024  # deep graphs are evaluated by recursion, in these threads


class Server:
    """An HTTP server for one emulator, in threads of its own.

    Parameters
    ----------
    emulator : Emulator
        What answers.
    host : str
        Address to listen on, IPv4 or IPv6; only this machine by default.
    port : int
        Port; 0 takes a free one.

    Raises
    ------
    OSError
        If the address is taken.

    Examples
    --------
    >>> from gee_sm.emulator import Emulator
    >>> with Server(Emulator()) as server:
    ...     server.url.startswith("http://127.0.0.1:")
    True
    """

    def __init__(self, emulator: Emulator, *, host: str = "127.0.0.1", port: int = 0):
        handler = type("Handler", (_Handler,), {"emulator": emulator})
        kind = _ThreadingServer6 if ":" in host else _ThreadingServer
        self._server = kind((host, port), handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.05},
            name="earth-engine-emulator",
            daemon=True,
        )
        bound = self._server.server_address
        address = f"[{bound[0]}]" if ":" in host else bound[0]
        self.url = f"http://{address}:{bound[1]}"
        self._thread.start()

    def wait(self) -> None:
        """Block until the server is closed."""
        self._thread.join()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _ThreadingServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def process_request(self, request: socket.socket, client_address: object) -> None:  # type: ignore[override]
        """Start a thread whose stack is large enough for deep graphs."""
        previous = threading.stack_size(_STACK_BYTES)
        try:
            super().process_request(request, client_address)
        finally:
            threading.stack_size(previous)

    def handle_error(self, request: object, client_address: object) -> None:
        """Log what ended a connection; that a client went away is no news."""
        if isinstance(sys.exc_info()[1], ConnectionError):
            _log.debug("the client went away")
        else:
            _log.exception("a connection from %s failed", client_address)


class _ThreadingServer6(_ThreadingServer):
    address_family = socket.AF_INET6


class _Handler(BaseHTTPRequestHandler):
    emulator: Emulator
    protocol_version = "HTTP/1.1"
    server_version = "earth-engine-emulator"
    sys_version = ""
    timeout = 120
    disable_nagle_algorithm = True  # headers and body are two writes; the second must not wait

    def _answer(self) -> None:
        body = self._body()
        if body is None:
            return
        parts = urlsplit(self.path)
        response = self.emulator.handle(
            self.command,
            parts.path,
            dict(parse_qsl(parts.query, keep_blank_values=True)),
            {name.lower(): value for name, value in self.headers.items()},
            body,
        )
        self._send(response)

    do_GET = do_POST = do_PATCH = do_DELETE = do_OPTIONS = do_PUT = do_HEAD = _answer

    def _body(self) -> bytes | None:
        """Return the request's body; None when it was refused."""
        limit = self.emulator.limits.payload_bytes
        coding = self.headers.get("transfer-encoding")
        if coding is not None and coding.lower() == "chunked":
            return self._chunks(limit)
        try:
            length = int(self.headers.get("content-length") or 0)
        except ValueError:
            length = -1
        if coding or length < 0:
            self._refuse(EarthEngineError("Content-Length is required.", code=411))
            return None
        if length > limit:
            # Reading it all would be the very thing that the limit is for.
            self._refuse_large(limit)
            return None
        return self.rfile.read(length)

    def _chunks(self, limit: int) -> bytes | None:
        """Return a body that comes in pieces, each behind its length; None when it was refused."""
        pieces, total = [], 0
        while True:
            digits = self.rfile.readline(_LONGEST_LINE).partition(b";")[0].strip()
            if not re.fullmatch(rb"[0-9A-Fa-f]{1,8}", digits):
                break
            length = int(digits, 16)
            total += length
            if total > limit:
                self._refuse_large(limit)
                return None
            if not length:
                while self.rfile.readline(_LONGEST_LINE).strip():
                    pass  # what may follow the last piece are more headers
                return b"".join(pieces)
            piece = self.rfile.read(length + 2)
            if len(piece) < length + 2 or not piece.endswith(b"\r\n"):
                break
            pieces.append(piece[:-2])
        self._refuse(EarthEngineError("Invalid chunked payload received."))
        return None

    def _refuse_large(self, limit: int) -> None:
        self._refuse(EarthEngineError(f"Request payload size exceeds the limit: {limit} bytes."))

    def _refuse(self, error: EarthEngineError) -> None:
        self.close_connection = True
        self._send(error_response(error))

    def _send(self, response: Response) -> None:
        if response.broken == "reset":
            # Lingering 0 seconds makes close() send a reset instead of a farewell.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            return
        body = response.body
        if response.broken == "truncated":
            body = body[: len(body) // 2]
            self.close_connection = True
        try:
            self.send_response(response.status)
            for name, value in response.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(response.body)))
            if self.close_connection:
                self.send_header("connection", "close")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            _log.debug("the client went away before its answer")
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Log a request instead of printing it."""
        _log.info("%s %s", self.address_string(), format % args)
