"""A request and a response, whatever carried them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from gee_sm.emulator.errors import EarthEngineError

__all__ = [
    "Request",
    "Response",
    "attachment",
    "error_response",
    "json_response",
    "refuse_unknown",
]

JSON_TYPE = "application/json; charset=UTF-8"


@dataclass(frozen=True)
class Request:
    """One request: method, decoded path, query, lower-case headers and body."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def json(self, known: Collection[str] | None = None) -> dict[str, Any]:
        """Return the body as a JSON object; an empty body is an empty object.

        Parameters
        ----------
        known : collection of str, optional
            Members that there may be; any by default.

        Raises
        ------
        EarthEngineError
            If it is not one, or has another member.
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
        if known is not None:
            refuse_unknown(document, known)
        return document


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


def refuse_unknown(document: Mapping[str, Any], known: Collection[str], where: str = "") -> None:
    """Refuse members that an object of a request does not have, in the words of Google's services.

    Parameters
    ----------
    document : mapping
        The object.
    known : collection of str
        Its members by the reference of the REST interface.
    where : str
        Path of the object in the request; empty for the request itself.

    Raises
    ------
    EarthEngineError
        If there is another member.
    """
    place = f" at '{where}'" if where else ""
    for name in document:
        if name not in known:
            raise EarthEngineError(
                f'Invalid JSON payload received. Unknown name "{name:.80}"{place}: Cannot find '
                "field."
            )


def json_response(document: Any, status: int = 200) -> Response:
    """Return a JSON answer."""
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    try:
        body = text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair has no bytes, only an escape
        body = json.dumps(document, separators=(",", ":"), allow_nan=False).encode()
    return Response(status, body, {"content-type": JSON_TYPE})


def attachment(name: str) -> dict[str, str]:
    """Return the header by which a browser stores an answer as a file of that name."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\' else "_" for c in name)
    return {"content-disposition": f'attachment; filename="{plain}"'}


def error_response(error: EarthEngineError) -> Response:
    """Return the answer that a client turns into an exception with the error's message."""
    document = {"error": {"code": error.code, "message": error.message, "status": error.status}}
    return json_response(document, error.code)
