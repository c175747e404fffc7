"""What must hold of a site's data, and what of it does not."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from app.domain.items import Attribute, Item, State
from app.kinds import registry
from app.kinds.reference import Reference
from app.services import histories
from app.storage.documents import UNREADABLE
from app.storage.inspection import FileUse, Inspected, Inspection
from app.storage.stores import Stores

_NAMED = 5
_BATCH = 500


@dataclass(slots=True)
class Findings:
    """``problems`` are what must not be. ``notes`` are what may well be, and an operator may care about."""

    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    entries: int = 0
    revisions: int = 0
    accounts: int = 0
    files: int = 0

    def __str__(self) -> str:
        return (
            f"Entries: {self.entries:,}, earlier revisions: {self.revisions:,}, "
            f"accounts: {self.accounts:,}, files: {self.files:,}."
        )


def inspect(stores: Stores, inspection: Inspection) -> Findings:
    """Read everything and return what was found; edits may go on meanwhile.

    Proved are: histories without gaps whose revisions follow from one another, unique slugs, titles,
    usernames and addresses, readable entries, pictures that are there and whole. References that lead
    nowhere are notes, since people may write them.
    """
    findings = Findings(revisions=inspection.count_revisions(), accounts=inspection.count_accounts())
    _inspect_entries(stores, inspection, findings)
    findings.problems += [f"Not unique, {doubled}" for doubled in inspection.doubled()]
    findings.problems += [
        f"Revisions of an entry that is gone: {key}" for key in inspection.stray_revisions()
    ]
    _inspect_files(inspection, findings)
    return findings


# Entries


def _inspect_entries(stores: Stores, inspection: Inspection, findings: Findings) -> None:
    categories = {category.slug for category in stores.categories.all()}
    unknown: dict[str, None] = {}
    dangling: list[str] = []
    entries = inspection.entries(histories.follows)
    while batch := list(islice(entries, _BATCH)):
        findings.entries += sum(1 for found in batch if not (found.item and found.item.deleted))
        findings.problems += [problem for found in batch for problem in _problems(found)]
        live = [found.item for found in batch if found.item and not found.item.deleted]
        unknown |= {item.category: None for item in live if item.category not in {"", *categories}}
        dangling += _dangling(stores, live)
    missing = [slug for slug in unknown if stores.categories.find(slug) is None]
    findings.notes += _note("Categories that entries name and nobody described", missing)
    findings.notes += _note("References to entries that do not exist", dangling)


def _problems(found: Inspected) -> Iterator[str]:
    name = f"Entry “{found.title}” ({found.id})"
    missing = sorted(set(range(1, found.revision)) - set(found.archived))
    if missing:
        yield f"{name}: revisions are missing from its history: {_listed(map(str, missing))}"
    if found.astray:
        yield f"{name}: revisions do not follow from the one before: {_listed(map(str, found.astray))}"
    if found.archived and (found.archived[0] < 1 or found.archived[-1] > found.newest):
        yield f"{name}: its history holds revisions beyond the present one, {found.newest}"
    if found.has_other_copy:
        yield f"{name}: its history holds another revision {found.revision} than the present one"
    if found.item is None:
        yield f"{name}: it cannot be read"
        return
    if found.has_wrong_names:
        yield f"{name}: its slug or the key of its title is not what it should be"
    keys = [attribute.key for attribute in found.item.attributes]
    if len(set(keys)) < len(keys):
        yield f"{name}: two of its attributes share a key"
    damaged = [attribute.key for attribute in found.item.attributes if _is_damaged(attribute)]
    if damaged:
        yield f"{name}: values cannot be read: {_listed(damaged)}"


def _is_damaged(attribute: Attribute) -> bool:
    # A kind that is unknown here is no damage: a newer or older release may have it.
    return attribute.kind.startswith(UNREADABLE) and attribute.kind.removeprefix(UNREADABLE) in registry.KINDS


def _dangling(stores: Stores, items: Iterable[Item]) -> list[str]:
    wanted: dict[str, str] = {}
    for item in items:
        for attribute in item.attributes:
            if attribute.state is State.VALUE and isinstance(attribute.value, Reference):
                wanted.setdefault(attribute.value.slug, f"{item.slug} → {attribute.value.slug}")
    present = stores.items.heads(wanted)
    return [told for slug, told in wanted.items() if slug not in present]


# Pictures


def _inspect_files(inspection: Inspection, findings: Findings) -> None:
    uses: dict[str, FileUse] = {}
    for use in inspection.file_uses():
        uses.setdefault(use.file, use)
    missing = dict(uses)
    unused: list[str] = []
    for file in inspection.files():
        findings.files += 1
        missing.pop(file.id, None)
        if file.damage:
            findings.problems.append(f"File {file.id}: {file.damage}")
        if file.is_settled and not uses.keys() & {file.id, file.of}:
            unused.append(file.id)
    # Replaced since it was asked for, it is missed by nobody.
    present = [use for use in missing.values() if not use.is_past and inspection.is_in_use(use)]
    findings.problems += [f"File {use.file} of {use.by} is missing" for use in present]
    past = [use.file for use in missing.values() if use.is_past]
    findings.notes += _note("Files of earlier revisions that are missing", past)
    findings.notes += _note("Files that nothing refers to", unused)
    if strays := inspection.stray_chunks():
        findings.notes.append(f"Uploads that were never finished: {strays}")


def _note(title: str, found: list[str]) -> list[str]:
    return [f"{title}: {len(found):,} ({_listed(found)})"] if found else []


def _listed(found: Iterable[str]) -> str:
    names = list(found)
    return ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")
