"""Units of measurement: a fixed table of exact factors, and which of them a row is shown in.

The text of a user is only ever looked up here, never evaluated. Sources of the definitions:

- SI: BIPM, The International System of Units, 9th edition (2019), with its tables of prefixes (7), of
  non-SI units accepted for use with it (8) and of the defining constants (1).
- YP: the international yard and pound agreement of 1959: 1 yd = 0.9144 m, 1 lb = 0.45359237 kg, both exact.
- NIST: Special Publication 811 (2008), appendix B, and Handbook 44, appendix C, for US measures.
- UK: the Units of Measurement Regulations 1995: the imperial gallon is 4.54609 L.
- IAU: resolution B2 of 2012 (1 au = 149,597,870,700 m); Style Manual of 1989 (Julian year, light-year).
- IEC: 80000-13 (2008) for bit, byte and binary prefixes.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache, partial
from typing import TypeGuard

from app.domain.messages import N_
from app.kinds import numerals


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of the table, or a count unit outside of it.

    In the base unit of its dimension ``amount`` is ``(amount + offset) * factor``, and ``factor / amount``
    where ``reciprocal``. ``metric`` and ``imperial`` are the symbols that show it to readers of those
    systems, "" where it stays as it is.
    """

    symbol: str
    dimension: str
    factor: Fraction = Fraction(1)
    offset: Fraction = Fraction(0)
    reciprocal: bool = False
    metric: str = ""
    imperial: str = ""

    @property
    def scale(self) -> str:
        """What values must share to be put in order: 5 L/100km is the lesser number yet the better car."""
        return f"{self.dimension}:reciprocal" if self.reciprocal else self.dimension

    @property
    def is_count(self) -> bool:
        """Whether it converts to nothing."""
        return self.dimension.startswith(_COUNT)


_COUNT = "count:"
_Row = tuple[Unit, str, str]


def _unit(
    dimension: str,
    symbol: str,
    factor: Fraction | int | str = 1,
    words: str = "",
    also: str = "",
    *,
    offset: str = "0",
    reciprocal: bool = False,
    metric: str = "",
    imperial: str = "",
) -> _Row:
    """Return a row: ``words`` are names in any case, ``also`` further symbols in just that case."""
    exact = Fraction(factor)
    return Unit(symbol, dimension, exact, Fraction(offset), reciprocal, metric, imperial), words, also


# YP
_INCH = Fraction("0.0254")
_FOOT = 12 * _INCH
_MILE = 5280 * _FOOT
_POUND = Fraction("0.45359237")
# SI: the standard acceleration of gravity, CGPM 1901
_GRAVITY = Fraction("9.80665")
_POUND_FORCE = _POUND * _GRAVITY
# SI, exact since 2019
_ELEMENTARY_CHARGE = Fraction("1.602176634e-19")
# NIST: 231 cubic inches; UK
_GALLON = 231 * _INCH**3
_IMPERIAL_GALLON = Fraction("0.00454609")
# IAU: 365.25 days of 86,400 s
_YEAR = Fraction(31_557_600)
# 180/π to 60 digits, the one irrational ratio of the table
_DEGREES_PER_RADIAN = Fraction("57.2957795130823208767981548141051703324054724665643215491602")


def _kilo(power: int) -> Fraction:
    return Fraction(1000) ** power


def _length() -> Iterator[_Row]:
    unit = partial(_unit, "length")

    # SI
    yield unit("pm", "1e-12", "picometre,皮米")
    yield unit("nm", "1e-9", "nanometre,纳米")
    yield unit("µm", "1e-6", "micrometre,micron,微米", "um")
    yield unit("mm", "0.001", "millimetre,毫米", imperial="in")
    yield unit("cm", "0.01", "centimetre,厘米,公分", "CM", imperial="in")
    yield unit("dm", "0.1", "decimetre,分米")
    yield unit("m", 1, "metre,mtr,米,公尺", imperial="ft")
    yield unit("km", 1000, "kilometre,千米,公里", "KM,Km", imperial="mi")
    # SI: 1 Å = 0.1 nm
    yield unit("Å", "1e-10", "angstrom,ångström,埃")
    # YP
    yield unit("in", _INCH, "in,inch,inches,英寸", '",in.', metric="cm")
    yield unit("ft", _FOOT, "ft,foot,feet,英尺", "',ft.", metric="m")
    yield unit("yd", 3 * _FOOT, "yd,yds,yard,码", metric="m")
    yield unit("mi", _MILE, "mi,mile,statute mile,英里", metric="km")
    # SI, table 8 of the 8th edition: 1,852 m
    yield unit("nmi", 1852, "nmi,nautical mile,海里")
    # IAU
    yield unit("au", 149_597_870_700, "au,astronomical unit,天文单位")
    yield unit("ly", 299_792_458 * _YEAR, "ly,light year,light-year,lightyear,光年")


