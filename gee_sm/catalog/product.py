"""What a product is: data sets under one short name, in physical units and with our band names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import ee

from gee_sm.catalog.dataset import Dataset, UnknownBandError
from gee_sm.catalog.quality import Quality

Kind = Literal["state", "total", "class", "direction", "day_of_year"]
"""How values of several times or pixels become one.

``state``: mean; ``total``: sum over time, mean over space; ``class``: most frequent;
``direction`` (degrees clockwise from north): direction of the mean unit vector;
``day_of_year``: names the day a pixel of a longer composite was seen, and is not composited.
"""

_DAY_MS = 86_400_000


@dataclass(frozen=True)
class Variable:
    """One band of a product.

    Attributes
    ----------
    name : str
        Our band name.
    unit : str
        Physical unit.
    kind : {"state", "total", "class", "direction", "day_of_year"}
        How several values become one.
    description : str
        What the band holds, in a few words.
    stamped_at_end : bool
        Whether the value is of the time before the image's own, as long as it is: averages and
        sums over the hours that end when the image's time starts.
    """

    name: str
    unit: str
    kind: Kind = "state"
    description: str = ""
    stamped_at_end: bool = False


Decode = Callable[[ee.Image, Dataset, Quality], ee.Image]


@dataclass(frozen=True)
class Product:
    """Data sets of one kind under a short name.

    Attributes
    ----------
    name : str
        Short name, such as ``smap``.
    title : str
        Name for people.
    sources : tuple of Dataset
        The data sets it is read from, one after the other in time; of a thing that does not
        change, the first is handed to `decode`, which reads the others itself.
    variables : tuple of Variable
        Its bands.
    decode : callable
        ``decode(image, source, quality)`` returns the bands of `variables` of a stored image,
        physical and with the quality rule applied.
    quality : str
        The quality rule in words, for "good" and "usable".
    cut_at : {"never", "year", "month"}
        Where composites start anew, so that the one before is shorter: the 8-day products start
        anew on 1 January, whatever remains of the year.
    user_supplied : str
        What the user must supply when Earth Engine does not hold the product; empty if it does.
    """

    name: str
    title: str
    sources: tuple[Dataset, ...]
    variables: tuple[Variable, ...]
    decode: Decode
    quality: str = "none"
    cut_at: Literal["never", "year", "month"] = "never"
    user_supplied: str = ""

    @property
    def band_names(self) -> tuple[str, ...]:
        """Names of the bands in order."""
        return tuple(variable.name for variable in self.variables)

    @property
    def period_days(self) -> float:
        """Days that one image stands for; 0 where nothing changes."""
        return self.sources[0].period_days

    @property
    def is_static(self) -> bool:
        """Whether the product does not change with time."""
        return self.period_days == 0

    def variable(self, name: str) -> Variable:
        """Return one variable.

        Raises
        ------
        UnknownBandError
            If the product has no band of that name.
        """
        for variable in self.variables:
            if variable.name == name:
                return variable
        raise UnknownBandError(
            f"{self.name} has no band {name!r}; choose from {', '.join(self.band_names)}"
        )

    def projection(
        self, asset: str | None = None, *, start: dt.date | None = None, end: dt.date | None = None
    ) -> ee.Projection:
        """Return the grid its pixels are stored on.

        Reducers over time forget it; whatever aggregates over space needs it back.

        Parameters
        ----------
        asset : str, optional
            The user's own asset for a product that Earth Engine does not hold.
        start, end : datetime.date, optional
            The period that is read: its source is asked, not one that need not be there.
        """
        source = self.sources[-1]
        if start is not None and end is not None:
            source = next((s for s in self.sources if s.covers(start, end)), source)
        if source.kind == "image":
            return ee.Image(source.id).select(0).projection()
        return ee.ImageCollection(asset or source.id).first().select(0).projection()

    def within(
        self,
        start: dt.date,
        end: dt.date,
        *,
        quality: Quality,
        asset: str | None,
        stamped_at_end: bool = False,
    ) -> ee.ImageCollection:
        """Return its images that touch a period; see :func:`gee_sm.catalog.products.collection`.

        With `stamped_at_end` also those just after it, for variables that are of the time before.
        """
        if self.is_static:
            # Things that do not change belong to any period, and series want a time.
            source = self.sources[0]
            only = self._finished(self.decode(source.image(), source, quality), source)
            period = {"system:time_start": _ms(start), "system:time_end": _ms(end)}
            return ee.ImageCollection([only.set(period)])
        read = [source for source in self.sources if source.covers(start, end)]
        parts = [
            self._part(source, start, end, quality, asset, stamped_at_end)
            for source in read or self.sources[-1:]
        ]
        found = parts[0]
        for part in parts[1:]:
            found = found.merge(part)
        return found

    def _part(
        self,
        source: Dataset,
        start: dt.date,
        end: dt.date,
        quality: Quality,
        asset: str | None,
        stamped_at_end: bool,
    ) -> ee.ImageCollection:
        # A composite that began earlier may reach into the period.
        earliest = start - dt.timedelta(days=max(0.0, source.period_days - 1))
        from_ms, to_ms = _ms(earliest), _ms(end)
        if asset is None:
            # Versions of a product may overlap; the user's own images are all wanted.
            from_ms = max(from_ms, _ms(source.start))
            to_ms = min(to_ms, _ms(source.end)) if source.end else to_ms
        if stamped_at_end:
            to_ms += round(source.period_days * _DAY_MS)
        stored = ee.ImageCollection(asset) if asset else source.collection()

        def physical(image: ee.Image) -> ee.Image:
            stored_image = ee.Image(image)
            decoded = self.decode(stored_image, source, quality).select(list(self.band_names))
            stamp = ee.Number(stored_image.get("system:time_start"))
            # Days and their parts are those of UTC, also where a stamp is of their middle.
            unit = min(source.period_days, 1.0) * _DAY_MS
            first = stamp.divide(unit).floor().multiply(unit)
            return self._finished(decoded, source).set(
                {
                    "system:time_start": first,
                    "system:time_end": self._end(first, source.period_days),
                    "system:index": stored_image.get("system:index"),
                    "source": asset or source.id,
                }
            )

        within = stored.filter(
            ee.Filter.And(
                ee.Filter.gte("system:time_start", from_ms),
                ee.Filter.lt("system:time_start", to_ms),
            )
        ).map(physical)
        return within.filter(ee.Filter.gt("system:time_end", _ms(start)))

    def _end(self, start: ee.Number, period_days: float) -> ee.Number:
        end = start.add(period_days * _DAY_MS)
        if self.cut_at == "never":
            return end
        # The moment of the next cut: the start of the year or month, one further.
        day = ee.Date(start)
        month = 1 if self.cut_at == "year" else day.get("month")
        cut = ee.Date.fromYMD(day.get("year"), month, 1).advance(1, self.cut_at)
        return end.min(cut.millis())

    def _finished(self, image: ee.Image, source: Dataset) -> ee.Image:
        units = {f"unit_{variable.name}": variable.unit for variable in self.variables}
        return ee.Image(image).toFloat().set({**units, "source": source.id})


def _ms(day: dt.date) -> int:
    moment = dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)
    return int(moment.timestamp() * 1000)
