"""Step 4 of Li et al. (2025): radiometric slope correction after Vollrath et al. (2020).

Angles follow that paper. The look azimuth is the direction from the ground to the sensor; the
slope seen by the radar is split into a part along that direction (``alpha_r``, positive where the
ground faces the sensor) and a part across it (``alpha_az``). Power is *divided* by the model's
factor, so slopes that face the sensor get darker; terrain aspect is taken as it is. A public port
multiplies and mirrors the aspect instead, which turns layover and shadow masks around.

For one pixel seen from one orbit every factor here is constant in time and cancels in a seasonal
difference; the masks do not.
"""

from __future__ import annotations

import math
from typing import Literal

import ee

from gee_sm.sentinel1.collection import incidence_angle

Model = Literal["volume", "surface", "none"]

_DEGREE = math.pi / 180
LOOK_AZIMUTH = "look_azimuth"
"""Property set by :func:`with_look_azimuth`: ground to sensor, degrees clockwise from north."""


class UnknownSlopeModelError(ValueError):
    """A slope model other than volume, surface or none was asked for."""


def look_azimuth_from_heading(heading: float | ee.Number) -> ee.Number:
    """Return the direction from ground to sensor of a radar that looks to its right.

    Parameters
    ----------
    heading : float or ee.Number
        Flight direction, degrees clockwise from north (``platformHeading``).

    Returns
    -------
    ee.Number
        Degrees clockwise from north in [0, 360).

    Notes
    -----
    The radar looks towards heading + 90; seen from the ground the sensor stands the opposite way.
    Ascending passes over 33 degrees north head for 348 and are seen to the west-south-west (258).
    """
    return ee.Number(heading).add(270).mod(360)


def look_azimuth_from_angle(scene: ee.Image, *, scale_m: float = 100.0) -> ee.Number:
    """Return the direction from ground to sensor by which way the incidence angle decreases.

    The circular mean, over the scene, of the direction in which the ``angle`` surface falls.

    Parameters
    ----------
    scene : ee.Image
        A scene with its ``angle`` band.
    scale_m : float
        Pixel size at which the surface is differentiated; coarser for scenes of more than a million
        such pixels.

    Returns
    -------
    ee.Number
        Degrees clockwise from north in [0, 360). Null where the band is flat or missing, so that
        whatever uses it fails: a direction assumed to be 0 would be a silent error of 100 degrees.
    """
    angle = incidence_angle(scene)
    falls = ee.Terrain.slope(angle).gt(0)
    azimuth = ee.Terrain.aspect(angle).updateMask(falls).multiply(_DEGREE)
    parts = azimuth.cos().rename("north").addBands(azimuth.sin().rename("east"))
    mean = parts.reduceRegion(
        reducer=ee.Reducer.mean(),
        geometry=scene.geometry(),
        scale=scale_m,
        bestEffort=True,
        maxPixels=1_000_000,
    )
    # The first argument of atan2 is the one along the axis: here north, from which azimuths count.
    radians = ee.Number(mean.get("north")).atan2(ee.Number(mean.get("east")))
    return radians.divide(_DEGREE).add(360).mod(360)


def with_look_azimuth(scenes: ee.ImageCollection) -> ee.ImageCollection:
    """Set the property ``look_azimuth`` on every scene.

    From ``platformHeading`` where a scene has it, else from its ``angle`` band. The collection is
    split in two for that, because a conditional inside a mapped function may evaluate both of its
    branches and the second one costs a reduction per scene.

    Parameters
    ----------
    scenes : ee.ImageCollection
        Sentinel-1 scenes.

    Returns
    -------
    ee.ImageCollection
        The scenes; the order is by source of the direction.
    """
    known = ee.Filter.notNull(["platformHeading"])
    from_heading = scenes.filter(known).map(
        lambda scene: scene.set(
            LOOK_AZIMUTH, look_azimuth_from_heading(ee.Number(scene.get("platformHeading")))
        )
    )
    from_angle = scenes.filter(known.Not()).map(
        lambda scene: scene.set(LOOK_AZIMUTH, look_azimuth_from_angle(ee.Image(scene)))
    )
    return from_heading.merge(from_angle)


def slopes_seen_by_radar(elevation: ee.Image, look_azimuth: float | ee.Number) -> ee.Image:
    """Return terrain slope along and across the look direction.

    Parameters
    ----------
    elevation : ee.Image
        One band, metres.
    look_azimuth : float or ee.Number
        Ground to sensor, degrees clockwise from north.

    Returns
    -------
    ee.Image
        Bands ``alpha_r`` (positive towards the sensor) and ``alpha_az``, radians.
    """
    steepness = ee.Terrain.slope(elevation).multiply(_DEGREE).tan()
    # Level ground has no aspect; its steepness of zero makes any aspect right.
    aspect = ee.Terrain.aspect(elevation).unmask(0)
    relative = ee.Image.constant(look_azimuth).subtract(aspect).multiply(_DEGREE)
    along = steepness.multiply(relative.cos()).atan()
    across = steepness.multiply(relative.sin()).atan()
    return along.rename("alpha_r").addBands(across.rename("alpha_az"))


