"""Chemical elements: mendeleev's SQLite database (MIT), each fact with the work that the package cites for it."""

# Rows of tables stay on one line each.
# ruff: noqa: E501

import re
import sqlite3
from collections.abc import Iterator, Mapping
from decimal import Decimal

from demo_sources.common import JSON, Column, Facts, Packages, Table, plain, source

_PACKAGE = source("mendeleev 1.3.0 (MIT)", "https://mendeleev.readthedocs.io/")
# What the package cites by key: the works whose address is certain. Others are named by the package.
_CITATIONS = {
    "haynes2014crc": source("CRC Handbook of Chemistry and Physics, 95th edition (2014)"),
    "haynes2016crc": source("CRC Handbook of Chemistry and Physics, 97th edition (2016)"),
    "Slater1964": source("Slater (1964), Atomic Radii in Crystals", "https://doi.org/10.1063/1.1725697"),
    "Pyykko2009": source("Pyykkö and Atsumi (2009), Single-Bond Covalent Radii", "https://doi.org/10.1002/chem.200800987"),
    "Alvarez2013": source("Alvarez (2013), van der Waals territories", "https://doi.org/10.1039/c3dt50599e"),
    "Meija2016": source("IUPAC: Atomic weights of the elements 2013", "https://doi.org/10.1515/pac-2015-0305"),
    "iupac-weights": source("IUPAC Commission on Isotopic Abundances and Atomic Weights", "https://ciaaw.org/atomic-weights.htm"),
    "Kondev2021": source("Kondev et al. (2021), NUBASE2020", "https://doi.org/10.1088/1674-1137/abddae"),
    "iupac-masses": source("CIAAW: Atomic masses", "https://ciaaw.org/atomic-masses.htm"),
    "RSC_periodic_table": source("Royal Society of Chemistry: Periodic Table", "https://periodic-table.rsc.org/"),
    "white2013geochemistry": source("White, Geochemistry (2013)"),
    "kyleandlaby": source("Kaye and Laby, Tables of Physical and Chemical Constants"),
    "wiki-cpk": source("Wikipedia: CPK coloring", "https://en.wikipedia.org/wiki/CPK_coloring"),
    "wiki-goldschmidt": source("Wikipedia: Goldschmidt classification", "https://en.wikipedia.org/wiki/Goldschmidt_classification"),
    "jmol-colors": source("Jmol colours", "https://jmol.sourceforge.net/jscolors/"),
    "Schwerdtfeger2023": source("Schwerdtfeger and Nagle, Table of static dipole polarizabilities (2023)"),
}  # fmt: skip
_NIST = source("NIST Atomic Spectra Database", "https://www.nist.gov/pml/atomic-spectra-database")

