"""The rules that a run of random faults is judged by: each finds what breaks it, and none a clean run."""

from copy import deepcopy
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.factories import NOW
from tests.faults.history_rules import violations
from tests.faults.operations import Event, Fault, Follower, Kept, Listed, Log, Outcome, Read, Write

ENTRY = "tofu"


def wrote(mark, revision, begun, *, key="a", **others):
    fields = {"who": f"by {mark}", "host": "h1", "entry": ENTRY, "ended": begun + 1, "sets": {key: mark}}
    return Write(
        **({**fields, "mark": mark, "outcome": Outcome.ACKNOWLEDGED, "begun": begun} | others),
        revision=revision,
    )


def read(revision, begun, **others):
    fields = {"who": "reader", "host": "h2", "entry": ENTRY, "begun": begun, "ended": begun + 1}
    return Read(**(fields | others), revision=revision)


def kept(revision, mark, values, **others):
    fields = {"at": NOW + timedelta(seconds=revision), "identity": f"i{revision}"}
    return Kept(revision=revision, mark=mark, values=values, **(fields | others))


def told(revision, mark, who="follower"):
    return Event(who=who, host="h1", at=99.0, entry=ENTRY, revision=revision, mark=mark)


def clean():
    """Four writes of which the last got no answer and was done, one refused, reads and a follower."""
    return Log(
        writes=[
            wrote("w1", 1, 0),
            wrote("w2", 2, 10, key="b"),
            wrote("w3", 3, 20, base=2),
            wrote("w4", 0, 30, outcome=Outcome.UNKNOWN, status=503),
            wrote("w5", 0, 40, outcome=Outcome.REFUSED, status=412, base=2),
        ],
        reads=[
            read(1, 5, values={"a": "w1"}),
            read(2, 20.5, values={"a": "w1", "b": "w2"}),
            read(3, 21.5, values={"a": "w3", "b": "w2"}),
            read(4, 50, marks={3: "w3", 4: "w4"}),
            read(1, 60, asked=1, values={"a": "w1"}),
        ],
        followers=[Follower(who="follower", begun=5)],
        events=[told(2, "w2"), told(3, "w3"), told(4, "w4")],
        histories={
            ENTRY: [
                kept(1, "w1", {"a": "w1"}),
                kept(2, "w2", {"a": "w1", "b": "w2"}, parent="i1"),
                kept(3, "w3", {"a": "w3", "b": "w2"}, parent="i2"),
                kept(4, "w4", {"a": "w4", "b": "w2"}, parent="i3"),
            ]
        },
        changes=[Listed(entry=ENTRY, revision=number, mark=f"w{number}") for number in (4, 3, 2, 1)],
    )


def sentences(log):
    return [violation.sentence for violation in violations(log)]


def test_a_clean_run_has_no_violation():
    assert sentences(clean()) == []


def lost(log):
    log.histories[ENTRY][2] = kept(3, "draft", {"a": "w3", "b": "w2"}, parent="i2")


def moved(log):
    log.writes[2] = replace(log.writes[2], revision=4)


def altered(log):
    log.writes[2] = replace(log.writes[2], sets={"a": "other"})


def gap(log):
    del log.histories[ENTRY][1]


def other_parent(log):
    log.histories[ENTRY][3] = replace(log.histories[ENTRY][3], parent="another")


def changed_by_itself(log):
    log.histories[ENTRY][3] = kept(4, "w4", {"a": "w4", "b": "w0"}, parent="i3")


def done_twice(log):
    log.histories[ENTRY].append(kept(5, "w4", {"a": "w4", "b": "w2"}))


def refused_and_done(log):
    log.histories[ENTRY].append(kept(5, "w5", {"a": "w5", "b": "w2"}))


def won_twice(log):
    log.writes.append(wrote("w6", 5, 70, base=2))


def condition_not_met(log):
    log.writes[2] = replace(log.writes[2], base=1)


def older_on_another_host(log):
    log.reads.append(read(2, 22, values={"b": "w2"}))


def older_than_a_read(log):
    log.reads.append(read(3, 60, values={"a": "w3"}))


def number_given_again(log):
    log.writes.append(wrote("w6", 3, 60))


def denied(log):
    log.reads.append(read(0, 60, asked=2, status=404))


def never_was(log):
    log.reads.append(read(4, 60, values={"a": "draft"}))


def line_that_never_was(log):
    log.reads.append(read(4, 60, marks={3: "draft", 4: "w4"}))


