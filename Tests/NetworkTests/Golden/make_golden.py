"""Writes the golden values of NetworkTests with PyTorch: python make_golden.py (torch, torchvision)

Weights and images are no files: both sides compute them from the tensor's name and the element's
index, with SplitMix64. Only what PyTorch makes of them is stored, computed in double precision.

A network with ReLU is not smooth: where an activation is within rounding of zero, float and double
take different sides, and PyTorch's own gradients then differ by 1e-3. BatchNorm's biases are
therefore far from zero, and images are drawn until PyTorch's float and double results agree.
"""
import json
import os
import sys

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torchvision import models

from mtan import MTAN, head

HERE = os.path.dirname(os.path.abspath(__file__))


def mix(z):
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def noise(name, count):
    """`count` floats in [-1, 1), a pure function of name and index."""
    h = 0xCBF29CE484222325
    for byte in name.encode():
        h = ((h ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    with np.errstate(over="ignore"):
        bits = mix(np.uint64(h) + np.arange(count, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15))
    return ((bits >> np.uint64(40)).astype(np.float32) * np.float32(2**-23)) - np.float32(1)


def formula(name, shape):
    """The value of a tensor of the model's state."""
    if name.endswith("num_batches_tracked"):
        return torch.tensor(7, dtype=torch.int64)
    count = int(np.prod(shape))
    u = noise(name, count)
    if name.endswith("running_var"):
        v = np.float32(1) + np.float32(0.5) * u
        if ".attention" in name:
            # Features grow from stage to stage; a sigmoid of thousands would only tell signs.
            v *= np.float32(16 ** int(name.split(".layer")[1][0]))
    elif name.endswith("running_mean") or (".fc" in name and len(shape) == 1):
        v = np.float32(0.125) * u
    elif len(shape) == 1 and name.endswith("bias"):
        # Far from zero: most channels pass ReLU whole or not at all.
        v = np.where(u > 0, np.float32(2), np.float32(-2)) + u
    elif len(shape) == 1:
        v = np.float32(1) + np.float32(0.25) * u
    elif len(shape) == 2:
        v = np.float32(0.0625) * u
    else:
        # About Kaiming's deviation, as a power of two, so that both sides round alike.
        v = np.float32(2.0 ** np.round(0.5 * np.log2(6.0 / (shape[1] * shape[2] * shape[3])))) * u
    return torch.from_numpy(v.reshape(shape))


class HydraNet(nn.Module):
    def __init__(self, architecture, outputs):
        super().__init__()
        self.net = getattr(models, architecture)(weights=None)
        self.net.fc = nn.Identity()
        self.count = len(outputs)
        for i, k in enumerate(outputs):
            setattr(self.net, f"fc{i + 1}", head(512, k))

    def forward(self, x):
        f = self.net(x)
        return [getattr(self.net, f"fc{i + 1}")(f) for i in range(self.count)]


def build(case, outputs=(1, 1, 5)):
    model = (MTAN if case.get("model") == "mtan" else HydraNet)(case["architecture"], outputs)
    if case.get("stemPool") == "none":
        model.net.maxpool = nn.Identity()
    model.load_state_dict({k: formula(k, tuple(v.shape)) for k, v in model.state_dict().items()}, strict=True)
    return model.to(memory_format=torch.channels_last) if case.get("channelsLast") else model


def images(case, dtype):
    shape = (case["batch"], 3, *case["size"])
    return torch.from_numpy(noise(case["images"], int(np.prod(shape))).reshape(shape)).to(dtype)


def labels(batch, dtype):
    age = torch.from_numpy(np.round((noise("age", batch) + 1) * 45))
    gender = torch.from_numpy((noise("gender", batch) > 0).astype(np.float32))
    race = torch.from_numpy(np.minimum(np.floor((noise("race", batch) + 1) * 2.5), 4).astype(np.int64))
    return age.to(dtype), gender.to(dtype), race


def losses(logits, target):
    age, gender, race = target
    return [F.l1_loss(logits[0][:, 0], age), F.binary_cross_entropy_with_logits(logits[1][:, 0], gender),
            F.cross_entropy(logits[2], race)]


WEIGHTS = (0.03125, 1.0, 0.5)


def total(parts):
    return sum(w * p for w, p in zip(WEIGHTS, parts))


def signs(count):
    """Four rows of random signs: four bits of SplitMix64 at every index."""
    z = (np.arange(count, dtype=np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return [1 - 2 * ((z >> np.uint64(60 + bit)) & np.uint64(1)).astype(np.float64) for bit in range(4)]


def sketch(tensor):
    """Euclidean norm of a tensor and its products with four vectors of random signs. Every entry is in all
    of them; two tensors' products differ by about the norm of their difference."""
    flat = tensor.detach().double().flatten().numpy()
    return [float(np.linalg.norm(flat))] + [float(flat @ row) for row in signs(flat.size)]


def optimizer(kind, model):
    if kind == "adamw":
        return torch.optim.AdamW(model.parameters(), lr=1e-5, weight_decay=0.05)
    return torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9, weight_decay=5e-4, nesterov=kind == "nesterov")


# A BatchNorm that runs once a step, and one that MTAN runs once a task.
TRACKED = ("net.bn1.num_batches_tracked", "net.encoder.layer1.bn1.num_batches_tracked")


def one_step(case, dtype):
    model = build(case).to(dtype)
    x, target = images(case, dtype), labels(case["batch"], dtype)
    model.eval()
    with torch.no_grad():
        evaluation = [p.flatten().tolist() for p in model(x)]
    model.train()
    logits = model(x)
    parts = losses(logits, target)
    total(parts).backward()
    state = model.state_dict()
    return dict(case, evaluation=evaluation, logits=[p.flatten().tolist() for p in logits],
                losses=[p.item() for p in parts],
                gradients={k: sketch(v.grad) for k, v in model.named_parameters()},
                statistics={k: sketch(v) for k, v in state.items() if "running" in k},
                batchesTracked={k: v.item() for k, v in state.items() if k in TRACKED})


def ten_steps(case, dtype):
    model = build(case).to(dtype).train()
    x, target = images(case, dtype), labels(case["batch"], dtype)
    optim = optimizer(case["optimizer"], model)
    history = []
    for _ in range(10):
        optim.zero_grad()
        parts = losses(model(x), target)
        history.append([p.item() for p in parts])
        total(parts).backward()
        optim.step()
    return dict(case, history=history, state={k: sketch(v) for k, v in model.state_dict().items() if v.dim() > 0})


def deviation(a, b):
    """The largest difference of two results' sketches, relative to the tensor's norm, as the tests take it."""
    worst = 0
    for tensors in ("gradients", "statistics", "state"):
        for k, theirs in b.get(tensors, {}).items():
            for x, y in zip(a[tensors][k], theirs):
                worst = max(worst, abs(x - y) / theirs[0])
    return worst


def roundings(make, case):
    """What PyTorch makes of a case in float, by kernels that sum in different orders."""
    yield make(case, torch.float32)
    yield make(dict(case, channelsLast=True), torch.float32)


def settled(make, case, limit):
    """The first images for which PyTorch agrees with itself, however it sums, and what it makes of them.

    Elsewhere an activation lies so close to zero that correct programs take different sides.
    """
    for seed in range(100):
        tried = dict(case, images=f"images {seed}")
        double = make(tried, torch.float64)
        found = max(deviation(single, double) for single in roundings(make, tried))
        print(tried, f"float against double: {found:.1e}", flush=True)
        if found < limit:
            return double
    raise SystemExit("no images found")


def loss_values():
    """Every loss with its options, on seven samples: value and gradient."""
    n, k = 7, 4
    x = torch.from_numpy(noise("logits", n * k).reshape(n, k) * np.float32(4))
    one = x[:, 0].contiguous()
    real = torch.from_numpy(noise("targets", n) * np.float32(4))
    binary, classes = (real > 0).float(), torch.arange(n) % k
    weights = torch.tensor([0.5, 2.0, 1.0, 0.25])
    cases = {
        "l1": (one, lambda v: F.l1_loss(v, real)),
        "smoothL1": (one, lambda v: F.smooth_l1_loss(v, real, beta=1.0)),
        "smoothL1 beta 2.5": (one, lambda v: F.smooth_l1_loss(v, real, beta=2.5)),
        "mse": (one, lambda v: F.mse_loss(v, real)),
        "bce": (one, lambda v: F.binary_cross_entropy_with_logits(v, binary)),
        "bce weight 3": (one, lambda v: F.binary_cross_entropy_with_logits(v, binary, pos_weight=torch.tensor(3.0))),
        "ce": (x, lambda v: F.cross_entropy(v, classes)),
        "ce weights": (x, lambda v: F.cross_entropy(v, classes, weight=weights)),
        "ce smoothing": (x, lambda v: F.cross_entropy(v, classes, label_smoothing=0.1)),
        "ce both": (x, lambda v: F.cross_entropy(v, classes, weight=weights, label_smoothing=0.1)),
    }
    # Distributions over nine values from -3 to 3; a label between two of them is shared by both.
    values = torch.arange(9) * 0.75 - 3
    many = torch.from_numpy(noise("logits", n * 9).reshape(n, 9) * np.float32(4))
    inside = real.clamp(-3, 3)
    place = (inside[:, None] - values) / 0.75
    gaussian = torch.softmax(-((inside[:, None] - values) ** 2) / (2 * 0.75**2), dim=1)

    def expectation(v):
        return ((torch.softmax(v, dim=1) * values).sum(dim=1) - inside).abs().mean()

    def ce(v):
        return F.cross_entropy(v, (1 - place.abs()).clamp(min=0))

    def dldl(v):
        return F.kl_div(F.log_softmax(v, dim=1), gaussian, reduction="batchmean")

    cases |= {
        "distribution ce": (many, ce),
        "distribution ce expectation": (many, lambda v: ce(v) + 0.5 * expectation(v)),
        "distribution dldl": (many, dldl),
        "distribution dldl expectation": (many, lambda v: dldl(v) + expectation(v)),
    }
    out = {}
    for name, (value, loss) in cases.items():
        value = value.clone().requires_grad_(True)
        result = loss(value)
        result.backward()
        out[name] = dict(loss=result.item(), gradient=value.grad.flatten().tolist())
    return out


def rounded(value):
    """Nine significant digits: more than a float has."""
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, dict):
        return {k: rounded(v) for k, v in value.items()}
    return [rounded(v) for v in value] if isinstance(value, (list, tuple)) else value


def write(name, value):
    with open(os.path.join(HERE, name), "w") as file:
        json.dump(rounded(value), file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    torch.set_num_threads(2)
    step = [dict(architecture=a, batch=b, size=s) for a, b, s in [
        ("resnet18", 16, (32, 32)), ("resnet18", 3, (64, 48)), ("resnet34", 4, (40, 72))]]
    step.append(dict(architecture="resnet18", stemPool="none", batch=5, size=(32, 36)))
    runs = [dict(architecture="resnet18", batch=16, size=(32, 32), optimizer=o) for o in ("sgd", "nesterov", "adamw")]
    write("steps.json", [settled(one_step, c, 5e-5) for c in step])
    write("runs.json", [settled(ten_steps, c, 5e-5) for c in runs])
    write("losses.json", loss_values())
    mtan = [dict(model="mtan", architecture=a, batch=b, size=s) for a, b, s in [
        ("resnet18", 16, (32, 32)), ("resnet18", 5, (33, 39)), ("resnet18", 3, (64, 64)), ("resnet34", 4, (40, 72))]]
    mtan.append(dict(model="mtan", architecture="resnet18", stemPool="none", batch=4, size=(34, 32)))
    write("mtan-steps.json", [settled(one_step, c, 5e-5) for c in mtan])
    write("mtan-runs.json", [settled(ten_steps, dict(mtan[0], optimizer="sgd"), 5e-5)])