TABLE = Table(
    "chemical-elements",
    "Chemical elements",
    "化学元素",
    {
        "Overview": "概况",
        "Physical properties": "物理性质",
        "Atoms": "原子性质",
        "Isotopes": "同位素",
        "Occurrence": "存在与丰度",
        "Supply": "供应与价格",
        "History and uses": "历史与用途",
        "Periodic table": "周期表",
        "Colours and identifiers": "颜色与标识",
    },
    (
        Column("Symbol", "元素符号", "text", "Overview", sources=(_PACKAGE,)),
        Column("Atomic number", "原子序数", "number", "Overview", sources=(_PACKAGE,)),
        Column(
            "Molar mass", "摩尔质量", "number", "Overview", "g/mol", aliases=("Atomic weight", "Atomic mass")
        ),
        Column("Type", "类别", "text", "Overview", aliases=("Series",), sources=(_PACKAGE,)),
        Column("State at 25 °C", "25 °C 时的状态", "text", "Overview", aliases=("Phase",)),
        Column("Density", "密度", "number", "Physical properties", "g/cm³"),
        Column("Melting point", "熔点", "number", "Physical properties", "°C"),
        Column("Boiling point", "沸点", "number", "Physical properties", "°C"),
        Column("Liquid range", "液态温度范围", "range", "Physical properties", "°C"),
        Column(
            "Thermal conductivity",
            "热导率",
            "number",
            "Physical properties",
            "W/(m·K)",
            "higher",
            sources=(_PACKAGE,),
        ),
        Column("Specific heat capacity", "比热容", "number", "Physical properties", "J/(kg·K)"),
        Column("Molar heat capacity", "摩尔热容", "number", "Physical properties", "J/(mol·K)"),
        Column("Heat of fusion", "熔化热", "number", "Physical properties", "kJ/mol", sources=(_PACKAGE,)),
        Column(
            "Heat of vaporization", "汽化热", "number", "Physical properties", "kJ/mol", sources=(_PACKAGE,)
        ),
        Column("Heat of formation", "气态原子生成热", "number", "Physical properties", "kJ/mol"),
        Column("Critical temperature", "临界温度", "number", "Physical properties", "°C"),
        Column("Critical pressure", "临界压力", "number", "Physical properties", "kPa"),
        Column("Triple point temperature", "三相点温度", "number", "Physical properties", "°C"),
        Column("Crystal structure", "晶体结构", "text", "Physical properties", sources=(_PACKAGE,)),
        Column("Lattice constant", "晶格常数", "number", "Physical properties", "pm", sources=(_PACKAGE,)),
        Column("Electron configuration", "电子构型", "text", "Atoms", sources=(_PACKAGE,)),
        Column(
            "Electronegativity",
            "电负性（鲍林标度）",
            "number",
            "Atoms",
            aliases=("Electronegativity (Pauling)",),
        ),
        Column(
            "Ionization energy",
            "第一电离能",
            "number",
            "Atoms",
            "eV",
            aliases=("First ionization energy",),
            sources=(_NIST,),
        ),
        Column("Second ionization energy", "第二电离能", "number", "Atoms", "eV", sources=(_NIST,)),
        Column("Third ionization energy", "第三电离能", "number", "Atoms", "eV", sources=(_NIST,)),
        Column("Electron affinity", "电子亲和能", "number", "Atoms", "eV"),
        Column("Main oxidation states", "主要氧化态", "list", "Atoms"),
        Column("Oxidation state range", "氧化态范围", "range", "Atoms"),
        Column("Atomic radius", "原子半径", "number", "Atoms", "pm"),
        Column("Covalent radius", "共价半径", "number", "Atoms", "pm"),
        Column("Van der Waals radius", "范德华半径", "number", "Atoms", "pm"),
        Column("Metallic radius", "金属半径", "number", "Atoms", "pm"),
        Column("Dipole polarizability", "偶极极化率", "number", "Atoms", "bohr³"),
        Column("Proton affinity", "质子亲和能", "number", "Atoms", "kJ/mol"),
        Column("Radioactive", "放射性", "boolean", "Isotopes", sources=(_PACKAGE,)),
        Column("Stable isotopes", "稳定同位素数", "number", "Isotopes"),
        Column("Known isotopes", "已知同位素数", "number", "Isotopes"),
        Column("Mass numbers", "质量数范围", "range", "Isotopes"),
        Column("Most abundant isotope", "丰度最高的同位素", "text", "Isotopes"),
        Column("Longest-lived isotope", "寿命最长的同位素", "text", "Isotopes"),
        Column("Longest half-life", "最长半衰期", "number", "Isotopes", "a", "higher"),
        Column("Abundance in the Earth's crust", "地壳丰度", "number", "Occurrence", "mg/kg"),
        Column("Abundance in the sea", "海水丰度", "number", "Occurrence", "mg/L"),
        Column("Goldschmidt class", "戈尔德施密特分类", "text", "Occurrence"),
        Column("Geochemical class", "地球化学分类", "text", "Occurrence"),
        Column("Where it is found", "来源", "text", "Occurrence", sources=(_PACKAGE,)),
        Column("Price per kilogram", "每千克价格", "money", "Supply", direction="lower", aliases=("Price",)),
        Column("Largest producer", "最大生产国", "reference", "Supply"),
        Column("Top producers", "主要生产国", "list", "Supply"),
        Column("Top reserve holders", "主要储量国", "list", "Supply"),
        Column("Share of the largest producer", "最大生产国占比", "number", "Supply", "%", "lower"),
        Column("Recycling rate", "回收率", "range", "Supply", "%", "higher"),
        Column("Substitutability", "可替代性", "text", "Supply"),
        Column("Relative supply risk", "相对供应风险", "number", "Supply", direction="lower"),
        Column(
            "Discovered",
            "发现年份",
            "date",
            "History and uses",
            aliases=("Discovery year",),
            sources=(_PACKAGE,),
        ),
        Column("Discovered by", "发现者", "text", "History and uses", sources=(_PACKAGE,)),
        Column("Place of discovery", "发现地点", "text", "History and uses", sources=(_PACKAGE,)),
        Column("Origin of the name", "名称由来", "text", "History and uses", sources=(_PACKAGE,)),
        Column("Uses", "用途", "text", "History and uses", sources=(_PACKAGE,)),
        Column("Period", "周期", "number", "Periodic table", sources=(_PACKAGE,)),
        Column("Group", "族", "number", "Periodic table", sources=(_PACKAGE,)),
        Column("Group name", "族名", "text", "Periodic table", sources=(_PACKAGE,)),
        Column("Block", "区", "text", "Periodic table", sources=(_PACKAGE,)),
        Column("Previous element", "前一元素", "reference", "Periodic table", sources=(_PACKAGE,)),
        Column("Next element", "后一元素", "reference", "Periodic table", sources=(_PACKAGE,)),
        Column(
            "Lighter element of the group", "同族上方元素", "reference", "Periodic table", sources=(_PACKAGE,)
        ),
        Column("CPK colour", "CPK 颜色", "color", "Colours and identifiers"),
        Column("Jmol colour", "Jmol 颜色", "color", "Colours and identifiers"),
        Column("CAS number", "CAS 登记号", "text", "Colours and identifiers", sources=(_PACKAGE,)),
        Column("PubChem page", "PubChem 页面", "url", "Colours and identifiers"),
    ),
)

