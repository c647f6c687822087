"""Trained weights in onnxruntime, in the tutorial's PyTorch class, and back from there: logits on 64
photographs, those of `hydra-train predict` being the measure.
"""
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "train"))
from run import HydraNet  # noqa: E402

MEAN, STD = np.float32([0.485, 0.456, 0.406]), np.float32([0.229, 0.224, 0.225])


def _predicted(bench, weights, files, *arguments):
    """[64, 7]: age, gender, five of ethnicity."""
    done = subprocess.run(
        [bench.program, "predict", "--weights", str(weights), "--json", *arguments, *files],
        capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return np.array([[line["age"], *line["gender"]["logits"], *line["race"]["logits"]]
                     for line in lines])


def _torch(state, images):
    model = HydraNet(shared=True)
    model.load_state_dict(state, strict=True)
    model.eval()
    with torch.no_grad():
        return torch.cat(model(torch.from_numpy(images)), dim=1).numpy(), model


def logits(bench, options, weights):
    files = sorted(str(path) for path in bench.source.iterdir()
                   if path.name.count("_") == 3)
    files = files[::len(files) // 64][:64]
    pixels = np.stack([
        np.asarray(Image.open(file).convert("RGB").resize((32, 32), Image.BILINEAR))
        for file in files])
    images = np.ascontiguousarray(((pixels / np.float32(255) - MEAN) / STD).transpose(0, 3, 1, 2))
    ours = _predicted(bench, weights, files)

    def compare(what, theirs):
        worst = (np.abs(theirs - ours) / np.maximum(np.abs(ours), 1)).max()
        bench.add(f"{what}, {len(files)} photographs: largest difference", f"{worst:.1e}",
                  "at most 1e-4", bool(worst <= 1e-4))

    graph = bench.work / "face.onnx"
    bench.run("export", "--weights", weights, "--format", "onnx", "--output", graph)
    session = onnxruntime.InferenceSession(str(graph), providers=["CPUExecutionProvider"])
    for batch in (1, 64):
        parts = [session.run(["age", "gender", "race"], {"image": images[i:i + batch]})
                 for i in range(0, len(images), batch)]
        compare(f"onnxruntime, batch {batch}",
                np.concatenate([np.concatenate(part, axis=1) for part in parts]))

    state = bench.work / "state.safetensors"
    bench.run("export", "--weights", weights, "--format", "pytorch-names", "--output", state)
    theirs, model = _torch(load_file(state), images)
    compare("the tutorial's class, strict", theirs)

    recipe = ["--pipeline", options.pipeline]
    torch.save(model.state_dict(), bench.work / "back.pth")
    save_file(model.state_dict(), bench.work / "back.safetensors")
    torch.save(model.state_dict(), bench.work / "old.pth", _use_new_zipfile_serialization=False)
    for name in ("back.pth", "old.pth", "back.safetensors"):
        compare(f"and back, {name}", _predicted(bench, bench.work / name, files, *recipe))
