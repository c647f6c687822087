"""What all parts share: running the program, and collecting figures against their bars."""

import json
import os
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

# Runs a command and says how it ended and its peak memory. A process of its own, because a child
# starts with the peak of the process that it was forked from, and this one holds pixels.
_LAUNCHER = """
import json, os, resource, subprocess, sys, time
start = time.perf_counter()
done = subprocess.run(sys.argv[1:], capture_output=True, text=True, errors="replace")
seconds = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
json.dump([done.returncode, done.stdout, done.stderr, seconds, peak * 1024], sys.stdout)
"""


@dataclass
class Run:
    """A program that ended."""

    code: int
    output: str
    errors: str
    seconds: float
    peak_bytes: int

    @property
    def json(self):
        return json.loads(self.output)


@dataclass
class Figure:
    """One measured thing beside its bar."""

    part: str
    what: str
    value: object
    bar: str
    passed: bool | None


class Bench:
    """The program, the places, and the figures so far."""

    def __init__(self, program, source, work):
        self.program = str(Path(program).resolve())
        self.source = Path(source).resolve()
        self.work = Path(work).resolve()
        self.work.mkdir(parents=True, exist_ok=True)
        self.figures = []
        self.part = ""

    def run(self, *arguments, check=True):
        """Runs the program with its peak memory measured; fails unless it succeeds."""
        command = [sys.executable, "-S", "-E", "-c", _LAUNCHER, self.program]
        text = subprocess.run(
            [*command, *map(str, arguments)], capture_output=True, text=True, check=True).stdout
        result = Run(*json.loads(text))
        if check and result.code != 0:
            raise SystemExit(
                f"utk-prep {' '.join(map(str, arguments))} ended with {result.code}: "
                f"{result.errors}{result.output}")
        return result

    def build(self, output, *arguments, source=None, check=True):
        return self.run(
            "build", source or self.source, "--output", output, "--json", *arguments, check=check)

    def store(self, size, codec):
        """A store of the source, built once for all parts, or recognized as unchanged."""
        path = self.work / f"{codec}-{size}"
        self.build(path, "--size", size, "--codec", codec, "--force")
        return path

    def subset(self, count):
        """A folder of hard links to an even selection of the source's files."""
        folder = self.work / f"subset-{count}"
        if not folder.exists():
            files = sorted(path for path in self.source.iterdir() if path.is_file())
            partial = fresh(self.work / f"subset-{count}.new")
            partial.mkdir()
            for number in range(min(count, len(files))):
                path = files[number * len(files) // min(count, len(files))]
                link(path, partial / path.name)
            partial.rename(folder)
        return folder

    def add(self, what, value, bar="", passed=None):
        """Records a figure; one without a bar is shown for comparison only."""
        figure = Figure(self.part, what, value, bar, passed)
        self.figures.append(figure)
        print(row(figure), flush=True)

    def at_least(self, what, value, bar, unit=""):
        self.add(what, f"{value:,.2f}{unit}", f"at least {bar:,}{unit}", value >= bar)

    def write(self, path):
        document = {
            "machine": {"cores": os.cpu_count(), "processor": processor()},
            "figures": [asdict(figure) for figure in self.figures],
            "passed": all(figure.passed is not False for figure in self.figures),
        }
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(json.dumps(document, indent=2) + "\n")


def row(figure):
    mark = {None: "", True: "pass", False: "FAIL"}[figure.passed]
    return f"{mark:4}  {figure.part:8} {figure.what:58} {figure.value!s:>22}  {figure.bar}"


def processor():
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return "unknown"
    return next((line.split(": ")[1] for line in lines if line.startswith("model name")), "unknown")


def fresh(path):
    """Removes whatever is at a path."""
    path = Path(path)
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)
    return path


def link(source, target):
    """A hard link, or a copy where the file system has none across its borders."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy(source, target)


def tree_bytes(folder):
    """Path to content of every file below a folder; None for a folder."""
    folder = Path(folder)
    return {
        str(path.relative_to(folder)): None if path.is_dir() else path.read_bytes()
        for path in sorted(folder.rglob("*"))
    }


def size_on_disk(folder):
    return sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())


median = statistics.median


def limit_file_size(byte_count):
    """For a child: writes beyond this size fail, as they do on a full disk."""

    def apply():
        resource.setrlimit(resource.RLIMIT_FSIZE, (byte_count, byte_count))

    return apply


def kill_after(process, seconds):
    """SIGKILL after a while; whether the process was still running."""
    try:
        process.wait(seconds)
        return False
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return True


def clock():
    return time.perf_counter()