# Column → (database column, factor). Heat capacities come in J/(g·K), lattice constants in ångström.
_NUMBERS: Mapping[str, tuple[str, int]] = {
    "Molar mass": ("atomic_weight", 1),
    "Density": ("density", 1),
    "Thermal conductivity": ("thermal_conductivity", 1),
    "Specific heat capacity": ("specific_heat_capacity", 1000),
    "Molar heat capacity": ("molar_heat_capacity", 1),
    "Heat of fusion": ("fusion_heat", 1),
    "Heat of vaporization": ("evaporation_heat", 1),
    "Heat of formation": ("heat_of_formation", 1),
    "Lattice constant": ("lattice_constant", 100),
    "Electronegativity": ("en_pauling", 1),
    "Electron affinity": ("electron_affinity", 1),
    "Atomic radius": ("atomic_radius", 1),
    "Covalent radius": ("covalent_radius_pyykko", 1),
    "Van der Waals radius": ("vdw_radius_alvarez", 1),
    "Metallic radius": ("metallic_radius_c12", 1),
    "Dipole polarizability": ("dipole_polarizability", 1),
    "Proton affinity": ("proton_affinity", 1),
    "Abundance in the Earth's crust": ("abundance_crust", 1),
    "Abundance in the sea": ("abundance_sea", 1),
    "Share of the largest producer": ("production_concentration", 1),
    "Relative supply risk": ("relative_supply_risk", 1),
}
_STRUCTURES = {
    "BCC": "Body-centred cubic", "FCC": "Face-centred cubic", "HEX": "Hexagonal", "TET": "Tetragonal",
    "RHL": "Rhombohedral", "ORC": "Orthorhombic", "DIA": "Diamond cubic", "CUB": "Cubic", "SC": "Simple cubic",
    "MCL": "Monoclinic",
}  # fmt: skip
_SERIES = {
    "Nonmetals": "Nonmetal", "Noble gases": "Noble gas", "Alkali metals": "Alkali metal", "Metalloids": "Metalloid",
    "Alkaline earth metals": "Alkaline earth metal", "Halogens": "Halogen", "Poor metals": "Post-transition metal",
    "Transition metals": "Transition metal", "Lanthanides": "Lanthanide", "Actinides": "Actinide",
}  # fmt: skip
# Allotropes that people mean when they name the element.
_ALLOTROPES = {"C": "graphite", "P": "white", "Sn": "white", "S": "monoclinic", "Se": "gray", "As": "gray"}
# Seconds; the package counts 31,556,926 s to a year.
_SECONDS = {
    "ysec": "1e-24", "zsec": "1e-21", "asec": "1e-18", "psec": "1e-12", "nsec": "1e-9", "usec": "1e-6",
    "msec": "1e-3", "sec": "1", "minute": "60", "hour": "3600", "day": "86400", "year": "31556926",
    "kyear": "31556926e3", "Myear": "31556926e6", "Gyear": "31556926e9", "Tyear": "31556926e12",
    "Pyear": "31556926e15", "Eyear": "31556926e18", "Zyear": "31556926e21", "Yyear": "31556926e24",
}  # fmt: skip
_UNITS = (("a", "31556926"), ("d", "86400"), ("h", "3600"), ("min", "60"), ("s", "1"), ("ms", "1e-3"))
_COUNTRIES = {
    "USA": "United States", "DRC": "DR Congo", "Republic of Korea": "South Korea", "Turkey": "Türkiye",
    "Kyrgzstan": "Kyrgyzstan", "UK": "United Kingdom", "Czech Republic": "Czechia",
}  # fmt: skip
_CHINESE = (
    "氢氦锂铍硼碳氮氧氟氖钠镁铝硅磷硫氯氩钾钙钪钛钒铬锰铁钴镍铜锌镓锗砷硒溴氪铷锶钇锆铌钼锝钌铑钯银镉铟锡锑碲碘氙铯钡"
    "镧铈镨钕钷钐铕钆铽镝钬铒铥镱镥铪钽钨铼锇铱铂金汞铊铅铋钋砹氡钫镭锕钍镤铀镎钚镅锔锫锎锿镄钔锘铹𬬻𬭊𬭳𬭛𬭶鿏𫟼𬬭鿔鿭𫓧镆𫟷鿬鿫"
)
_SPELLINGS = {
    "Al": ("Aluminium",),
    "S": ("Sulphur",),
    "Cs": ("Caesium",),
    "Hg": ("Quicksilver", "水银"),
    "Au": ("黄金",),
}
_LATIN = {"Au": "Aurum", "Ag": "Argentum", "Fe": "Ferrum", "Cu": "Cuprum", "Pb": "Plumbum", "Sn": "Stannum",
          "Hg": "Hydrargyrum", "Na": "Natrium", "K": "Kalium", "Sb": "Stibium", "W": "Wolfram"}  # fmt: skip
