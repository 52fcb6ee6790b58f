"""Numbers as Java writes them, against what OpenJDK 17 printed."""

from __future__ import annotations

import pytest

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.values.java_format import java_format

# String.format(Locale.US, pattern, number) of OpenJDK 17.0.15; None where it throws. Left out is
# what Java only writes since 19: the shortest digits of every double, such as 2.0E23.
PRINTED = [
    ('%.2f', 1e+21, '1000000000000000000000.00'),
    ("%f", 1e300, "1" + "0" * 300 + ".000000"),
    ('%.0f', 0.5, '1'),
    ('%.0f', 2.5, '3'),
    ('%.3f', -0.0005, '-0.001'),
    ('%,.2f', 1234567.891, '1,234,567.89'),
    ('%#.0f', 1.5, '2.'),
    ('%(,.1f', -99999.95, '(100,000.0)'),
    ('%010.2f', -3.14159, '-000003.14'),
    ('%+.2f', float("nan"), 'NaN'),
    ('%08.1f', float("inf"), 'Infinity'),
    ('%(f', float("-inf"), '(Infinity)'),
    ('%e', 0.0, '0.000000e+00'),
    ('%.0e', 9.5, '1e+01'),
    ('%.3e', 123476.0, '1.235e+05'),
    ('%E', 1e-300, '1.000000E-300'),
    ('%#.0e', 1.0, '1.e+00'),
    ('%.17e', 5e-324, '4.90000000000000000e-324'),
    ('%012.1E', -2.5, '-00002.5E+00'),
    ('%E', float("inf"), 'INFINITY'),
    ('%g', 99999.95, '100000'),
    ('%g', 999999.5, '1.00000e+06'),
    ('%g', 0.0001, '0.000100000'),
    ('%g', 9.9999996e-05, '0.000100000'),
    ('%.2g', 9.9999999, '10'),
    ('%G', 1e-05, '1.00000E-05'),
    ('%.0g', 12.0, '1e+01'),
    ('%g', 0.0, '0.00000'),
    ('%.3g', 0.00012345, '0.000123'),
    ('%,g', 12345.0, '12,345.0'),
    ('%G', float("-inf"), '-INFINITY'),
    ('%a', 1.0, '0x1.0p0'),
    ('%.2a', 2.5, '0x1.40p1'),
    ('%.5a', 0.099999999, '0x1.9999ap-4'),
    ('%.1a', 1.97, '0x1.0p1'),
    ('%A', -0.1, '-0X1.999999999999AP-4'),
    ('%.3a', 0.0, '0x0.000p0'),
    ('%a', 5e-324, '0x0.0000000000001p-1022'),
    ('%+12a', 1.5, '    +0x1.8p0'),
    ('%s', 5e-324, '4.9E-324'),
    ('%s', 2e-323, '2.0E-323'),
    ('%s', 10000000.0, '1.0E7'),
    ('%s', 0.001, '0.001'),
    ('%s', 123456789.0, '1.23456789E8'),
    ('%s', 0.0001, '1.0E-4'),
    ('%.3s', 2.71828, '2.7'),
    ('%-6s|', 1.5, '1.5   |'),
    ('%d', -7, '-7'),
    ('%,d', -1234567, '-1,234,567'),
    ('%(d', -7, '(7)'),
    ('%+d', 7, '+7'),
    ('% d', 7, ' 7'),
    ('%-5d|', 42, '42   |'),
    ('%05d', -42, '-0042'),
    ('%x', -1, 'ffffffffffffffff'),
    ('%#x', 255, '0xff'),
    ('%#012X', 255, '0X00000000FF'),
    ('%#o', 8, '010'),
    ('%o', -8, '1777777777777777777770'),
    ('%X', 48879, 'BEEF'),
    ('%-0f', 1.0, None),
    ('%0f', 1.0, None),
    ('%-d', 1, None),
    ('%+ d', 1, None),
    ('%-05d', 1, None),
    ('%#d', 1, None),
    ('%,x', 1, None),
    ('%(x', 1, None),
    ('%+o', 1, None),
    ('%.1d', 1, None),
    ('%0s', 1.0, None),
    ('%+s', 1.0, None),
    ('%#s', 1.0, None),
    ('%,e', 1.0, None),
    ('%#g', 1.0, None),
    ('%(a', 1.0, None),
    ('%++d', 1, None),
]  # fmt: skip


@pytest.mark.parametrize(("pattern", "value", "printed"), PRINTED)
def test_a_number_is_written_as_java_writes_it(pattern, value, printed):
    if printed is None:
        with pytest.raises(EarthEngineError, match="Invalid format pattern"):
            java_format(pattern, value)
    else:
        assert java_format(pattern, value) == printed


@pytest.mark.parametrize("pattern", ["", "x", "%", "%%d", "%d%d", "%n", "%b", "%1$d", "%d%"])
def test_a_pattern_has_exactly_one_conversion(pattern):
    with pytest.raises(EarthEngineError, match="Invalid format pattern"):
        java_format(pattern, 1)


def test_vast_widths_are_refused_rather_than_written():
    with pytest.raises(EarthEngineError, match="no more than"):
        java_format("%999999999d", 1)
