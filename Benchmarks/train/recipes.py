"""Trains a recipe with one change at a time, and prints the table of docs/recipes.md.

python Benchmarks/train/recipes.py --shards data/shards/utkface-32 --epochs 10 --seeds 1 2 3
python Benchmarks/train/recipes.py --rows base ce dldl
python Benchmarks/train/recipes.py --list
python Benchmarks/train/recipes.py --table              only what is done already

Each run is trained on the training split alone and measured on the validation split with the weights of
its last epoch, so that no epoch is chosen by what is then reported; with and without the mirror. A run
that is done is one line of WORK/results.jsonl and is not repeated as long as program options, recipe and
store are the same; one that was stopped goes on from its checkpoint. Needs no Python package.
"""
import hashlib
import json
import math
import os
import shutil
import signal
import statistics
import subprocess
import sys
import time

import arguments

# The figures, their names in the table, the factor and the digits they are shown with, and whether less
# is better.
FIGURES = [("age_mae", "age MAE", 1, 2, True), ("gender_accuracy", "gender %", 100, 1, False),
           ("race_accuracy", "race %", 100, 1, False)]

TTA = ("none", "mirror")
AGE = "{{name: age, column: age, kind: regression, {}}}"


def task(text):
    """Another head for the age."""
    return {"age": AGE.format(text)}


def flags(*options):
    return {"flags": list(options)}


ROWS = {
    "base": {},
    "ce": task("loss: ce, weight: 0.5"),
    "ce-weight-0.25": task("loss: ce, weight: 0.25"),
    "ce-weight-1": task("loss: ce, weight: 1"),
    "ce-expectation": task("loss: ce, weight: 0.5, expectation_weight: 0.2"),
    "dldl": task("loss: dldl, weight: 0.5"),
    "dldl-sigma-4": task("loss: dldl, weight: 0.5, sigma: 4"),
    "dldl-sigma-6": task("loss: dldl, weight: 0.5, sigma: 6"),
    "dldl-weight-1": task("loss: dldl, weight: 1"),
    "dldl-expectation": task("loss: dldl, weight: 0.5, expectation_weight: 0.2"),
    "dldl-expectation-sigma-1": task("loss: dldl, weight: 0.5, expectation_weight: 0.2, sigma: 1"),
    "dldl-expectation-sigma-4": task("loss: dldl, weight: 0.5, expectation_weight: 0.2, sigma: 4"),
    "dldl-expectation-0.4": task("loss: dldl, weight: 0.5, expectation_weight: 0.4"),
    "dldl-weight-0.25-expectation-0.4": task("loss: dldl, weight: 0.25, expectation_weight: 0.4"),
    "dldl-weight-1-expectation-0.1": task("loss: dldl, weight: 1, expectation_weight: 0.1"),
    "dldl-v2": task("loss: dldl, weight: 0.1, expectation_weight: 1"),
    "pool-none": task("loss: dldl, weight: 0.5, expectation_weight: 0.2") | flags("--stem-pool", "none"),
    "pool-none-14-epochs": task("loss: dldl, weight: 0.5, expectation_weight: 0.2") | flags(
        "--stem-pool", "none", "--epochs", "14"),
    "pool-none-crop-2": task("loss: dldl, weight: 0.5, expectation_weight: 0.2") | flags(
        "--stem-pool", "none", "--crop-padding", "2"),
    "pool-none-weight-decay-0.002": task("loss: dldl, weight: 0.5, expectation_weight: 0.2") | flags(
        "--stem-pool", "none", "--weight-decay", "0.002"),
    "crop-2": flags("--crop-padding", "2"),
    "crop-3": flags("--crop-padding", "3"),
    "crop-4": flags("--crop-padding", "4"),
    "cutout-8": flags("--cutout", "8"),
    "cutout-12": flags("--cutout", "12"),
    "brightness-0.2": flags("--brightness", "0.2"),
    "brightness-contrast-0.2": flags("--brightness", "0.2", "--contrast", "0.2"),
    "dldl-expectation-crop-2": task("loss: dldl, weight: 0.5, expectation_weight: 0.2") | flags("--crop-padding", "2"),
    "ema-0.99": flags("--ema", "0.99"),
    "ema-0.998": flags("--ema", "0.998"),
    "smoothing-0.1": {
        "race": "{name: race, column: race, kind: categorical, classes: 5, loss: ce, label_smoothing: 0.1}"},
    "batch-64": flags("--batch-size", "64"),
    "lr-0.05": flags("--lr", "0.05"),
    "nesterov": flags("--nesterov"),
    "weight-decay-0.001": flags("--weight-decay", "0.001"),
    "weight-decay-0.002": flags("--weight-decay", "0.002"),
}


