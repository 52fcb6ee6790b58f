"""Writes the sample whole or not at all: its scenes, its coarse products and the truth."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

import gee_sm
from gee_sm.emulator.catalog import CatalogWriter
from gee_sm.sample.coarse_writing import COARSE_PRODUCTS, COARSE_YEARS, write_coarse
from gee_sm.sample.noise import Noise
from gee_sm.sample.profile_stations import TABLE_ID as PROFILE_STATIONS_ID
from gee_sm.sample.region import BOUNDS
from gee_sm.sample.scenes_writing import STATIONS_ID, ScenesWriter
from gee_sm.sample.truth_folder import FOLDER
from gee_sm.sample.wide_region import WIDE_BOUNDS

__all__ = ["DEFAULT_SEED", "DEFAULT_YEAR", "PARTS", "STATIONS_ID", "SampleExistsError", "write"]

DEFAULT_SEED = 1
"""Seed of the sample that the documentation shows."""

DEFAULT_YEAR = 2020
"""Year of the sample if none is asked for."""

_MARK = "gee_sm:sample"
_FIRST_YEAR = 2015
_LAST_YEAR = 2024
PARTS = ("scenes", "coarse")
"""What a sample consists of."""


class SampleExistsError(ValueError):
    """The folder holds something already."""


def write(
    path: str | os.PathLike[str],
    *,
    seed: int = DEFAULT_SEED,
    years: Sequence[int] = (DEFAULT_YEAR,),
    noise: Noise | None = None,
    parts: Sequence[str] = PARTS,
    coarse_years: Sequence[int] = COARSE_YEARS,
    products: Sequence[str] | None = None,
    scenes_without_heading: int = 0,
    overwrite: bool = False,
    progress: bool = False,
) -> Path:
    """Write the sample region: scenes, coarse products, stations, and the truth behind them.

    Parameters
    ----------
    path : path-like
        Folder to write; it appears whole or not at all.
    seed : int, default 1
        Not negative. The same seed gives the same values.
    years : sequence of int, default (2020,)
        Years with thawed (July, August) and frozen (January, February) scenes.
    noise : Noise, optional
        Noise of the sensors; ``Noise.none()`` for scenes that hold the truth and nothing else.
    parts : sequence of str, default ("scenes", "coarse")
        ``scenes``: Sentinel-1 and Sentinel-2 of the small region; ``coarse``: the products of
        3 x 3 degrees around it, which take longer.
    coarse_years : sequence of int, default (2019, 2020, 2021)
        Whole years of the coarse products.
    products : sequence of str, optional
        Coarse products to write, by the names of ``gee_sm.sample.COARSE_PRODUCTS``; all by
        default.
    scenes_without_heading : int, default 0
        Passes, counted from the first, whose images lack ``platformHeading``, as some of Earth
        Engine's may.
    overwrite : bool, default False
        Replace a sample that is there. Anything else is never replaced.
    progress : bool, default False
        Show a progress bar.

    Returns
    -------
    pathlib.Path
        `path`.

    Raises
    ------
    SampleExistsError
        The folder is not empty, and not a sample to be replaced.
    ValueError
        The seed is negative, there are no years, or a part or product is unknown.
    OSError
        The disk is full or the folder cannot be written; nothing is left under `path`.

    Examples
    --------
    >>> import gee_sm.sample
    >>> folder = gee_sm.sample.write("sample", seed=7, overwrite=True)
    """
    if isinstance(seed, bool) or int(seed) != seed or seed < 0:
        raise ValueError(f"seed must be a whole number from 0, got {seed!r}")
    wanted = tuple(sorted({int(year) for year in years}))
    if not wanted or wanted[0] < _FIRST_YEAR:
        raise ValueError(
            f"years must name one year or more, from {_FIRST_YEAR} on; got {list(years)!r}"
        )
    wanted_coarse = tuple(sorted({int(year) for year in coarse_years}))
    if not wanted_coarse or not all(_FIRST_YEAR <= year <= _LAST_YEAR for year in wanted_coarse):
        raise ValueError(
            f"coarse_years must name one year or more, {_FIRST_YEAR} to {_LAST_YEAR}; "
            f"got {list(coarse_years)!r}"
        )
    _check_names("parts", parts, PARTS)
    chosen = COARSE_PRODUCTS if products is None else tuple(products)
    _check_names("products", chosen, COARSE_PRODUCTS)
    path = Path(path)
    _check_target(path, overwrite=overwrite)
    partial = path.with_name(f"{path.name}.part")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        with _new_catalog(partial, int(seed), wanted, wanted_coarse, parts, chosen) as catalog:
            (partial / FOLDER).mkdir()
            if "scenes" in parts:
                of_sensors = Noise() if noise is None else noise
                ScenesWriter(partial, int(seed), wanted, of_sensors).write(
                    catalog,
                    with_terrain=not ("coarse" in parts and "terrain" in chosen),
                    scenes_without_heading=scenes_without_heading,
                    progress=progress,
                )
            if "coarse" in parts:
                write_coarse(
                    catalog,
                    partial / FOLDER,
                    seed=int(seed),
                    years=wanted_coarse,
                    products=chosen,
                    progress=progress,
                )
        _put_in_place(partial, path)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return path


def _new_catalog(
    path: Path,
    seed: int,
    years: tuple[int, ...],
    coarse_years: tuple[int, ...],
    parts: Sequence[str],
    products: Sequence[str],
) -> CatalogWriter:
    """Return the catalog of a sample; its own file comes last, when it closes."""
    small = "scenes" in parts
    fields = {
        "gee_sm:region": list(BOUNDS if small else WIDE_BOUNDS),
        "gee_sm:years": list(years if small else coarse_years),
        "gee_sm:title": "Sample region, Qinghai-Tibet Plateau",
        _MARK: {"seed": seed, "version": gee_sm.__version__, "parts": list(parts)},
    }
    if small:
        fields["gee_sm:stations"] = STATIONS_ID
    if "coarse" in parts:
        fields |= {"gee_sm:wide_region": list(WIDE_BOUNDS), "gee_sm:wide_years": list(coarse_years)}
        if "stations" in products:
            fields["gee_sm:stations"] = PROFILE_STATIONS_ID
    return CatalogWriter(
        path,
        title="gee-sm sample region",
        description=(
            "A synthetic scene set near 32.5 N, 92 E on the Qinghai-Tibet Plateau, computed "
            "forward from the soil moisture in the folder truth."
        ),
        extra_fields=fields,
        overviews=False,
    )


def _check_names(what: str, given: Iterable[str], known: Iterable[str]) -> None:
    """Refuse names that nobody knows, and none at all."""
    given, known = list(given), list(known)
    unknown = sorted(set(given) - set(known))
    if unknown or not given:
        raise ValueError(
            f"{what} must be one or more of {', '.join(known)}; got {unknown or given!r}"
        )


def _check_target(path: Path, *, overwrite: bool) -> None:
    """Refuse to write over anything but a sample."""
    if not path.exists() or (path.is_dir() and not any(path.iterdir())):
        return
    if not _is_sample(path):
        raise SampleExistsError(
            f"{path} is not empty and holds no sample: choose a new folder, so that nothing of "
            "yours is replaced"
        )
    if not overwrite:
        raise SampleExistsError(
            f"{path} holds a sample already: use it, choose another folder, or ask to overwrite it"
        )


def _is_sample(path: Path) -> bool:
    try:
        return _MARK in json.loads((path / "catalog.json").read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError):
        return False


def _put_in_place(partial: Path, path: Path) -> None:
    """Give a finished sample its name, and remove the one it replaces."""
    old = path.with_name(f"{path.name}.old.part")
    if path.exists():
        shutil.rmtree(old, ignore_errors=True)
        os.replace(path, old)
    os.replace(partial, path)
    shutil.rmtree(old, ignore_errors=True)
