#!/usr/bin/env python
"""Execute the steps of the Dockerfile without Docker: python scripts/prove_dockerfile.py

Each stage gets a root file system of its own: this machine's, seen through an overlay, so that what a step
writes stays in a temporary folder. COPY, WORKDIR, ENV, ARG and USER mean what they mean to Docker; RUN is
executed by /bin/sh inside. At the end the image's own command starts as the image's own user, with the
file system read-only but for the places that conf/compose.yaml makes writable, its HEALTHCHECK is run,
and it is stopped. Needs Linux, root, and a Debian with the Python of the base image.
"""

import argparse
import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WRITABLE = ("/tmp", "/dev/shm")
START_SECONDS = 120
# Where things are found, and how packages are reached: the base image and Docker's own settings say it there.
_OF_THE_MACHINE = (
    "PATH",
    "HOME",
    "LANG",
    "PIP_",
    "SSL_",
    "REQUESTS_",
    "http",
    "HTTP",
    "no_proxy",
    "NO_PROXY",
)


@dataclass(frozen=True)
class Instruction:
    """One instruction of a Dockerfile: its word in capitals, and the rest of its logical line."""

    word: str
    rest: str


@dataclass
class Stage:
    """A root file system in the making, and what the instructions so far said of it."""

    folder: Path
    workdir: str = "/"
    user: str = "0:0"
    environ: dict[str, str] = field(default_factory=dict)
    healthcheck: list[str] = field(default_factory=list)
    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)

    @property
    def root(self) -> Path:
        """Where the file system is to be seen."""
        return self.folder / "root"


def instructions(text: str) -> Iterator[Instruction]:
    """Yield the instructions of a Dockerfile; comments and continued lines are resolved."""
    lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    for line in re.sub(r"\\\n", " ", lines).splitlines():
        if line.strip():
            word, _, rest = line.strip().partition(" ")
            yield Instruction(word.upper(), rest.strip())


