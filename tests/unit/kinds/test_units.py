"""The table of units: names, factors and the unit of a row.

The expected factors are the numbers that the standards print, apart from how the table derives them: BIPM's
SI brochure (2019), NIST SP 811 (2008) appendix B.8, IAU 2012 resolution B2, CODATA 2022, IEC 80000-13.
"""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kinds import units

# Of one unit in another.
EXACT = [
    ("nm", "m", "1e-9"),
    ("µm", "m", "1e-6"),
    ("mm", "m", "0.001"),
    ("cm", "m", "0.01"),
    ("km", "m", "1000"),
    ("in", "m", "0.0254"),
    ("ft", "m", "0.3048"),
    ("yd", "m", "0.9144"),
    ("mi", "m", "1609.344"),
    ("nmi", "m", "1852"),
    ("au", "m", "149597870700"),
    ("ly", "m", "9460730472580800"),
    ("mm²", "m²", "0.000001"),
    ("dm²", "m²", "0.01"),
    ("km²", "m²", "1000000"),
    ("ha", "m²", "10000"),
    ("acre", "m²", "4046.8564224"),
    ("ft²", "m²", "0.09290304"),
    ("mi²", "m²", "2589988.110336"),
    ("mL", "L", "0.001"),
    ("m³", "L", "1000"),
    ("dm³", "L", "1"),
    ("gal", "L", "3.785411784"),
    ("gal-imp", "L", "4.54609"),
    ("fl oz", "mL", "29.5735295625"),
    ("bbl", "L", "158.987294928"),
    ("mg", "kg", "0.000001"),
    ("g", "kg", "0.001"),
    ("t", "kg", "1000"),
    ("lb", "kg", "0.45359237"),
    ("oz", "g", "28.349523125"),
    ("st", "kg", "6.35029318"),
    ("ct", "g", "0.2"),
    ("u", "kg", "1.66053906892e-27"),
    ("ms", "s", "0.001"),
    ("min", "s", "60"),
    ("h", "s", "3600"),
    ("d", "s", "86400"),
    ("wk", "d", "7"),
    ("a", "d", "365.25"),
    ("mo", "d", "30.4375"),
    ("km/s", "m/s", "1000"),
    ("mph", "m/s", "0.44704"),
    ("m/s", "km/h", "3.6"),
    ("mph", "km/h", "1.609344"),
    ("kn", "km/h", "1.852"),
    ("kJ", "J", "1000"),
    ("MJ", "J", "1000000"),
    ("kWh", "J", "3600000"),
    ("eV", "J", "1.602176634e-19"),
    ("kcal", "J", "4184"),
    ("cal", "J", "4.184"),
    ("Btu", "J", "1055.05585262"),
    ("mW", "W", "0.001"),
    ("kW", "W", "1000"),
    ("MW", "W", "1000000"),
    ("GW", "W", "1000000000"),
    ("hp", "W", "745.69987158227022"),
    ("PS", "W", "735.49875"),
    ("hPa", "Pa", "100"),
    ("kPa", "Pa", "1000"),
    ("bar", "Pa", "100000"),
    ("atm", "Pa", "101325"),
    ("mmHg", "Pa", "133.322387415"),
    ("N", "kN", "0.001"),
    ("lbf", "N", "4.4482216152605"),
    ("B", "bit", "8"),
    ("kB", "B", "1000"),
    ("MB", "B", "1000000"),
    ("GB", "B", "1e9"),
    ("TB", "B", "1e12"),
    ("KiB", "B", "1024"),
    ("MiB", "B", "1048576"),
    ("GiB", "B", "1073741824"),
    ("TiB", "B", "1099511627776"),
    ("MB/s", "Mbit/s", "8"),
    ("kHz", "Hz", "1000"),
    ("MHz", "Hz", "1000000"),
    ("GHz", "Hz", "1e9"),
    ("mV", "V", "0.001"),
    ("kV", "V", "1000"),
    ("mA", "A", "0.001"),
    ("deg", "arcmin", "60"),
    ("deg", "arcsec", "3600"),
    ("g/cm³", "kg/m³", "1000"),
    ("kJ/(kg·K)", "J/(kg·K)", "1000"),
    ("kJ/mol", "J/mol", "1000"),
    ("kg/mol", "g/mol", "1000"),
    ("%", "‰", "10"),
    ("km/L", "L/100km", "100"),
    ("%", "ppm", "10000"),
]

# The standards print these rounded.
ROUNDED = [
    ("psi", "Pa", "6894.757"),
    ("Torr", "Pa", "133.3224"),
    ("mpg", "km/L", "0.4251437"),
    ("rad", "deg", "57.29578"),
    ("lb/ft³", "kg/m³", "16.01846"),
    ("mpg", "L/100km", "235.2146"),
    ("mpg-imp", "L/100km", "282.4809"),
    ("rpm", "Hz", "0.01666667"),
    ("lb·ft", "N·m", "1.355818"),
]

