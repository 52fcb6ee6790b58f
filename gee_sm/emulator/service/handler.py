"""One request in, one response out: what HTTP and the in-process transport have in common."""

from __future__ import annotations

import logging
import threading
import time
import uuid
import zlib
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

from gee_sm.emulator.deadline import deadline
from gee_sm.emulator.errors import CatalogError, EarthEngineError
from gee_sm.emulator.faults import Fault
from gee_sm.emulator.service.message import Request, Response, error_response
from gee_sm.emulator.service.routes import Route, match, methods_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gee_sm.emulator.emulator import Emulator

__all__ = ["Handler"]

_log = logging.getLogger(__name__)

_CORS = {
    "access-control-allow-methods": "GET, POST, PATCH, DELETE, OPTIONS",
    "access-control-allow-headers": "*",
    "access-control-expose-headers": "*",
}
_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})

_TOO_MANY = (
    "Too Many Requests: Request was rejected because the request rate or concurrency limit was "
    "exceeded."
)
_REFUSALS = {
    "429": (_TOO_MANY, "RESOURCE_EXHAUSTED"),
    "500": (None, "INTERNAL"),
    "503": ("Earth Engine capacity exceeded.", "UNAVAILABLE"),
}


class Handler:
    """Answers requests for one emulator; safe to call from many threads.

    Parameters
    ----------
    emulator : Emulator
        Whose catalog, limits, tasks and faults are in force.
    """

    def __init__(self, emulator: Emulator):
        self.emulator = emulator
        self._in_flight = 0
        self._aggregations = 0
        self._lock = threading.Lock()

    def handle(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        headers: Mapping[str, str],
        body: bytes,
    ) -> Response:
        """Answer one request; whatever happens inside, the answer is well-formed.

        Parameters
        ----------
        method, path : str
            The path still percent-encoded, as it stands in the request line. HEAD is answered as
            GET; whoever sends the answer leaves the body out.
        query, headers : mapping
            Decoded query parameters; header names in lower case.
        body : bytes
            What follows the headers.
        """
        method = "GET" if method.upper() == "HEAD" else method.upper()
        request = _unfolded(Request(method, unquote(path), query, headers, body))
        response = self._answer(request)
        return replace(response, headers={**response.headers, **_cross_origin(request)})

    def _answer(self, request: Request) -> Response:
        try:
            if request.method == "OPTIONS":
                return Response(204)
            request = _unpacked(request, self.emulator.limits.payload_bytes)
            route, variables = self._route(request)
            if not route.by_url:
                _check_origin(request)
            fault = self.emulator.faults.for_request(route.method_id)
            if fault is not None and fault.kind in _REFUSALS:
                raise _refusal(fault)
            with self._slot(route):
                response = route.answer(self.emulator, request, **variables)
            return response if fault is None else _spoiled(response, fault)
        except EarthEngineError as error:
            _log.debug("%s %s: %d %s", request.method, request.path, error.code, error.message)
            return error_response(error)
        except CatalogError as error:
            _log.warning("%s %s: %s", request.method, request.path, error)
            return error_response(EarthEngineError(str(error), status="FAILED_PRECONDITION"))
        except Exception:
            request_id = uuid.uuid4()
            _log.exception("%s %s failed (request: %s)", request.method, request.path, request_id)
            return error_response(_internal_error(request_id))

    def _route(self, request: Request) -> tuple[Route, dict[str, str]]:
        found = match(request)
        if found is not None:
            return found
        allowed = methods_of(request.path)
        if allowed:
            raise EarthEngineError(
                f"{request.method} is not allowed here; {', '.join(sorted(allowed))} is.",
                code=405,
                status="UNIMPLEMENTED",
            )
        raise EarthEngineError(
            f"The requested URL {request.path[:200]} was not found on this server.",
            code=404,
            status="NOT_FOUND",
        )

    @contextmanager
    def _slot(self, route: Route) -> Iterator[None]:
        """Count a computation while it is in flight, and refuse what is one too many."""
        if not route.computes:
            yield
            return
        aggregates = route.method_id == "projects.value.compute"
        limits = self.emulator.limits
        with self._lock:
            if self._in_flight >= limits.concurrent_requests:
                raise EarthEngineError(_TOO_MANY, code=429, status="RESOURCE_EXHAUSTED")
            if aggregates and self._aggregations >= limits.concurrent_aggregations:
                raise EarthEngineError(
                    "Too many concurrent aggregations.", code=429, status="RESOURCE_EXHAUSTED"
                )
            self._in_flight += 1
            self._aggregations += aggregates
        try:
            with deadline(limits.computation_seconds):
                yield
        finally:
            with self._lock:
                self._in_flight -= 1
                self._aggregations -= aggregates


