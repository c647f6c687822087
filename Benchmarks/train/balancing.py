"""Trains with every way of balancing the tasks, and prints the table of docs/balancing.md.

python Benchmarks/train/balancing.py --shards data/shards/utkface-32 [--seed 1 --seed 2] [--epochs 10]
python Benchmarks/train/balancing.py --only gls --only pcgrad

Each method runs twice: with the age loss scaled by 0.1, as in pipelines/utkface-32.yaml, and with
all three losses as they are. Runs that are finished are not repeated. Needs no Python package.
"""
import json
import os
import statistics
import subprocess

import arguments

METHODS = ["sum", "uncertainty", "dwa", "gls", "rlw", "gradnorm", "pcgrad"]
TASKS = ["age", "gender", "race"]


def train(options, method, age_weight, seed):
    """The last epoch's record of a run, made if it is not there."""
    run = os.path.join(options.work, f"{method}-{age_weight:g}-{seed}")
    metrics = os.path.join(run, "metrics.jsonl")
    records = read(metrics)
    if len(records) < options.epochs:
        done = subprocess.run(
            [options.program, "train", "--pipeline", options.pipeline, "--shards", options.shards,
             "--balance", method, "--task-weight", f"age={age_weight:g}", "--seed", str(seed),
             "--epochs", str(options.epochs), "--output", run, "--force", "--no-report"],
            capture_output=True, text=True)
        if done.returncode != 0:
            return None, done.stderr.strip().splitlines()[-1]
        records = read(metrics)
    return records[-1], None


def read(path):
    if not os.path.exists(path):
        return []
    with open(path) as file:
        return [json.loads(line) for line in file]


def row(options, method, age_weight):
    records, problem = [], None
    for seed in options.seed:
        record, problem = train(options, method, age_weight, seed)
        if record is None:
            break
        records.append(record)
    if problem:
        return {"method": method, "age_weight": age_weight, "problem": problem}

    def mean(part, key):
        return statistics.mean(record[part][key] for record in records)

    return {
        "method": method, "age_weight": age_weight, "seeds": options.seed,
        "age_mae": mean("validation", "age_mae"),
        "gender_accuracy": 100 * mean("validation", "gender_accuracy"),
        "race_accuracy": 100 * mean("validation", "race_accuracy"),
        "weights": [mean("train", f"{task}_weight") for task in TASKS],
    }


def text(row):
    name = f"| `{row['method']}` | {row['age_weight']:g} | "
    if "problem" in row:
        return f"{name}{row['problem']} |"
    weights = " : ".join(f"{weight:.3g}" for weight in row["weights"])
    return (f"{name}{row['age_mae']:.2f} | {row['gender_accuracy']:.1f} % | "
            f"{row['race_accuracy']:.1f} % | {weights} |")


def main():
    parser = arguments.parser(__doc__, "balancing")
    parser.add_argument("--seed", type=int, action="append")
    parser.add_argument("--only", action="append", choices=METHODS)
    parser.add_argument("--json", default="data/bench/balancing.json")
    options = parser.parse_args()
    options.seed = options.seed or [1, 2, 3]
    print("| method | age weight | age MAE, years | gender | ethnicity | factors of the losses, "
          "age : gender : ethnicity |\n|---|---|---|---|---|---|", flush=True)
    rows = []
    for age_weight in (0.1, 1):
        for method in options.only or METHODS:
            rows.append(row(options, method, age_weight))
            print(text(rows[-1]), flush=True)
    os.makedirs(os.path.dirname(options.json) or ".", exist_ok=True)
    with open(options.json, "w") as file:
        json.dump(rows, file, indent=1)


if __name__ == "__main__":
    main()
