"""Programming languages: linguist-languages (MIT), and common knowledge about the best-known ones."""

# Rows of tables stay on one line each.

from collections.abc import Iterator, Sequence
from urllib.parse import quote

from demo_sources.common import JSON, Column, Facts, Packages, Table, article, joined, source
from demo_sources.javascript import load_modules
from demo_sources.language_facts import ALIASES, CHINESE, DATED, TRAITS, WELL_KNOWN, Known

_LINGUIST = (
    source("GitHub Linguist, linguist-languages 9.5.0 (MIT)", "https://github.com/github-linguist/linguist"),
)

TABLE = Table(
    "programming-languages",
    "Programming languages",
    "编程语言",
    {
        "Overview": "概况",
        "Language design": "语言设计",
        "Features": "特性",
        "Files": "文件",
        "Tools": "工具",
    },
    (
        Column("First appeared", "首次发布", "date", "Overview", aliases=("Year",)),
        Column("Designed by", "设计者", "list", "Overview", aliases=("Designer", "Designers")),
        Column("Maintained by", "维护者", "text", "Overview", aliases=("Developer",)),
        Column("Website", "官方网站", "url", "Overview"),
        Column("Sort", "类型", "text", "Overview", aliases=("Type",), sources=_LINGUIST),
        Column("Paradigms", "编程范式", "list", "Language design", aliases=("Paradigm",)),
        Column("Typing discipline", "类型系统", "list", "Language design", aliases=("Typing",)),
        Column("Memory management", "内存管理", "text", "Language design"),
        Column("Execution", "执行方式", "text", "Language design"),
        Column("Influenced by", "受何影响", "list", "Language design"),
        Column("Derived from", "派生自", "reference", "Language design"),
        Column("Dialect of", "所属语言", "reference", "Language design", sources=_LINGUIST),
        Column("Standard", "标准", "text", "Language design"),
        Column("Statically typed", "静态类型", "boolean", "Features"),
        Column("Garbage collected", "垃圾回收", "boolean", "Features"),
        Column("Generics", "泛型", "boolean", "Features"),
        Column("Pattern matching", "模式匹配", "boolean", "Features"),
        Column("Async/await syntax", "async/await 语法", "boolean", "Features"),
        Column("Exceptions", "异常处理", "boolean", "Features"),
        Column("Operator overloading", "运算符重载", "boolean", "Features"),
        Column("Interactive shell included", "自带交互式环境", "boolean", "Features", aliases=("REPL",)),
        Column("File extensions", "文件扩展名", "list", "Files", sources=_LINGUIST),
        Column("Main file extension", "主要扩展名", "text", "Files", sources=_LINGUIST),
        Column("Number of file extensions", "扩展名数量", "number", "Files", sources=_LINGUIST),
        Column("Special file names", "特殊文件名", "list", "Files", sources=_LINGUIST),
        Column("MIME type", "MIME 类型", "text", "Files", sources=_LINGUIST),
        Column("Package manager", "包管理器", "list", "Tools"),
        Column("Interpreters", "解释器", "list", "Tools", sources=_LINGUIST),
        Column(
            "GitHub colour", "GitHub 颜色", "color", "Tools", aliases=("Colour", "Color"), sources=_LINGUIST
        ),
        Column("Names on GitHub", "GitHub 上的别名", "list", "Tools", sources=_LINGUIST),
        Column("Repositories on GitHub", "GitHub 代码库", "url", "Tools"),
        Column("TextMate scope", "TextMate 作用域", "text", "Tools", sources=_LINGUIST),
        Column("CodeMirror mode", "CodeMirror 模式", "text", "Tools", sources=_LINGUIST),
        Column("Ace mode", "Ace 模式", "text", "Tools", sources=_LINGUIST),
        Column("Linguist ID", "Linguist 编号", "text", "Tools", sources=_LINGUIST),
    ),
)

_SORTS = {"programming": "Programming language", "markup": "Markup language", "data": "Data language"}
# Data formats without a colour of their own are mostly files of one program.
_COLOURLESS = frozenset(("EDN", "Protocol Buffer", "Turtle", "GeoJSON", "Diff", "JSON Schema"))


def build(packages: Packages) -> Iterator[JSON]:
    """Yield programming and markup languages and well-known data formats, by name."""
    languages = load_modules(packages.find("linguist-languages*/package/index.js"))
    chosen = [one for one in languages if one["type"] != "prose" and _is_known(one)]
    for language in sorted(chosen, key=lambda one: one["name"].casefold()):
        yield _entry(language, {one["name"] for one in chosen})


