"""What the user's own files of a product are called inside, and what they become."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Literal

from local_core.gridded.quality import FlagRule, is_zero, lowest_bit_is_zero

Kind = Literal["state", "total"]


class LocalProductError(ValueError):
    """Files that cannot be read as the product they were said to be."""


@dataclass(frozen=True)
class LocalVariable:
    """One variable of a product.

    Attributes
    ----------
    name, unit : str
        As in the catalog of Earth Engine's products, so that files and Earth Engine agree.
    stored : tuple of str
        Names it has in the providers' files, the preferred one first. Our own name always counts.
    kind : {"state", "total"}
        Whether times within a day are averaged or summed.
    layer_cm : tuple of int, optional
        Top and bottom of the layer, which turns kg m-2 into m3 m-3.
    stored_unit : str
        Unit to assume where a file states none; empty if it must state one.
    valid_range : tuple of float, optional
        Smallest and largest value in `unit`; what lies outside is missing.
    accumulates : bool
        Whether steps hold what came since 00 UTC, as hourly ERA5-Land does.
    stamped_at_end : bool
        Whether a value is of the step (`period_days`) that ends at its time, as GLDAS' averages and
        sums are; values of other variables of such a product are of the moment.
    """

    name: str
    unit: str
    stored: tuple[str, ...] = ()
    kind: Kind = "state"
    layer_cm: tuple[int, int] | None = None
    stored_unit: str = ""
    valid_range: tuple[float, float] | None = None
    accumulates: bool = False
    stamped_at_end: bool = False


@dataclass(frozen=True)
class LocalProduct:
    """A product that a user may have as files.

    Attributes
    ----------
    name, title : str
        Short name, as in the catalog, and name for people.
    variables : tuple of LocalVariable
        What is read from the files.
    period_days : float
        Days that one time step stands for; 0 where the files say so. Daily products with several
        steps a day are averaged to UTC days (totals summed).
    flags : tuple of FlagRule
        Quality rules.
    """

    name: str
    title: str
    variables: tuple[LocalVariable, ...]
    period_days: float = 1.0
    flags: tuple[FlagRule, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the variables in order."""
        return tuple(variable.name for variable in self.variables)

    @property
    def stamped_at_end(self) -> bool:
        """Whether its steps end at their times."""
        return any(variable.stamped_at_end for variable in self.variables)

    def variable(self, name: str) -> LocalVariable:
        """Return one variable.

        Raises
        ------
        LocalProductError
            If the product has none of that name.
        """
        for variable in self.variables:
            if variable.name == name:
                return variable
        raise LocalProductError(
            f"{self.name} has no band {name!r}; choose from {', '.join(self.names)}"
        )


def _moisture(*stored: str, name: str = "soil_moisture", unit: str = "") -> LocalVariable:
    return LocalVariable(name, "m3 m-3", stored, stored_unit=unit, valid_range=(0.0, 1.0))


def _layers(
    prefix: str, unit: str, stored: list[tuple[str, ...]], layers: tuple[tuple[int, int], ...]
) -> tuple[LocalVariable, ...]:
    return tuple(
        LocalVariable(f"{prefix}_{top}_{bottom}cm", unit, names, layer_cm=(top, bottom))
        for names, (top, bottom) in zip(stored, layers, strict=True)
    )


ERA5_LAYERS_CM = ((0, 7), (7, 28), (28, 100), (100, 289))
NOAH_LAYERS_CM = ((0, 10), (10, 40), (40, 100), (100, 200))

_ERA5_LAND = LocalProduct(
    name="era5_land",
    title="ERA5-Land, hourly or daily NetCDF of the Climate Data Store",
    variables=(
        *_layers(
            "soil_moisture",
            "m3 m-3",
            [(f"swvl{i}", f"volumetric_soil_water_layer_{i}") for i in (1, 2, 3, 4)],
            ERA5_LAYERS_CM,
        ),
        *_layers(
            "soil_temperature",
            "K",
            [(f"stl{i}", f"soil_temperature_level_{i}") for i in (1, 2, 3, 4)],
            ERA5_LAYERS_CM,
        ),
        LocalVariable("temperature_2m", "K", ("t2m", "2m_temperature")),
        LocalVariable(
            "precipitation", "mm", ("tp", "total_precipitation"), "total", accumulates=True
        ),
        LocalVariable("snow_water_equivalent", "mm", ("sd", "snow_depth_water_equivalent")),
    ),
)

_GLDAS = LocalProduct(
    name="gldas",
    title="GLDAS 2.1 Noah, 3-hourly NetCDF4",
    variables=(
        *_layers(
            "soil_moisture",
            "m3 m-3",
            [(f"SoilMoi{t}_{b}cm_inst",) for t, b in NOAH_LAYERS_CM],
            NOAH_LAYERS_CM,
        ),
        *_layers(
            "soil_temperature",
            "K",
            [(f"SoilTMP{t}_{b}cm_inst",) for t, b in NOAH_LAYERS_CM],
            NOAH_LAYERS_CM,
        ),
        LocalVariable("precipitation", "mm", ("Rainf_f_tavg",), "total", stamped_at_end=True),
    ),
    period_days=0.125,
)


