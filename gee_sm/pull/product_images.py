"""A product's images as a pull wants them: one a time step, reasons in the place of gaps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

import ee

from gee_sm.catalog.dataset import Dataset
from gee_sm.catalog.product import Product
from gee_sm.catalog.products import as_day, collection, product
from gee_sm.catalog.quality import Quality, checked_quality
from gee_sm.composites.periods import Step
from gee_sm.composites.target_grid import TargetGrid, to_grid
from gee_sm.composites.temporal import COUNT_SUFFIX, composites
from gee_sm.pull.status import PullStatus, coded
from gee_sm.pull.time_axis import ms_of

__all__ = ["ProductRequest", "product_request"]

_ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class ProductRequest:
    """What is wanted of a product.

    Attributes
    ----------
    product : Product
        The product.
    start, end : datetime.date
        First day and the day after the last one, UTC.
    bands : tuple of str
        Our names of the bands.
    quality : {"good", "usable", "none"}
        Strictness of the quality rule.
    step : str or None
        Length of composites; None for the product's own images.
    asset : str or None
        The user's own image collection, for products that Earth Engine does not hold.
    """

    product: Product
    start: dt.date
    end: dt.date
    bands: tuple[str, ...]
    quality: Quality
    step: Step | None
    asset: str | None

    @property
    def numbers(self) -> tuple[str, ...]:
        """Bands of the images below: those asked for, and the counts of composites."""
        if self.step is None:
            return self.bands
        return (*self.bands, *(f"{band}{COUNT_SUFFIX}" for band in self.bands))

    @property
    def source_ids(self) -> tuple[str, ...]:
        """Earth Engine ids of what is read."""
        if self.asset is not None:
            return (self.asset,)
        sources = self.product.sources
        if self.product.is_static:
            return tuple(source.id for source in sources)
        read = [source.id for source in sources if source.covers(self.start, self.end)]
        return tuple(read or [sources[-1].id])

    def stored_band(self) -> ee.Image:
        """Return one band of one stored image, on the grid the product is kept on."""
        sources = self.product.sources
        source = next((s for s in sources if s.covers(self.start, self.end)), sources[-1])
        if source.kind == "image":
            return ee.Image(source.id).select(0)
        return ee.ImageCollection(self.asset or source.id).first().select(0)

    def stored_bands(self, start_ms: int, end_ms: int) -> ee.ImageCollection:
        """Return one band of each stored image that starts within a time."""
        images = ee.ImageCollection([])
        for identity in self.source_ids:
            images = images.merge(ee.ImageCollection(identity).select([0], ["band"]))
        return images.filter(_starting(start_ms, end_ms))

    def image_times(self, start_ms: int, end_ms: int) -> ee.List:
        """Return when the images start that start within a time, milliseconds since 1970.

        The stored collections are asked, each for its own time: the products' images are the same
        ones, but every one of them would have to be worked out for its time to be known.
        """
        if self.asset is not None:
            own = ee.ImageCollection(self.asset).filter(_starting(start_ms, end_ms))
            return ee.List(own.aggregate_array("system:time_start"))
        found = ee.List([])
        for source in self.product.sources:
            first = max(start_ms, ms_of(source.start))
            last = min(end_ms, ms_of(source.end)) if source.end else end_ms
            if first < last:
                stored = ee.ImageCollection(source.id)
                times = stored.filter(_starting(first, last)).aggregate_array("system:time_start")
                found = found.cat(times)
        return found

    def images(self, start_ms: int, end_ms: int) -> ee.ImageCollection:
        """Return the product's own images that start within a time, in order of time.

        Bands are :attr:`numbers`; masked pixels hold the reason.
        """
        entry = replace(
            self.product,
            decode=self._decode_with_reasons,
            variables=tuple(self.product.variable(band) for band in self.bands),
        )
        images = _between(entry, start_ms, end_ms, self.quality, self.asset)
        return images.sort("system:time_start")

    def mosaics(
        self, spans: Sequence[tuple[int, int]], *, reasons: bool = True
    ) -> ee.ImageCollection:
        """Return one image for each span of time in which images start.

        Of several images of one span the last that has a value counts, pixel by pixel and band by
        band.

        Parameters
        ----------
        spans : sequence of (int, int)
            Milliseconds since 1970, ends exclusive, in order; each with an image.
        reasons : bool
            Whether reasons take the place of gaps, or gaps stay masked.
        """
        first, last = spans[0][0], spans[-1][1]
        good = self._own_images(first, last, self.quality).sort("system:time_start")
        every = self._own_images(first, last, "none").sort("system:time_start")
        stored_on = self.stored_band().projection()

        def of_span(bounds: ee.List) -> ee.Image:
            start, end = ee.Number(ee.List(bounds).get(0)), ee.Number(ee.List(bounds).get(1))
            within = ee.Filter.And(
                ee.Filter.gte("system:time_start", start), ee.Filter.lt("system:time_start", end)
            )
            # A mosaic forgets its grid; what aggregates it needs it.
            found = good.filter(within).mosaic().setDefaultProjection(stored_on)
            if reasons and self._has_rule:
                found = _with_reasons(found, every.filter(within).mosaic())
            elif reasons:
                found = found.unmask(coded(PullStatus.NO_STORED_VALUE), False)
            return found.toFloat().set("system:time_start", start)

        return ee.ImageCollection.fromImages(ee.List([list(span) for span in spans]).map(of_span))

    def composites(self, start_ms: int, end_ms: int) -> ee.ImageCollection:
        """Return one image for each whole period within a time, with counts."""
        images = self._masked_composites(start_ms, end_ms)

        def with_reasons(image: ee.Image) -> ee.Image:
            return self._composite_reasons(ee.Image(image))

        return images.map(with_reasons)

    def on_grid(
        self, images: ee.ImageCollection, grid: TargetGrid, native_scale_m: float
    ) -> ee.ImageCollection:
        """Return masked images on another grid, each band by its kind; counts by the nearest."""
        variables = [self.product.variable(band) for band in self.bands]

        def moved(image: ee.Image) -> ee.Image:
            source = ee.Image(image)
            bands = [
                to_grid(
                    source.select(variable.name),
                    grid,
                    native_scale_m=native_scale_m,
                    kind=variable.kind,
                )
                for variable in variables
            ]
            if self.step is not None:
                counts = [name for name in self.numbers if name not in self.bands]
                bands.append(
                    to_grid(
                        source.select(counts),
                        grid,
                        native_scale_m=native_scale_m,
                        method="nearest",
                    )
                )
            found = ee.Image.cat(bands).set(
                {
                    "system:time_start": source.get("system:time_start"),
                    "count": source.get("count"),
                }
            )
            if self.step is not None:
                return self._composite_reasons(ee.Image(found))
            return ee.Image(
                found.unmask(coded(PullStatus.NO_VALID_VALUE), False)
                .toFloat()
                .set("system:time_start", source.get("system:time_start"))
            )

        return images.map(moved)

    def masked_images(self, start_ms: int, end_ms: int) -> ee.ImageCollection:
        """Return images or composites without reasons, for what computes with them further."""
        if self.step is not None:
            return self._masked_composites(start_ms, end_ms)
        return self._own_images(start_ms, end_ms, self.quality).sort("system:time_start")

    @property
    def _has_rule(self) -> bool:
        return self.quality != "none" and self.product.quality != "none"

    def _own_images(self, start_ms: int, end_ms: int, quality: Quality) -> ee.ImageCollection:
        images = _between(self.product, start_ms, end_ms, quality, self.asset)
        return images.select(list(self.bands))

    def _masked_composites(self, start_ms: int, end_ms: int) -> ee.ImageCollection:
        assert self.step is not None
        return composites(
            self.product.name,
            str(_day(start_ms)),
            str(_day(end_ms)),
            step=self.step,
            bands=self.bands,
            quality=self.quality,
            asset=self.asset,
        ).select(list(self.numbers))

    def _composite_reasons(self, image: ee.Image) -> ee.Image:
        no_image, no_value = coded(PullStatus.NO_IMAGE), coded(PullStatus.NO_VALID_VALUE)
        empty = ee.Number(image.get("count")).eq(0)
        reason = ee.Image.constant(empty.multiply(no_image - no_value).add(no_value))
        values = image.select(list(self.bands)).unmask(reason, False)
        counts = image.select([name for name in self.numbers if name not in self.bands])
        return ee.Image(
            values.addBands(counts.unmask(0, False))
            .toFloat()
            .set("system:time_start", image.get("system:time_start"))
        )

    def _decode_with_reasons(self, image: ee.Image, source: Dataset, quality: Quality) -> ee.Image:
        names = list(self.bands)
        found = self.product.decode(image, source, quality).select(names)
        if self._has_rule:
            found = _with_reasons(found, self.product.decode(image, source, "none").select(names))
        else:
            found = found.unmask(coded(PullStatus.NO_STORED_VALUE), False)
        return found


def product_request(
    name: str,
    start: str | dt.date | None,
    end: str | dt.date | None,
    *,
    bands: Sequence[str] | None = None,
    quality: str = "good",
    step: Step | None = None,
    asset: str | None = None,
) -> ProductRequest:
    """Check what is wanted of a product.

    Parameters
    ----------
    name : str
        Short name, such as ``"smap"``.
    start, end : str or datetime.date
        First day and the day after the last one; left out for what does not change.
    bands, quality, step, asset
        See :class:`ProductRequest`.

    Raises
    ------
    UnknownProductError, UnavailableProductError, UnknownBandError, UnknownQualityError
        See :func:`gee_sm.catalog.products.collection`.
    ValueError
        If the period is missing or empty, a band is asked for twice, or composites are asked for
        of something that does not change.
    """
    entry = product(name)
    if entry.is_static:
        if step is not None:
            raise ValueError(f"{name} does not change with time: leave step out")
        start, end = start or entry.sources[0].start, end or entry.sources[0].start + _ONE_DAY
    if start is None or end is None:
        raise ValueError(f"{name} changes with time: give start and end, such as '2019-01-01'")
    # Its checks are the ones wanted; the collection itself is built piece by piece later.
    collection(name, start, end, bands=bands, quality=quality, asset=asset)
    wanted = tuple(bands) if bands is not None else entry.band_names
    if step is not None:
        wanted = tuple(b for b in wanted if entry.variable(b).kind != "day_of_year")
    if not wanted or len(set(wanted)) != len(wanted):
        raise ValueError(f"bands {list(bands or wanted)}: name at least one, and each once")
    return ProductRequest(
        entry, as_day(start), as_day(end), wanted, checked_quality(quality), step, asset
    )


def _with_reasons(found: ee.Image, stored: ee.Image) -> ee.Image:
    """Fill gaps with the reason: removed where there was a value before the rule."""
    removed = stored.multiply(0).add(coded(PullStatus.REMOVED_BY_QUALITY_RULE))
    return found.toDouble().unmask(removed, False).unmask(coded(PullStatus.NO_STORED_VALUE), False)


def _between(
    entry: Product, start_ms: int, end_ms: int, quality: Quality, asset: str | None
) -> ee.ImageCollection:
    last = _day(end_ms - 1) + _ONE_DAY
    images = entry.within(_day(start_ms), last, quality=quality, asset=asset)
    return images if entry.is_static else images.filter(_starting(start_ms, end_ms))


def _starting(start_ms: int, end_ms: int) -> ee.Filter:
    return ee.Filter.And(
        ee.Filter.gte("system:time_start", start_ms), ee.Filter.lt("system:time_start", end_ms)
    )


def _day(ms: int) -> dt.date:
    return dt.datetime.fromtimestamp(ms / 1000, tz=dt.UTC).date()
