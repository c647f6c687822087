"""Trains the tutorial's HydraNet in PyTorch from a shard store: on CUDA if there is one, else here.

    python python/examples/train.py data/shards/utkface-32 --normalize imagenet --epochs 10 \\
        --batch-size 128 --output tuned.safetensors
    hydra-train evaluate --shards data/shards/utkface-32 --weights tuned.safetensors \\
        --pipeline pipelines/utkface-32.yaml

Recipe and losses are those of pipelines/utkface-32.yaml and pipelines/drawn.yaml. The last line on
stdout is JSON: the figures of the validation split, as `hydra-train evaluate --json` names them,
images a second, and the share of the time that was spent waiting for data.
"""
import argparse
import json
import sys
import time
from collections import OrderedDict

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import nn
from torchvision import models

from hydranet import Store
from hydranet.torch import ShardLoader


def head(features, outputs):
    return nn.Sequential(OrderedDict([
        ("linear", nn.Linear(features, features)),
        ("relu1", nn.ReLU()),
        ("final", nn.Linear(features, outputs)),
    ]))


class HydraNet(nn.Module):
    """ResNet-18 and a head each for age, gender and race; hydra-train's names of the parameters."""

    def __init__(self, races):
        super().__init__()
        self.net = models.resnet18(weights=None)
        features = self.net.fc.in_features
        self.net.fc = nn.Identity()
        self.net.fc1, self.net.fc2, self.net.fc3 = (head(features, k) for k in (1, 1, races))

    def forward(self, images):
        features = self.net(images)
        return (self.net.fc1(features)[:, 0], self.net.fc2(features)[:, 0],
                self.net.fc3(features))


def task_losses(outputs, batch):
    """Means over the samples whose label is known; age is in years, so a tenth of it."""
    age, gender, race = outputs
    ages, genders = ~batch.missing("age"), ~batch.missing("gender")
    return (0.1 * F.l1_loss(age[ages], batch.age[ages].float())
            + F.binary_cross_entropy_with_logits(gender[genders], batch.gender[genders].float())
            + F.cross_entropy(race, batch.race))


@torch.no_grad()
def validate(model, loader):
    """Age MAE in years; accuracies from 0 to 1."""
    model.eval()
    sums, counts = [0.0] * 3, [0] * 3
    for batch in loader:
        age, gender, race = model(batch.image)
        errors = [(age - batch.age).abs(), (gender > 0) == (batch.gender == 1),
                  race.argmax(1) == batch.race]
        for task, column in enumerate(("age", "gender", "race")):
            known = ~batch.missing(column)
            sums[task] += errors[task][known].float().sum().item()
            counts[task] += known.sum().item()
    names = ("age_mae", "gender_accuracy", "race_accuracy")
    return {name: total / count for name, total, count in zip(names, sums, counts) if count}


def train_epoch(model, loader, optimizer, schedule, bf16):
    """Returns (samples, mean loss, seconds, seconds spent waiting for data)."""
    model.train()
    start, waited, count, total = time.perf_counter(), 0.0, 0, 0.0
    for _ in range(len(loader)):
        before = time.perf_counter()
        batch = loader.next()
        waited += time.perf_counter() - before
        with torch.autocast(batch.image.device.type, torch.bfloat16, enabled=bf16):
            outputs = model(batch.image)
        loss = task_losses([output.float() for output in outputs], batch)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        schedule.step()
        count += len(batch)
        total = total + loss.detach() * len(batch)
    return count, float(total) / count, time.perf_counter() - start, waited


def main(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shards", help="the store")
    parser.add_argument("--output", default="tuned.safetensors", help="the weights, at the end")
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--lr", type=float, default=0.02, help="the one cycle's largest")
    parser.add_argument("--normalize", choices=["dataset", "imagenet"], default="dataset")
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--bf16", action="store_true", help="forward pass in bfloat16")
    options = parser.parse_args(arguments)
    torch.manual_seed(options.seed)

    store = Store(options.shards)
    common = dict(batch_size=options.batch_size, normalize=options.normalize,
                  device=options.device, columns=["age", "gender", "race"], layout="nhwc")
    model = HydraNet(len(store.columns["race"].classes))
    model.to(options.device, memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(
        model.parameters(), lr=options.lr, momentum=0.9, weight_decay=5e-4)
    with (ShardLoader(store, "train", seed=options.seed, flip=True, drop_last=True, **common)
          as train, ShardLoader(store, "validation", shuffle=False, **common) as validation):
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, options.lr, total_steps=options.epochs * len(train))
        samples, seconds, waiting = 0, 0.0, 0.0
        for epoch in range(options.epochs):
            count, loss, took, waited = train_epoch(
                model, train, optimizer, schedule, options.bf16)
            samples, seconds, waiting = samples + count, seconds + took, waiting + waited
            print(f"epoch {epoch + 1}: loss {loss:.4f}, {count / took:,.0f} images/s, "
                  f"{100 * waited / took:.2f} % waiting for data", file=sys.stderr)
        figures = validate(model, validation)
    save_file({name: tensor.cpu().contiguous() for name, tensor in model.state_dict().items()},
              options.output)
    print(json.dumps({"figures": figures, "images_per_second": samples / seconds,
                      "waiting": waiting / seconds, "device": options.device}))


if __name__ == "__main__":
    main()
