"""``value:compute``: what every ``getInfo`` asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gee_sm.emulator.encode import answer, encode
from gee_sm.emulator.service.expression import evaluate, guarded
from gee_sm.emulator.service.message import Request, Response, json_response
from gee_sm.emulator.service.routes import endpoint

if TYPE_CHECKING:
    from gee_sm.emulator.emulator import Emulator


@endpoint("projects.value.compute", "POST", "v1/{project=projects/*}/value:compute", computes=True)
def compute(emulator: Emulator, request: Request, project: str) -> Response:
    """Answer the value of an expression as JSON."""
    value = evaluate(emulator, request.json().get("expression"))
    limit = emulator.limits.collection_elements
    return json_response({"result": guarded(lambda: answer(encode(value, limit=limit)))})
