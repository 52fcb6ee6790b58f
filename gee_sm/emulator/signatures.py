"""The official signatures of Earth Engine's functions, as the client's wheel carries them.

The list types and defaults every argument, so that an implementation in the registry only has to
compute. It is read without importing ``ee``: the emulator must not start the client it serves.
"""

from __future__ import annotations

import functools
import importlib.util
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gee_sm.emulator.errors import CatalogError

_REQUIRED = object()


@dataclass(frozen=True)
class Argument:
    """One argument of a function: its name, declared type and default."""

    name: str
    type: str
    default: Any = _REQUIRED

    @property
    def required(self) -> bool:
        """Whether a call must give this argument."""
        return self.default is _REQUIRED


@dataclass(frozen=True)
class Signature:
    """One function of the service: official name, arguments and return type."""

    name: str
    returns: str
    arguments: tuple[Argument, ...]
    description: str = ""

    def argument(self, name: str) -> Argument | None:
        """Return the argument of that name, or None."""
        return next((a for a in self.arguments if a.name == name), None)


def client_file(name: str) -> Path:
    """Return the path of a file that the client's wheel carries beside its tests."""
    spec = importlib.util.find_spec("ee")
    if spec is None or spec.origin is None:
        raise CatalogError("earthengine-api is not installed: pip install earthengine-api")
    path = Path(spec.origin).parent / "tests" / name
    if not path.exists():
        raise CatalogError(
            f"this release of earthengine-api does not carry ee/tests/{name}, from which the "
            "emulator reads the official signatures; install 1.5 or newer"
        )
    return path


@functools.cache
def algorithms_json() -> dict[str, Any]:
    """Return the document that the service answers to ``algorithms``."""
    return json.loads(client_file("algorithms.json").read_text(encoding="utf-8"))


@functools.cache
def signatures() -> dict[str, Signature]:
    """Return all signatures by official name, such as ``Image.add``."""
    found = {}
    for entry in algorithms_json()["algorithms"]:
        name = entry["name"].removeprefix("algorithms/")
        arguments = tuple(
            Argument(
                argument["argumentName"],
                argument["type"],
                argument.get("defaultValue") if argument.get("optional") else _REQUIRED,
            )
            for argument in entry.get("arguments", ())
        )
        found[name] = Signature(
            name, entry.get("returnType", "Object"), arguments, entry.get("description", "")
        )
    return found
