"""Feeds PyTorch from the same images by hydranet and by what others use, in turn.

    python Benchmarks/loaders/install.py --wheel dist/hydranet-*.whl
    python Benchmarks/loaders/run.py [--source data/raw/UTKFace] [--count 4000] [--size 32]

Shuffled batches of 64, float32 [N, 3, S, S], normalized. Every measurement is a process of its own,
in the peer's environment; rounds alternate between the loaders. A peer that is not installed is
left out. Prints medians and ranges, the time and size of what each reads, and the ratios that the
loader is held to; writes JSON. The exit code is 1 where a bar is missed.
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

from peers import BATCH, CONVERSIONS, ENVIRONMENTS, PEERS, PHOTOGRAPHS, PORTABLE, PREDICTIVE, Work

OURS, CACHED = "hydranet", "hydranet, decoded pixels cached"
MEMMAP = "NumPy memmap, two threads"
# The loader in Swift, without Python: what `hydra-train bench` is told.
NATIVE = {
    "hydra-train bench --loader-only": ["--cache", "0"],
    "hydra-train bench --loader-only, cached": ["--cache", "8000"],
}
# (size, ours, what it is to be at least so many times as fast as)
BARS = [
    (32, OURS, "hydra-train bench --loader-only", 0.85),
    *((32, OURS, name, 1) for name in PEERS if name not in (OURS, CACHED, MEMMAP)),
    (32, CACHED, MEMMAP, 1),
    (200, OURS, "FFCV, raw pixels, contiguous NCHW", 1),
    (200, CACHED, "FFCV, raw pixels, channels-last view", 1),
]


def measure(name, work, seconds):
    """Imports of PyTorch and NumPy are not counted: whoever trains has them."""
    from importlib import metadata

    import numpy  # noqa: F401
    import torch

    start = time.perf_counter()
    batches = PEERS[name].batches(work)
    first = next(batches)
    took = time.perf_counter() - start
    assert first.shape[1:] == (3, work.size, work.size) and first.dtype == torch.float32
    assert first.is_contiguous() or "channels-last" in name
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
    packages = ["torch", "numpy", "hydranet", *ENVIRONMENTS[PEERS[name].environment]]
    installed = {found.metadata["Name"].lower() for found in metadata.distributions()}
    return {
        "first_seconds": took, "rate": count / total,
        "versions": {p: metadata.version(p) for p in packages if p in installed}}


def convert(folder, work):
    target = work / folder
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    start = time.perf_counter()
    CONVERSIONS[folder].make(work, target)
    return {"seconds": time.perf_counter() - start}


def native(options, arguments, size):
    """The loader in Swift on the same store."""
    done = subprocess.run(
        [options.trainer, "bench", "--loader-only", "--json", "--shards",
         Work(options.work, size) / "predictive", "--batch-size", str(BATCH), "--seconds",
         str(options.seconds), *arguments], check=True, capture_output=True, text=True)
    return {"rate": json.loads(done.stdout)["loader"]["samples_per_second"], "first_seconds": None}


def apart(options, size, environment, *what):
    """What this program prints in an environment, as JSON; None where it did not work."""
    python = Path(options.environments, environment, "bin/python")
    done = subprocess.run(
        [python, __file__, *what, "--size", str(size), "--work", options.work,
         "--seconds", str(options.seconds)], capture_output=True, text=True, timeout=400)
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["it printed nothing"]
        print(f"{size} px, {what[-1]}: {said[-1][:300]}", file=sys.stderr)
        return None
    return json.loads(done.stdout.splitlines()[-1])


def byte_count(folder):
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def build(options, work, codec):
    start = time.perf_counter()
    subprocess.run(
        [options.program, "build", work / "photographs", "--output", work / codec, "--size",
         str(work.size), "--codec", codec, "--validation", "0.02"], check=True,
        stdout=subprocess.DEVNULL)
    return {"seconds": time.perf_counter() - start}


def prepare(options, size):
    """What every conversion took, once: seconds and bytes by folder."""
    work = Work(options.work, size)
    work.folder.mkdir(parents=True, exist_ok=True)
    notes = work / "conversions.json"
    made = json.loads(notes.read_text()) if notes.exists() else {}
    if not (work / "photographs").exists():
        (work / "photographs").mkdir()
        for path in itertools.islice(sorted(Path(options.source).glob("*.jpg")), options.count):
            shutil.copy(path, work / "photographs")
    stores = {codec.folder: None for codec in (PREDICTIVE, PORTABLE)}
    for folder in [PHOTOGRAPHS.folder, *stores, *CONVERSIONS]:
        if folder in made:
            continue
        if folder in stores:
            took = build(options, work, folder)
        elif folder in CONVERSIONS:
            environment = CONVERSIONS[folder].environment
            if not Path(options.environments, environment, "ready").exists():
                print(f"left out: {environment} is not installed", file=sys.stderr)
                continue
            took = apart(options, size, environment, "--convert", folder)
        else:
            took = {"seconds": None}
        if took:
            made[folder] = took | {"bytes": byte_count(work / folder)}
            notes.write_text(json.dumps(made, indent=1))
    return made


def table(size, results, made):
    """Prints a row for every loader; the same for JSON."""
    print(f"\n| {size} px | images/s | range | to the first batch | converted in | size |\n"
          "|---|---:|---:|---:|---:|---:|")
    for name, values in results.items():
        rates = [value["rate"] for value in values if value]
        if not rates:
            continue
        source = PEERS[name].source.folder if name in PEERS else PREDICTIVE.folder
        first = None
        if name in PEERS:
            first = statistics.median(value["first_seconds"] for value in values if value)
        seconds, size_in_bytes = made[source]["seconds"], made[source]["bytes"]
        print(
            f"| {name} | {statistics.median(rates):,.0f} | {min(rates):,.0f} to "
            f"{max(rates):,.0f} | {f'{1000 * first:,.0f} ms' if first else ''} | "
            f"{f'{seconds:.1f} s' if seconds else ''} | {size_in_bytes / 1e6:,.1f} MB |",
            flush=True)
        yield {
            "size": size, "loader": name, "rates": rates, "first_seconds": first,
            "conversion_seconds": seconds, "bytes": size_in_bytes,
            "versions": next(value for value in values if value).get("versions", {})}


def bars(size, results):
    """Prints the ratio of each round's pair; the bars that are missed by the median."""
    print(f"\n| {size} px | compared with | ratio | range | bar |\n|---|---|---:|---:|---:|")
    for at, ours, peer, bar in BARS:
        pairs = zip(results.get(ours, []), results.get(peer, []))
        ratios = [one["rate"] / other["rate"] for one, other in pairs if one and other]
        if at == size and ratios:
            ratio = statistics.median(ratios)
            print(f"| {ours} | {peer} | {ratio:.2f} | {min(ratios):.2f} to {max(ratios):.2f} | "
                  f"{bar:.2f} |", flush=True)
            if ratio < bar:
                yield f"{size} px: {ours} against {peer}"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", default="data/raw/UTKFace")
    parser.add_argument("--count", type=int, default=4000)
    parser.add_argument("--size", type=int, action="append")
    parser.add_argument("--only", action="append", help="a loader; all by default")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--program", default=".build/release/utk-prep")
    parser.add_argument("--trainer", default=".build/release/hydra-train")
    parser.add_argument("--environments", default="data/bench/loader-environments")
    parser.add_argument("--work", default="data/bench/loaders")
    parser.add_argument("--json", default="data/bench/loaders.json")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    parser.add_argument("--convert", help=argparse.SUPPRESS)
    options = parser.parse_args()
    sizes = options.size or [32, 200]
    if options.measure or options.convert:
        work = Work(options.work, sizes[0])
        print(json.dumps(
            measure(options.measure, work, options.seconds) if options.measure
            else convert(options.convert, work)), flush=True)
        return
    report, missed = [], []
    for size in sizes:
        made = prepare(options, size)
        names = [*NATIVE, *(
            name for name, peer in PEERS.items() if peer.source.folder in made
            and Path(options.environments, peer.environment, "ready").exists())]
        results = {name: [] for name in names if name in (options.only or names)}
        for _ in range(options.rounds):
            for name, values in results.items():
                values.append(
                    native(options, NATIVE[name], size) if name in NATIVE
                    else apart(options, size, PEERS[name].environment, "--measure", name))
        report += table(size, results, made)
        missed += bars(size, results)
    Path(options.json).parent.mkdir(parents=True, exist_ok=True)
    Path(options.json).write_text(json.dumps(report, indent=1))
    if missed:
        sys.exit("missed: " + "; ".join(missed))


if __name__ == "__main__":
    main()