_ROOM = 298.15


class _Database:
    """The tables that describe one element, read once."""

    def __init__(self, packages: Packages) -> None:
        self._connection = sqlite3.connect(f"file:{packages.find('elements.db')}?mode=ro", uri=True)
        self._connection.row_factory = sqlite3.Row
        self.elements = self.rows("select * from elements order by atomic_number")
        self.series = {row["id"]: row["name"] for row in self.rows("select * from series")}
        self.groups = {row["group_id"]: row["name"] for row in self.rows("select * from groups")}
        self._citations = {
            (row["table_name"], row["column_name"]): row["citation_keys"]
            for row in self.rows("select * from propertymetadata where citation_keys is not null")
        }

    def rows(self, query: str, *values: object) -> list[sqlite3.Row]:
        """Return the rows of a query."""
        return self._connection.execute(query, values).fetchall()

    def sources(self, table: str, column: str) -> list[JSON]:
        """Return what the package cites for a column, else the package itself."""
        keys = [key.strip() for key in (self._citations.get((table, column)) or "").split(",")]
        return [_cited(key) for key in keys if key] or [_PACKAGE]


def _cited(key: str) -> JSON:
    if key.startswith("enwiki:"):
        return source(
            "Wikipedia", f"https://en.wikipedia.org/w/index.php?oldid={key.removeprefix('enwiki:')}"
        )
    return _CITATIONS.get(key) or source(f"{key}, cited by mendeleev", _PACKAGE["url"])