def lines_with_a_gap(log):
    log.reads.append(read(4, 60, marks={2: "w2", 4: "w4"}))


def dated_before(log):
    log.histories[ENTRY][3] = replace(log.histories[ENTRY][3], at=NOW)


def told_twice(log):
    log.events.insert(1, told(2, "w2"))


def told_out_of_order(log):
    log.events[:2] = reversed(log.events[:2])


def not_told(log):
    log.events = [event for event in log.events if event.revision > 2]


def told_a_draft(log):
    log.events[1] = told(3, "draft")


def listed_twice(log):
    log.changes.insert(0, log.changes[0])


def not_listed(log):
    del log.changes[1]


def listed_out_of_order(log):
    log.changes[:2] = reversed(log.changes[:2])


def broken_answer(log):
    log.reads[0] = replace(log.reads[0], status=500)


def page_for_a_problem(log):
    log.writes[3] = replace(log.writes[3], problem="has no code")


def slow(log):
    log.reads[3] = replace(log.reads[3], ended=62.5)


@pytest.mark.parametrize(
    ("breaks", "sentence"),
    [
        (lost, "w3 was acknowledged as r3 of tofu, but stands as []"),
        (moved, "w3 was acknowledged as r4 of tofu, but stands as [3]"),
        (altered, "r3 of tofu is not what w3 wrote"),
        (gap, "tofu has r3 where r2 was expected"),
        (other_parent, "r4 of tofu follows another revision than r3"),
        (changed_by_itself, "r4 of tofu changed what w4 did not write: {'b': ('w2', 'w0')}"),
        (lost, "r3 of tofu is nobody's write"),
        (done_twice, "w4 of tofu is unknown, but stands as [4, 5]"),
        (refused_and_done, "w5 of tofu is refused, but stands as [5]"),
        (won_twice, "two writes on condition of r2 of tofu were won"),
        (condition_not_met, "w3 of tofu on condition of r1 is r3"),
        (older_on_another_host, "reader was shown r2 of tofu, which had r3"),
        (older_than_a_read, "reader was shown r3 of tofu, which had r4"),
        (number_given_again, "by w6 was shown r3 of tofu, which had r4"),
        (denied, "reader was shown r0 of tofu, which had r4"),
        (never_was, "reader was shown r4 of tofu as it never was"),
        (line_that_never_was, "reader was shown draft as r3 of tofu"),
        (lines_with_a_gap, "reader was shown a history of tofu with gaps: [2, 4]"),
        (dated_before, "r4 of tofu is dated before r3"),
        (told_twice, "follower was told r2 after r2 of tofu"),
        (told_out_of_order, "follower was told r2 after r3 of tofu"),
        (not_told, "follower was never told r2 of tofu"),
        (told_a_draft, "follower was told draft as r3 of tofu"),
        (listed_twice, "('tofu', 4, 'w4') is listed 2 times, and kept"),
        (not_listed, "('tofu', 3, 'w3') is not listed"),
        (listed_out_of_order, "r4 of tofu is listed after r3"),
        (broken_answer, "reader got 500  from h2"),
        (page_for_a_problem, "by w4 got 503 has no code from h1"),
        (slow, "reader waited 12.5 s for h2"),
    ],
)
def test_what_breaks_a_rule_is_told_in_a_sentence(breaks, sentence):
    log = deepcopy(clean())
    breaks(log)
    assert sentence in sentences(log)


def test_what_was_lost_is_told_beside_what_stands_there():
    log = clean()
    lost(log)
    found = next(each for each in violations(log) if each.sentence.startswith("w3 was acknowledged"))
    assert found.concerned == (log.writes[2], log.histories[ENTRY][2])


def test_a_host_that_is_frozen_itself_is_excused():
    log = clean()
    slow(log)
    log.faults.append(Fault(kind="freeze_host", targets=["h2"], begun=51, ended=60, hosts=["h2"]))
    assert sentences(log) == []


def test_a_follower_who_is_told_of_a_gap_may_miss_some():
    log = clean()
    log.events[1:2] = [Event(who="follower", host="h1", at=99.0, is_gap=True)]
    assert sentences(log) == []


def test_a_log_is_kept_for_whoever_looks_for_the_cause(tmp_path):
    log = clean()
    log.save(tmp_path / "log.jsonl")
    rows = (tmp_path / "log.jsonl").read_text().splitlines()
    assert len(rows) == 5 + 5 + 1 + 3 + 4 + 4
