"""Changes that a program asks for: whole representations, single attributes, and patches.

Each function returns a change of the present item (:data:`app.services.items.ChangeOf`), so that a
patch is applied anew to what is there when it is written, and a race loses nobody's work. Patches
speak of the JSON form that a reader gets; their result is read like any other, all or nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import jsonpatch
import orjson
from jsonpointer import JsonPointerException

from app.domain.errors import AttributeNotFound, Conflict, FieldError, InvalidInput, KeyTaken
from app.domain.items import Attribute, Item
from app.domain.messages import N_, Message
from app.services.attributes import attribute_from_json, attribute_to_json
from app.services.items import (
    MAX_ATTRIBUTES,
    ChangeOf,
    Scopes,
    draft_from_json,
    item_to_json,
    replaced_by,
)
from app.utils import json_in

MAX_OPERATIONS = 100
# A copy may double what is there; a hundred of them must not fill the memory.
_MAX_BYTES = 8 * 2**20

Patch = Callable[[object], object]

# What the library raises for operations that do not fit, beside its own errors.
_MISFITS = (
    jsonpatch.JsonPatchException,
    JsonPointerException,
    AttributeError,
    IndexError,
    KeyError,
    TypeError,
    ValueError,
    RecursionError,
)


class PatchTestFailed(Conflict):
    """A ``test`` operation found something else; ``index`` is that of the operation."""

    code = "patch-test-failed"

    def __init__(self, index: int) -> None:
        super().__init__(
            Message(N_("The test of operation %(number)s failed; nothing was stored."), {"number": index})
        )
        self.index = index


@dataclass(frozen=True, slots=True)
class MergePatch:
    """An ``application/merge-patch+json`` body (RFC 7396), to be called with a document."""

    body: object

    def __call__(self, document: object) -> object:
        """Return the document as patched; it itself stays as it is."""
        return _merged(document, self.body)

    def leaves(self, member: str) -> bool:
        """Say whether it surely leaves a member of the document as it is."""
        return isinstance(self.body, dict) and member not in self.body


def json_patch(operations: object) -> Patch:
    """Return the patch of an ``application/json-patch+json`` body (RFC 6902); raise InvalidInput.

    Applied, it raises PatchTestFailed, or InvalidInput with the index of the operation that does not fit.
    """
    if not isinstance(operations, list) or not all(isinstance(found, dict) for found in operations):
        raise InvalidInput([FieldError("", Message(N_("A list of operations was expected.")))])
    if len(operations) > MAX_OPERATIONS:
        message = Message(N_("At most %(count)s operations were expected."), {"count": MAX_OPERATIONS})
        raise InvalidInput([FieldError("", message)])
    return lambda document: _patched(document, operations)


def whole_item(raw: object, known: Scopes) -> ChangeOf:
    """Return the change to everything that ``raw``, the JSON form of an item, says."""
    return lambda present: replaced_by(draft_from_json(raw, known, present, may_name_new=True))(present)


def patched_item(patch: Patch, known: Scopes) -> ChangeOf:
    """Return the change that ``patch`` makes to the JSON form of an item."""

    def change(present: Item) -> Item:
        if not (isinstance(patch, MergePatch) and patch.leaves("attributes")):
            return whole_item(patch(_form(item_to_json(present))), known)(present)
        # Attributes are nearly all of an entry: they need not be written out to be read as they were.
        rest = item_to_json(replace(present, attributes=()))
        del rest["attributes"]
        draft = draft_from_json(patch(_form(rest)), known, present, may_name_new=True)
        return replaced_by(replace(draft, attributes=present.attributes))(present)

    return change


def added_attribute(raw: object, known: Scopes) -> ChangeOf:
    """Return the change that puts a new attribute last; applied, it raises KeyTaken where there is one."""

    def change(present: Item) -> Item:
        attribute = attribute_from_json(raw, known.of(present.category, present))
        if present.find_attribute(attribute.key) is not None:
            raise KeyTaken(attribute.key)
        return _with_new(present, attribute)

    return change


def put_attribute(key: str, raw: object, known: Scopes) -> ChangeOf:
    """Return the change to the attribute ``key`` as ``raw`` says, in its place or last if it is new."""

    def change(present: Item) -> Item:
        old = present.find_attribute(key)
        attribute = _read_under(key, raw, known, present)
        return _with_new(present, attribute) if old is None else present.with_attribute(attribute)

    return change


def patched_attribute(key: str, patch: Patch, known: Scopes) -> ChangeOf:
    """Return the change that ``patch`` makes to one attribute; applied, it may raise AttributeNotFound."""

    def change(present: Item) -> Item:
        old = require_attribute(present, key)
        return present.with_attribute(_read_under(key, patch(_form(attribute_to_json(old))), known, present))

    return change


def removed_attribute(key: str) -> ChangeOf:
    """Return the change that deletes one attribute; applied, it may raise AttributeNotFound."""
    return lambda present: present.without_attribute(require_attribute(present, key).key)


def require_attribute(item: Item, key: str) -> Attribute:
    """Return the attribute ``key``; raise AttributeNotFound."""
    found = item.find_attribute(key)
    if found is None:
        raise AttributeNotFound(key)
    return found


def with_implied_state(patch: object) -> object:
    """Return a merge patch of an attribute that also says what it implies.

    A state without a value takes the value away, and a value is one, whatever was known before.
    """
    if not isinstance(patch, dict):
        return patch
    if "value" not in patch and patch.get("state", "value") != "value":
        return {**patch, "value": None}
    if patch.get("value") is not None and "state" not in patch:
        return {**patch, "state": "value"}
    return patch


def _read_under(key: str, raw: object, known: Scopes, present: Item) -> Attribute:
    """Read an attribute that is addressed by its key, which it therefore cannot change."""
    if isinstance(raw, Mapping):
        raw = {**raw, "key": key if raw.get("key") is None else raw["key"]}
    keys = [key] if present.find_attribute(key) else []
    attribute = attribute_from_json(raw, known.of(present.category, present), keys)
    if attribute.key != key:
        message = Message(N_("The key of the address was expected: “%(key)s”."), {"key": key})
        raise InvalidInput([FieldError("key", message)])
    return attribute


def _with_new(present: Item, attribute: Attribute) -> Item:
    if len(present.attributes) >= MAX_ATTRIBUTES:
        message = Message(N_("An entry has at most %(count)s attributes."), {"count": MAX_ATTRIBUTES})
        raise InvalidInput([FieldError("", message)])
    return present.with_attribute(attribute)


def _form(document: object) -> object:
    """Return a JSON form as reading it would: numbers compare exactly with those of a patch."""
    return json_in.loads(orjson.dumps(document))


def _merged(target: object, patch: object) -> object:
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = _merged(result.get(name), value)
    return result


def _patched(document: object, operations: list[dict[str, object]]) -> object:
    for index, operation in enumerate(operations):
        try:
            document = jsonpatch.apply_patch(document, [operation])
            _refuse_growth(document)
        except jsonpatch.JsonPatchTestFailed as error:
            raise PatchTestFailed(index) from error
        except _MISFITS as error:
            message = Message(N_("The operation cannot be applied."))
            raise InvalidInput([FieldError(str(index), message)]) from error
    return document


def _refuse_growth(document: object) -> None:
    if len(orjson.dumps(document, default=str)) > _MAX_BYTES:
        raise ValueError("the document grows out of bounds")
