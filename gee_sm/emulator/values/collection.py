"""Collections of images or features, evaluated element by element when somebody looks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from gee_sm.emulator.coercion import NotConvertible, converts, invalid_type
from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.values.element_columns import ElementColumns
from gee_sm.emulator.values.image import Image

if TYPE_CHECKING:
    from gee_sm.emulator.values.filters import Filter


class Collection:
    """An ordered set of elements with properties of its own.

    Elements come from an iterable that is read once, as far as somebody looks, and are kept.

    Parameters
    ----------
    elements : iterable
        Images, features or collections.
    properties : dict, optional
        Properties of the collection.
    id : str, optional
        Asset id of a stored collection.
    of_images : bool, optional
        Whether it holds images; told from the first element when not given.
    columns : ElementColumns, optional
        Columns of the elements, if they are stored ones.
    """

    def __init__(
        self,
        elements: Iterable[Any] = (),
        properties: dict[str, Any] | None = None,
        *,
        id: str | None = None,
        of_images: bool | None = None,
        version: int | None = None,
        columns: ElementColumns | None = None,
    ):
        self._pending: Iterator[Any] | None = iter(elements)
        self._known: list[Any] = []
        self.properties = dict(properties or {})
        self.id = id
        self.version = version
        self._of_images = of_images
        self._origin: Collection | None = None
        self._columns = columns
        # Of a filtered collection: its filter, and which stored elements pass, once that is known.
        self._condition: Filter | None = None
        self._places: np.ndarray | None = None

    @property
    def type_name(self) -> str:
        """The service's name of this type."""
        return "ImageCollection" if self.of_images else "FeatureCollection"

    @property
    def of_images(self) -> bool:
        """Whether the elements are images; an empty result is of the kind it was made from."""
        if self._of_images is None:
            first = next(iter(self), None)
            if first is None and self._origin is not None:
                self._of_images = self._origin.of_images
            else:
                self._of_images = isinstance(first, Image)
        return self._of_images

    def __iter__(self) -> Iterator[Any]:
        position = 0
        while True:
            if position < len(self._known):
                yield self._known[position]
                position += 1
                continue
            if self._pending is None:
                return
            try:
                element = next(self._pending)
            except StopIteration:
                self._pending = None
                return
            self._known.append(element)
            if self._of_images and not isinstance(element, Image):
                raise EarthEngineError(invalid_type(element, "Image<unknown bands>"))

    def __len__(self) -> int:
        for _ in self:
            pass
        return len(self._known)

    def with_properties(self, properties: dict[str, Any]) -> Collection:
        """Return the collection with other properties of its own."""
        return Collection(
            self, properties, id=self.id, of_images=self._of_images, version=self.version
        )

    def derived(self, elements: Iterable[Any], *, of_images: bool | None = None) -> Collection:
        """Return a collection of other elements with the same properties."""
        found = Collection(
            elements,
            self.properties,
            of_images=self._of_images if of_images is None else of_images,
        )
        found._origin = self
        return found

    def filtered(self, condition: Filter) -> Collection:
        """Return the elements that pass a filter, asking stored ones all at once where it can."""

        def passing() -> Iterator[Any]:
            condition.check()
            places = found._stored_places()
            if places is not None:
                for place in places:
                    yield found._columns.elements[place]
                return
            for element in self:
                if condition.matches(element, element):
                    yield element

        found = self.derived(passing())
        found._columns, found._condition = self._columns, condition
        return found

    def _stored_places(self) -> np.ndarray | None:
        """Return the places of the elements among the stored ones; None if that is not known."""
        columns = self._columns  # another thread may find meanwhile that they cannot tell
        if columns is None:
            return None
        if self._condition is None:
            return np.arange(len(columns.elements))
        if self._places is None:
            self._condition.check()
            before = self._origin._stored_places()
            passes = None if before is None else self._condition.at_once(columns)
            if passes is None:
                self._columns = None  # not to be asked again
            else:
                self._places = before[passes[before]]
        return self._places

    def to_list(self) -> list[Any]:
        """Return all elements."""
        return list(self)

    def mapped(self, function: Callable[[Any], Any], *, drop_nulls: bool = False) -> Collection:
        """Return the collection of the function's results, made when they are looked at."""

        def results() -> Iterator[Any]:
            for element in self:
                result = function(element)
                if result is not None or not drop_nulls:
                    yield result

        found = Collection(results(), self.properties)
        found._origin = self
        return found


@converts("FeatureCollection")
def _collection(value: Any) -> Collection:
    if isinstance(value, Collection):
        return value
    if isinstance(value, list):
        if not all(hasattr(item, "properties") for item in value):
            raise NotConvertible
        return Collection(value)
    if isinstance(value, Image) or getattr(value, "type_name", "") == "Feature":
        return Collection([value])
    raise NotConvertible


@converts("ImageCollection")
def _image_collection(value: Any) -> Collection:
    """Return a collection whose first element is an image, or that has none.

    The others are found out when somebody looks at them.
    """
    found = _collection(value)
    if not found.of_images and next(iter(found), None) is not None:
        raise NotConvertible
    for element in found._known:  # they may have been looked at as features
        if not isinstance(element, Image):
            raise EarthEngineError(invalid_type(element, "Image<unknown bands>"))
    return found
