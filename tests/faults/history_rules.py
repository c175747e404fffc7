"""What must hold of the log of a run, whatever broke meanwhile. Pure: nothing here reads or writes."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate, pairwise
from textwrap import shorten

from tests.faults.operations import (
    NO_ANSWER,
    NOT_NOW,
    Event,
    Fault,
    Follower,
    Kept,
    Log,
    Outcome,
    Read,
    Request,
    Write,
)

_WIDEST = 300
_PERMITTED = {200, 201, 404, 409, 412, NOT_NOW, NO_ANSWER}


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that does not hold, told in a sentence, and the operations concerned."""

    rule: str
    sentence: str
    concerned: tuple[object, ...] = ()

    def __str__(self) -> str:
        # Whole they are in the file of the log; what matters of long ones is in the sentence.
        concerned = (shorten(str(operation), _WIDEST) for operation in self.concerned)
        return "\n    ".join([self.sentence, *concerned])


Rule = Callable[[Log], Iterator[Violation]]


def violations(log: Log, longest: float = 10.0) -> list[Violation]:
    """Return every violation of every rule. ``longest`` is how many seconds a request may take."""
    found = [violation for rule in _RULES for violation in rule(log)]
    return [*found, *_slow_requests(log, longest)]


def _lost_writes(log: Log) -> Iterator[Violation]:
    """Each acknowledged write stands once, at its number, as it was written."""
    places = _places(log)
    for write in log.writes:
        if write.outcome is not Outcome.ACKNOWLEDGED:
            continue
        found = [kept.revision for kept in places[write.entry, write.mark]]
        if found != [write.revision]:
            stands = _at(log, write.entry, write.revision)
            sentence = (
                f"{write.mark} was acknowledged as r{write.revision} of {write.entry}, but stands as {found}"
            )
            yield Violation("acknowledged writes stay", sentence, (write, stands))
            continue
        [kept] = places[write.entry, write.mark]
        if not _agree(write.sets, kept.values):
            sentence = f"r{kept.revision} of {write.entry} is not what {write.mark} wrote"
            yield Violation("acknowledged writes stay", sentence, (write, kept))


def _gaps(log: Log) -> Iterator[Violation]:
    """Numbers follow one another from 1 on, and each revision names the one before as its parent."""
    for entry, history in log.histories.items():
        numbers = [kept.revision for kept in history]
        if numbers != list(range(1, len(numbers) + 1)):
            odd = next(
                (number, wanted)
                for number, wanted in zip([*numbers, 0], range(1, len(numbers) + 2), strict=True)
                if number != wanted
            )
            yield Violation("revisions are gapless", f"{entry} has r{odd[0]} where r{odd[1]} was expected")
        for before, after in pairwise(history):
            if after.parent and after.parent != before.identity:
                sentence = f"r{after.revision} of {entry} follows another revision than r{before.revision}"
                yield Violation("revisions are gapless", sentence, (before, after))


def _other_changes(log: Log) -> Iterator[Violation]:
    """Each revision differs from the one before only by what its write did."""
    by_mark = {(write.entry, write.mark): write for write in log.writes}
    for entry, history in log.histories.items():
        before: Mapping[str, str] = {}
        for kept in history:
            write = by_mark.get((entry, kept.mark))
            if write is None:
                sentence = f"r{kept.revision} of {entry} is nobody's write"
                yield Violation("changes are what was written", sentence, (kept,))
            elif {**before, **write.sets} != kept.values:
                wanted = {**before, **write.sets}
                odd = {
                    key: (wanted.get(key), kept.values.get(key))
                    for key in wanted.keys() | kept.values.keys()
                    if wanted.get(key) != kept.values.get(key)
                }
                sentence = f"r{kept.revision} of {entry} changed what {write.mark} did not write: {odd}"
                yield Violation("changes are what was written", sentence, (write,))
            before = kept.values


def _unwanted_writes(log: Log) -> Iterator[Violation]:
    """A write of unknown outcome stands at most once, a refused one never."""
    places, most = _places(log), {Outcome.UNKNOWN: 1, Outcome.REFUSED: 0}
    for write in log.writes:
        found = places[write.entry, write.mark]
        if write.outcome in most and len(found) > most[write.outcome]:
            numbers = [kept.revision for kept in found]
            sentence = f"{write.mark} of {write.entry} is {write.outcome}, but stands as {numbers}"
            yield Violation("refused writes are not done, others once", sentence, (write,))