def _area() -> Iterator[_Row]:
    unit = partial(_unit, "area")

    # SI
    yield unit("mm²", "1e-6", "square millimetre,sq mm,平方毫米", imperial="in²")
    yield unit("cm²", "1e-4", "square centimetre,sq cm,平方厘米", imperial="in²")
    yield unit("dm²", "0.01", "square decimetre,sq dm,平方分米")
    yield unit("m²", 1, "square metre,sq m,sqm,平方米,平米", imperial="ft²")
    yield unit("km²", 10**6, "square kilometre,sq km,sqkm,平方千米,平方公里", imperial="mi²")
    yield unit("ha", 10**4, "hectare,公顷", imperial="acre")
    # YP
    yield unit("in²", _INCH**2, "square inch,square inches,sq in,平方英寸", metric="cm²")
    yield unit("ft²", _FOOT**2, "square foot,square feet,sq ft,sqft,平方英尺", metric="m²")
    yield unit("yd²", (3 * _FOOT) ** 2, "square yard,sq yd,平方码", metric="m²")
    yield unit("mi²", _MILE**2, "square mile,sq mi,平方英里", metric="km²")
    # YP: 4,840 square yards
    yield unit("acre", 4840 * (3 * _FOOT) ** 2, "acre,ac,英亩", metric="ha")


def _volume() -> Iterator[_Row]:
    unit = partial(_unit, "volume")

    # SI: 1 L = 1 dm³
    yield unit("mL", "1e-6", "millilitre,毫升", "ml", imperial="fl oz")
    yield unit("cL", "1e-5", "centilitre,厘升", "cl", imperial="fl oz")
    yield unit("dL", "1e-4", "decilitre,分升", "dl", imperial="fl oz")
    yield unit("L", "0.001", "litre,ltr,升,公升", "l,ℓ", imperial="gal")
    yield unit("mm³", "1e-9", "cubic millimetre,立方毫米")
    yield unit("cm³", "1e-6", "cubic centimetre,cc,立方厘米", imperial="in³")
    yield unit("dm³", "0.001", "cubic decimetre,立方分米")
    yield unit("m³", 1, "cubic metre,立方米", imperial="ft³")
    yield unit("km³", 10**9, "cubic kilometre,立方千米", imperial="mi³")
    # YP
    yield unit("in³", _INCH**3, "cubic inch,cubic inches,cu in,立方英寸", metric="cm³")
    yield unit("ft³", _FOOT**3, "cubic foot,cubic feet,cu ft,立方英尺", metric="m³")
    yield unit("mi³", _MILE**3, "cubic mile,cu mi,立方英里", metric="km³")
    # NIST
    yield unit("gal", _GALLON, "gal,gallon,us gallon,us gal,加仑", metric="L")
    yield unit("qt", _GALLON / 4, "qt,quart,夸脱", metric="L")
    yield unit("pt", _GALLON / 8, "pint", metric="mL")
    yield unit("fl oz", _GALLON / 128, "fl oz,floz,fluid ounce,液盎司", metric="mL")
    yield unit("bbl", 42 * _GALLON, "bbl,oil barrel", metric="m³")
    # UK
    yield unit("gal-imp", _IMPERIAL_GALLON, "gal-imp,imperial gallon,imp gal,英制加仑", metric="L")


def _mass() -> Iterator[_Row]:
    unit = partial(_unit, "mass")

    # SI
    yield unit("ng", "1e-12", "nanogram,纳克")
    yield unit("µg", "1e-9", "microgram,mcg,微克", "ug")
    yield unit("mg", "1e-6", "milligram,毫克")
    yield unit("g", "0.001", "gram,gramme,gr,克,公克", imperial="oz")
    yield unit("kg", 1, "kilogram,kilo,kgs,kilogramme,公斤,千克", "KG,Kg", imperial="lb")
    yield unit("t", 1000, "tonne,metric ton,metric tonne,吨,公吨", imperial="lb")
    yield unit("kt", 10**6, "kilotonne,千吨")
    yield unit("Mt", 10**9, "megatonne,百万吨")
    yield unit("Gt", 10**12, "gigatonne")
    # CODATA 2022, measured: the dalton
    yield unit("u", "1.66053906892e-27", "dalton,amu,atomic mass unit,原子质量单位", "Da")
    # YP
    yield unit("oz", _POUND / 16, "oz,ounce,盎司", metric="g")
    yield unit("lb", _POUND, "lb,lbs,pound,磅", "lb.,lbs.", metric="kg")
    yield unit("st", 14 * _POUND, "stone,英石", metric="kg")
    # NIST: the metric carat of 200 mg
    yield unit("ct", "0.0002", "carat,克拉")


