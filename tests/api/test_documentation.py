"""The sessions of the README and of docs/api.md, as they stand there."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.people import PASSWORD

ROOT = Path(__file__).parents[2]
# Of the README what it says of the API, since it starts the site and its tests too.
PAGES = {"README.md": "## Use it from a program", "docs/api.md": "# The API by example"}


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("bash")), reason="curl and bash are needed")
@pytest.mark.parametrize("page", PAGES)
def test_the_documented_session_goes_as_it_says(address, tmp_path, page):
    section = (ROOT / page).read_text().partition(PAGES[page])[2].partition("\n## ")[0]
    script = "\n".join(re.findall(r"```sh\n(.*?)```", section, re.DOTALL))
    assert "412" in script
    expected = re.findall(r"^#=> (.*)$", script, re.MULTILINE)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=tmp_path,
        env={
            "SITE": address,
            "WHO": f"Ada:{PASSWORD}",
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "no_proxy": "*",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert [line for line in done.stdout.splitlines() if line] == expected