def is_distribution(row):
    return any(loss in ROWS[row].get("age", "") for loss in ("loss: ce", "loss: dldl"))


def recipe(options, row, answer=None):
    """The pipeline file with the row's tasks in it, and another answer of the distribution."""
    with open(options.pipeline) as file:
        lines = file.read().splitlines()
    for name, text in ROWS[row].items():
        if name == "flags":
            continue
        places = [i for i, line in enumerate(lines) if line.strip().startswith(f"- {{name: {name},")]
        if len(places) != 1:
            raise SystemExit(f"{options.pipeline}: expected one line of the task {name}, got {len(places)}")
        if answer and name == "age":
            text = text.rstrip("}") + f", answer: {answer}}}"
        lines[places[0]] = lines[places[0]].split("- ")[0] + "- " + text
    return "\n".join(lines) + "\n"


def run_command(arguments):
    """Standard output of a command; a failed one ends the benchmark with what it said."""
    child = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    # A training that is told to end saves a checkpoint first.
    before = signal.signal(signal.SIGTERM, lambda *_: child.send_signal(signal.SIGTERM))
    output, errors = child.communicate()
    signal.signal(signal.SIGTERM, before)
    if child.returncode != 0:
        said = (errors.strip().splitlines() or [f"exit status {child.returncode}"])[-1]
        raise SystemExit(f"{' '.join(arguments[:2])}: {said}")
    return output