def _time() -> Iterator[_Row]:
    unit = partial(_unit, "time")

    # SI
    yield unit("ps", "1e-12", "picosecond,皮秒")
    yield unit("ns", "1e-9", "nanosecond,纳秒")
    yield unit("µs", "1e-6", "microsecond,微秒", "us")
    yield unit("ms", "0.001", "millisecond,msec,毫秒")
    yield unit("s", 1, "second,sec,secs,秒,秒钟")
    yield unit("min", 60, "min,mins,minute,分钟,分")
    yield unit("h", 3600, "h,hr,hrs,hour,小时,个小时,钟头")
    yield unit("d", 86_400, "day,天,日")
    yield unit("wk", 604_800, "wk,wks,week,周,星期,个星期")
    # IAU: the Julian year; a month is its twelfth
    yield unit("mo", _YEAR / 12, "mo,month,个月")
    yield unit("a", _YEAR, "yr,yrs,year,annum,年", "y")
    yield unit("ka", 1000 * _YEAR, "kiloyear,kyr,千年")
    yield unit("Ma", 10**6 * _YEAR, "megayear,myr,million years,百万年")
    yield unit("Ga", 10**9 * _YEAR, "gigayear,gyr,billion years,十亿年")


def _motion() -> Iterator[_Row]:
    # SI, YP
    yield _unit("speed", "m/s", 1, "metre per second,mps,米/秒,米每秒", "m·s^-1,m s^-1", imperial="mph")
    yield _unit(
        "speed",
        "km/h",
        Fraction(5, 18),
        "kilometre per hour,kph,kmh,kmph,km/hr,km per hour,千米/小时,公里/小时",
        imperial="mph",
    )
    yield _unit("speed", "km/s", 1000, "kilometre per second,千米/秒,公里/秒", imperial="mi/s")
    yield _unit("speed", "mph", _MILE / 3600, "mile per hour,mph,mi/h,英里/小时", metric="km/h")
    yield _unit("speed", "mi/s", _MILE, "mile per second,英里/秒", metric="km/s")
    yield _unit("speed", "ft/s", _FOOT, "foot per second,feet per second,英尺/秒", metric="m/s")
    yield _unit("speed", "kn", Fraction(1852, 3600), "knot,节", metric="km/h")
    yield _unit("acceleration", "m/s²", 1, "metre per second squared,米/秒²", "m·s^-2", imperial="ft/s²")
    yield _unit("acceleration", "ft/s²", _FOOT, "foot per second squared", metric="m/s²")


def _temperature() -> Iterator[_Row]:
    # SI: t/°C = T/K − 273.15; NIST: T/K = (t/°F + 459.67) / 1.8
    yield _unit("temperature", "K", 1, "kelvin,开,开尔文", imperial="°F")
    yield _unit(
        "temperature",
        "°C",
        1,
        "celsius,degree celsius,degrees celsius,degree c,degrees c,deg c,degc,摄氏度",
        "C,ºC",
        offset="273.15",
        imperial="°F",
    )
    yield _unit(
        "temperature",
        "°F",
        Fraction(5, 9),
        "fahrenheit,degree fahrenheit,degrees fahrenheit,degree f,degrees f,deg f,degf,华氏度",
        "F,ºF",
        offset="459.67",
        metric="°C",
    )


