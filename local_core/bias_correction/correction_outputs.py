"""Write what a run made: NetCDF, tables, figures and a report, each whole or not at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from local_core.atomic_write import replacing, write_text
from local_core.bias_correction.correction_run import CorrectionRun, Role
from local_core.bias_correction.difference_modes import ANNUAL_PERIODS_DAYS, difference_modes
from local_core.bias_correction.fit_status import FitStatus
from local_core.bias_correction.modes_figure import fit_figure, modes_figure
from local_core.bias_correction.seasonal_corrector import SeasonalCorrector
from local_core.bias_correction.seasonal_curve import seasonal_curve
from local_core.bias_correction.series_figure import series_figure
from local_core.bias_correction.skill_tables import freezing_table, printed_table, skill_table
from local_core.bias_correction.vmd_corrector import VmdBiasCorrector
from local_core.calendar_year import DAYS_PER_YEAR
from local_core.markdown_table import markdown_table


def write_run(run: CorrectionRun, folder: str | Path, *, figures: bool = True) -> dict[str, Path]:
    """Write a run's results into a folder.

    Parameters
    ----------
    run : CorrectionRun
    folder : path
        Made if it is not there; files of the same names are replaced.
    figures : bool, optional
        Whether to draw.

    Returns
    -------
    dict of str to Path
        What was written, by its kind: ``corrected`` and ``parameters`` (NetCDF), ``table`` (CSV)
        and ``printed`` (Markdown), ``freezing``, and figures.
    """
    folder = Path(folder)
    stem = run.mode.replace("-", "_")
    table = skill_table(run)
    written = {
        "corrected": folder / f"{stem}.nc",
        "parameters": folder / f"{stem}_parameters.nc",
        "table": folder / f"{stem}.csv",
        "printed": folder / f"{stem}.md",
    }
    write_netcdf(run.dataset, written["corrected"])
    write_netcdf(run.parameters, written["parameters"])
    write_csv(table, written["table"])
    write_text(written["printed"], run_page(run, table))
    frozen = freezing_table(run)
    if frozen is not None and len(frozen):
        written["freezing"] = folder / f"{stem}_freezing.csv"
        write_csv(frozen, written["freezing"])
    if figures and (run.dataset["note"] == "").any():
        drawn = {"series": series_figure(run)}
        if run.mode == "single-site" and isinstance(run.corrector, SeasonalCorrector):
            drawn |= _curve_figures(run)
        for name, figure in drawn.items():
            written[name] = folder / f"{stem}_{name}.png"
            write_figure(figure, written[name])
    return written


def run_page(run: CorrectionRun, table: pd.DataFrame) -> str:
    """Write the tables of a run as one Markdown page.

    Parameters
    ----------
    run : CorrectionRun
    table : DataFrame
        Its skill table.

    Returns
    -------
    str
    """
    settings = ", ".join(f"{k}={v}" for k, v in sorted(run.corrector.get_params().items()))
    parts = [
        f"# {run.mode.capitalize()} correction by {run.corrector.method}",
        f"Settings: {settings}. Scores on days that were not fitted; bias is estimate minus in "
        "situ.",
        printed_table(table, cross_site=run.mode == "cross-site"),
    ]
    frozen = freezing_table(run)
    if frozen is not None and len(frozen):
        parts += [
            "## Freezing period",
            "RMSE on days with frozen soil, and its ratio to the RMSE of all days.",
            markdown_table(_frozen_means(frozen), decimals=3),
        ]
    if isinstance(run.corrector, SeasonalCorrector):
        parts += ["## Fitted curves", markdown_table(_curve_table(run), decimals=4)]
    return "\n\n".join(part.rstrip("\n") for part in parts) + "\n"


def _frozen_means(frozen: pd.DataFrame) -> pd.DataFrame:
    numbers = [name for name in frozen.columns if name.startswith(("rmse", "ratio"))]
    means = frozen.groupby("vegetation_type", sort=False)[numbers].mean().reset_index()
    means["vegetation_type"] = means["vegetation_type"].replace("", "-")
    means.insert(1, "series", frozen.groupby("vegetation_type", sort=False).size().to_numpy())
    return means.rename(columns=lambda name: name.replace("_", " "))


def _curve_table(run: CorrectionRun) -> pd.DataFrame:
    """Amplitude, day of the maximum and trend of each fitted curve, which people can picture."""
    fitted = run.parameters
    origin_day = pd.Timestamp(run.corrector.time_origin).day_of_year
    phase = np.arctan2(fitted["sine"], fitted["cosine"]) / (2 * np.pi)
    curves = xr.Dataset(
        {
            "amplitude (m3 m-3)": np.hypot(fitted["sine"], fitted["cosine"]),
            "day of maximum": (phase % 1.0) * DAYS_PER_YEAR + origin_day,
            "trend (m3 m-3 per year)": fitted["trend"] * DAYS_PER_YEAR,
            "offset (m3 m-3)": fitted["offset"],
            "frozen step (m3 m-3)": fitted["frozen_step"],
            "anomaly gain": fitted["anomaly_gain"],
            "status": fitted["status"],
        }
    )
    table = curves.reset_coords(drop=True).to_dataframe().reset_index()
    table = table[np.isfinite(table["offset (m3 m-3)"])]
    table["day of maximum"] = [f"{day:.0f}" for day in table["day of maximum"]]
    table["status"] = [FitStatus(int(code)).name.lower() for code in table["status"]]
    unused = [name for name in ("frozen step (m3 m-3)", "anomaly gain") if (table[name] == 0).all()]
    return table.drop(columns=unused).rename(columns={"layer": "layer (cm)"})


def _curve_figures(run: CorrectionRun) -> dict[str, Figure]:
    """Figs. 3 and 4 for the station with the longest fitted record."""
    dataset = run.dataset
    fitted_days = (dataset["role"] == Role.FITTED) & dataset["in_situ"].notnull()
    n_fitted = fitted_days.sum(("layer", "time")).values
    station = str(dataset["station"].values[int(n_fitted.argmax())])
    site = dataset.sel(station=station)
    trained = fitted_days.sel(station=station)
    layers = [str(name) for name in site["layer"].values if trained.sel(layer=name).sum() > 365]
    if not layers:
        return {}
    site, trained = site.sel(layer=layers), trained.sel(layer=layers)
    span = np.flatnonzero(trained.any("layer").values)
    within = site.isel(time=slice(span[0], span[-1] + 1))
    settings = run.corrector.get_params()
    vmd = VmdBiasCorrector().get_params() | settings
    modes = difference_modes(
        within["initial"],
        within["in_situ"].where(trained),
        **{name: vmd[name] for name in ("n_modes", "alpha", "init", "dc", "tol", "gaps")},
    )
    if vmd["selection"] == "last_two":
        slow = modes["mode"] >= modes.sizes["mode"] - 1
    else:
        slow = modes["center_periods"] >= ANNUAL_PERIODS_DAYS[0]
    low = modes["modes"].where(slow, 0.0).where(modes["difference"].notnull())
    low = low.sum("mode", skipna=False)
    curve = seasonal_curve(
        run.parameters.sel(station=station, layer=layers),
        site["time"],
        time_origin=settings["time_origin"],
        days_per_year=settings["days_per_year"],
    )
    judged = site.where(site["role"] == Role.VALIDATION)
    errors = judged[["initial", "corrected"]] - judged["in_situ"]
    shown = np.flatnonzero((site["role"] != Role.UNUSED).any("layer").values)
    return {
        "modes": modes_figure(modes, title=f"{station}: modes of in situ minus reanalysis"),
        "fit": fit_figure(
            low,
            curve.isel(time=slice(shown[0], shown[-1] + 1)).transpose("layer", "time"),
            errors,
            split=within["time"].values[-1],
            title=f"{station}: curve on the year and the trend, and errors on validation days",
        ),
    }


def write_netcdf(dataset: xr.Dataset, path: str | Path) -> None:
    """Write a Dataset as compressed NetCDF-4, chunk by chunk if it is lazy.

    Parameters
    ----------
    dataset : Dataset
    path : path
    """
    encoding: dict[str, dict[str, object]] = {}
    for name, variable in dataset.variables.items():
        if variable.ndim >= 3 and variable.dtype.kind == "f":
            encoding[str(name)] = {"zlib": True, "complevel": 1, "dtype": "float32"}
        elif variable.ndim >= 3 and variable.dtype.kind in "iu":
            encoding[str(name)] = {"zlib": True, "complevel": 1}
    if "time" in dataset.variables:
        encoding["time"] = {"units": "days since 1970-01-01", "dtype": "float64"}
    with replacing(path) as temporary:
        dataset.assign_attrs(Conventions="CF-1.11").to_netcdf(temporary, encoding=encoding)


def write_csv(table: pd.DataFrame, path: str | Path) -> None:
    """Write a table with six significant digits."""
    with replacing(path) as temporary:
        table.to_csv(temporary, index=False, float_format="%.6g")


def write_figure(figure: Figure, path: str | Path) -> None:
    """Write a figure as PNG."""
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=110)
