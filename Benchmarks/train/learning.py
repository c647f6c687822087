"""Trains the recipe of pipelines/utkface-32.yaml in hydra-train and in PyTorch, on the same store,
and compares what validation says after the last epoch.

python Benchmarks/train/learning.py --shards data/shards/utkface-32 [--seed 1 --seed 2] [--epochs 10]
"""
import json
import os
import statistics
import subprocess

import numpy as np
import torch
import torch.nn.functional as F
import zarr

import arguments
from run import HydraNet

FIGURES = ["age_mae", "gender_accuracy", "race_accuracy"]
# How much worse hydra-train's mean may be, in years and in parts of one.
MARGINS = {"age_mae": 0.25, "gender_accuracy": 0.010, "race_accuracy": 0.015}
MEAN = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
STD = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)


class Split:
    def __init__(self, store, name):
        group = zarr.open_group(store, mode="r")[name]
        self.images = torch.from_numpy(group["image"][:])
        self.labels = torch.from_numpy(
            np.stack([group[column][:] for column in ("age", "gender", "race")], axis=1)).long()

    def __len__(self):
        return len(self.images)

    def batch(self, index):
        return (self.images[index].float() / 255 - MEAN) / STD, self.labels[index]


def losses(outputs, labels):
    age, gender, race = outputs
    return (0.1 * F.l1_loss(age, labels[:, :1].float())
            + F.binary_cross_entropy_with_logits(gender, labels[:, 1:2].float())
            + F.cross_entropy(race, labels[:, 2]))


def validate(model, split):
    model.eval()
    sums = [0.0, 0.0, 0.0]
    with torch.no_grad():
        for index in torch.arange(len(split)).split(256):
            images, labels = split.batch(index)
            age, gender, race = model(images)
            sums[0] += (age[:, 0] - labels[:, 0]).abs().sum().item()
            sums[1] += ((gender[:, 0] > 0) == (labels[:, 1] == 1)).sum().item()
            sums[2] += (race.argmax(1) == labels[:, 2]).sum().item()
    return {name: value / len(split) for name, value in zip(FIGURES, sums)}


def pytorch(train, validation, epochs, seed, batch=128):
    """The recipe, line by line: SGD 0.02 with momentum 0.9, one cycle, decay 5e-4, mirrored."""
    torch.manual_seed(seed)
    model = HydraNet(shared=True)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9, weight_decay=5e-4)
    steps = len(train) // batch
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.02, total_steps=epochs * steps)
    for _ in range(epochs):
        model.train()
        for index in torch.randperm(len(train)).split(batch)[:steps]:
            images, labels = train.batch(index)
            mirrored = torch.rand(batch) < 0.5
            images[mirrored] = images[mirrored].flip(3)
            loss = losses(model(images), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return validate(model, validation)


def hydra_train(options, seed):
    run = os.path.join(options.work, f"learning-{seed}")
    subprocess.run(
        [options.program, "train", "--pipeline", options.pipeline, "--shards", options.shards,
         "--epochs", str(options.epochs), "--seed", str(seed), "--output", run, "--force",
         "--no-report", "--quiet"], check=True, stdout=subprocess.DEVNULL)
    with open(os.path.join(run, "metrics.jsonl")) as file:
        return json.loads(file.readlines()[-1])["validation"]


def row(name, figures):
    return (f"{name:24s} {figures['age_mae']:6.2f} years  {100 * figures['gender_accuracy']:5.1f} %"
            f"  {100 * figures['race_accuracy']:5.1f} %")


def main():
    parser = arguments.parser(__doc__, "learning")
    parser.add_argument("--seed", type=int, action="append")
    parser.add_argument("--json", default="data/bench/learning.json")
    options = parser.parse_args()
    options.seed = options.seed or [1, 2, 3]
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    zarr.config.set({"codec_pipeline.batch_size": 128})
    train, validation = Split(options.shards, "train"), Split(options.shards, "validation")
    results = {"hydra-train": [], "PyTorch": []}
    for seed in options.seed:
        results["hydra-train"].append(hydra_train(options, seed))
        results["PyTorch"].append(pytorch(train, validation, options.epochs, seed))
        for name, values in results.items():
            print(row(f"{name}, seed {seed}", values[-1]), flush=True)
    means = {name: {figure: statistics.mean(value[figure] for value in values)
                    for figure in FIGURES} for name, values in results.items()}
    for name, figures in means.items():
        print(row(f"{name}, mean", figures))
    worse = {figure: (means["hydra-train"][figure] - means["PyTorch"][figure])
             * (1 if figure == "age_mae" else -1) for figure in FIGURES}
    held = all(worse[figure] <= MARGINS[figure] for figure in FIGURES)
    print("no figure is worse by more than its margin" if held else f"worse than allowed: {worse}")
    os.makedirs(os.path.dirname(options.json) or ".", exist_ok=True)
    with open(options.json, "w") as file:
        json.dump({"results": results, "means": means, "held": held}, file, indent=1)
    raise SystemExit(0 if held else 1)


if __name__ == "__main__":
    main()