def _is_known(language: JSON) -> bool:
    return language["type"] != "data" or bool(language.get("color")) or language["name"] in _COLOURLESS


def _entry(language: JSON, titles: set[str]) -> JSON:
    name, facts = language["name"], Facts()
    known = WELL_KNOWN.get(name)
    if known:
        _design(facts, known, titles)
    elif name in DATED:
        year, designers, url = DATED[name]
        sources = [source("Official site", url)] if url else []
        facts.add("First appeared", str(year), sources=sources)
        facts.add("Designed by", _split(designers), sources=sources)
        facts.add("Website", url)
    _linguist(facts, language, titles)
    spellings = [alias for alias in language.get("aliases", ()) if len(alias) > 2 and alias.isascii()]
    aliases = [*ALIASES.get(name, ()), CHINESE.get(name, ""), *(_spoken(alias, name) for alias in spellings)]
    return TABLE.item(name, aliases, _summary(language, known), facts)


def _spoken(alias: str, name: str) -> str:
    """Return linguist's alias, unless it is only the name in small letters."""
    return "" if alias.replace("-", " ").casefold() == name.replace("-", " ").casefold() else alias


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(", ") if part.strip()]


def _design(facts: Facts, known: Known, titles: set[str]) -> None:
    sources = [source("Official site", known.website)]
    for name, value in (
        ("First appeared", str(known.year)),
        ("Designed by", _split(known.designers)),
        ("Maintained by", known.steward),
        ("Paradigms", _split(known.paradigms)),
        ("Typing discipline", _split(known.typing)),
        ("Memory management", known.memory),
        ("Execution", known.execution),
        ("Influenced by", _split(known.influences)),
        ("Standard", known.standard),
        ("Package manager", _split(known.package_manager)),
    ):
        facts.add(name, value, sources=sources)
    facts.add("Website", known.website)
    if known.parent in titles:
        facts.add("Derived from", {"item": known.parent}, sources=sources)
    for name, value in (("Standard", known.standard), ("Package manager", known.package_manager)):
        if not value:
            facts.state(name, "none", "No common standard" if name == "Standard" else "None in common use")
    for letter, name in TRAITS.items():
        if name == "Generics" and "S" not in known.traits and letter not in known.traits:
            facts.state(name, "not_applicable", "Dynamically typed")
        else:
            facts.add(name, letter in known.traits, sources=sources)


def _linguist(facts: Facts, language: JSON, titles: set[str]) -> None:
    facts.add("Sort", _SORTS[language["type"]])
    extensions = [found for found in language.get("extensions", ()) if found]
    facts.add("File extensions", extensions)
    if extensions:
        facts.add("Main file extension", extensions[0])
    facts.number("Number of file extensions", len(extensions))
    facts.add("Special file names", language.get("filenames"))
    facts.add("MIME type", language.get("codemirrorMimeType"))
    facts.add("Interpreters", language.get("interpreters"))
    facts.add("GitHub colour", (language.get("color") or "").lower())
    facts.add("Names on GitHub", language.get("aliases"))
    facts.add("TextMate scope", None if language["tmScope"] == "none" else language["tmScope"])
    facts.add("CodeMirror mode", language.get("codemirrorMode"))
    facts.add("Ace mode", None if language["aceMode"] == "text" else language["aceMode"])
    facts.add("Linguist ID", str(language["languageId"]))
    query = quote(f'language:"{language["name"]}"')
    facts.add("Repositories on GitHub", f"https://github.com/search?type=repositories&q={query}")
    if language.get("group") in titles:
        facts.add("Dialect of", {"item": language["group"]})


def _summary(language: JSON, known: Known | None) -> str:
    name = language["name"]
    sort = _SORTS[language["type"]].lower()
    if known:
        styles = [style.lower() for style in _split(known.paradigms)[:2]]
        text = f"{name} is {article(joined(styles))} {sort} that first appeared in {known.year}"
        return f"{text}, designed by {joined(_first(_split(known.designers)))}."
    if name in DATED:
        year, designers, _url = DATED[name]
        author = f", designed by {joined(_first(_split(designers)))}" if designers else ""
        return f"{name} is {article(sort)} that first appeared in {year}{author}."
    extensions = [found for found in language.get("extensions", ()) if found]
    files = f" whose files end in {extensions[0]}" if extensions else ""
    family = f", a variety of {language['group']}" if language.get("group") else ""
    return f"{name} is {article(sort)}{files}{family}."


def _first(names: Sequence[str], most: int = 3) -> list[str]:
    return list(names) if len(names) <= most else [*names[:most], "others"]
