"""Measures utk-prep against its bars, and against what people would run instead.

python Benchmarks/prep/run.py                         everything, about ten minutes
python Benchmarks/prep/run.py --only speed --only size
python Benchmarks/prep/run.py --only kills --count 25 --seed 4

Prints a table and writes it as JSON. Exits with 1 if a bar is missed.
"""

import argparse
import os
import sys

from harness import Bench, row

PARTS = ["names", "pixels", "size", "speed", "memory", "access", "kills", "full-disk", "flips",
         "source-faults"]


def run(part, bench, options):
    """Imports late, so that faults can be tried without torch, and the like."""
    counted = {"seed": options.seed} | ({"count": options.count} if options.count else {})
    if part in ("names", "pixels"):
        import pixels
        getattr(pixels, part)(bench)
    elif part == "size":
        from size import size
        size(bench)
    elif part == "speed":
        from speed import speed
        speed(bench)
    elif part == "memory":
        from memory import memory
        memory(bench)
    elif part == "access":
        from access import access
        access(bench)
    elif part == "source-faults":
        from source_faults import source_faults
        source_faults(bench, **counted)
    else:
        import faults
        if part == "full-disk":
            faults.full_disk(bench)
        else:
            getattr(faults, part)(bench, **counted)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", default="data/raw/UTKFace", help="folder of the JPEG files")
    parser.add_argument("--program", default=".build/release/utk-prep")
    parser.add_argument("--work", default="data/bench/prep", help="folder for stores and copies")
    parser.add_argument("--json", default="data/bench/prep.json", help="where the figures go")
    parser.add_argument("--only", action="append", choices=[*PARTS, "faults"],
                        help="a part; may be given several times")
    parser.add_argument("--count", type=int, help="how many kills, flips or faults of each kind")
    parser.add_argument("--seed", type=int, default=1, help="of the random moments and places")
    options = parser.parse_args()
    for path, what in ((options.program, "build it with swift build -c release"),
                       (options.source, "unpack UTKFace there, or draw one with utk-prep synth")):
        if not os.path.exists(path):
            parser.error(f"{path} is not there: {what}")
    chosen = options.only or PARTS
    if "faults" in chosen:
        chosen = [*chosen, "kills", "full-disk", "flips", "source-faults"]

    bench = Bench(options.program, options.source, options.work)
    for part in PARTS:
        if part in chosen:
            bench.part = part
            run(part, bench, options)
    bench.write(options.json)
    failed = [figure for figure in bench.figures if figure.passed is False]
    print(f"\n{len([f for f in bench.figures if f.passed])} bars held, {len(failed)} missed; "
          f"figures in {options.json}")
    for figure in failed:
        print(row(figure))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
