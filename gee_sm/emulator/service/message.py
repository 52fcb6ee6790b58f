"""A request and a response, whatever carried them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gee_sm.emulator.errors import EarthEngineError

__all__ = ["Request", "Response", "error_response", "json_response"]

JSON_TYPE = "application/json; charset=UTF-8"


@dataclass(frozen=True)
class Request:
    """One request: method, decoded path, query, lower-case headers and body."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def json(self) -> dict[str, Any]:
        """Return the body as a JSON object; an empty body is an empty object.

        Raises
        ------
        EarthEngineError
            If it is not one.
        """
        if not self.body:
            return {}
        try:
            document = json.loads(self.body)
        except RecursionError:
            raise EarthEngineError("Invalid JSON payload received. Nested too deeply.") from None
        except ValueError as error:  # covers broken UTF-8 as well
            raise EarthEngineError(f"Invalid JSON payload received. {error}") from None
        if not isinstance(document, dict):
            raise EarthEngineError("Invalid JSON payload received. Expected an object.")
        return document

    def integer(self, name: str) -> int | None:
        """Return a query parameter as an integer, None when it is absent.

        Raises
        ------
        EarthEngineError
            If it is not an integer.
        """
        text = self.query.get(name)
        if not text:
            return None
        try:
            return int(text)
        except ValueError:
            raise EarthEngineError(f"Invalid value for '{name}': '{text:.80}'.") from None


@dataclass(frozen=True)
class Response:
    """One answer: status, body and headers.

    ``broken`` is how its way to the client fails, when the fault plan says so: ``reset`` loses the
    whole answer, ``truncated`` its second half.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    broken: str | None = None


def json_response(document: Any, status: int = 200) -> Response:
    """Return a JSON answer."""
    body = json.dumps(document, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return Response(status, body.encode("utf-8", "surrogatepass"), {"content-type": JSON_TYPE})


def error_response(error: EarthEngineError) -> Response:
    """Return the answer that a client turns into an exception with the error's message."""
    document = {"error": {"code": error.code, "message": error.message, "status": error.status}}
    return json_response(document, error.code)