def _smap_variables() -> tuple[LocalVariable, ...]:
    passes = [_moisture(name=f"soil_moisture_{half}", unit="m3 m-3") for half in ("am", "pm")]
    found = [_moisture(), *passes]
    for half in ("am", "pm"):
        for side in ("h", "v"):
            stored = (f"tb_{side}_corrected_{half}",)
            found.append(
                LocalVariable(
                    f"tb_{side}_{half}", "K", stored, stored_unit="K", valid_range=(0.0, 330.0)
                )
            )
    for half in ("am", "pm"):
        name = f"vegetation_water_content_{half}"
        found.append(LocalVariable(name, "kg m-2", stored_unit="kg m-2", valid_range=(0.0, 30.0)))
    return tuple(found)


_SMAP = LocalProduct(
    name="smap",
    title="SMAP L3 radiometer soil moisture (SPL3SMP_E 9 km, SPL3SMP 36 km), HDF5",
    variables=_smap_variables(),
    flags=(
        *(
            FlagRule(
                f"retrieval_qual_flag_{half}",
                (f"soil_moisture_{half}", f"vegetation_water_content_{half}"),
                lowest_bit_is_zero,
                good_only=True,
            )
            for half in ("am", "pm")
        ),
        *(
            FlagRule(f"tb_qual_flag_{side}_{half}", (f"tb_{side}_{half}",), lowest_bit_is_zero)
            for half in ("am", "pm")
            for side in ("h", "v")
        ),
    ),
)

_CCI_FLAG = (FlagRule("flag", ("soil_moisture", "soil_moisture_uncertainty"), is_zero),)

PRODUCTS: dict[str, LocalProduct] = {
    product.name: product
    for product in (
        LocalProduct(
            name="esa_cci_sm",
            title="ESA CCI soil moisture, passive or combined, NetCDF",
            variables=(
                _moisture("sm"),
                _moisture("sm_uncertainty", name="soil_moisture_uncertainty"),
            ),
            flags=_CCI_FLAG,
        ),
        LocalProduct(
            name="c3s_sm",
            title="C3S soil moisture, passive or combined, NetCDF",
            variables=(_moisture("sm"),),
            flags=_CCI_FLAG,
        ),
        LocalProduct(
            name="smap_hydroblocks",
            title="SMAP-HydroBlocks on its grid, NetCDF or Zarr",
            variables=(_moisture("SMAPHB_SM", "SMAP-HB_SM", "SMAPHB", unit="m3 m-3"),),
        ),
        LocalProduct(
            name="smap_sentinel1",
            title="SMAP with Sentinel-1 (SPL2SMAP_S), gridded",
            variables=(_moisture("soil_moisture_1km", "disagg_soil_moisture_1km"),),
        ),
        LocalProduct(
            name="amsr2",
            title="AMSR2 soil moisture: LPRM or JAXA, NetCDF",
            variables=(
                _moisture("soil_moisture_c1", "soil_moisture_x", "soil_moisture_content", "smc"),
            ),
        ),
        LocalProduct(
            name="fldas_central_asia",
            title="FLDAS Noah Central Asia, daily NetCDF",
            variables=(_moisture("SoilMoi00_10cm_tavg"),),
        ),
        *(
            LocalProduct(
                name=name,
                title=f"{title}, NetCDF or Zarr",
                variables=(_moisture("sm", "SM", "ssm", "SSM"),),
            )
            for name, title in (
                ("smap_1km", "SMAP downscaled to 1 km (NSIDC-0779)"),
                ("rfsm", "RFSM, Qu et al. (2019)"),
                ("yao_2021", "Yao et al. (2021)"),
                ("zheng_2023", "Zheng et al. (2023)"),
            )
        ),
        LocalProduct(
            name="all_weather_lst",
            title="all-weather LST, Zhang et al. (2019), NetCDF or Zarr",
            variables=tuple(
                LocalVariable(name, "K", valid_range=(150.0, 400.0))
                for name in ("lst_day", "lst_night")
            ),
        ),
        _ERA5_LAND,
        _GLDAS,
        _SMAP,
        *(
            LocalProduct(
                name=name,
                title=title,
                variables=(LocalVariable("precipitation", "mm", ("precip",), "total"),),
            )
            for name, title in (
                ("chirps", "CHIRPS version 2, daily NetCDF"),
                ("chirps_v3", "CHIRPS version 3, daily NetCDF"),
                ("chirps_v3_era5", "CHIRPS version 3 by ERA5, daily NetCDF"),
            )
        ),
    )
}
"""Products with files of their own, by short name."""


def local_product(name: str) -> LocalProduct:
    """Return the description of a product.

    Raises
    ------
    LocalProductError
        If there is none of that name; the message names the closest ones.

    Examples
    --------
    >>> local_product("gldas").variable("soil_moisture_10_40cm").stored
    ('SoilMoi10_40cm_inst',)
    """
    if name in PRODUCTS:
        return PRODUCTS[name]
    close = difflib.get_close_matches(name.lower(), PRODUCTS, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(close)}?" if close else f"known: {', '.join(PRODUCTS)}"
    raise LocalProductError(
        f"no files of a product {name!r} are known; {hint} Files that 'gee-sm pull' wrote are read "
        "under the name they were pulled by"
    )
