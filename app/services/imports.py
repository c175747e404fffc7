"""Importing bulk files: each line meets the entry of its title, or makes one.

An import can be killed at any moment and started again: what is stored is met by its title, and a line
that changes nothing makes no revision.
"""

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from itertools import islice
from typing import IO

from app.domain.categories import Category
from app.domain.errors import DatabaseUnavailable, DomainError, FieldError, InvalidInput, TitleTaken
from app.domain.items import Attribute, Item
from app.domain.names import slugify, title_key
from app.domain.users import SYSTEM
from app.services import bulk_formats, categories, histories, items
from app.services.bodies import clean_comment
from app.services.bulk_formats import BadFile, Format, Line, Reader
from app.services.items import ItemDraft, Note, Scopes
from app.storage.stores import Stores

# What reading a file may raise, also of one that is packed: the file is cut off, damaged or not there.
UNREADABLE = (OSError, EOFError, zlib.error)
BATCH = 500
_EDITS_AT_ONCE = 8

OnBad = Callable[[int, str], None]
OnProgress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Options:
    """How to import. ``category`` is for lines that name none; ``only_new`` leaves existing entries alone."""

    category: str = ""
    replace: bool = False
    dry_run: bool = False
    comment: str = ""
    only_new: bool = False


@dataclass(slots=True)
class Report:
    """What became of the lines."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    failed: int = 0

    def add(self, other: "Report") -> None:
        """Count the lines of another file too."""
        self.created += other.created
        self.updated += other.updated
        self.unchanged += other.unchanged
        self.failed += other.failed

    def __str__(self) -> str:
        return (
            f"created {self.created}, updated {self.updated}, "
            f"unchanged {self.unchanged}, failed {self.failed}"
        )


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a line says: the draft, and which members of it and of its attributes were listed."""

    number: int
    draft: ItemDraft
    listed: frozenset[str]
    members: tuple[frozenset[str], ...]
    comment: str

    @property
    def key(self) -> str:
        return title_key(self.draft.title)


def _ignore(_done: int) -> None:
    """Show no progress."""


def run(
    stores: Stores,
    stream: IO[bytes],
    form: Format,
    options: Options,
    now: datetime,
    on_bad: OnBad,
    on_progress: OnProgress = _ignore,
) -> Report:
    """Import a file in the name of the system and return what became of its lines.

    Each bad line goes to ``on_bad`` with its physical number and the reason; the others are imported.
    ``on_progress`` gets the count of bytes read so far. Raises BadFile or one of UNREADABLE where not even
    the beginning can be read, InvalidInput for a bad comment, and DatabaseUnavailable; what was stored
    until then stays.
    """
    clean_comment(options.comment)
    # A picture that another site holds is no reason to refuse its entry: an export is read as it was
    # written, and `check` names the files that have to follow.
    # Read once: what is known by its name has to be known by its slug, whoever makes categories meanwhile.
    present = stores.categories.all()
    known = Scopes(present)
    by_name = {slugify(found.name): found.slug for found in present}
    reader = bulk_formats.reader(form, stream, known)
    with ThreadPoolExecutor(_EDITS_AT_ONCE) as pool:
        return _Import(stores, reader, known, by_name, options, now, on_bad, pool).run(on_progress)


