"""Holds the wheel against its bars: its size, a fresh installation, times, memory and what is left.

    python Benchmarks/loaders/figures.py --wheel dist/hydranet-*.whl --store data/shards/utkface-32

The wheel is installed by pip in a virtual environment of its own, with NumPy and nothing else, and
runs there without a compiler on the PATH. Times are medians of processes of their own. Prints a
table, or JSON with --json; the exit code is 1 where a bar is missed.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

PROCESSES = 11

# Each program prints one JSON value; the store is its argument.
IMPORT = """
import json, time
import numpy
start = time.perf_counter()
import hydranet
print(json.dumps(time.perf_counter() - start))
"""
FIRST_BATCH = """
import json, sys, time
from hydranet import Loader
start = time.perf_counter()
with Loader(sys.argv[1], batch_size=64, seed=1, flip=True) as loader:
    batch = loader.next()
    took = time.perf_counter() - start
assert batch.image.shape[0] == len(batch.age) == 64
print(json.dumps(took))
"""
EPOCHS = """
import json, sys
from hydranet import Loader

def resident():
    with open("/proc/self/status") as lines:
        return 1024 * int(next(line for line in lines if line.startswith("VmRSS")).split()[1])

grown = {}
for name, cache_bytes in [("decoded", 0), ("cached", None)]:
    with Loader(sys.argv[1], batch_size=64, flip=True, cache_bytes=cache_bytes) as loader:
        for epoch in range(22):
            if epoch == 2:
                before = resident()
            for batch in loader:
                batch.image, batch.age
        grown[name] = resident() - before
print(json.dumps(grown))
"""
OPENS = """
import json, os, sys
from hydranet import Loader, Store

def counts():
    return [len(os.listdir(f"/proc/self/{what}")) for what in ("fd", "task")]

before = counts()
for _ in range(1000):
    with Store(sys.argv[1]) as store, Loader(store, batch_size=64) as loader:
        loader.next()
print(json.dumps([after - first for first, after in zip(before, counts())]))
"""


class Fresh:
    """A virtual environment in a folder, with the wheel and what it depends on."""

    def __init__(self, folder, wheel, store):
        self.bin = Path(folder) / "bin"
        self.store = Path(store).resolve()
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        self.run("-m", "pip", "install", "-q", "--only-binary", ":all:", wheel)

    def run(self, *arguments):
        """What Python prints there, with no other program on the PATH."""
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith(("PYTHON", "HYDRANET"))}
        return subprocess.run(
            [self.bin / "python", *map(str, arguments)], check=True, stdout=subprocess.PIPE,
            text=True, cwd=self.bin, env=environment | {"PATH": str(self.bin)}).stdout

    def program(self, code):
        return json.loads(self.run("-c", code, self.store))

    def packages(self):
        listed = json.loads(self.run("-m", "pip", "list", "--format", "json"))
        return sorted({package["name"] for package in listed} - {"pip", "setuptools"})

    def median(self, code):
        return statistics.median(self.program(code) for _ in range(PROCESSES))


def measure(wheel, store):
    """Rows of (what, value, bar, unit): a value is to be at most its bar."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = Fresh(folder, wheel, store)
        packages = fresh.packages()
        assert packages == ["hydranet", "numpy"], f"pip installed {packages}"
        yield "wheel", Path(wheel).stat().st_size / 1e6, 8, "MB"
        fresh.program(FIRST_BATCH)  # reads the files, and writes the compiled modules
        yield "import, beyond NumPy's own", 1000 * fresh.median(IMPORT), 100, "ms"
        yield "first batch of 64, the store opened", 1000 * fresh.median(FIRST_BATCH), 50, "ms"
        grown = fresh.program(EPOCHS)
        for name, byte_count in grown.items():
            yield f"memory grown in 20 epochs, {name}", byte_count / 1e6, 1, "MB"
        descriptors, threads = fresh.program(OPENS)
        yield "descriptors left by 1,000 opens and closes", descriptors, 0, ""
        yield "threads left by 1,000 opens and closes", threads, 0, ""


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wheel", required=True, type=Path)
    parser.add_argument("--store", default="data/shards/utkface-32")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = list(measure(options.wheel.resolve(), options.store))
    if options.json:
        print(json.dumps([
            {"figure": what, "value": value, "bar": bar, "unit": unit}
            for what, value, bar, unit in rows], indent=1))
    else:
        print("| | measured | at most |\n|---|---:|---:|")
        for what, value, bar, unit in rows:
            number = str(value) if isinstance(value, int) else f"{value:.1f}"
            print(f"| {what} | {number} {unit} | {bar} {unit} |".replace("  |", " |"))
    missed = [what for what, value, bar, _ in rows if value > bar]
    if missed:
        sys.exit(f"missed: {', '.join(missed)}")


if __name__ == "__main__":
    main()
