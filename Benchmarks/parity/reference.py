"""Writes every gradient of one step in full, for the engine to be compared with, element by element.

python Benchmarks/parity/reference.py DIR [batch=64] [size=32] [model=hydranet]     (torch, torchvision)
HYDRANET_PARITY=DIR swift test -c release --filter everyGradientMatches

Model, images and labels are those of Tests/NetworkTests/Golden/make_golden.py; PyTorch computes
in double precision. The test prints the largest deviation of every tensor.
"""
import json
import os
import sys

import torch

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../Tests/NetworkTests/Golden"))
import make_golden as golden  # noqa: E402


def main():
    folder = sys.argv[1]
    batch = int(sys.argv[2]) if len(sys.argv) > 2 else 64
    size = int(sys.argv[3]) if len(sys.argv) > 3 else 32
    network = sys.argv[4] if len(sys.argv) > 4 else "hydranet"
    os.makedirs(folder, exist_ok=True)
    case = golden.settled(
        golden.one_step, dict(model=network, architecture="resnet18", batch=batch, size=(size, size)), 5e-5)
    model = golden.build(case).double().train()
    parts = golden.losses(model(golden.images(case, torch.float64)), golden.labels(batch, torch.float64))
    golden.total(parts).backward()
    for name, value in model.named_parameters():
        value.grad.float().numpy().tofile(os.path.join(folder, f"{name}.f32"))
    with open(os.path.join(folder, "case.json"), "w") as file:
        json.dump(dict(model=network, batch=batch, size=size, images=case["images"]), file)


if __name__ == "__main__":
    main()