def _conditions(log: Log) -> Iterator[Violation]:
    """A write on condition of a revision follows that one; of those on the same one, one is won."""
    places = _places(log)
    won: dict[tuple[str, int], Write] = {}
    for write in log.writes:
        if write.base is None:
            continue
        for kept in places[write.entry, write.mark]:
            if kept.revision != write.base + 1:
                sentence = f"{write.mark} of {write.entry} on condition of r{write.base} is r{kept.revision}"
                yield Violation("conditions are met", sentence, (write,))
        if write.outcome is Outcome.ACKNOWLEDGED:
            other = won.setdefault((write.entry, write.base), write)
            if other is not write:
                sentence = f"two writes on condition of r{write.base} of {write.entry} were won"
                yield Violation("conditions are met", sentence, (other, write))


def _steps_back(log: Log) -> Iterator[Violation]:
    """What begins after the end of something that knew of revision n knows of it."""
    for entry, seen in _knowledge(log).items():
        moments = [moment for moment, _, _ in seen]
        # Up to each moment, whoever knew most.
        most = list(accumulate(seen, lambda one, other: max(one, other, key=lambda known: known[1])))
        for request in _of_entry(log, entry):
            place = bisect_left(moments, request.begun)
            if not place:
                continue
            _, newest, known_by = most[place - 1]
            if _shows_less(request, newest):
                sentence = f"{request.who} was shown r{request.revision} of {entry}, which had r{newest}"
                yield Violation("nothing goes back", sentence, (known_by, request))


def _shows_less(request: Write | Read, newest: int) -> bool:
    if isinstance(request, Write):
        return request.revision <= newest
    if request.asked is not None:
        return request.asked <= newest and not request.revision
    return request.revision < newest


def _false_reads(log: Log) -> Iterator[Violation]:
    """Nobody is shown a revision that is another one in the end."""
    for read in log.reads:
        if not _is_told(read):
            continue
        kept = _at(log, read.entry, read.revision)
        if read.revision and (kept is None or not _agree(read.values, kept.values)):
            sentence = f"{read.who} was shown r{read.revision} of {read.entry} as it never was"
            yield Violation("what is shown is true", sentence, (read, kept))
        numbers = sorted(read.marks)
        if numbers and numbers != list(range(numbers[0], numbers[-1] + 1)):
            sentence = f"{read.who} was shown a history of {read.entry} with gaps: {numbers}"
            yield Violation("what is shown is true", sentence, (read,))
        for number, mark in read.marks.items():
            kept = _at(log, read.entry, number)
            if kept is None or kept.mark != mark:
                sentence = f"{read.who} was shown {mark} as r{number} of {read.entry}"
                yield Violation("what is shown is true", sentence, (read, kept))


def _dates(log: Log) -> Iterator[Violation]:
    """No revision is dated before the one that it follows."""
    for entry, history in log.histories.items():
        for before, after in pairwise(history):
            if after.at < before.at:
                sentence = f"r{after.revision} of {entry} is dated before r{before.revision}"
                yield Violation("dates do not go back", sentence, (before, after))


def _followers(log: Log) -> Iterator[Violation]:
    """Each follower is told each acknowledged revision once, in the order of the entry's revisions."""
    told: dict[str, list[Event]] = defaultdict(list)
    for event in log.events:
        told[event.who].append(event)
    for follower in log.followers:
        yield from _one_follower(log, follower, told[follower.who])


def _one_follower(log: Log, follower: Follower, events: list[Event]) -> Iterator[Violation]:
    rule = "the stream tells each once, in order"
    last: dict[str, Event] = {}
    for event in events:
        if event.is_gap:
            last.clear()
            continue
        kept = _at(log, event.entry, event.revision)
        if kept is None or kept.mark != event.mark:
            sentence = f"{follower.who} was told {event.mark} as r{event.revision} of {event.entry}"
            yield Violation(rule, sentence, (event, kept))
        before = last.get(event.entry)
        if before and event.revision != before.revision + 1:
            sentence = f"{follower.who} was told r{event.revision} after r{before.revision} of {event.entry}"
            yield Violation(rule, sentence, (before, event))
        last[event.entry] = event
    if any(event.is_gap for event in events):
        return
    heard = {(event.entry, event.revision) for event in events}
    for write in log.writes:
        is_due = write.outcome is Outcome.ACKNOWLEDGED and write.begun > follower.begun
        if is_due and (write.entry, write.revision) not in heard:
            sentence = f"{follower.who} was never told r{write.revision} of {write.entry}"
            yield Violation(rule, sentence, (write,))


