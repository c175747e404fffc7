"""The served description, put to the test by a fuzzer that takes it at its word.

Left out is one of its checks: "valid" data that it makes up may still be refused, since that a unit is
known, or an alias shows something, is beyond JSON Schema. The stream of changes has no end, so it has
tests of its own; so has the return of deleted entries, which the fuzzer takes for a ghost.

What is tried follows from a seed and a number, not from the clock: two runs try the same. `make fuzz`
tries something else, and more of it.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.people import PASSWORD

ROOT = Path(__file__).parents[2]
EXCLUDED = "positive_data_acceptance"
SEED = int(os.environ.get("PKYX_FUZZ_SEED", "1"))
# How many times as many examples as in the whole suite.
TIMES = int(os.environ.get("PKYX_FUZZ_TIMES", "1"))
# How many for each operation are made up at random; with those at its bounds they are some thousands.
EXAMPLES, LEAST = 8, 4_000
# A revision that is not the present one is refused before anything that is meant for it is looked at.
CONFIGURATION = """
[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 406, 409, 410, 412, 413, 415, 422, 429]

[[operations]]
include-path = "/items/{id_or_slug}/undelete"
phases.stateful.enabled = false
"""
EVERYTHING = ("examples", "coverage", "fuzzing", "stateful")


@pytest.mark.parametrize(
    ("credentials", "phases"),
    [(["--auth", f"Mo:{PASSWORD}"], EVERYTHING), ([], EVERYTHING if TIMES > 1 else EVERYTHING[:2])],
    ids=["moderator", "visitor"],
)
def test_no_answer_differs_from_the_description(address, credentials, phases, tmp_path):
    (tmp_path / "schemathesis.toml").write_text(CONFIGURATION)
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{address}/api/v1/openapi.json"]
    options = [
        *("--seed", str(SEED), "--max-examples", str(EXAMPLES * TIMES), "--phases", ",".join(phases)),
        *("--checks", "all", "--exclude-checks", EXCLUDED, "--exclude-path", "/changes/stream"),
        *("--generation-database", "none", "--warnings", "off", "--continue-on-failure"),
        *("--request-timeout", "60", "--suppress-health-check", "all"),
    ]
    done = subprocess.run(
        [*command, *options, *credentials],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=1200 * TIMES,
    )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
    assert int(re.search(r"([\d,]+) generated", done.stdout)[1].replace(",", "")) >= LEAST
