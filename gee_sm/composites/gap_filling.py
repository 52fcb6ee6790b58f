"""Gaps in a regular series, filled from its neighbours in time by Savitzky and Golay's filter."""

from __future__ import annotations

import ee

FLAG_SUFFIX = "_filled"


def savitzky_golay(
    series: ee.ImageCollection,
    band: str,
    *,
    step_days: float,
    half_window: int = 3,
    order: int = 2,
    smooth: bool = False,
) -> ee.ImageCollection:
    """Return a series with its gaps filled by a polynomial through the images around each.

    Within a window without gaps the fit is the filter of Savitzky and Golay; with gaps it is the
    same least-squares polynomial through what is there.

    Parameters
    ----------
    series : ee.ImageCollection
        Images at regular steps with ``system:time_start``, such as composites of 8 or 16 days.
    band : str
        Band to fill.
    step_days : float
        Days between two images; the unit of time of the fit.
    half_window : int
        Images on either side that take part.
    order : int
        Order of the polynomial, at most ``2 * half_window``.
    smooth : bool
        Whether values that are there are replaced by the fit as well.

    Returns
    -------
    ee.ImageCollection
        The band, and ``<band>_filled``: 1 where the value was missing and is filled, 0 where it
        was there, masked where there is none still: a window with fewer than ``order + 2`` values,
        or with values on one side only, is left empty. Properties are kept.

    Raises
    ------
    ValueError
        If the step, the window or the order cannot be.

    Notes
    -----
    Near the ends of the series the window is cut: it keeps the images on its one side, so that
    values there are smoothed by fewer, and gaps there are not extrapolated.
    """
    if not step_days > 0:
        raise ValueError(f"step_days must be positive; got {step_days}")
    if half_window < 1 or not 0 <= order <= 2 * half_window:
        raise ValueError(
            "half_window must be at least 1 and order within 0 and 2 * half_window; "
            f"got half_window={half_window}, order={order}"
        )
    step_ms = step_days * 86_400_000
    reach_ms = (half_window + 0.5) * step_ms
    powers = [f"t{power}" for power in range(order + 1)]

    def filled(member: ee.Image) -> ee.Image:
        image = ee.Image(member)
        time = ee.Number(image.get("system:time_start"))

        def regressors(other: ee.Image) -> ee.Image:
            neighbour = ee.Image(other)
            elapsed = ee.Number(neighbour.get("system:time_start")).subtract(time).divide(step_ms)
            lag = ee.Image.constant(elapsed).toDouble()
            terms = ee.Image.cat([lag.pow(power) for power in range(order + 1)]).rename(powers)
            value = neighbour.select([band], ["value"]).toDouble()
            sides = lag.lte(0).addBands(lag.gte(0)).rename(["before", "after"])
            return terms.addBands(value).addBands(sides).updateMask(value.mask())

        window = series.filter(
            ee.Filter.And(
                ee.Filter.gt("system:time_start", time.subtract(reach_ms)),
                ee.Filter.lt("system:time_start", time.add(reach_ms)),
            )
        ).map(regressors)
        fit = window.select([*powers, "value"]).reduce(
            ee.Reducer.linearRegression(numX=order + 1, numY=1)
        )
        # Time counts from this image, so the fitted value is the constant term.
        fitted = fit.select("coefficients").arrayGet([0, 0]).rename(band)
        enough = window.select("value").count().gte(order + 2)
        both_sides = window.select(["before", "after"]).max().reduce(ee.Reducer.min())
        fitted = fitted.updateMask(enough.And(both_sides))
        stored = image.select(band)
        value = fitted.unmask(stored, False) if smooth else stored.unmask(fitted, False)
        flag = stored.mask().Not().updateMask(value.mask()).rename(f"{band}{FLAG_SUFFIX}")
        found = value.rename(band).addBands(flag.toUint8())
        return ee.Image(found.copyProperties(image, image.propertyNames()))

    return series.map(filled)
