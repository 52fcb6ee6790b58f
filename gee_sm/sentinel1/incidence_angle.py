"""Step 3 of Li et al. (2025): backscatter brought to one incidence angle (eqs. 1 and 2)."""

from __future__ import annotations

import ee

from gee_sm.sentinel1.collection import backscatter, incidence_angle
from gee_sm.sentinel1.decibel import to_decibel, to_power

REFERENCE_ANGLE = 38.0
"""Centre of the swath, degrees."""

SLOPES: dict[str, float] = {"A": 0.16, "D": 0.10}
"""dB added per degree above the reference angle, by orbit.

The paper prints the same two numbers as correlation coefficients between angle and backscatter.
A correlation is no slope, so one of the two is a slip; the equations are what its maps were made
with. :func:`fit_angle_slope` fits the slope from data.
"""


def angle_correction_db(
    angle: ee.Image,
    *,
    slope_db_per_degree: float | ee.Number,
    reference_angle: float = REFERENCE_ANGLE,
) -> ee.Image:
    """Return what the normalisation adds to backscatter, in dB.

    Parameters
    ----------
    angle : ee.Image
        Incidence angle, degrees.
    slope_db_per_degree : float or ee.Number
        dB that backscatter loses per degree; see :data:`SLOPES`.
    reference_angle : float
        Angle at which nothing is added, degrees.

    Returns
    -------
    ee.Image
        ``slope * (angle - reference)``, dB.
    """
    return angle.subtract(reference_angle).multiply(ee.Image.constant(slope_db_per_degree))


def normalise_incidence_angle(
    sigma0: ee.Image,
    angle: ee.Image,
    *,
    slope_db_per_degree: float | ee.Number,
    reference_angle: float = REFERENCE_ANGLE,
) -> ee.Image:
    """Return backscatter as it would be at the reference angle; eqs. 1 and 2 of Li et al. (2025).

    The equations add decibels; here the same factor multiplies power, so that the result can be
    averaged. For one pixel seen from one orbit the factor never changes, hence it cancels in any
    difference between seasons taken within that orbit.

    Parameters
    ----------
    sigma0 : ee.Image
        Backscatter in linear power.
    angle : ee.Image
        Incidence angle, degrees.
    slope_db_per_degree : float or ee.Number
        dB added per degree above the reference.
    reference_angle : float
        Degrees.

    Returns
    -------
    ee.Image
        Backscatter in linear power, under the band's name.
    """
    correction = angle_correction_db(
        angle, slope_db_per_degree=slope_db_per_degree, reference_angle=reference_angle
    )
    return sigma0.multiply(to_power(correction))


def fit_angle_slope(
    scenes: ee.ImageCollection,
    *,
    region: ee.Geometry,
    scale_m: float = 1000.0,
    points_per_scene: int = 500,
    seed: int = 0,
) -> ee.Dictionary:
    """Fit the trend of backscatter with incidence angle to random points of the scenes.

    One straight line through all points, as in the paper's figure 3: it holds the land cover and
    terrain under near and far range as well, so scenes of several orbits over one region give a
    cleaner slope than a single swath.

    Parameters
    ----------
    scenes : ee.ImageCollection
        Scenes of one pass in linear power.
    region : ee.Geometry
        Where to draw points.
    scale_m : float
        Pixel size at which they are read; coarse pixels keep speckle out.
    points_per_scene : int
        Points drawn from each scene.
    seed : int
        Seed of the draw.

    Returns
    -------
    ee.Dictionary
        ``slope_db_per_degree`` for :func:`normalise_incidence_angle` (positive when backscatter
        falls with the angle) and ``offset_db``, the line's value at 0 degrees.
    """

    def points(scene: ee.Image) -> ee.FeatureCollection:
        pair = incidence_angle(scene).addBands(to_decibel(backscatter(scene)))
        return pair.sample(region=region, scale=scale_m, numPixels=points_per_scene, seed=seed)

    drawn = ee.FeatureCollection(scenes.map(points)).flatten()
    line = ee.Dictionary(drawn.reduceColumns(ee.Reducer.linearFit(), ["angle", "VV"]))
    return ee.Dictionary(
        {
            "slope_db_per_degree": ee.Number(line.get("scale")).multiply(-1),
            "offset_db": line.get("offset"),
        }
    )
