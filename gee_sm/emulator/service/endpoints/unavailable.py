"""Calls of the service that the emulator knows and does not have: told by name, not by surprise."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.service.message import Request, Response
from gee_sm.emulator.service.routes import endpoint

if TYPE_CHECKING:
    from gee_sm.emulator.emulator import Emulator

_ABSENT = {
    "projects.video.export": ("v1/{project=projects/*}/video:export", "Video exports"),
    "projects.videoThumbnails.create": (
        "v1/{parent=projects/*}/videoThumbnails",
        "Video thumbnails",
    ),
    "projects.filmstripThumbnails.create": (
        "v1/{parent=projects/*}/filmstripThumbnails",
        "Filmstrip thumbnails",
    ),
    "projects.featureView.create": ("v1/{parent=projects/*}/featureView", "Feature views"),
    "projects.image.importExternal": (
        "v1/{project=projects/*}/image:importExternal",
        "Images that stay in a bucket",
    ),
}


def _refusing(what: str) -> Callable[..., Response]:
    def answer(emulator: Emulator, request: Request, **_: str) -> Response:
        raise EarthEngineError(
            f"{what} are not implemented by the emulator.", code=400, status="UNIMPLEMENTED"
        )

    return answer


for _method, (_path, _what) in _ABSENT.items():
    endpoint(_method, "POST", _path)(_refusing(_what))