def _energy_and_power() -> Iterator[_Row]:
    # SI
    for symbol, factor, words, also in (
        ("J", 1, "joule,焦耳,焦", ""),
        ("kJ", 10**3, "kilojoule,千焦", "KJ"),
        ("MJ", 10**6, "megajoule,兆焦", ""),
        ("GJ", 10**9, "gigajoule,吉焦", ""),
        ("Wh", 3600, "watt hour,watt-hour,瓦时", "W·h"),
        ("kWh", 3_600_000, "kilowatt hour,kilowatt-hour,kwh,千瓦时,度电", "kW·h"),
        ("MWh", 3_600_000_000, "megawatt hour,megawatt-hour,兆瓦时", "MW·h"),
        ("GWh", 3_600_000_000_000, "gigawatt hour,gigawatt-hour,吉瓦时", "GW·h"),
        ("TWh", 3_600_000_000_000_000, "terawatt hour,terawatt-hour,太瓦时", "TW·h"),
    ):
        yield _unit("energy", symbol, factor, words, also)
    for symbol, factor, words in (
        ("eV", 0, "electronvolt,electron volt,电子伏特,电子伏"),
        ("keV", 1, ""),
        ("MeV", 2, ""),
    ):
        yield _unit("energy", symbol, _ELEMENTARY_CHARGE * _kilo(factor), words)
    # NIST: the thermochemical calorie and the international-table Btu
    yield _unit("energy", "cal", Fraction("4.184"), "calorie,卡路里,卡")
    yield _unit("energy", "kcal", 4184, "kilocalorie,kcal,千卡,大卡")
    yield _unit("energy", "Btu", Fraction("1055.05585262"), "btu")
    # SI
    for symbol, factor, words in (
        ("µW", -2, "microwatt,微瓦"),
        ("mW", -1, "milliwatt,毫瓦"),
        ("W", 0, "watt,瓦,瓦特"),
        ("MW", 2, "megawatt,兆瓦"),
        ("GW", 3, "gigawatt,吉瓦"),
        ("TW", 4, "terawatt,太瓦"),
    ):
        yield _unit("power", symbol, _kilo(factor), words)
    yield _unit("power", "kW", 1000, "kilowatt,千瓦", "KW", imperial="hp")
    # NIST: 550 foot-pounds a second; the metric one is 75 metre-kilograms-force a second
    yield _unit("power", "hp", 550 * _FOOT * _POUND_FORCE, "hp,bhp,horsepower,英制马力", metric="kW")
    yield _unit(
        "power", "PS", 75 * _GRAVITY, "metric horsepower,公制马力,马力", "cv,CV", metric="kW", imperial="hp"
    )


def _force_and_pressure() -> Iterator[_Row]:
    # SI
    yield _unit("force", "N", 1, "newton,牛,牛顿", imperial="lbf")
    yield _unit("force", "kN", 1000, "kilonewton,千牛", imperial="lbf")
    yield _unit("force", "lbf", _POUND_FORCE, "lbf,pound force,pound-force", metric="N")
    yield _unit("torque", "N·m", 1, "newton metre,newton-metre,牛米,牛·米", "Nm", imperial="lb·ft")
    yield _unit(
        "torque", "lb·ft", _FOOT * _POUND_FORCE, "pound foot,pound feet,lb-ft,lbft,ft-lb", metric="N·m"
    )
    yield _unit("pressure", "Pa", 1, "pascal,帕,帕斯卡")
    yield _unit("pressure", "hPa", 100, "hectopascal,百帕")
    yield _unit("pressure", "kPa", 1000, "kilopascal,千帕", "KPa", imperial="psi")
    yield _unit("pressure", "MPa", 10**6, "megapascal,兆帕", imperial="psi")
    yield _unit("pressure", "GPa", 10**9, "gigapascal,吉帕")
    yield _unit("pressure", "bar", 10**5, "bar,巴", imperial="psi")
    yield _unit("pressure", "mbar", 100, "millibar,毫巴")
    # NIST
    yield _unit("pressure", "atm", 101_325, "atm,standard atmosphere,atmosphere,标准大气压,大气压")
    yield _unit("pressure", "mmHg", Fraction("133.322387415"), "mmhg,毫米汞柱")
    yield _unit("pressure", "Torr", Fraction(101_325, 760), "torr,托")
    yield _unit(
        "pressure", "psi", _POUND_FORCE / _INCH**2, "psi,pound per square inch,磅/平方英寸", metric="kPa"
    )


def _data() -> Iterator[_Row]:
    # IEC: 1 B = 8 bit, decimal prefixes; b is a bit, B a byte
    for power, prefix, word, chinese in (
        (0, "", "", ""),
        (1, "k", "kilo", "千"),
        (2, "M", "mega", "兆"),
        (3, "G", "giga", "吉"),
        (4, "T", "tera", "太"),
        (5, "P", "peta", "拍"),
    ):
        yield _unit("data", f"{prefix}bit", _kilo(power), f"{word}bit,{chinese}比特", f"{prefix}b")
        upper = f"{prefix}B,KB" if prefix == "k" else ""
        yield _unit("data", f"{prefix}B", 8 * _kilo(power), f"{word}byte,{chinese}字节", upper)
        rate_words = f"{word}bit per second,{chinese}比特/秒,{chinese}比特每秒"
        yield _unit("data rate", f"{prefix}bit/s", _kilo(power), rate_words, f"{prefix}bps,{prefix}b/s")
        rate_words = f"{word}byte per second,{chinese}字节/秒"
        yield _unit(
            "data rate", f"{prefix}B/s", 8 * _kilo(power), rate_words, "KB/s" if prefix == "k" else ""
        )
    for power, prefix, word in ((1, "Ki", "kibi"), (2, "Mi", "mebi"), (3, "Gi", "gibi"), (4, "Ti", "tebi")):
        yield _unit("data", f"{prefix}B", 8 * Fraction(1024) ** power, f"{word}byte,{prefix}b".lower())
        yield _unit("data", f"{prefix}bit", Fraction(1024) ** power, f"{word}bit")