ALL = [unit for dimension in units.dimensions() for unit in units.symbols(dimension)]


@pytest.mark.parametrize(("source", "target", "factor"), EXACT)
def test_factors_are_those_of_the_standards(source, target, factor):
    assert units.convert(Decimal(1), source, target) == Decimal(factor)


@pytest.mark.parametrize(("source", "target", "factor"), ROUNDED)
def test_factors_agree_with_the_rounded_ones_of_the_standards(source, target, factor):
    given = Decimal(factor)
    assert units.convert(Decimal(1), source, target).quantize(given) == given


def test_the_radian_is_180_degrees_by_pi():
    # Machin: π = 16 arctan 1/5 − 4 arctan 1/239.
    def arctan_of_inverse(n):
        return sum(Fraction((-1) ** k, (2 * k + 1) * n ** (2 * k + 1)) for k in range(60))

    pi = 16 * arctan_of_inverse(5) - 4 * arctan_of_inverse(239)
    assert abs(units.get("rad").factor * pi - 180) < Fraction(1, 10**50)


@pytest.mark.parametrize(
    ("amount", "source", "target", "expected"),
    [
        ("0", "°C", "K", "273.15"),
        ("100", "°C", "°F", "212"),
        ("-40", "°F", "°C", "-40"),
        ("0", "K", "°F", "-459.67"),
        ("10", "L/100km", "km/L", "10"),
        ("5", "km/L", "L/100km", "20"),
        ("8", "L/100km", "L/100km", "8"),
    ],
)
def test_temperatures_shift_and_consumption_inverts(amount, source, target, expected):
    assert units.convert(Decimal(amount), source, target) == Decimal(expected)


@pytest.mark.parametrize(
    ("source", "target"), [("kg", "m"), ("people", "tokens"), ("%", "kg"), ("people", "kg")]
)
def test_different_things_do_not_convert(source, target):
    with pytest.raises(ValueError, match="different things"):
        units.convert(Decimal(1), source, target)


def test_zero_has_no_reciprocal():
    with pytest.raises(ValueError, match="reciprocal"):
        units.convert(Decimal(0), "mpg", "L/100km")


@given(st.decimals("0.001", "1e9", places=4), st.sampled_from(units.dimensions()), st.data())
def test_converting_there_and_back_loses_nothing_of_32_digits(amount, dimension, data):
    there, back = (data.draw(st.sampled_from(units.symbols(dimension))) for _ in range(2))
    returned = units.convert(units.convert(amount, there, back), back, there)
    assert abs(returned - amount) <= abs(amount) * Decimal("1e-30") + Decimal("1e-28")


@given(
    st.decimals(-1000, 1000, places=2), st.decimals(-1000, 1000, places=2), st.sampled_from(ALL), st.data()
)
def test_sort_keys_order_amounts_across_units(a, b, symbol, data):
    same_scale = [
        s for s in units.symbols(units.dimension_of(symbol)) if units.get(s).scale == units.get(symbol).scale
    ]
    other = data.draw(st.sampled_from(same_scale))
    first, second = units.sort_key(a, symbol), units.sort_key(b, other)
    converted = units.convert(b, other, symbol)
    if abs(a - converted) > Decimal("1e-20"):
        assert (first < second) == (a < converted)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (("1", "t"), ("1000", "kg")),
        (("-40", "°C"), ("-40", "°F")),
        (("3", "ft"), ("1", "yd")),
        (("1", "h"), ("60", "min")),
    ],
)
def test_equal_amounts_have_equal_keys(a, b):
    assert units.sort_key(Decimal(a[0]), a[1]) == units.sort_key(Decimal(b[0]), b[1])


def test_a_key_has_one_space_after_its_scale():
    keys = [units.sort_key(Decimal(1), symbol) for symbol in [*ALL, "my own unit", "people"]]
    assert all(key.count(" ") == 1 for key in keys)


@pytest.mark.parametrize("symbol", ALL)
def test_a_known_symbol_comes_back_as_written(symbol):
    found = units.find(symbol)
    assert found is not None
    assert found.symbol == symbol


