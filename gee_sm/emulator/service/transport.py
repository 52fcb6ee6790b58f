"""The official client's HTTP calls answered in the same process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httplib2

from gee_sm.emulator.service.message import Response

__all__ = ["InProcessTransport"]

Handle = Callable[[str, str, Mapping[str, str], Mapping[str, str], bytes], Response]


class InProcessTransport:
    """What the client takes for an ``httplib2.Http``: calls a handler instead of a network.

    It keeps no state between requests, so that any number of threads may share it.

    Parameters
    ----------
    handle : callable
        ``handle(method, path, query, headers, body) -> Response``.
    """

    def __init__(self, handle: Handle):
        self.handle = handle
        self.timeout: float | None = None
        self.follow_redirects = True
        self.connections: dict[str, Any] = {}

    def request(
        self,
        uri: str,
        method: str = "GET",
        body: str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        redirections: int | None = None,
        connection_type: Any = None,
    ) -> tuple[httplib2.Response, bytes]:
        """Answer one request in the caller's thread."""
        parts = urlsplit(uri)
        payload = body.encode("utf-8") if isinstance(body, str) else body or b""
        response = self.handle(
            method,
            parts.path,
            dict(parse_qsl(parts.query, keep_blank_values=True)),
            {name.lower(): str(value) for name, value in (headers or {}).items()},
            payload,
        )
        if response.broken == "reset":
            raise ConnectionResetError("Connection reset by peer")
        if response.broken == "truncated":
            half = len(response.body) // 2
            raise ConnectionError(f"IncompleteRead({half} of {len(response.body)} bytes read)")
        answered = {**response.headers, "status": str(response.status)}
        return httplib2.Response(answered), response.body

    def close(self) -> None:
        """Release nothing: there is no connection."""