def _electricity_and_frequency() -> Iterator[_Row]:
    # SI
    for power, prefix, word, chinese in (
        (-2, "µ", "micro", "微"),
        (-1, "m", "milli", "毫"),
        (0, "", "", ""),
        (1, "k", "kilo", "千"),
        (2, "M", "mega", "兆"),
        (3, "G", "giga", "吉"),
        (4, "T", "tera", "太"),
    ):
        factor = _kilo(power)
        if power >= 0:
            upper = {"": "HZ,hz", "k": "KHz,khz,KHZ", "M": "Mhz,MHZ", "G": "Ghz,GHZ"}.get(prefix, "")
            yield _unit("frequency", f"{prefix}Hz", factor, f"{word}hertz,{chinese}赫兹,{chinese}赫", upper)
        if power <= 2:
            yield _unit("voltage", f"{prefix}V", factor, f"{word}volt,{chinese}伏特,{chinese}伏")
            yield _unit("resistance", f"{prefix}Ω", factor, f"{word}ohm,{chinese}欧姆")
        if power <= 1:
            yield _unit("current", f"{prefix}A", factor, f"{word}ampere,{word}amp,{chinese}安培,{chinese}安")
    yield _unit("frequency", "rpm", Fraction(1, 60), "rpm,revolution per minute,转/分,转每分")
    yield _unit("charge", "Ah", 3600, "ampere hour,amp hour,安时", "A·h")
    yield _unit("charge", "mAh", Fraction("3.6"), "milliampere hour,milliamp hour,mah,毫安时", "mA·h")
    yield _unit("resistivity", "Ω·m", 1, "ohm metre,欧姆米", "Ωm")


def _angle() -> Iterator[_Row]:
    # SI: the degree is π/180 rad; here it is the base, so that all but rad are exact
    yield _unit("angle", "deg", 1, "deg,degree,角度", "°")
    yield _unit("angle", "arcmin", Fraction(1, 60), "arcmin,arcminute,minute of arc,角分", "′")
    yield _unit("angle", "arcsec", Fraction(1, 3600), "arcsec,arcsecond,second of arc,角秒", "″")
    yield _unit("angle", "mas", Fraction(1, 3_600_000), "mas,milliarcsecond,毫角秒")
    yield _unit("angle", "rad", _DEGREES_PER_RADIAN, "radian,弧度")
    yield _unit("angle", "mrad", _DEGREES_PER_RADIAN / 1000, "milliradian,毫弧度")


def _fuel() -> Iterator[_Row]:
    # NIST, UK: miles and gallons as above; base km/L
    yield _unit(
        "fuel economy",
        "L/100km",
        100,
        "litre per 100 km,litre per 100 kilometres,升/百公里",
        "l/100km,L/100 km,l/100 km",
        reciprocal=True,
        imperial="mpg",
    )
    yield _unit("fuel economy", "km/L", 1, "kilometre per litre,kmpl,千米/升,公里/升", "km/l", imperial="mpg")
    mile_and_litre = _MILE / 1000 / 1000
    yield _unit(
        "fuel economy", "mpg", mile_and_litre / _GALLON, "mpg,mile per gallon,英里/加仑", metric="L/100km"
    )
    imperial = mile_and_litre / _IMPERIAL_GALLON
    yield _unit("fuel economy", "mpg-imp", imperial, "mpg-imp,mile per imperial gallon", metric="L/100km")


