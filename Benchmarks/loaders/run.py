"""Feeds PyTorch from the same images by hydranet and by what others use, in turn.

    python Benchmarks/loaders/run.py --source data/raw/UTKFace [--count 4000] [--size 32 --size 200]

Shuffled batches of 64, float32 [N, 3, S, S], normalized. Every measurement is a process of its own;
rounds alternate between the loaders. A loader that is not installed is left out: pip install
webdataset litdata mosaicml-streaming tensorstore zarr pillow. Prints medians and ranges, and
writes JSON.
"""
import argparse
import itertools
import json
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

from peers import PEERS, Work


def measure(name, work, seconds):
    """Imports of PyTorch and NumPy are not counted: whoever trains has them."""
    import numpy  # noqa: F401
    import torch

    start = time.perf_counter()
    batches = PEERS[name][1](work)
    first = next(batches)
    took = time.perf_counter() - start
    assert first.shape[1:] == (3, work.size, work.size) and first.dtype == torch.float32
    assert -3 < first.mean() < 3
    # The first epoch warms up: workers start, caches fill. It is at most `seconds` long.
    start = time.perf_counter()
    for batch in batches:
        if batch is None or time.perf_counter() - start > seconds:
            break
    count, total, start = 0, 0.0, time.perf_counter()
    for batch in batches:
        count += 0 if batch is None else len(batch)
        total = time.perf_counter() - start
        if total > seconds:
            break
    return {"first_seconds": took, "rate": count / total}


def apart(options, name, size):
    """`measure` in another process, as JSON; None where it did not work."""
    done = subprocess.run(
        [sys.executable, __file__, "--measure", name, "--size", str(size), "--work", options.work,
         "--seconds", str(options.seconds)], capture_output=True, text=True, timeout=300)
    if done.returncode:
        print(f"{size} px  {name}: {done.stderr.strip().splitlines()[-1][:200]}", file=sys.stderr)
        return None
    return json.loads(done.stdout.splitlines()[-1])


def prepare(options, size):
    work = Work(options.work, size)
    work.folder.mkdir(parents=True, exist_ok=True)
    if not work.photographs.exists():
        work.photographs.mkdir()
        for path in itertools.islice(sorted(Path(options.source).glob("*.jpg")), options.count):
            shutil.copy(path, work.photographs)
    for codec in ("predictive", "portable"):
        if not (work / codec).exists():
            subprocess.run(
                [options.program, "build", work.photographs, "--output", work / codec, "--size",
                 str(size), "--codec", codec, "--validation", "0.02"], check=True,
                stdout=subprocess.DEVNULL)
    names = []
    for name, (make, _) in PEERS.items():
        done = work / f"{name}.made"
        try:
            if not done.exists():
                make(work)
                done.touch()
            names.append(name)
        except ImportError as error:
            print(f"left out: {name} ({error})", file=sys.stderr)
    return names


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", default="data/raw/UTKFace")
    parser.add_argument("--count", type=int, default=4000)
    parser.add_argument("--size", type=int, action="append")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--program", default=".build/release/utk-prep")
    parser.add_argument("--work", default="data/bench/loaders")
    parser.add_argument("--json", default="data/bench/loaders.json")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    options = parser.parse_args()
    sizes = options.size or [32, 200]
    if options.measure:
        print(json.dumps(
            measure(options.measure, Work(options.work, sizes[0]), options.seconds)), flush=True)
        return
    report = []
    for size in sizes:
        results = {name: [] for name in prepare(options, size)}
        for _ in range(options.rounds):
            for name, values in results.items():
                values.append(apart(options, name, size))
        print(f"\n| {size} px | images/s | range | to the first batch |\n|---|---:|---:|---:|")
        for name, values in results.items():
            values = [value for value in values if value]
            if not values:
                continue
            rates = [value["rate"] for value in values]
            first = statistics.median(value["first_seconds"] for value in values)
            print(f"| {name} | {statistics.median(rates):,.0f} | {min(rates):,.0f} to "
                  f"{max(rates):,.0f} | {1000 * first:,.0f} ms |", flush=True)
            report.append({"size": size, "loader": name, "rates": rates, "first_seconds": first})
    Path(options.json).parent.mkdir(parents=True, exist_ok=True)
    Path(options.json).write_text(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