def store_identity(shards):
    """The metadata of a store names every file with its checksum."""
    with open(os.path.join(shards, "zarr.json"), "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def key_of(options, row, seed):
    parts = [recipe(options, row), ROWS[row].get("flags", []), seed, options.epochs, store_identity(options.shards)]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def measure(options, row, seed, key):
    """Trains and evaluates one run; a run that was stopped goes on."""
    run = os.path.join(options.work, f"{row}-{seed}-{key}")
    pipeline = write_recipe(options, row, run + ".yaml")
    start = time.time()
    if os.path.exists(os.path.join(run, "checkpoint.safetensors")):
        command = ["--resume", run]
    else:
        command = ["--pipeline", pipeline, "--seed", str(seed), "--epochs", str(options.epochs), "--output", run,
                   "--force"] + ROWS[row].get("flags", [])
    run_command([options.program, "train", "--shards", options.shards, "--no-report", "--quiet"] + command)
    seconds = time.time() - start
    result = dict(key=key, row=row, seed=seed, epochs=options.epochs, shards=options.shards,
                  resumed=command[0] == "--resume", seconds=round(seconds, 1))
    weights = os.path.join(run, "last.safetensors")
    result |= evaluate(options, weights)
    if is_distribution(row):
        for answer in ("mean", "mode"):
            other = write_recipe(options, row, f"{run}.{answer}.yaml", answer)
            result[answer] = evaluate(options, weights, ["--pipeline", other])
            os.remove(other)
    if not options.keep:
        shutil.rmtree(run)
        os.remove(pipeline)
    return result


def write_recipe(options, row, path, answer=None):
    with open(path, "w") as file:
        file.write(recipe(options, row, answer))
    return path


def evaluate(options, weights, more=()):
    """The figures on the validation split, without and with the mirror."""
    figures = {}
    for tta in TTA:
        report = json.loads(run_command(
            [options.program, "evaluate", "--shards", options.shards, "--weights", weights, "--tta", tta, "--json",
             *more]))
        figures[tta] = {name: report["figures"][name] for name, *_ in FIGURES}
    return figures


def read_results(path):
    """Finished runs by key. The last line may be half written, if the machine died."""
    results = {}
    if os.path.exists(path):
        with open(path) as file:
            for line in file:
                try:
                    result = json.loads(line)
                except json.JSONDecodeError:
                    continue
                results[result["key"]] = result
    return results


def append(path, result):
    with open(path, "a+") as file:
        file.seek(0, os.SEEK_END)
        if file.tell() > 0:
            file.seek(file.tell() - 1)
            if file.read(1) != "\n":
                file.write("\n")
        file.write(json.dumps(result) + "\n")
        file.flush()
        os.fsync(file.fileno())


def spread(values):
    return statistics.stdev(values) if len(values) > 1 else None


def cell(values, base, factor, digits, less_is_better):
    """Mean, deviation over seeds, and the difference to the base: bold where it is beyond noise."""
    mean = factor * statistics.mean(values)
    text = f"{mean:.{digits}f}"
    own, theirs = spread(values), spread(base) if base else None
    if own is not None:
        text += f" ± {factor * own:.{digits}f}"
    if base and base is not values:
        difference = mean - factor * statistics.mean(base)
        change = f"{difference:+.{digits}f}"
        if own is not None and theirs is not None:
            # Two standard errors of the difference of the means.
            noise = 2 * factor * math.sqrt(own**2 / len(values) + theirs**2 / len(base))
            if abs(difference) > noise:
                change = f"**{change}**" if (difference < 0) == less_is_better else f"**{change}** (worse)"
        text += f" ({change})"
    return text


def table(options, results):
    """The Markdown table of the rows that have results."""
    done = {}
    for row in options.rows:
        for seed in options.seeds:
            found = results.get(key_of(options, row, seed))
            if found:
                done.setdefault(row, []).append(found)
    names = [name for _, name, *_ in FIGURES]
    lines = ["| row | change | seeds | minutes | " + " | ".join(names + [f"{n}, mirror" for n in names]) + " |",
             "|---|---|---|---|" + "---|" * (2 * len(names))]
    for row, found in done.items():
        change = "; ".join([" ".join(v) if k == "flags" else v.partition("kind: ")[2].rstrip("}")
                            for k, v in ROWS[row].items()]) or "none"
        whole = [r["seconds"] for r in found if not r["resumed"]]
        minutes = f"{statistics.mean(whole) / 60:.1f}" if whole else "–"
        head = [row, f"`{change}`", str(len(found)), minutes]
        lines.append(line(head, found, done.get("base", []), is_base=row == "base"))
        for answer in ("mean", "mode") if is_distribution(row) else ():
            head = [f"{row}, read as the {answer}", "", str(len(found)), ""]
            lines.append(line(head, [r[answer] for r in found], done.get("base", [])))
    return "\n".join(lines)


def line(head, found, base, is_base=False):
    cells = []
    for tta in TTA:
        for figure, _, factor, digits, less in FIGURES:
            values = [r[tta][figure] for r in found]
            theirs = values if is_base else [r[tta][figure] for r in base]
            cells.append(cell(values, theirs, factor, digits, less))
    return "| " + " | ".join(head + cells) + " |"


def main():
    parser = arguments.parser(__doc__, "recipes")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--rows", nargs="+", default=list(ROWS), choices=list(ROWS), metavar="ROW")
    parser.add_argument("--keep", action="store_true", help="keep the runs' folders, 180 MB each")
    parser.add_argument("--table", action="store_true", help="train nothing, print the table of what is done")
    parser.add_argument("--list", action="store_true", help="print the rows")
    options = parser.parse_args()
    if options.list:
        for row, change in ROWS.items():
            print(f"{row:24s} {change or 'the recipe as it is'}")
        return
    os.makedirs(options.work, exist_ok=True)
    path = os.path.join(options.work, "results.jsonl")
    results = read_results(path)
    # Seed by seed, so that a benchmark that is stopped has compared all rows alike.
    for seed in [] if options.table else options.seeds:
        for row in options.rows:
            key = key_of(options, row, seed)
            if key in results:
                continue
            result = measure(options, row, seed, key)
            append(path, result)
            results[key] = result
            print(json.dumps(result), file=sys.stderr, flush=True)
    print(table(options, results))


if __name__ == "__main__":
    main()
