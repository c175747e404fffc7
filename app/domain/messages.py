"""Sentences for people that the inner layers speak without knowing the reader's language."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


def N_(template: str) -> str:  # noqa: N802 - gettext's own name for "translate this later"
    """Mark ``template`` for extraction into the catalogues; it is translated at the edge."""
    return template


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence as a template marked with :func:`N_` and the values that fill it.

    ``str()`` gives English, for logs and the API; pages call :meth:`translated`.
    A parameter may itself be a Message, or a tuple of parameters, which become a list.
    """

    template: str
    params: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.translated(str)

    def translated(self, gettext: Callable[[str], str]) -> str:
        """Return the sentence in the language of ``gettext``."""
        template = gettext(self.template)
        if not self.params:
            return template
        return template % {name: _filled(value, gettext) for name, value in self.params.items()}


def _filled(value: object, gettext: Callable[[str], str]) -> object:
    if isinstance(value, Message):
        return value.translated(gettext)
    if isinstance(value, tuple):
        return gettext(N_(", ")).join(str(_filled(each, gettext)) for each in value)
    return value