def build(packages: Packages) -> Iterator[JSON]:
    """Yield the 118 elements by atomic number."""
    database = _Database(packages)
    names = {row["atomic_number"]: row["name"] for row in database.elements}
    for row in database.elements:
        facts = Facts()
        _identity(facts, row, database)
        _stored_numbers(facts, row, database)
        _phases(facts, row, database)
        _electrons(facts, row, database)
        _isotopes(facts, row, database)
        _supply(facts, row, database)
        _history(facts, row)
        _places(facts, row, names, database)
        chinese = _CHINESE[row["atomic_number"] - 1]
        aliases = [chinese, row["symbol"], _LATIN.get(row["symbol"], ""), *_SPELLINGS.get(row["symbol"], ())]
        yield TABLE.item(row["name"], aliases, _summary(row, facts, database), facts)


def _identity(facts: Facts, row: sqlite3.Row, database: _Database) -> None:
    facts.add("Symbol", row["symbol"])
    facts.number("Atomic number", row["atomic_number"])
    facts.add("Type", _type(row, database))
    facts.number("Period", row["period"])
    if row["group_id"]:
        facts.number("Group", row["group_id"])
        facts.add("Group name", database.groups[row["group_id"]])
    else:
        facts.state("Group", "none", "Elements of the f-block belong to no group")
    facts.add("Block", f"{row['block']}-block")
    for name, column in (("CPK colour", "cpk_color"), ("Jmol colour", "jmol_color")):
        facts.add(name, row[column], sources=database.sources("elements", column))
    facts.add("CAS number", row["cas"])
    facts.add("PubChem page", f"https://pubchem.ncbi.nlm.nih.gov/element/{row['atomic_number']}")


def _type(row: sqlite3.Row, database: _Database) -> str:
    return _SERIES[database.series[row["series_id"]]]


def _stored_numbers(facts: Facts, row: sqlite3.Row, database: _Database) -> None:
    for name, (column, factor) in _NUMBERS.items():
        if row[column] is not None:
            amount = Decimal(plain(float(row[column]), 7)) * factor
            facts.add(name, {"amount": plain(amount)}, sources=database.sources("elements", column))
    for name, column in (
        ("Goldschmidt class", "goldschmidt_class"),
        ("Geochemical class", "geochemical_class"),
    ):
        text = (row[column] or "").replace("litophile", "lithophile").capitalize()
        facts.add(name, text, sources=database.sources("elements", column))


def _phases(facts: Facts, row: sqlite3.Row, database: _Database) -> None:
    phase = _phase_row(row, database)
    melting, boiling = (phase["melting_point"], phase["boiling_point"]) if phase else (None, None)
    note = f"{phase['allotrope'].capitalize()} {row['name'].lower()}" if phase and phase["allotrope"] else ""
    sublimes = bool(phase and phase["is_sublimation_point"])
    cited = database.sources("phasetransitions", "melting_point")
    for name, kelvin, remark in (
        ("Melting point", melting, note),
        ("Boiling point", boiling, "Sublimes at normal pressure" if sublimes else note),
        ("Critical temperature", phase and phase["critical_temperature"], ""),
        ("Triple point temperature", phase and phase["triple_point_temperature"], ""),
    ):
        if kelvin is not None:
            facts.add(name, {"amount": plain(_celsius(kelvin))}, remark, cited)
        elif name in ("Melting point", "Boiling point"):
            _absent_phase(facts, name, row)
    if phase and phase["critical_pressure"]:
        kilopascals = Decimal(plain(phase["critical_pressure"], 7)) * 1000
        facts.add("Critical pressure", {"amount": plain(kilopascals)}, sources=cited)
    if melting and boiling and not sublimes and melting < boiling:
        facts.add(
            "Liquid range", {"min": plain(_celsius(melting)), "max": plain(_celsius(boiling))}, note, cited
        )
    facts.add("State at 25 °C", _state(row, melting, boiling))
    facts.add("Crystal structure", _STRUCTURES.get(row["lattice_structure"] or ""))


def _absent_phase(facts: Facts, name: str, row: sqlite3.Row) -> None:
    if row["symbol"] == "He" and name == "Melting point":
        facts.state(name, "not_applicable", "Helium stays liquid at normal pressure however cold it is")
    elif row["symbol"] == "C":
        facts.state(name, "not_applicable", "Carbon sublimes at normal pressure")
    else:
        facts.state(name, "unknown", "Not measured" if row["is_radioactive"] else "")


