"""A whole correction: run one method, compare all, correct a region, and write what came out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import xarray as xr

from local_core.atomic_write import write_text
from local_core.bias_correction.correction_outputs import (
    write_csv,
    write_figure,
    write_netcdf,
)
from local_core.bias_correction.correction_run import CorrectionRun
from local_core.bias_correction.cross_site import cross_site_correction
from local_core.bias_correction.fit_status import FitStatus
from local_core.bias_correction.methods import METHODS, make_corrector
from local_core.bias_correction.reanalysis_source import frozen_state
from local_core.bias_correction.regional import fit_vegetation_types, regional_correction
from local_core.bias_correction.series_figure import comparison_figure
from local_core.bias_correction.single_site import single_site_correction
from local_core.bias_correction.skill_tables import method_table, skill_table
from local_core.markdown_table import markdown_table
from local_core.stations.status import SoilState


@dataclass(frozen=True, kw_only=True)
class CorrectionTask:
    """Stations, the reanalysis at them, and how a correction is fitted and judged.

    Parameters
    ----------
    observed : Dataset (station, layer, time)
        From :func:`~local_core.bias_correction.observed_layers.read_observed_layers`.
    near : Dataset (station, layer, time)
        The reanalysis at the stations, from
        :func:`~local_core.bias_correction.reanalysis_source.at_stations`, in memory.
    settings : dict, optional
        Of the methods, see :func:`~local_core.bias_correction.methods.make_corrector`.
    train_share, train_until, min_years : optional
        Of :func:`~local_core.bias_correction.single_site.single_site_correction`.
    leave_out : tuple of str, optional
        Of :func:`~local_core.bias_correction.cross_site.cross_site_correction`.
    confidence : float, optional
        Share of days inside the band.
    """

    observed: xr.Dataset
    near: xr.Dataset
    settings: Mapping[str, object] = field(default_factory=dict)
    train_share: float = 0.6
    train_until: str | None = None
    min_years: float = 3.0
    leave_out: tuple[str, ...] = ()
    confidence: float | None = 0.95

    @property
    def vegetation_type(self) -> np.ndarray:
        """Type of each station, "" where unknown."""
        return self.observed["vegetation_type"].values.astype(str)

    @property
    def has_neighbours(self) -> bool:
        """Whether any vegetation type has two stations, so that cross-site correction can run."""
        types = [kind for kind in self.vegetation_type if kind]
        return len(types) > len(set(types))

    def run(self, mode: str, method: str) -> CorrectionRun:
        """Correct the stations by one method.

        Parameters
        ----------
        mode : {"single", "cross"}
        method : str
            A key of :data:`~local_core.bias_correction.methods.METHODS`.

        Returns
        -------
        CorrectionRun
        """
        frozen_model = frozen_state(self.near)
        frozen_soil = self.observed.get("frozen")
        if frozen_soil is None or not bool((frozen_soil != SoilState.UNKNOWN).any()):
            frozen_soil = frozen_model
        common = {
            "frozen_model": frozen_model,
            "frozen_soil": frozen_soil,
            "confidence": self.confidence,
        }
        pair = (
            make_corrector(method, **self.settings),
            self.near["soil_moisture"],
            self.observed["soil_moisture"],
        )
        if mode == "single":
            return single_site_correction(
                *pair,
                **common,
                train_share=self.train_share,
                train_until=self.train_until,
                min_years=self.min_years,
            )
        return cross_site_correction(
            *pair, **common, vegetation_type=self.vegetation_type, leave_out=self.leave_out
        )

    def compare(self, mode: str, folder: str | Path, *, figures: bool = True) -> list[Path]:
        """Score every method on the same days, and write the comparison.

        Parameters
        ----------
        mode : {"single", "cross"}
        folder : path
        figures : bool, optional

        Returns
        -------
        list of Path
            ``<mode>_methods.csv``, ``.md`` and ``.png``.
        """
        folder = Path(folder)
        tables = {method: skill_table(self.run(mode, method)) for method in METHODS}
        table = method_table(tables)
        written = [folder / f"{mode}_methods.csv", folder / f"{mode}_methods.md"]
        write_csv(table, written[0])
        write_text(written[1], markdown_table(table, decimals=4))
        if figures and table["series"].iloc[0]:
            written.append(folder / f"{mode}_methods.png")
            figure = comparison_figure(tables, title="Methods on validation days")
            write_figure(figure, written[-1])
        return written

    def against_single(self, run: CorrectionRun, method: str, folder: str | Path) -> list[Path]:
        """Draw cross-site scores beside those of single-site correction (the paper's Fig. 9).

        Parameters
        ----------
        run : CorrectionRun
            Of cross-site correction.
        method : str
        folder : path

        Returns
        -------
        list of Path
            ``cross_site_against_single.png``; nothing if no site's record is long enough.
        """
        tables = {
            "single-site": skill_table(self.run("single", method)),
            "cross-site": skill_table(run),
        }
        scored = [
            set(zip(t["station"], t["layer"].astype(str)))
            for t in (table[table["rmse_corrected"].notna()] for table in tables.values())
        ]
        if not scored[0] & scored[1]:
            return []
        path = Path(folder) / "cross_site_against_single.png"
        title = f"Single-site and cross-site correction by {method}"
        write_figure(comparison_figure(tables, title=title), path)
        return [path]

    def correct_region(
        self,
        method: str,
        grid: xr.Dataset,
        vegetation: xr.DataArray,
        folder: str | Path,
        *,
        classes: Mapping[int, str] | None = None,
    ) -> list[Path]:
        """Fit each vegetation type, correct a grid, and write it chunk by chunk.

        Parameters
        ----------
        method : str
        grid : Dataset (layer, time, latitude, longitude)
            From :func:`~local_core.bias_correction.reanalysis_source.read_reanalysis`.
        vegetation : DataArray (latitude, longitude)
            On the same grid.
        folder : path
        classes : mapping of int to str, optional
            What the map's numbers mean.

        Returns
        -------
        list of Path
            ``regional.nc`` and ``regional_parameters.nc``.
        """
        folder = Path(folder)
        fitted = fit_vegetation_types(
            make_corrector(method, **self.settings),
            self.near["soil_moisture"],
            self.observed["soil_moisture"],
            vegetation_type=self.vegetation_type,
            leave_out=self.leave_out,
            frozen_model=frozen_state(self.near),
        )
        layers = [str(name) for name in fitted.parameters_["layer"].values]
        corrected = regional_correction(
            fitted,
            grid["soil_moisture"].sel(layer=layers),
            vegetation,
            classes=classes,
            frozen=frozen_state(grid.sel(layer=layers)) if fitted.uses_frozen else None,
        )
        written = [folder / "regional.nc", folder / "regional_parameters.nc"]
        write_netcdf(corrected.to_dataset(name="soil_moisture"), written[0])
        write_netcdf(fitted.parameter_dataset(), written[1])
        return written


def summary(run: CorrectionRun) -> list[str]:
    """Say in a few lines what a correction did, and where it did not help.

    Parameters
    ----------
    run : CorrectionRun

    Returns
    -------
    list of str
    """
    table = skill_table(run)
    scored = table[table["rmse_corrected"].notna()]
    lines = [
        f"{run.mode} correction by {run.corrector.method}: {len(scored)} of {len(table)} series "
        "judged on days that were not fitted"
    ]
    if len(scored):
        for name, label in (("r", "R"), ("bias", "|bias|"), ("rmse", "RMSE")):
            before, after = scored[f"{name}_initial"], scored[f"{name}_corrected"]
            if name == "bias":
                before, after = before.abs(), after.abs()
            lines.append(f"  mean {label:<7}{before.mean():8.3f} -> {after.mean():.3f}")
        worse = int((scored["rmse_corrected"] >= scored["rmse_initial"]).sum())
        if worse:
            lines.append(f"  {worse} series have a larger RMSE than before the correction")
    notes = run.dataset["note"].values
    for note in sorted(set(notes) - {""}):
        names = [str(n) for n, why in zip(run.dataset["station"].values, notes) if why == note]
        lines.append(f"  not corrected: {', '.join(names)} ({note})")
    status = run.parameters["status"]
    if "station" in status.dims:
        noted = run.dataset["station"].values[notes != ""]
        status = status.sel(station=~np.isin(status["station"], noted))
    for failure in (FitStatus.TOO_FEW_DAYS, FitStatus.NO_VARIATION):
        number = int((status == failure).sum())
        if number:
            reason = failure.name.lower().replace("_", " ")
            lines.append(f"  not fitted: {number} series ({reason})")
    return lines
