"""WorldCereal's data cube of a Belgian square kilometre, laid out as a catalog.

What the file holds is kept: VV, five optical bands, elevation, twelve monthly composites. What the
chain needs and the file lacks is assumed, each assumption here and nowhere else:

- incidence angle: 38 degrees everywhere (the file has none), so that normalising changes nothing;
- pass: ascending, relative orbit 1, heading 348 degrees (the composites mix passes);
- scene classes: 4 (vegetation) where the bands are valid, and a cloud score of 1 there, as the
  composites are cloud-free;
- land cover: grass, since cropland, which it is, would be masked.

Only the arithmetic of a map of it can be judged, not its soil moisture.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import xarray as xr
from affine import Affine
from rasterio.warp import transform_bounds

from gee_sm.emulator.catalog import CatalogWriter

FILE = Path(
    "WorldCereal__worldcereal-classification/tests/worldcerealtests/testresources/"
    "worldcereal_preprocessed_inputs.nc"
)
YEAR = 2021
ANGLE = 38.0
_CRS = "EPSG:32631"
_MISSING = 65535
_BANDS = {"B2": "B02", "B3": "B03", "B4": "B04", "B8": "B08", "B11": "B11"}


def power_of(digital_numbers: np.ndarray) -> np.ndarray:
    """Linear power of WorldCereal's coding, dB = 20 log10(DN) - 83; NaN where there is none."""
    valid = (digital_numbers > 0) & (digital_numbers < _MISSING)
    dn = np.where(valid, digital_numbers, 1).astype(float)
    return np.where(valid, 10 ** ((20 * np.log10(dn) - 83) / 10), np.nan)


def write_catalog(source: Path, folder: Path) -> Path:
    """Lay the netCDF file out as a catalog in a folder."""
    with xr.open_dataset(source) as opened:
        cube = opened.load()
    x, y = cube["x"].values, cube["y"].values
    grid = Affine(10, 0, x[0] - 5, 0, -10, y[0] + 5)
    bounds = (x[0] - 5, y[-1] - 5, x[-1] + 5, y[0] + 5)
    west, south, east, north = transform_bounds(_CRS, "EPSG:4326", *bounds)
    inset = 0.0015
    with CatalogWriter(
        folder,
        title="WorldCereal square kilometre",
        extra_fields={
            "gee_sm:region": [west + inset, south + inset, east - inset, north - inset],
            "gee_sm:years": [YEAR],
        },
    ) as catalog:
        shared = {"crs": _CRS, "transform": grid}
        for step, stamp in enumerate(cube["t"].values):
            time = datetime.fromtimestamp(stamp.astype("datetime64[s]").astype(int), UTC)
            name = f"{time:%Y%m%d}"
            slab = cube.isel(t=step)
            catalog.add_image(
                "COPERNICUS/S1_GRD_FLOAT",
                name,
                bands={
                    "VV": power_of(slab["S1-SIGMA0-VV"].values).astype("float32"),
                    "angle": np.full((3, 3), ANGLE, "float32"),
                },
                crs=_CRS,
                transform={
                    "VV": grid,
                    "angle": Affine(1000, 0, x[0] - 1005, 0, -1000, y[0] + 1005),
                },
                properties={
                    "instrumentMode": "IW",
                    "resolution_meters": 10,
                    "transmitterReceiverPolarisation": ["VV", "VH"],
                    "orbitProperties_pass": "ASCENDING",
                    "relativeOrbitNumber_start": 1,
                    "platformHeading": 348.0,
                    "platform_number": "A",
                },
                time_start=time,
            )
            bands = {band: slab[f"S2-L2A-{code}"].values for band, code in _BANDS.items()}
            valid = np.all([values < _MISSING for values in bands.values()], axis=0)
            catalog.add_image(
                "COPERNICUS/S2_SR_HARMONIZED",
                name,
                bands={**bands, "SCL": np.where(valid, 4, 0).astype("uint8")},
                nodata={**dict.fromkeys(bands, _MISSING), "SCL": 0},
                pyramiding={"SCL": "MODE"},
                time_start=time,
                **shared,
            )
            score = np.where(valid, np.float32(1), np.float32(np.nan))
            catalog.add_image(
                "GOOGLE/CLOUD_SCORE_PLUS/V1/S2_HARMONIZED",
                name,
                bands={"cs": score, "cs_cdf": score},
                time_start=time,
                **shared,
            )
        catalog.add_image(
            "USGS/SRTMGL1_003",
            bands={"elevation": cube["elevation"].isel(t=0).values.astype("int16")},
            **shared,
        )
        catalog.add_image(
            "ESA/WorldCover/v200",
            "2021",
            bands={"Map": np.full((y.size, x.size), 30, "uint8")},
            nodata=0,
            pyramiding={"Map": "MODE"},
            time_start=datetime(2021, 1, 1, tzinfo=UTC),
            **shared,
        )
    return folder
