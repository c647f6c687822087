"""Whether two builds of the programs train the same tensors, byte for byte: 50 steps of every balancing method, and of
MTAN, from a recipe that spells out every setting.

python Benchmarks/parity/steps.py OLD NEW [--only gls --only mtan]

OLD and NEW are folders that hold utk-prep and hydra-train, such as .build/release of two checkouts. Each program builds
its own store from the same drawn faces. A method that OLD does not know is named and left out. Exit code 1 where
tensors differ. Needs no Python package.
"""
import argparse
import json
import os
import struct
import subprocess
import sys
import tempfile

METHODS = ["sum", "uncertainty", "dwa", "gls", "rlw", "gradnorm", "pcgrad", "famo", "imtl_g"]
# Five epochs: dynamic weight averages begin in the third.
EPOCHS, STEPS, BATCH = 5, 50, 32
RECIPE = """\
train:
  model: {{name: {model}, depth: 18, pretrained: none}}
  tasks:
    - {{name: age, column: age, kind: regression, loss: l1, weight: 0.1}}
    - {{name: gender, column: gender, kind: binary, loss: bce, weight: 1, positive_weight: 1}}
    - {{name: race, column: race, kind: categorical, classes: 5, loss: ce, weight: 1, class_weights: none,
       label_smoothing: 0}}
  epochs: {epochs}
  batch_size: {batch}
  optimizer:
    {{name: sgd, lr: 0.01, momentum: 0.9, weight_decay: 0.0005, nesterov: false, betas: [0.9, 0.999], eps: 1e-08}}
  schedule: {{name: constant, warmup_epochs: 0}}
  augment: {{flip: true, crop_padding: 2}}
  normalize: imagenet
  balance: {{method: {method}, temperature: 2, alpha: 1.5, lr: 0.025}}
  seed: 7
  keep_last_batch: false
  clip_norm: none
  accumulate: 1
  ema: none
  freeze: none
  train_only: none
  lr_factors: none
  best_metric: loss
  patience: none
"""


def call(*words):
    done = subprocess.run(words, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return done.returncode, (done.stderr.strip().splitlines() or ["no message"])[-1]


def must(*words):
    code, message = call(*words)
    if code != 0:
        sys.exit(f"{' '.join(words)}: {message}")


def tensors(path):
    """The tensors of a safetensors file: type, shape and bytes by name."""
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    return {name: (entry["dtype"], entry["shape"], data[slice(*entry["data_offsets"])])
            for name, entry in header.items() if name != "__metadata__"}


def steps(run):
    with open(os.path.join(run, "metrics.jsonl")) as file:
        return json.loads(file.readlines()[-1])["step"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", nargs=2, metavar="FOLDER")
    parser.add_argument("--only", action="append", choices=METHODS + ["mtan"])
    options = parser.parse_args()
    programs = [os.path.abspath(folder) for folder in options.programs]
    cases = [("hydranet", method) for method in METHODS] + [("mtan", "sum")]
    differing = 0
    with tempfile.TemporaryDirectory() as work:
        faces = os.path.join(work, "faces")
        must(f"{programs[1]}/utk-prep", "synth", "--output", faces, "--count", "420", "--seed", "5")
        for number, folder in enumerate(programs):
            must(f"{folder}/utk-prep", "build", faces, "--output", f"{work}/store-{number}", "--size", "32",
                 "--validation", "0.2", "--seed", "42")
        for model, method in cases:
            title = model if model == "mtan" else method
            if options.only and title not in options.only:
                continue
            recipe = os.path.join(work, "recipe.yaml")
            with open(recipe, "w") as file:
                file.write(RECIPE.format(model=model, method=method, epochs=EPOCHS, batch=BATCH))
            runs = [f"{work}/{title}-{number}" for number in range(2)]
            results = [call(f"{folder}/hydra-train", "--pipeline", recipe, "--shards", f"{work}/store-{number}",
                            "--output", runs[number], "--threads", "2", "--no-report", "-q")
                       for number, folder in enumerate(programs)]
            if results[0][0] != 0 and results[1][0] == 0 and "balance.method" in results[0][1]:
                print(f"{title:12s} left out: the first program does not know it")
                continue
            for (code, message), folder in zip(results, programs):
                if code != 0:
                    sys.exit(f"{folder}/hydra-train, {title}: {message}")
            old, new = (tensors(os.path.join(run, "last.safetensors")) for run in runs)
            count = steps(runs[1])
            if count < STEPS:
                sys.exit(f"{title}: only {count} steps, expected {STEPS} or more")
            different = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
            differing += bool(different)
            print(f"{title:12s} {count} steps, " + (f"{len(different)} of {len(old)} tensors differ, first "
                  f"{different[0]}" if different else f"all {len(old)} tensors are equal"), flush=True)
    sys.exit(1 if differing else 0)


if __name__ == "__main__":
    main()