def volume_factor(angle: ee.Image, slopes: ee.Image) -> ee.Image:
    """Return the factor of the volume-scattering model (Hoekman and Reiche 2015).

    ``tan(90 - theta + alpha_r) / tan(90 - theta)``, 1 on level ground, larger where the ground
    faces the sensor.

    Parameters
    ----------
    angle : ee.Image
        Incidence angle, degrees.
    slopes : ee.Image
        Bands of :func:`slopes_seen_by_radar`.

    Returns
    -------
    ee.Image
        Factor of power, linear; meaningless in layover.
    """
    elevation_angle = angle.multiply(-_DEGREE).add(math.pi / 2)
    return elevation_angle.add(slopes.select("alpha_r")).tan().divide(elevation_angle.tan())


def surface_factor(angle: ee.Image, slopes: ee.Image) -> ee.Image:
    """Return the factor of the surface-scattering model (Ulander 1996).

    ``sin(theta) / (cos(alpha_az) sin(theta - alpha_r))``, 1 on level ground, larger where the
    ground faces the sensor.

    Parameters
    ----------
    angle : ee.Image
        Incidence angle, degrees.
    slopes : ee.Image
        Bands of :func:`slopes_seen_by_radar`.

    Returns
    -------
    ee.Image
        Factor of power, linear; meaningless in layover.
    """
    theta = angle.multiply(_DEGREE)
    local = theta.subtract(slopes.select("alpha_r")).sin()
    return theta.sin().divide(slopes.select("alpha_az").cos().multiply(local))


def layover(angle: ee.Image, slopes: ee.Image) -> ee.Image:
    """Return 1 where ground facing the sensor is at least as steep as the incidence angle."""
    return slopes.select("alpha_r").gte(angle.multiply(_DEGREE)).rename("layover")


def shadow(angle: ee.Image, slopes: ee.Image) -> ee.Image:
    """Return 1 where ground facing away is too steep for the radar to reach it."""
    limit = angle.multiply(_DEGREE).subtract(math.pi / 2)
    return slopes.select("alpha_r").lte(limit).rename("shadow")


def seen_by_radar(angle: ee.Image, slopes: ee.Image, *, buffer_m: float = 0.0) -> ee.Image:
    """Return 1 where neither layover nor shadow falls, and 0 elsewhere.

    Parameters
    ----------
    angle : ee.Image
        Incidence angle, degrees.
    slopes : ee.Image
        Bands of :func:`slopes_seen_by_radar`.
    buffer_m : float
        Ground within this distance of layover or shadow is left out too: layover folds onto its
        surroundings and shadow falls behind the slope that casts it.

    Returns
    -------
    ee.Image
        Band ``seen``.

    Raises
    ------
    ValueError
        If the buffer is negative.
    """
    if buffer_m < 0:
        raise ValueError(f"buffer_m must not be negative; got {buffer_m}")
    hidden = layover(angle, slopes).Or(shadow(angle, slopes))
    if buffer_m > 0:
        hidden = hidden.focalMax(radius=buffer_m, kernelType="circle", units="meters")
    return hidden.Not().rename("seen")


def correct_slope(
    sigma0: ee.Image, angle: ee.Image, slopes: ee.Image, *, model: Model = "volume"
) -> ee.Image:
    """Return terrain-flattened gamma0: ``sigma0 / cos(theta) / factor``.

    Layover and shadow are not masked here: see :func:`seen_by_radar`.

    Parameters
    ----------
    sigma0 : ee.Image
        Backscatter in linear power.
    angle : ee.Image
        Incidence angle, degrees.
    slopes : ee.Image
        Bands of :func:`slopes_seen_by_radar`.
    model : {"volume", "surface", "none"}
        Volume suits vegetation, surface bare and sparsely covered ground; "none" leaves the
        backscatter as it is.

    Returns
    -------
    ee.Image
        Linear power under the band's name.

    Raises
    ------
    UnknownSlopeModelError
        If the model is none of the three.

    References
    ----------
    Vollrath, Mullissa and Reiche (2020), Angular-based radiometric slope correction for Sentinel-1
    on Google Earth Engine.

    Examples
    --------
    A slope of 15 degrees that faces the sensor comes out 2.65 dB darker, gamma0 on level ground
    being 0.05.

    >>> from gee_sm.emulator import connect_client
    >>> with connect_client():
    ...     slopes = ee.Image([math.radians(15), 0]).rename(["alpha_r", "alpha_az"])
    ...     sigma0 = ee.Image(0.05 * math.cos(math.radians(38))).rename("VV")
    ...     gamma0 = correct_slope(sigma0, ee.Image(38), slopes)
    ...     found = gamma0.reduceRegion("first", ee.Geometry.Point(91, 33), 10).getInfo()
    >>> round(10 * math.log10(found["VV"] / 0.05), 2)
    -2.65
    """
    if model == "none":
        return sigma0
    if model == "volume":
        factor = volume_factor(angle, slopes)
    elif model == "surface":
        factor = surface_factor(angle, slopes)
    else:
        raise UnknownSlopeModelError(
            f"slope model {model!r} is unknown; use 'volume', 'surface' or 'none'"
        )
    return sigma0.divide(angle.multiply(_DEGREE).cos()).divide(factor)
