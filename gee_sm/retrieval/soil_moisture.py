"""Soil moisture from the seasonal backscatter difference and two indices (eqs. 7 to 9)."""

from __future__ import annotations

import ee

from local_core.calibration import EQ7_PREDICTORS, RetrievalCoefficients, published_coefficients

_ORBIT_NAMES = {"A": "ascending", "D": "descending"}


class CoefficientsError(ValueError):
    """Coefficients that are not those of eq. 7, or of the other pass direction."""


def coefficients_for(
    orbit: str, coefficients: RetrievalCoefficients | None = None
) -> RetrievalCoefficients:
    """Return the coefficients to retrieve a pass direction with.

    Parameters
    ----------
    orbit : {"A", "D"}
        Pass direction.
    coefficients : RetrievalCoefficients, optional
        Fitted ones; eq. 8 or 9 of Li et al. (2025) when left out.

    Returns
    -------
    RetrievalCoefficients
        Checked to be of eq. 7 and not fitted on the other pass direction.

    Raises
    ------
    CoefficientsError
        If they have other predictors, or name the other pass direction.

    Examples
    --------
    >>> coefficients_for("A").a
    0.0143
    """
    name = _ORBIT_NAMES[orbit]
    if coefficients is None:
        return published_coefficients(name)
    if coefficients.predictors != EQ7_PREDICTORS:
        raise CoefficientsError(
            f"eq. 7 needs coefficients of {', '.join(EQ7_PREDICTORS)} in that order; "
            f"got {', '.join(coefficients.predictors)}"
        )
    if coefficients.orbit is not None and coefficients.orbit != name:
        raise CoefficientsError(
            f"the coefficients were fitted on {coefficients.orbit} passes ({coefficients.source}); "
            f"this map is {name}: pass those of orbit {orbit!r}"
        )
    return coefficients


def soil_moisture(
    difference_db: ee.Image,
    ndvi: ee.Image,
    ndmi: ee.Image,
    coefficients: RetrievalCoefficients,
) -> ee.Image:
    """Return soil moisture by eq. 7.

    Linear in all three inputs, so the mean of the retrievals of several passes is the retrieval of
    their means.

    Parameters
    ----------
    difference_db : ee.Image
        Backscatter of the thawing minus that of the freezing season, dB.
    ndvi, ndmi : ee.Image
        Indices around the pass.
    coefficients : RetrievalCoefficients
        Numbers of eq. 7.

    Returns
    -------
    ee.Image
        Band ``soil_moisture``, m3 m-3. Nothing keeps it from being negative over bare dry ground.

    Examples
    --------
    >>> from gee_sm.emulator import connect_client
    >>> with connect_client():
    ...     inputs = [ee.Image(value) for value in (4.0, 0.5, 0.1)]
    ...     image = soil_moisture(*inputs, coefficients_for("A"))
    ...     found = image.reduceRegion("first", ee.Geometry.Point(91, 33), 10).getInfo()
    >>> round(found["soil_moisture"], 4)
    0.2186
    """
    return (
        difference_db.multiply(coefficients.a)
        .add(ndvi.multiply(coefficients.b))
        .add(ndmi.multiply(coefficients.c))
        .add(coefficients.d)
        .rename("soil_moisture")
    )