@dataclass
class _Import:
    """One file in the importing, batch by batch."""

    stores: Stores
    reader: Reader
    known: Scopes
    # A category whose name is not that of its slug can be named by either.
    by_name: Mapping[str, str]
    options: Options
    now: datetime
    on_bad: OnBad
    pool: ThreadPoolExecutor
    report: Report = field(default_factory=Report)
    # Categories that lines named and nobody has made yet, and those that surely exist.
    named: dict[str, str] = field(default_factory=dict)
    defined: dict[str, Category] = field(default_factory=dict)
    made: set[str] = field(default_factory=set)
    # In a dry run, the titles that would exist by now.
    imagined: set[int] = field(default_factory=set)

    def run(self, on_progress: OnProgress) -> Report:
        lines = self._lines()
        while batch := list(islice(lines, BATCH)):
            self._store([wanted for line in batch if (wanted := self._understand(line))])
            on_progress(batch[-1].end)
        return self.report

    def _lines(self) -> Iterator[Line]:
        """Yield the lines as far as the file can be read, and tell where it cannot."""
        number = 0
        try:
            for line in self.reader.lines():
                number = line.number
                yield line
        except BadFile as error:
            self._bad(number + 1, str(error.message))
        except UNREADABLE as error:
            self._bad(number + 1, f"The file cannot be read further: {error}")

    # Understanding a line

    def _understand(self, line: Line) -> _Wanted | None:
        try:
            if line.refusal is not None:
                self._bad(line.number, str(line.refusal))
                return None
            return self._wanted(line.number, self.reader.raw(line, self.options.category))
        except DatabaseUnavailable:
            raise
        except DomainError as error:
            self._bad(line.number, bulk_formats.shown(error))
            return None

    def _wanted(self, number: int, raw: object) -> _Wanted:
        members = bulk_formats.item_members(raw)
        category = self._known_category(members.get("category"), members.get(bulk_formats.DEFINITION))
        if isinstance(raw, Mapping):
            raw = {name: value for name, value in raw.items() if name != bulk_formats.DEFINITION}
            raw |= {"category": category} if category else {}
        attributes = members.get("attributes")
        listed = attributes if isinstance(attributes, list) else []
        draft = items.draft_from_json(raw, self.known, known_keys=_own_keys(listed))
        comment = clean_comment(members.get("comment") or self.options.comment)
        return _Wanted(
            number,
            draft,
            frozenset(members),
            tuple(frozenset(bulk_formats.item_members(attribute)) for attribute in listed),
            comment,
        )

    def _known_category(self, name: object, definition: object) -> str:
        """Return the slug of the category of that name, which is made when an entry is stored in it.

        It is made as defined; a category that is there stays as it is. Raises InvalidInput.
        """
        slug = slugify(name) if isinstance(name, str) else ""
        if slug not in self.known and slug in self.by_name:
            return self.by_name[slug]
        if slug and slug not in self.known:
            if definition is not None:
                self.defined[slug] = _defined(definition, slug)
            self.known.add(self.defined.get(slug) or Category(slug, str(name)))
            self.named[slug] = str(name)
        return slug

    def _bad(self, number: int, reason: str) -> None:
        self.report.failed += 1
        self.on_bad(number, " ".join(reason.split()))

    # Storing a batch

    def _store(self, batch: Sequence[_Wanted]) -> None:
        present = self.stores.items.find_by_titles(wanted.draft.title for wanted in batch)
        waiting: dict[str, _Wanted] = {}
        for wanted in batch:
            if wanted.key in waiting:
                # The second of one title meets the first, so that has to be stored.
                self._write(waiting, present)
            if self._differs(wanted, present.get(wanted.key)):
                waiting[wanted.key] = wanted
            else:
                self.report.unchanged += 1
        self._write(waiting, present)

    def _differs(self, wanted: _Wanted, head: Item | None) -> bool:
        if head is None:
            return True
        return not self.options.only_new and bool(histories.touched_keys(head, self._changed(head, wanted)))

    def _write(self, waiting: dict[str, _Wanted], present: dict[str, Item]) -> None:
        """Store what waits, also into ``present``, and empty it."""
        found = list(waiting.values())
        waiting.clear()
        if self.options.dry_run:
            self._imagine(found, present)
            return
        found = [wanted for wanted in found if self._ensure_category(wanted)]
        self._edit([wanted for wanted in found if wanted.key in present], present)
        self._create([wanted for wanted in found if wanted.key not in present], present)

    def _create(self, wanted: Sequence[_Wanted], present: dict[str, Item]) -> None:
        """Insert what is new; the losers of a race meet the winner, or try again where it is gone."""
        firsts = [self._first(found) for found in wanted]
        lost = []
        for found, outcome in zip(wanted, self._insert(firsts), strict=True):
            if isinstance(outcome, InvalidInput):
                self._bad(found.number, bulk_formats.shown(outcome))
            elif isinstance(outcome, TitleTaken):
                lost.append(found)
            else:
                present[found.key] = outcome
                self.report.created += 1
        present.update(self.stores.items.find_by_titles(found.draft.title for found in lost))
        met = [found for found in lost if found.key in present]
        differing = [found for found in met if self._differs(found, present[found.key])]
        self.report.unchanged += len(met) - len(differing)
        self._edit(differing, present)
        # Deleted or renamed since, the winner has given the title up.
        if gone := [found for found in lost if found.key not in present]:
            self._create(gone, present)

    def _edit(self, wanted: Sequence[_Wanted], present: dict[str, Item]) -> None:
        """Change what exists, some at a time: each waits for the journal, and they can wait together."""
        heads = [present[found.key] for found in wanted]
        for found, outcome in zip(wanted, self.pool.map(self._edit_one, heads, wanted), strict=True):
            if isinstance(outcome, Item):
                present[found.key] = outcome
                self.report.updated += 1
            else:
                self._bad(found.number, bulk_formats.shown(outcome))

    def _edit_one(self, head: Item, wanted: _Wanted) -> Item | DomainError:
        try:
            change = partial(self._changed, wanted=wanted)
            return items.edit(self.stores, SYSTEM, head.id, change, self._note(wanted))
        except DatabaseUnavailable:
            raise
        except DomainError as error:
            return error

    def _insert(self, firsts: Sequence[Item]) -> Sequence[Item | TitleTaken | InvalidInput]:
        try:
            return self.stores.items.insert_many(firsts)
        except InvalidInput:
            # One of them is more than the database holds; which, shows one by one.
            return [self._insert_alone(first) for first in firsts]

    def _insert_alone(self, first: Item) -> Item | TitleTaken | InvalidInput:
        try:
            return self.stores.items.find(first.id) or self.stores.items.insert(first)
        except (TitleTaken, InvalidInput) as error:
            return error

    def _imagine(self, wanted: Sequence[_Wanted], present: dict[str, Item]) -> None:
        """Count what a dry run would do, and remember what would then exist."""
        for found in wanted:
            head, mark = present.get(found.key), hash(found.key)
            present[found.key] = self._changed(head, found) if head else self._first(found)
            is_new = head is None and mark not in self.imagined
            self.imagined.add(mark)
            self.report.created += is_new
            self.report.updated += not is_new

    def _first(self, wanted: _Wanted) -> Item:
        return items.first_revision(self.stores, SYSTEM, wanted.draft, self._note(wanted))

    def _note(self, wanted: _Wanted) -> Note:
        return Note(self.now, wanted.comment)

    def _ensure_category(self, wanted: _Wanted) -> bool:
        slug = wanted.draft.category
        if not slug or slug in self.made:
            return True
        try:
            name, definition = self.named.get(slug, slug), self.defined.get(slug)
            self.known.add(categories.ensure(self.stores, SYSTEM, name, self.now, definition))
        except DatabaseUnavailable:
            raise
        except DomainError as error:
            self._bad(wanted.number, bulk_formats.shown(error))
            return False
        self.made.add(slug)
        return True

    # What a line changes

    def _changed(self, item: Item, wanted: _Wanted) -> Item:
        draft = wanted.draft
        if self.options.replace:
            return items.replaced_by(draft)(item)
        return replace(
            item,
            category=draft.category if "category" in wanted.listed else item.category,
            aliases=draft.aliases if "aliases" in wanted.listed else item.aliases,
            summary=draft.summary if "summary" in wanted.listed else item.summary,
            attributes=tuple(self._merged(item, wanted)),
        )

    def _merged(self, item: Item, wanted: _Wanted) -> Iterator[Attribute]:
        """Yield what the item has, changed in its place, and what is new behind it."""
        said = {
            attribute.key: (attribute, members)
            for attribute, members in zip(wanted.draft.attributes, wanted.members, strict=True)
        }
        for present in item.attributes:
            pair = said.pop(present.key, None)
            yield present if pair is None else self._over(present, *pair)
        yield from (attribute for attribute, _ in said.values())

    def _over(self, present: Attribute, said: Attribute, members: frozenset[str]) -> Attribute:
        """Return the attribute as said, with the present's members where the line lists none."""
        return replace(
            said,
            name=said.name if self.reader.has_names else present.name,
            group=said.group if "group" in members else present.group,
            note=said.note if "note" in members else present.note,
            sources=said.sources if "sources" in members else present.sources,
            verified_on=said.verified_on if "verified_on" in members else present.verified_on,
        )


def _own_keys(attributes: Sequence[object]) -> list[str]:
    """Return the keys that a line gives to its attributes: exports write those that no longer follow
    from a name, and an empty site cannot know them.
    """
    keys = [attribute.get("key") for attribute in attributes if isinstance(attribute, Mapping)]
    return [key for key in keys if isinstance(key, str) and key and slugify(key) == key]


def _defined(definition: object, slug: str) -> Category:
    try:
        return categories.category_from_json(definition, slug)
    except InvalidInput as error:
        where = bulk_formats.DEFINITION
        raise InvalidInput(
            [
                FieldError(f"{where}.{each.path}" if each.path else where, each.message)
                for each in error.errors
            ]
        ) from error