def _phase_row(row: sqlite3.Row, database: _Database) -> sqlite3.Row | None:
    rows = database.rows(
        "select * from phasetransitions where atomic_number = ? order by id", row["atomic_number"]
    )
    wanted = _ALLOTROPES.get(row["symbol"])
    return next((found for found in rows if found["allotrope"] == wanted), rows[0] if rows else None)


def _celsius(kelvin: float) -> Decimal:
    return Decimal(plain(kelvin, 8)) - Decimal("273.15")


def _state(row: sqlite3.Row, melting: float | None, boiling: float | None) -> str:
    if row["symbol"] == "He" or (boiling is not None and boiling <= _ROOM):
        return "Gas"
    if melting is not None and melting <= _ROOM:
        return "Liquid"
    if melting is not None or row["symbol"] in ("C", "As"):
        return "Solid"
    return ""


def _electrons(facts: Facts, row: sqlite3.Row, database: _Database) -> None:
    facts.add("Electron configuration", _superscripts(row["electronic_configuration"]))
    query = "select ion_charge, ionization_energy from ionizationenergies where atomic_number = ?"
    energies = {
        found["ion_charge"]: found["ionization_energy"]
        for found in database.rows(query, row["atomic_number"])
    }
    for charge, name in enumerate(
        ("Ionization energy", "Second ionization energy", "Third ionization energy")
    ):
        if energies.get(charge):
            facts.number(name, float(f"{energies[charge]:.6g}"))
    states = database.rows("select * from oxidationstates where atomic_number = ?", row["atomic_number"])
    cited = database.sources("oxidationstates", "oxidation_state")
    main = sorted((found["oxidation_state"] for found in states if found["category"] == "main"), reverse=True)
    facts.add("Main oxidation states", [_signed(state) for state in main], sources=cited)
    if states:
        numbers = [found["oxidation_state"] for found in states]
        facts.add(
            "Oxidation state range", {"min": str(min(numbers)), "max": str(max(numbers))}, sources=cited
        )


def _superscripts(configuration: str) -> str:
    digits = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
    return re.sub(
        r"\b(\d[spdf])(\d*)", lambda shell: shell[1] + (shell[2] or "1").translate(digits), configuration
    )


def _signed(state: int) -> str:
    return f"+{state}" if state > 0 else str(state).replace("-", "−")


def _isotopes(facts: Facts, row: sqlite3.Row, database: _Database) -> None:
    rows = database.rows("select * from isotopes where atomic_number = ?", row["atomic_number"])
    cited = database.sources("isotopes", "half_life")
    # The package also leaves short-lived isotopes unmarked whose half-life nobody measured.
    stable = [found for found in rows if not found["is_radioactive"] and found["abundance"] is not None]
    facts.add("Radioactive", bool(row["is_radioactive"]))
    facts.add("Stable isotopes", {"amount": str(len(stable))}, sources=cited)
    facts.add("Known isotopes", {"amount": str(len(rows))}, sources=cited)
    masses = [found["mass_number"] for found in rows]
    facts.add("Mass numbers", {"min": str(min(masses)), "max": str(max(masses))}, sources=cited)
    abundant = max(rows, key=lambda found: found["abundance"] or 0)
    if abundant["abundance"]:
        share = plain(float(f"{abundant['abundance']:.4g}"))
        facts.add(
            "Most abundant isotope", f"{row['symbol']}-{abundant['mass_number']} ({share} %)", sources=cited
        )
    elif not stable:
        facts.state("Most abundant isotope", "not_applicable", "Occurs in traces or not at all")
    _half_life(facts, row, stable, rows, cited)