def _unpacked(request: Request, limit: int) -> Request:
    """Return a request with its body as it was before it was compressed, unless it is too large."""
    body, coding = request.body, request.headers.get("content-encoding", "").lower()
    if coding in ("gzip", "x-gzip"):
        unpack = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        try:
            body = unpack.decompress(body, limit + 1)  # no more: a little gzip may hold very much
        except zlib.error as error:
            raise EarthEngineError(f"Invalid gzip payload received: {error}.") from None
        if len(body) <= limit and not unpack.eof:
            raise EarthEngineError("Invalid gzip payload received: it is cut off.")
    elif coding not in ("", "identity"):
        raise EarthEngineError(
            f"Content-Encoding '{coding:.40}' is not supported; expected gzip.", code=415
        )
    if len(body) > limit:
        raise EarthEngineError(f"Request payload size exceeds the limit: {limit} bytes.")
    return replace(request, body=body)


def _unfolded(request: Request) -> Request:
    """Return the GET that a client sent as a POST, its query as a form, because it is long."""
    if request.method != "POST" or request.headers.get("x-http-method-override") != "GET":
        return request
    form = dict(parse_qsl(request.body.decode("latin-1"), keep_blank_values=True))
    return replace(request, method="GET", query={**request.query, **form}, body=b"")


def _cross_origin(request: Request) -> dict[str, str]:
    """Return the headers by which a browser lets a page read the answer.

    Any page may show tiles and pictures; everything else is for pages of this machine, such as a
    notebook, lest a page from elsewhere reads the catalog or starts exports.
    """
    origin = request.headers.get("origin")
    found = match(request)
    if found is not None and found[0].by_url:
        return {"access-control-allow-origin": "*", **_CORS}
    if origin is not None and _is_of_this_machine(origin):
        return {"access-control-allow-origin": origin, "vary": "origin", **_CORS}
    return {}


def _is_of_this_machine(origin: str) -> bool:
    try:
        return urlsplit(origin).hostname in _THIS_MACHINE
    except ValueError:
        return False


def _check_origin(request: Request) -> None:
    origin = request.headers.get("origin")
    if origin is not None and not _is_of_this_machine(origin):
        raise EarthEngineError(
            "Requests from pages of other machines are refused.",
            code=403,
            status="PERMISSION_DENIED",
        )


def _internal_error(request_id: uuid.UUID) -> EarthEngineError:
    return EarthEngineError(
        f"An internal error has occurred (request: {request_id})", code=500, status="INTERNAL"
    )


def _refusal(fault: Fault) -> EarthEngineError:
    """Return the error with which a request is refused on purpose."""
    usual, status = _REFUSALS[fault.kind]
    message = fault.message or usual or _internal_error(uuid.uuid4()).message
    return EarthEngineError(message, code=int(fault.kind), status=status)


def _spoiled(response: Response, fault: Fault) -> Response:
    """Return an answer late, or one that will not arrive whole."""
    if fault.kind == "slow":
        time.sleep(fault.seconds)
        return response
    return replace(response, broken=fault.kind)
