"""npm packages hold their data as JavaScript modules; node, which npm needs anyway, turns them into JSON."""

import json
import shutil
import subprocess
from pathlib import Path

from demo_sources.common import JSON

_PROGRAM = """
const exported = await import(process.argv[1]);
process.stdout.write(JSON.stringify(Object.values(exported)));
"""


def load_modules(path: Path) -> list[JSON]:
    """Return the values that the ES module at ``path`` exports."""
    node = shutil.which("node")
    if not node:
        raise SystemExit("node is needed to read the npm packages")
    command = [node, "--input-type=module", "-e", _PROGRAM, str(path.resolve())]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    values: list[JSON] = json.loads(answer.stdout)
    return values