def _matter() -> Iterator[_Row]:
    # SI, YP
    density = "density"
    yield _unit(density, "kg/m³", 1, "kilogram per cubic metre,千克/立方米", "kg·m^-3", imperial="lb/ft³")
    yield _unit(
        density, "g/cm³", 1000, "gram per cubic centimetre,g/cc,克/立方厘米", "g·cm^-3", imperial="lb/ft³"
    )
    yield _unit(density, "g/mL", 1000, "gram per millilitre", "g/ml", imperial="lb/ft³")
    yield _unit(density, "kg/L", 1000, "kilogram per litre", "kg/l", imperial="lb/ft³")
    yield _unit(density, "g/L", 1, "gram per litre,克/升", "g/l", imperial="lb/ft³")
    yield _unit(density, "lb/ft³", _POUND / _FOOT**3, "pound per cubic foot", metric="kg/m³")
    heat = "specific heat capacity"
    yield _unit(heat, "J/(kg·K)", 1, "joule per kilogram kelvin", "J/kg/K,J·kg^-1·K^-1,J/kg·K,J/kgK")
    yield _unit(heat, "kJ/(kg·K)", 1000, "kilojoule per kilogram kelvin", "kJ/kg/K,kJ/kg·K")
    yield _unit(heat, "J/(g·K)", 1000, "joule per gram kelvin", "J/g/K,J/g·K,J·g^-1·K^-1")
    yield _unit(
        "molar heat capacity", "J/(mol·K)", 1, "joule per mole kelvin", "J/mol/K,J/mol·K,J·mol^-1·K^-1"
    )
    conductivity = "thermal conductivity"
    yield _unit(conductivity, "W/(m·K)", 1, "watt per metre kelvin", "W/m/K,W/m·K,W/mK,W·m^-1·K^-1")
    yield _unit("molar energy", "J/mol", 1, "joule per mole,焦耳/摩尔", "J·mol^-1")
    yield _unit("molar energy", "kJ/mol", 1000, "kilojoule per mole,千焦/摩尔", "kJ·mol^-1")
    yield _unit("molar energy", "kcal/mol", 4184, "kilocalorie per mole")
    yield _unit("molar mass", "g/mol", Fraction("0.001"), "gram per mole,克/摩尔", "g·mol^-1")
    yield _unit("molar mass", "kg/mol", 1, "kilogram per mole")
    yield _unit("molar volume", "cm³/mol", Fraction("1e-6"), "cubic centimetre per mole", "cm^3·mol^-1")
    yield _unit("molar volume", "m³/mol", 1, "cubic metre per mole")
    yield _unit("amount of substance", "mol", 1, "mole,摩尔,摩")
    yield _unit("amount of substance", "mmol", Fraction("0.001"), "millimole,毫摩尔")
    yield _unit("luminous flux", "lm", 1, "lumen,流明")
    yield _unit("illuminance", "lx", 1, "lux,勒克斯")
    yield _unit("luminous intensity", "cd", 1, "candela,坎德拉")
    yield _unit("luminance", "cd/m²", 1, "candela per square metre,nit,尼特")


def _ratio() -> Iterator[_Row]:
    yield _unit("ratio", "%", Fraction("0.01"), "percent,per cent,pct,百分比")
    yield _unit("ratio", "‰", Fraction("0.001"), "permille,per mille,千分比")
    yield _unit("ratio", "ppm", Fraction("1e-6"), "ppm,part per million")
    yield _unit("ratio", "ppb", Fraction("1e-9"), "ppb,part per billion")


# Words are translated where they are shown; signs are the same in every language.
_COUNT_WORDS: Mapping[str, str] = {
    N_("people"): "person,inhabitant,人,口",
    N_("tokens"): "token,词元",
    N_("items"): "item,个,件",
    N_("users"): "user,用户",
    N_("votes"): "vote,票",
    N_("seats"): "seat,座",
    N_("cores"): "core,核",
    N_("threads"): "thread,线程",
    N_("pages"): "page,页",
    N_("words"): "word,词",
    N_("episodes"): "episode,集",
    N_("floors"): "floor,storey,storeys,层",
    N_("points"): "point,点",
    N_("stars"): "star,星",
    N_("parameters"): "parameter,参数",
    N_("speakers"): "speaker,使用者",
    N_("people/km²"): "person/km²,inhabitants/km²,人/km²,人/平方千米,人/平方公里",
}
_COUNT_SIGNS = {
    "mag": "magnitude,星等",
    "px": "pixel,像素",
    "fps": "frame per second,帧/秒",
    "dB": "decibel,db,分贝",
    # What the demo entries need to come back from an export on a site that lacks their categories.
    "bohr³": "bohr^3",
    "mg/kg": "milligram per kilogram,毫克/千克",
    "mg/L": "milligram per litre,mg/l,毫克/升",
}


def _counts() -> Iterator[_Row]:
    for symbol, words in (*_COUNT_WORDS.items(), *_COUNT_SIGNS.items()):
        yield _unit(_COUNT + symbol, symbol, 1, f"{symbol},{words}")


_TABLE: tuple[_Row, ...] = tuple(
    row
    for rows in (
        _length,
        _area,
        _volume,
        _mass,
        _time,
        _motion,
        _temperature,
        _energy_and_power,
        _force_and_pressure,
        _data,
        _electricity_and_frequency,
        _angle,
        _fuel,
        _matter,
        _ratio,
        _counts,
    )
    for row in rows()
)


# Finding a unit by what people call it.

_SPACES = re.compile(r"\s+")
_DOTS = str.maketrans({"⋅": "·", "∙": "·", "*": "·", "•": "·", "・": "·"})
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")