def main() -> None:
    """Build in a mount namespace of its own, so that nothing stays mounted whatever happens."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not options.inside:
        command = [
            "unshare",
            "--mount",
            "--pid",
            "--fork",
            "--kill-child",
            sys.executable,
            __file__,
            "--inside",
        ]
        sys.exit(subprocess.run(command).returncode)
    with tempfile.TemporaryDirectory(prefix="pkyx-image-") as folder:
        _mount(["-t", "tmpfs", "tmpfs", folder])
        try:
            _prove(Path(folder))
        finally:
            subprocess.run(["umount", "--recursive", "--lazy", folder], check=True)


def _mount(arguments: list[str]) -> None:
    subprocess.run(["mount", *arguments], check=True)


def _prove(folder: Path) -> None:
    stages: dict[str, Stage] = {}
    stage = Stage(folder)
    for instruction in instructions((ROOT / "Dockerfile").read_text(encoding="utf-8")):
        print(f"{instruction.word} {instruction.rest[:90]}", flush=True)
        if instruction.word == "FROM":
            stage = _new_stage(folder, instruction.rest, stages)
        else:
            _STEPS[instruction.word](stage, instruction.rest, stages)
    _run_image(stage)
    used = subprocess.run(["du", "-sm", stage.root / "srv"], check=True, capture_output=True, text=True)
    print(f"Every step was executed, and the image's command serves. /srv takes {used.stdout.split()[0]} MB.")


def _new_stage(folder: Path, rest: str, stages: dict[str, Stage]) -> Stage:
    name = rest.partition(" AS ")[2].strip() or str(len(stages))
    stage = Stage(folder / f"stage-{name}")
    for part in ("upper", "work", "root"):
        (stage.folder / part).mkdir(parents=True)
    parts = f"lowerdir=/,upperdir={stage.folder}/upper,workdir={stage.folder}/work"
    _mount(["-t", "overlay", "overlay", "-o", parts, str(stage.root)])
    _mount(["-t", "proc", "proc", str(stage.root / "proc")])
    _mount(["--rbind", "/dev", str(stage.root / "dev")])
    # What this machine has there is no part of a base image.
    shutil.rmtree(stage.root / "srv", ignore_errors=True)
    (stage.root / "srv").mkdir()
    _mount(["-t", "tmpfs", "-o", "mode=1777", "tmpfs", str(stage.root / "tmp")])
    _let_everybody_find_python(stage.root)
    stage.environ = {name: value for name, value in os.environ.items() if name.startswith(_OF_THE_MACHINE)}
    stages[name] = stage
    return stage


def _let_everybody_find_python(root: Path) -> None:
    # In the base image it is in /usr/local; here it may be in somebody's home.
    for folder in Path(sys.base_prefix).parents:
        inside = root / str(folder).lstrip("/")
        inside.chmod(inside.stat().st_mode | 0o111)


def _run(stage: Stage, rest: str, _stages: Mapping[str, Stage]) -> None:
    subprocess.run(_inside(stage, ["/bin/sh", "-c", rest]), check=True, env=stage.environ)


def _inside(stage: Stage, command: list[str]) -> list[str]:
    place = f"cd {shlex.quote(stage.workdir)} && exec {shlex.join(command)}"
    return ["chroot", f"--userspec={stage.user}", str(stage.root), "/bin/sh", "-c", place]


def _workdir(stage: Stage, rest: str, _stages: Mapping[str, Stage]) -> None:
    stage.workdir = rest
    (stage.root / rest.lstrip("/")).mkdir(parents=True, exist_ok=True)


def _copy(stage: Stage, rest: str, stages: Mapping[str, Stage]) -> None:
    words = rest.split()
    origin = ROOT
    if words[0].startswith("--from="):
        origin = stages[words.pop(0).removeprefix("--from=")].root
    *sources, target = words
    for source in sources:
        _copy_one(origin / source.lstrip("/"), stage.root / stage.workdir.lstrip("/") / target)


def _copy_one(source: Path, target: Path) -> None:
    if source.is_file():
        shutil.copy2(source, target / source.name if target.is_dir() else target)
        return
    # As .dockerignore has it.
    ignored = shutil.ignore_patterns("*.mo", "*.pot", "secrets") if source.is_relative_to(ROOT) else None
    shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True, ignore=ignored)


def _env(stage: Stage, rest: str, _stages: Mapping[str, Stage]) -> None:
    for pair in shlex.split(rest):
        name, _, value = pair.partition("=")
        stage.environ[name] = value.replace("$PATH", stage.environ["PATH"])


def _user(stage: Stage, rest: str, _stages: Mapping[str, Stage]) -> None:
    stage.user = rest


def _healthcheck(stage: Stage, rest: str, _stages: Mapping[str, Stage]) -> None:
    stage.healthcheck = json.loads(rest.partition("CMD")[2])


def _entrypoint(stage: Stage, rest: str, _stages: Mapping[str, Stage]) -> None:
    stage.entrypoint = json.loads(rest)


def _command(stage: Stage, rest: str, _stages: Mapping[str, Stage]) -> None:
    stage.command = json.loads(rest)


def _nothing(_stage: Stage, _rest: str, _stages: Mapping[str, Stage]) -> None:
    """ARG, EXPOSE, VOLUME and STOPSIGNAL do nothing to files."""


_STEPS = {
    "RUN": _run,
    "WORKDIR": _workdir,
    "COPY": _copy,
    "ENV": _env,
    "USER": _user,
    "HEALTHCHECK": _healthcheck,
    "ENTRYPOINT": _entrypoint,
    "CMD": _command,
    "ARG": _nothing,
    "EXPOSE": _nothing,
    "VOLUME": _nothing,
    "STOPSIGNAL": _nothing,
}


def _run_image(stage: Stage) -> None:
    uid, gid = map(int, stage.user.split(":"))
    _mount(["-t", "tmpfs", "-o", f"uid={uid},gid={gid},mode=700", "tmpfs", str(stage.root / "data")])
    _mount(["-o", "remount,bind,ro", str(stage.root)])
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    secret = {"SECRET_KEY": "0123456789-for-this-proof-alone-abcdefghij", "PORT": port}
    started = replace(stage, environ={**stage.environ, **secret})
    _require_read_only(started)
    process = subprocess.Popen(_inside(started, stage.entrypoint + stage.command), env=started.environ)
    try:
        _await_health(started, process)
    finally:
        process.terminate()
        print(f"It ended with status {process.wait(60)}.")


def _require_read_only(stage: Stage) -> None:
    touched = subprocess.run(
        _inside(stage, ["touch", "/srv/pkyx/app/x"]), capture_output=True, env=stage.environ
    )
    if touched.returncode == 0:
        sys.exit("The root file system is not read-only.")


def _await_health(stage: Stage, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        checked = subprocess.run(_inside(stage, stage.healthcheck), capture_output=True, env=stage.environ)
        if checked.returncode == 0:
            return
        if process.poll() is not None or time.monotonic() > deadline:
            sys.exit("The image's command does not serve: " + checked.stderr.decode()[-300:])
        time.sleep(1)


if __name__ == "__main__":
    main()
