"""The assumptions put to the service that the client is connected to."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from gee_sm.emulator.assumptions import SECTIONS, Assumption

__all__ = ["Finding", "record", "verify"]

_ERROR = "error: "
_PIXEL = {
    "dimensions": {"width": 1, "height": 1},
    "affineTransform": {
        "scaleX": 10, "shearX": 0, "translateX": 571660,
        "shearY": 0, "scaleY": -10, "translateY": 5539120,
    },
    "crsCode": "EPSG:32632",
}  # fmt: skip
# Sums and transforms may round differently elsewhere.
_RELATIVE, _ABSOLUTE = 1e-9, 1e-12


@dataclass(frozen=True)
class Finding:
    """What the service said to one assumption.

    Attributes
    ----------
    assumption : Assumption
        What was checked.
    status : str
        ``agrees``, ``differs``, or ``unanswered`` where the service did not evaluate the check
        (no access, quota, no network).
    found : str
        Its answer in the form of :attr:`Assumption.answer`, or why there is none.
    """

    assumption: Assumption
    status: str
    found: str


def verify(assumptions: Iterable[Assumption] | None = None) -> Iterator[Finding]:
    """Put assumptions to the service that the client is connected to, one request each.

    Parameters
    ----------
    assumptions : iterable of Assumption, optional
        All that there are by default.

    Yields
    ------
    Finding
        One for each assumption, in order, as soon as it is known.

    Examples
    --------
    >>> from gee_sm.emulator import connect_client
    >>> from gee_sm.emulator.assumptions.numbers import NUMBERS
    >>> with connect_client():
    ...     {finding.status for finding in verify(NUMBERS.assumptions)}
    {'agrees'}
    """
    if assumptions is None:
        assumptions = (row for section in SECTIONS for row in section.assumptions)
    for assumption in assumptions:
        yield _verified(assumption)


def record(findings: Sequence[Finding], service: str) -> dict[str, Any]:
    """Return findings as JSON with the time (UTC) and the version of the client.

    Parameters
    ----------
    findings : sequence of Finding
        What :func:`verify` found.
    service : str
        URL of the service that was asked.
    """
    import ee

    return {
        "checked": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "service": service,
        "earthengine-api": ee.__version__,
        **{
            status: sum(finding.status == status for finding in findings)
            for status in ("agrees", "differs", "unanswered")
        },
        "findings": [
            {
                "function": finding.assumption.function,
                "assumption": finding.assumption.assumption,
                "check": finding.assumption.check,
                "assumed": finding.assumption.answer,
                "status": finding.status,
                "found": finding.found,
            }
            for finding in findings
        ],
    }


def _verified(assumption: Assumption) -> Finding:
    import ee

    expected = assumption.answer
    try:
        value = _expression(assumption.check).getInfo()
    except ee.EEException as error:
        if not _is_an_answer(error):
            return Finding(assumption, "unanswered", str(error))
        found = f"{_ERROR}{error}"
        return Finding(assumption, "agrees" if found == expected else "differs", found)
    except OSError as error:
        return Finding(assumption, "unanswered", f"{type(error).__name__}: {error}")
    found = json.dumps(value, ensure_ascii=False)
    agrees = not expected.startswith(_ERROR) and _alike(value, json.loads(expected))
    return Finding(assumption, "agrees" if agrees else "differs", found)


def _expression(check: str) -> Any:
    """Build the expression of a check; the checks are this package's own, not a user's."""
    import ee

    point = ee.Geometry.Point([10, 50])
    names = {
        "__builtins__": {"range": range},
        "ee": ee,
        "at": lambda image: image.reduceRegion(ee.Reducer.first(), point, 10, "EPSG:32632"),
        "xy": ee.Image.pixelCoordinates(ee.Projection("EPSG:32632").atScale(10)).floor(),
        "npy": lambda image: _File(image, "NPY", _npy),
        "tiff": lambda image: _File(image, "GEO_TIFF", _tiff),
    }
    return eval(check, names)


@dataclass(frozen=True)
class _File:
    """One pixel of an image as a file of some format, read again."""

    image: Any
    format: str
    read: Callable[[bytes], Any]

    def getInfo(self) -> Any:
        import ee

        return self.read(
            ee.data.computePixels(
                {"expression": self.image, "fileFormat": self.format, "grid": _PIXEL}
            )
        )


def _npy(content: bytes) -> dict[str, Any]:
    import numpy as np

    pixel = np.load(io.BytesIO(content))[0, 0]
    return {
        name: {"type": pixel.dtype[name].name, "value": _plain(pixel[name].item())}
        for name in pixel.dtype.names
    }


def _tiff(content: bytes) -> dict[str, Any]:
    import rasterio

    with rasterio.MemoryFile(content) as memory, memory.open() as dataset:
        return {
            "type": dataset.dtypes[0],
            "nodata": _plain(dataset.nodata),
            "values": [_plain(value.item()) for value in dataset.read()[:, 0, 0]],
        }


def _plain(value: Any) -> Any:
    """Return a number as the service writes it in JSON."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def _is_an_answer(error: Exception) -> bool:
    """Whether an error is the outcome of the computation.

    The service answers those with 400; other codes are about access, quota or its own health. An
    error that the client raises by itself, before any request, is an outcome too.
    """
    import googleapiclient.errors

    cause = error.__cause__ or error.__context__
    return not isinstance(cause, googleapiclient.errors.HttpError) or cause.resp.status == 400


def _alike(found: Any, expected: Any) -> bool:
    """Compare answers; numbers by value, with room for rounding where decimals are expected."""
    if isinstance(found, bool) or isinstance(expected, bool):
        return found is expected
    if isinstance(expected, int | float):
        if not isinstance(found, int | float):
            return False
        if isinstance(expected, int):
            return found == expected
        return math.isclose(found, expected, rel_tol=_RELATIVE, abs_tol=_ABSOLUTE)
    if isinstance(expected, list):
        return (
            isinstance(found, list)
            and len(found) == len(expected)
            and all(map(_alike, found, expected))
        )
    if isinstance(expected, dict):
        return (
            isinstance(found, dict)
            and found.keys() == expected.keys()
            and all(_alike(found[key], expected[key]) for key in expected)
        )
    return found == expected