def _folded(spelling: str) -> str:
    """Return one spelling for all variants of signs: ``m^2``, ``m²`` and ``㎡``; both micro signs."""
    plain = unicodedata.normalize("NFKC", spelling.translate(_RAISED)).translate(_DOTS)
    return _SPACES.sub(" ", plain.replace("^", "")).strip()


def _plurals(word: str) -> Iterator[str]:
    """Yield an English name as it is, in American spelling, and the plurals of both."""
    for name in {word, word.replace("metre", "meter").replace("litre", "liter")}:
        head, per, tail = name.partition(" per ")
        yield from (name, f"{head}s{per}{tail}")
        if per:
            yield from (f"{head}/{tail}", f"{head}s/{tail}")


def _add(index: dict[str, Unit], spelling: str, unit: Unit) -> None:
    if index.setdefault(spelling, unit) is not unit:
        raise ValueError(f"{spelling!r} names both {index[spelling].symbol} and {unit.symbol}")


def _by_sign() -> dict[str, Unit]:
    index: dict[str, Unit] = {}
    for unit, _, also in _TABLE:
        for spelling in {unit.symbol, *filter(None, also.split(","))}:
            _add(index, _folded(spelling), unit)
    return index


def _by_word() -> dict[str, Unit]:
    index: dict[str, Unit] = {}
    for unit, words, _ in _TABLE:
        spellings = {form for word in filter(None, words.split(",")) for form in _plurals(word)}
        for spelling in {_folded(form).casefold() for form in spellings}:
            _add(index, spelling, unit)
    return index


_SYMBOLS: Mapping[str, Unit] = {unit.symbol: unit for unit, _, _ in _TABLE}
_SIGNS: Mapping[str, Unit] = _by_sign()
_WORDS: Mapping[str, Unit] = _by_word()


def find(spelling: str) -> Unit | None:
    """Return the unit of the table that ``spelling`` names: a symbol in its case, or a name in any."""
    if len(spelling) > 60:
        return None
    folded = _folded(spelling)
    known = _SYMBOLS.get(spelling) or _SIGNS.get(folded) or _WORDS.get(folded.casefold())
    # A space multiplies as well as a dot does: J/(kg K).
    return known or _SIGNS.get(folded.replace(" ", "·"))


@lru_cache(maxsize=1024)
def get(symbol: str) -> Unit:
    """Return the unit of a stored symbol; one that is not of the table counts and converts to nothing."""
    return _SYMBOLS.get(symbol) or Unit(symbol, _COUNT + symbol)


def is_symbol(raw: object) -> TypeGuard[str]:
    """Say whether ``raw`` is the symbol of a unit of the table."""
    return isinstance(raw, str) and raw in _SYMBOLS


def symbols(dimension: str) -> tuple[str, ...]:
    """Return the symbols of a dimension (``mass``) in the order of the table."""
    return tuple(unit.symbol for unit, _, _ in _TABLE if unit.dimension == dimension)


def dimensions() -> tuple[str, ...]:
    """Return the names of all dimensions that convert, in the order of the table."""
    return tuple(dict.fromkeys(unit.dimension for unit, _, _ in _TABLE if not unit.is_count))


def dimension_of(symbol: str) -> str:
    """Return the dimension of a stored symbol; that of a count is its own."""
    return get(symbol).dimension


def is_word(symbol: str) -> bool:
    """Say whether a symbol is a word to be translated for a reader (``people``)."""
    return symbol in _COUNT_WORDS


# Converting.


def convert(amount: Decimal, from_symbol: str, to_symbol: str) -> Decimal:
    """Return ``amount`` in another unit, exact where 34 digits suffice, else correctly rounded to 34.

    Raises ValueError where the dimensions differ, and where a reciprocal of zero would be needed.
    """
    source, target = get(from_symbol), get(to_symbol)
    if source.symbol == target.symbol:
        return amount
    if source.dimension != target.dimension:
        raise ValueError(f"{from_symbol} and {to_symbol} measure different things")
    if run_opposite(from_symbol, to_symbol):
        return _inverted(amount, *((source, target) if source.reciprocal else (target, source)))
    return _way(source.symbol, target.symbol).at(amount)


def _inverted(amount: Decimal, reciprocal: Unit, direct: Unit) -> Decimal:
    """Return the value on the other scale, the same formula both ways: x = a / (f y), y = a / (f x)."""
    if not amount:
        raise ValueError("zero has no reciprocal")
    ratio = reciprocal.factor / direct.factor
    divisor = numerals.EXACT.multiply(amount, Decimal(ratio.denominator))
    return numerals.ROUNDED.divide(Decimal(ratio.numerator), divisor)


