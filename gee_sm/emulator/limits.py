"""The limits of the service, in force by default because scripts must survive them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace

__all__ = ["Limits"]


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one request, one project and one export may ask for.

    Every default is the documented limit of Google's service; a test that wants to see a limit at
    work sets a small one, a machine of one's own may set larger ones.

    Attributes
    ----------
    payload_bytes : int
        Size of a request's body.
    collection_elements : int
        Elements of a collection that ``getInfo`` returns.
    page_size, page_size_maximum : int
        Elements on a page of ``computeFeatures`` and the list calls: default and largest.
    pixels_bytes, pixels_side, pixels_bands : int
        Uncompressed bytes (each band's pixel counts one byte more, for its mask), pixels a side
        and bands of ``computePixels`` and ``getPixels``.
    download_bytes, download_side : int
        The same for ``getDownloadURL`` and ``getThumbURL``.
    export_pixels : int
        Default ``maxPixels`` of an image export.
    export_file_bytes : int
        Bytes (mask bytes counted) of one file of an export, above which it is split.
    concurrent_requests : int
        Requests of computations in flight; one more is answered 429.
    concurrent_aggregations : int
        ``value:compute`` requests in flight; one more is answered 429.
    concurrent_tasks, pending_tasks : int
        Exports that run at a time, and exports that may wait.
    value_bytes : int
        Size of one computed value that is not an image: a list, an array, a dictionary, the
        training data of a classifier. Public sources show the message, for training data and for
        regions of many bands; they name no size, and 100 MB is an assumption.
    computation_seconds : float
        How long an interactive computation may take.

    Examples
    --------
    >>> Limits(collection_elements=10).collection_elements
    10
    """

    payload_bytes: int = 10_485_760
    collection_elements: int = 5_000
    page_size: int = 1_000
    page_size_maximum: int = 1_000
    pixels_bytes: int = 50_331_648
    pixels_side: int = 32_768
    pixels_bands: int = 1_024
    download_bytes: int = 33_554_432
    download_side: int = 10_000
    export_pixels: int = 100_000_000
    export_file_bytes: int = 553_000_000
    concurrent_requests: int = 40
    concurrent_aggregations: int = 40
    concurrent_tasks: int = 2
    pending_tasks: int = 3_000
    value_bytes: int = 104_857_600
    computation_seconds: float = 300.0

    @classmethod
    def none(cls) -> Limits:
        """Return limits that nothing on one machine reaches; page sizes stay as they are."""
        huge = 2**62
        return cls(
            payload_bytes=2**31,
            collection_elements=huge,
            pixels_bytes=huge,
            pixels_side=huge,
            pixels_bands=huge,
            download_bytes=huge,
            download_side=huge,
            export_pixels=huge,
            concurrent_requests=huge,
            concurrent_aggregations=huge,
            pending_tasks=huge,
            value_bytes=huge,
            computation_seconds=1e9,
        )

    def changed(self, changes: Iterable[str]) -> Limits:
        """Return the limits with some changed, each given as ``name=number``.

        Raises
        ------
        ValueError
            If there is no such limit, or its value is no number greater than 0.
        """
        types = {field.name: float if field.type == "float" else int for field in fields(self)}
        values = {}
        for change in changes:
            name, _, text = change.partition("=")
            if name not in types:
                raise ValueError(
                    f"there is no limit {name!r}; the limits are {', '.join(sorted(types))}"
                )
            try:
                values[name] = types[name](text)
            except ValueError:
                raise ValueError(f"limit {change!r}: expected {name}=NUMBER") from None
        return replace(self, **values)

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not value > 0:
                raise ValueError(f"{name} = {value!r}: a limit must be greater than 0")