def _listed_changes(log: Log) -> Iterator[Violation]:
    """The list of changes has each revision once, those of an entry newest first."""
    rule = "the list of changes has each once, in order"
    counted = Counter((line.entry, line.revision, line.mark) for line in log.changes)
    kept = {(entry, row.revision, row.mark) for entry, history in log.histories.items() for row in history}
    for line, count in counted.items():
        if count > 1 or line not in kept:
            yield Violation(rule, f"{line} is listed {count} times, and {'' if line in kept else 'not '}kept")
    for line in sorted(kept - counted.keys()):
        yield Violation(rule, f"{line} is not listed")
    last: dict[str, int] = {}
    for line in log.changes:
        if line.revision >= last.get(line.entry, line.revision + 1):
            yield Violation(rule, f"r{line.revision} of {line.entry} is listed after r{last[line.entry]}")
        last[line.entry] = line.revision


def _unclean_answers(log: Log) -> Iterator[Violation]:
    """An answer is a success, a refusal, or a clean 503."""
    for request in _all(log):
        if request.status not in _PERMITTED or request.problem:
            sentence = f"{request.who} got {request.status} {request.problem} from {request.host}"
            yield Violation("answers are clean", sentence, (request,))


def _slow_requests(log: Log, longest: float) -> Iterator[Violation]:
    for request in _all(log):
        seconds = request.ended - request.begun
        if seconds > longest and not any(_excuses(fault, request) for fault in log.faults):
            sentence = f"{request.who} waited {seconds:.1f} s for {request.host}"
            faults = [
                fault for fault in log.faults if fault.begun < request.ended and fault.ended > request.begun
            ]
            yield Violation("requests end in time", sentence, (request, *faults))


def _excuses(fault: Fault, request: Request) -> bool:
    """Say whether the host itself was frozen or dead at some time of the request."""
    return request.host in fault.hosts and fault.begun < request.ended and fault.ended > request.begun


def _all(log: Log) -> Iterable[Request]:
    return (*log.writes, *log.reads, *log.connects)


def _of_entry(log: Log, entry: str) -> Iterator[Write | Read]:
    for request in (*log.writes, *log.reads):
        if request.entry == entry and _is_told(request):
            yield request


def _is_told(request: Write | Read) -> bool:
    """Say whether the answer tells what the entry was."""
    if isinstance(request, Write):
        return request.outcome is Outcome.ACKNOWLEDGED
    return request.status in (200, 404)


def _knowledge(log: Log) -> dict[str, list[tuple[float, int, Write | Read]]]:
    """Return by entry who knew when of which revision, by time."""
    found: dict[str, list[tuple[float, int, Write | Read]]] = defaultdict(list)
    for request in (*log.writes, *log.reads):
        if _is_told(request):
            found[request.entry].append((request.ended, request.revision, request))
    for rows in found.values():
        rows.sort(key=lambda row: row[0])
    return found


def _places(log: Log) -> dict[tuple[str, str], list[Kept]]:
    """Return the revisions by entry and mark."""
    found: dict[tuple[str, str], list[Kept]] = defaultdict(list)
    for entry, history in log.histories.items():
        for kept in history:
            found[entry, kept.mark].append(kept)
    return found


def _at(log: Log, entry: str, number: int) -> Kept | None:
    history = log.histories.get(entry, [])
    if 0 < number <= len(history) and history[number - 1].revision == number:
        return history[number - 1]
    return next((kept for kept in history if kept.revision == number), None)


def _agree(some: Mapping[str, str], all_of_them: Mapping[str, str]) -> bool:
    return all(all_of_them.get(key) == value for key, value in some.items())


_RULES: tuple[Rule, ...] = (
    _lost_writes,
    _gaps,
    _other_changes,
    _unwanted_writes,
    _conditions,
    _steps_back,
    _false_reads,
    _dates,
    _followers,
    _listed_changes,
    _unclean_answers,
)
