"""Column mappings of sample tables that are in public use.

A preset is a starting point: every field can be replaced (``dataclasses.replace``, or the options
of ``gee-sm calibrate``).
"""

from __future__ import annotations

from types import MappingProxyType

from local_core.calibration.backscatter_difference import BackscatterReference
from local_core.calibration.sample_tables import SampleColumns

#: Earth Engine export of Sentinel-1 and Sentinel-2 at gauges, ten-day steps, by mitchellthomas1
#: (SoilMoistureDownscalingEAEE4000): VV in dB with its incidence angle, Sentinel-2 bands as digital
#: numbers without a cloud mask (hence the limit on the blue band), soil moisture in a second file.
#: The sites are in the United States, where winters are wet rather than frozen: the driest state
#: stands in for the freezing season.
GAUGE_POINTS = SampleColumns(
    target="InSituSM",
    station="coordinates",
    time="StartDate",
    sigma0="VV",
    angle="angle",
    reference=BackscatterReference(kind="driest"),
    nir="B8",
    red="B4",
    swir="B11",
    where="B2 < 2500",
)

#: Overpasses of Sentinel-1 at one RISMA station in Manitoba by abalmumcu (sen1-sen2-soil-moisture):
#: VV as linear power, soil moisture in percent, where 0 stands for frozen or missing.
RISMA_OVERPASSES = SampleColumns(
    target="RISMA 0 to 5 cm Depth Average WFV (%)",
    target_unit="percent",
    station=None,
    time="Date",
    sigma0="VV",
    sigma0_unit="linear",
    reference=BackscatterReference(kind="winter", months=(1, 2, 3)),
    where="soil_moisture > 0",
)

PRESETS = MappingProxyType({"gauge-points": GAUGE_POINTS, "risma-overpasses": RISMA_OVERPASSES})