@pytest.mark.parametrize(
    ("spelling", "symbol"),
    [
        ("kilograms", "kg"),
        ("Kilograms", "kg"),
        ("pounds", "lb"),
        ("lbs", "lb"),
        ("feet", "ft"),
        ("inches", "in"),
        ("metres", "m"),
        ("meters", "m"),
        ("Kilometers per hour", "km/h"),
        ("kph", "km/h"),
        ("litres", "L"),
        ("l", "L"),
        ("km2", "km²"),
        ("km^2", "km²"),
        ("㎡", "m²"),
        ("sq mi", "mi²"),
        ("square miles", "mi²"),
        ("g/cm3", "g/cm³"),
        ("um", "µm"),
        ("μm", "µm"),
        ("microseconds", "µs"),
        ("℃", "°C"),
        ("degrees Celsius", "°C"),
        ("C", "°C"),
        ("Mb", "Mbit"),
        ("b", "bit"),
        ("KB", "kB"),
        ("Mbps", "Mbit/s"),
        ("megabytes", "MB"),
        ("gib", "GiB"),
        ("years", "a"),
        ("hrs", "h"),
        ("days", "d"),
        ("L/100 km", "L/100km"),
        ("miles per gallon", "mpg"),
        ("J kg", None),
        ("J/kg/K", "J/(kg·K)"),
        ("W/m·K", "W/(m·K)"),
        ("W/(m*K)", "W/(m·K)"),
        ("W/(m K)", "W/(m·K)"),
        ("km/hr", "km/h"),
        ("degC", "°C"),
        ("J/(mol K)", "J/(mol·K)"),
        ("percent", "%"),
        ("light years", "ly"),
        ("horsepower", "hp"),
        ("kilojoules", "kJ"),
        ("′", "arcmin"),
        ("″", "arcsec"),
        ("°", "deg"),
        ("公斤", "kg"),
        ("千克", "kg"),
        ("千米", "km"),
        ("公里", "km"),
        ("米", "m"),
        ("小时", "h"),
        ("平方公里", "km²"),
        ("摄氏度", "°C"),
        ("人", "people"),
        ("person", "people"),
        ("Tokens", "tokens"),
        ("magnitude", "mag"),
    ],
)
def test_common_spellings_are_known(spelling, symbol):
    found = units.find(spelling)
    assert (found.symbol if found else None) == symbol


@pytest.mark.parametrize(
    "spelling", ["mw", "mb", "MM", "", " ", "kgs2", "9**9**9", "$", "\ud800", "\x00", "k" * 10_000, "kg;m"]
)
def test_any_other_unit_is_not_known(spelling):
    assert units.find(spelling) is None


def test_case_tells_units_apart():
    assert [units.find(unit).symbol for unit in ("mW", "MW", "B", "b", "Pa", "PS")] == [
        "mW",
        "MW",
        "B",
        "bit",
        "Pa",
        "PS",
    ]


@pytest.mark.parametrize(
    "listed",
    [
        "nm",
        "km",
        "in",
        "ft",
        "mi",
        "au",
        "ly",
        "mm²",
        "km²",
        "ha",
        "acre",
        "mL",
        "L",
        "m³",
        "gal",
        "mg",
        "t",
        "oz",
        "lb",
        "ms",
        "s",
        "min",
        "h",
        "d",
        "wk",
        "a",
        "m/s",
        "km/h",
        "mph",
        "km/s",
        "°C",
        "°F",
        "K",
        "J",
        "kJ",
        "MJ",
        "kWh",
        "eV",
        "kcal",
        "mW",
        "GW",
        "hp",
        "Pa",
        "hPa",
        "kPa",
        "bar",
        "psi",
        "bit",
        "B",
        "kB",
        "TB",
        "KiB",
        "TiB",
        "Hz",
        "GHz",
        "V",
        "mV",
        "kV",
        "A",
        "mA",
        "arcsec",
        "arcmin",
        "deg",
        "rad",
        "L/100km",
        "mpg",
        "km/L",
        "g/cm³",
        "kg/m³",
        "J/(kg·K)",
        "W/(m·K)",
        "J/mol",
        "kJ/mol",
        "g/mol",
        "%",
        "‰",
        "people",
        "tokens",
        "mag",
    ],
)
def test_every_unit_that_is_promised_is_there(listed):
    assert units.find(listed).symbol == listed


def test_an_unlisted_stored_unit_counts_and_converts_to_nothing():
    assert units.get("goals per match").is_count
    assert units.convert(Decimal(3), "goals per match", "goals per match") == 3


@pytest.mark.parametrize(
    ("row", "system", "expected"),
    [
        (["km²", "km²", "mi²"], "original", "km²"),
        (["km²", "km²"], "imperial", "mi²"),
        (["mi²", "km²"], "metric", "km²"),
        (["kg"], "imperial", "lb"),
        (["ft"], "metric", "m"),
        (["°C"], "imperial", "°F"),
        (["°F", "°F"], "metric", "°C"),
        (["people"], "imperial", "people"),
        (["%"], "imperial", "%"),
        (["GB"], "imperial", "GB"),
        (["V"], "imperial", "V"),
        (["s"], "imperial", "s"),
        (["L/100km"], "imperial", "mpg"),
    ],
)
def test_a_row_has_one_unit(row, system, expected):
    assert units.display_unit(row, system) == expected


def test_among_equally_common_units_the_readable_one_is_shown():
    assert units.display_unit(["t", "g"], "original", [Decimal("0.004"), Decimal(300)]) == "g"
    assert units.display_unit(["g", "t"], "original", [Decimal(900_000), Decimal(2)]) == "t"


@pytest.mark.parametrize("symbol", ALL)
def test_counterparts_measure_the_same(symbol):
    unit = units.get(symbol)
    for other in filter(None, (unit.metric, unit.imperial)):
        assert units.dimension_of(other) == unit.dimension