@lru_cache(maxsize=4096)
def _between(from_symbol: str, to_symbol: str) -> tuple[Fraction, Fraction]:
    """Return scale and shift of the linear way from one unit to another of its dimension and scale."""
    source, target = get(from_symbol), get(to_symbol)
    scale = source.factor / target.factor
    if source.reciprocal:
        scale = 1 / scale
    return scale, source.offset * scale - target.offset


@lru_cache(maxsize=4096)
def _way(from_symbol: str, to_symbol: str) -> numerals.Line:
    return numerals.line(*_between(from_symbol, to_symbol))


def scale_factor(from_symbol: str, to_symbol: str) -> Fraction | None:
    """Return what a step of one unit is in another; None between scales that run opposite ways."""
    return None if run_opposite(from_symbol, to_symbol) else _between(from_symbol, to_symbol)[0]


def run_opposite(a: str, b: str) -> bool:
    """Say whether two units measure the same in opposite ways: L/100km and mpg."""
    first, second = get(a), get(b)
    return first.dimension == second.dimension and first.reciprocal != second.reciprocal


def same_across(a: Decimal, a_symbol: str, b: Decimal, b_symbol: str) -> bool:
    """Say whether two amounts on opposite scales are exactly equal: x y = a / f, by :func:`convert`."""
    first, second = get(a_symbol), get(b_symbol)
    reciprocal, direct = (first, second) if first.reciprocal else (second, first)
    return Fraction(a) * Fraction(b) * direct.factor == reciprocal.factor


def is_affine(symbol: str) -> bool:
    """Say whether the zero of a unit is a convention (°C), so that its digits tell no precision."""
    return bool(get(symbol).offset)


def sort_key(amount: Decimal, symbol: str | None) -> str:
    """Return the key under which the database sorts an amount: its scale, a space, its size there.

    Equal amounts of a dimension have equal keys (1 t and 1000 kg), but for fuel economy and
    consumption, which run opposite ways and so are two scales.
    """
    scale, to_base = _scale(symbol)
    return f"{scale} {numerals.sort_key(to_base.at(amount, for_key=True))}"


def order(a: Decimal, a_symbol: str | None, b: Decimal, b_symbol: str | None) -> int | None:
    """Return -1, 0 or 1 as the sort keys of two amounts would compare, without making them.

    None where they are of two scales.
    """
    if a_symbol != b_symbol:
        a_scale, a_to_base = _scale(a_symbol)
        b_scale, b_to_base = _scale(b_symbol)
        if a_scale != b_scale:
            return None
        a, b = a_to_base.at(a, for_key=True), b_to_base.at(b, for_key=True)
    return (a > b) - (a < b)


@lru_cache(maxsize=1024)
def _scale(symbol: str | None) -> tuple[str, numerals.Line]:
    """Return the name of a unit's scale without spaces, and the way to its base unit."""
    if symbol is None:
        return "number", numerals.line(Fraction(1), Fraction(0))
    unit = get(symbol)
    factor = 1 / unit.factor if unit.reciprocal else unit.factor
    shift = Fraction(0) if unit.reciprocal else unit.offset * unit.factor
    return _SPACES.sub("-", unit.scale), numerals.line(factor, shift)


# Choosing the unit of a row.


def display_unit(units: Sequence[str], system: str, amounts: Sequence[Decimal] = ()) -> str:
    """Return the one unit in which a row of values of one dimension is shown.

    ``units`` are the symbols of the values, ``system`` is ``original``, ``metric`` or ``imperial``. The
    unit most of them have, or its counterpart in the system; among equals the one that makes ``amounts``
    (one for each of ``units``) easiest to read.
    """
    if len(set(units)) == 1:
        return _counterpart(units[0], system)
    counted = Counter(_counterpart(symbol, system) for symbol in units)
    most = max(counted.values())
    candidates = [symbol for symbol, times in counted.items() if times == most]
    if len(candidates) == 1 or len(amounts) != len(units):
        return candidates[0]
    return min(candidates, key=lambda symbol: _unreadable(symbol, units, amounts))


def _counterpart(symbol: str, system: str) -> str:
    if system == "original":
        return symbol
    unit = get(symbol)
    return {"metric": unit.metric, "imperial": unit.imperial}.get(system, "") or symbol


def _unreadable(symbol: str, units: Sequence[str], amounts: Sequence[Decimal]) -> int:
    """Return how far the amounts in ``symbol`` are from having one to four digits before the point."""
    penalty = 0
    for unit, amount in zip(units, amounts, strict=True):
        if amount:
            magnitude = (amount if unit == symbol else convert(amount, unit, symbol)).adjusted()
            penalty += max(0, -magnitude, magnitude - 3)
    return penalty
