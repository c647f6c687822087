"""Measures what living with hydra-train is like: stops and resumes, weights in other programs,
prediction, the cost of balancing, start and memory.

python Benchmarks/use/run.py                       everything, about fifteen minutes
python Benchmarks/use/run.py --only stops --count 5 --seed 3

Prints a row for every figure and writes them as JSON. Exits with 1 if a bar is missed.
"""
import argparse
import os
import random
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "prep"))
from harness import Bench, fresh, row  # noqa: E402

PARTS = ["start", "memory", "stops", "formats", "hostile", "logits", "predict", "balancing"]


def start(bench, options):
    """From the command to the first training step, which writes a checkpoint at once."""
    seconds = []
    for _ in range(5):
        run = fresh(bench.work / "start")
        process = subprocess.Popen(
            [bench.program, "train", "--pipeline", options.pipeline, "--shards", options.shards,
             "--output", str(run), "--checkpoint-every", "1"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        begin = time.perf_counter()
        while not (run / "checkpoint.safetensors").exists():
            if process.poll() is not None:
                raise SystemExit(f"the run ended with {process.returncode} before its first step")
            time.sleep(0.002)
        seconds.append(time.perf_counter() - begin)
        process.send_signal(signal.SIGKILL)
        process.wait()
    median = statistics.median(seconds)
    bench.add("start to first step, its checkpoint written included", f"{median:.2f} s",
              "below 1 s", median < 1)


def train(bench, options, run, *arguments, check=True):
    return bench.run("train", "--pipeline", options.pipeline, "--shards", options.shards,
                     "--output", run, "--force", "--no-report", *arguments, check=check)


def memory(bench, options):
    done = train(bench, options, bench.work / "memory", "--epochs", 1, "--batch-size", 128)
    megabytes = done.peak_bytes / 1e6
    bench.add("peak memory of an epoch at batch 128", f"{megabytes:.0f} MB", "below 600 MB",
              megabytes < 600)


def stops(bench, options):
    """Random steps, by SIGINT (which saves) and SIGKILL (which does not), and other threads."""
    from stops import stops as trials
    trials(bench, options)


def formats(bench, options):
    from hostile import formats as compare
    compare(bench, options)


def hostile(bench, options):
    from hostile import hostile as refuse
    refuse(bench, options)


def logits(bench, options):
    from logits import logits as compare
    compare(bench, options, weights(bench, options))


def weights(bench, options):
    """Trained weights: those given, or two epochs of the recipe."""
    if options.weights:
        return Path(options.weights)
    run = bench.work / "trained"
    if not (run / "last.safetensors").exists():
        train(bench, options, run, "--epochs", 2)
    return run / "last.safetensors"


def predict(bench, options):
    """The whole command: start, listing, decoding, network, JSON lines."""
    file, rates = weights(bench, options), []
    for _ in range(5):
        done = bench.run("predict", "--weights", file, "--json", bench.source, check=False)
        rates.append(done.output.count("\n") / done.seconds)
    bench.at_least("predict on the folder, decode included", statistics.median(rates), 3000,
                   " images/s")


def balancing(bench, options):
    report = bench.run("bench", "--balancing", "--shards", options.shards, "--pipeline",
                       options.pipeline, "--seconds", 15, "--json").json
    for method, overhead in sorted(report["balancing"]["overhead"].items()):
        # The sum against itself is the noise; two methods need more than one backward pass.
        judged = method not in ("sum", "gradnorm", "pcgrad")
        bench.add(f"{method}: a step against the plain sum's", f"{100 * overhead:+.1f} %",
                  "at most +2 %" if judged else "", overhead <= 0.02 if judged else None)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shards", default="data/shards/utkface-32")
    parser.add_argument("--pipeline", default="pipelines/utkface-32.yaml")
    parser.add_argument("--source", default="data/raw/UTKFace", help="folder of the photographs")
    parser.add_argument("--program", default=".build/release/hydra-train")
    parser.add_argument("--weights", help="trained weights; by default two epochs are trained")
    parser.add_argument("--work", default="data/bench/use", help="folder of the runs")
    parser.add_argument("--json", default="data/bench/use.json", help="where the figures go")
    parser.add_argument("--only", action="append", choices=PARTS)
    parser.add_argument("--count", type=int, default=20, help="how many stops")
    parser.add_argument("--seed", type=int, default=1, help="of the random stops")
    options = parser.parse_args()
    for path, what in ((options.program, "build it with make build"),
                       (options.shards, "make it with utk-prep build"),
                       (options.source, "unpack UTKFace there")):
        if not os.path.exists(path):
            parser.error(f"{path} is not there: {what}")
    bench = Bench(options.program, options.source, options.work)
    options.random = random.Random(options.seed)
    for part in PARTS:
        if part in (options.only or PARTS):
            bench.part = part
            globals()[part](bench, options)
    bench.write(options.json)
    failed = [figure for figure in bench.figures if figure.passed is False]
    print(f"\n{len([f for f in bench.figures if f.passed])} bars held, {len(failed)} missed; "
          f"figures in {options.json}")
    for figure in failed:
        print(row(figure))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