def _half_life(
    facts: Facts, row: sqlite3.Row, stable: list[sqlite3.Row], rows: list[sqlite3.Row], cited: list[JSON]
) -> None:
    if stable:
        for name in ("Longest-lived isotope", "Longest half-life"):
            facts.state(name, "not_applicable", "Has stable isotopes")
        return
    lives = [(_seconds(found), found["mass_number"]) for found in rows if found["half_life_unit"] in _SECONDS]
    seconds, mass = max(lives)
    facts.add("Longest-lived isotope", f"{row['symbol']}-{mass}", sources=cited)
    unit, size = next((unit, size) for unit, size in _UNITS if seconds >= Decimal(size) or unit == "ms")
    amount = plain(float(f"{seconds / Decimal(size):.4g}"), 5)
    facts.add("Longest half-life", {"amount": amount, "unit": unit}, sources=cited)


def _seconds(isotope: sqlite3.Row) -> Decimal:
    return Decimal(repr(isotope["half_life"] or 0.0)) * Decimal(_SECONDS[isotope["half_life_unit"]])


def _supply(facts: Facts, row: sqlite3.Row, database: _Database) -> None:
    rsc = database.sources("elements", "top_3_producers")
    if row["price_per_kg"] is not None:
        amount = plain(float(row["price_per_kg"]), 7)
        facts.add(
            "Price per kilogram",
            {"amount": amount, "currency": "USD"},
            sources=database.sources("elements", "price_per_kg"),
        )
    producers = _ranking(row["top_3_producers"])
    facts.add("Top producers", producers, sources=rsc)
    facts.add("Top reserve holders", _ranking(row["top_3_reserve_holders"]), sources=rsc)
    if producers:
        facts.add("Largest producer", {"item": producers[0]}, sources=rsc)
    rate = {"<10": ("0", "10"), "10–30": ("10", "30"), ">30": ("30", "100")}.get(row["recycling_rate"] or "")
    if rate:
        facts.add(
            "Recycling rate", {"min": rate[0], "max": rate[1]}, f"Given as {row['recycling_rate']} %", rsc
        )
    facts.add("Substitutability", row["substitutability"], sources=rsc)


def _ranking(text: str | None) -> list[str]:
    parts = re.split(r"\s*\d\)\s*|\s*:\s*", (text or "").replace("(likely)", ""))
    names = [part.strip() for part in parts if part and part.strip()]
    return [_COUNTRIES.get(name, name) for name in names]


def _history(facts: Facts, row: sqlite3.Row) -> None:
    ancient = "ancient" in (row["discoverers"] or "").lower()
    if row["discovery_year"]:
        facts.add("Discovered", f"{row['discovery_year']:04d}")
    elif ancient:
        facts.state("Discovered", "unknown", "Known since antiquity")
    facts.add("Discovered by", _clean(row["discoverers"]))
    facts.add("Place of discovery", _clean(row["discovery_location"]))
    facts.add("Origin of the name", _clean(row["name_origin"]))
    facts.add("Uses", _clean(row["uses"]))
    facts.add("Where it is found", _clean(row["sources"]))


def _clean(text: str | None) -> str:
    text = " ".join((text or "").replace("cooper ore", "copper ore").split())
    return re.sub(r"\s+([.,;])", r"\1", text)


def _places(facts: Facts, row: sqlite3.Row, names: Mapping[int, str], database: _Database) -> None:
    number = row["atomic_number"]
    for name, other in (("Previous element", number - 1), ("Next element", number + 1)):
        if other in names:
            facts.add(name, {"item": names[other]})
        else:
            facts.state(name, "none")
    above = [
        found["name"]
        for found in database.elements
        if row["group_id"] and found["group_id"] == row["group_id"] and found["atomic_number"] < number
    ]
    if above:
        facts.add("Lighter element of the group", {"item": above[-1]})


def _summary(row: sqlite3.Row, facts: Facts, database: _Database) -> str:
    sort = _type(row, database).lower()
    text = f"{row['name']} ({row['symbol']}) is {'an' if sort[0] in 'aeiou' else 'a'} {sort} with the atomic number {row['atomic_number']}"
    state = facts.of.get("State at 25 °C", {}).get("value")
    if state:
        text += f", {'a ' if state != 'Solid' else ''}{state.lower()} at room temperature"
    if row["discovery_year"]:
        text += f", discovered in {row['discovery_year']}"
    elif "ancient" in (row["discoverers"] or "").lower():
        text += ", known since antiquity"
    return text + "."
