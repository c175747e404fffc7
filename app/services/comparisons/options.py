"""What a reader may ask of a comparison, as its query string says it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.domain.messages import N_, Message

UNITS = ("original", "metric", "imperial")
_MOST_HIDDEN = 200


@dataclass(frozen=True, slots=True)
class Options:
    """How a comparison is to be shown. ``sort`` is a row's key, with a leading ``-`` to descend."""

    only_differences: bool = False
    units: str = "original"
    hide: tuple[str, ...] = ()
    sort: str = ""

    def to_query(self) -> dict[str, str]:
        """Return the parameters that :func:`read_options` turns back into these; defaults are left out."""
        query = {
            "only": "differences" if self.only_differences else "",
            "units": "" if self.units == "original" else self.units,
            "hide": ",".join(self.hide),
            "sort": self.sort,
        }
        return {name: value for name, value in query.items() if value}


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """Options and what of the query string could not be understood."""

    options: Options
    notices: tuple[Message, ...] = field(default=())


def read_options(args: Mapping[str, str]) -> ReadOptions:
    """Understand a query string; what makes no sense is left out and named in ``notices``."""
    notices: list[Message] = []
    options = Options(
        only_differences=_choice(args, "only", ("", "differences", "all"), notices) == "differences",
        units=_choice(args, "units", UNITS, notices),
        hide=_keys(args.get("hide", "")),
        sort=args.get("sort", "").strip()[:200],
    )
    return ReadOptions(options, tuple(notices))


def _choice(args: Mapping[str, str], name: str, choices: tuple[str, ...], notices: list[Message]) -> str:
    value = args.get(name, "").strip().casefold()
    if value in choices or not value:
        return value or choices[0]
    params = {"name": name, "value": value[:40], "choices": ", ".join(filter(None, choices))}
    notices.append(Message(N_("“%(name)s=%(value)s” was ignored; it may be one of: %(choices)s."), params))
    return choices[0]


def _keys(text: str) -> tuple[str, ...]:
    keys = (key.strip() for key in text.split(",", _MOST_HIDDEN))
    return tuple(dict.fromkeys(key for key in keys if key))
