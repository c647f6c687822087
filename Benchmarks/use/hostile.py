"""Weight files that mean harm or are broken: each must be refused in one sentence, run nothing, and
take little memory.
"""
import json
import os
import pickle
import struct
import sys
import zipfile
from pathlib import Path

import torch
from torchvision import models

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "train"))
from run import HydraNet  # noqa: E402

LIMIT = 200e6


class Runs:
    """A pickle that calls something when it is loaded."""

    def __init__(self, *call):
        self.call = call

    def __reduce__(self):
        return self.call[0], self.call[1:]


def _archive(path, pickled, storage=b"\0" * 64, name="data/0", version=b"3\n"):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as file:
        file.writestr("archive/data.pkl", pickled)
        file.writestr(f"archive/{name}", storage)
        file.writestr("archive/version", version)


def _safetensors(path, header, data=b"\0" * 64, length=None):
    text = json.dumps(header).encode() if isinstance(header, dict) else header
    path.write_bytes(struct.pack("<Q", len(text) if length is None else length) + text + data)


def _entry(start, end, shape, kind="F32"):
    return {"dtype": kind, "shape": shape, "data_offsets": [start, end]}


def make(folder):
    """{what: path} of twenty and more files."""
    files, mark = {}, folder / "executed"

    def file(what):
        files[what] = folder / f"{len(files):02d}"
        return files[what]

    touch = f"touch {mark}"
    _archive(file("os.system in a zip"), pickle.dumps(Runs(os.system, touch)))
    _archive(file("eval in a zip"), pickle.dumps(Runs(eval, f"open({str(mark)!r}, 'w')")))
    _archive(file("os.system, protocol 0"), pickle.dumps(Runs(os.system, touch), protocol=0))
    _archive(file("os.system inside a state dict"),
             pickle.dumps({"conv1.weight": Runs(os.system, touch)}))
    file("os.system as a bare pickle").write_bytes(pickle.dumps(Runs(os.system, touch)))
    torch.save({"a": Runs(os.system, touch)}, file("os.system by torch.save"))
    torch.save({"a": Runs(os.system, touch)}, file("os.system by the old torch.save"),
               _use_new_zipfile_serialization=False)
    _archive(file("a pickle that grows without end"),
             b"\x80\x02]" + b"2" * 50 + b"\x8a\xff" + b"\xff" * 255 + b"(" * 500_000 + b".")
    _archive(file("a pickle cut short"), pickle.dumps({"a": list(range(100))})[:-20])

    whole = folder / "whole.pth"
    torch.save(models.resnet18(weights=None).state_dict(), whole)
    data = whole.read_bytes()
    file("a zip cut in half").write_bytes(data[:len(data) // 2])
    file("a zip without its end").write_bytes(data[:-30])
    file("an old file cut in half")
    old = folder / "old.pth"
    torch.save(models.resnet18(weights=None).state_dict(), old,
               _use_new_zipfile_serialization=False)
    files["an old file cut in half"].write_bytes(old.read_bytes()[:20_000_000])
    whole.unlink()
    old.unlink()
    wrong = models.resnet18(weights=None).state_dict()
    wrong["conv1.weight"] = torch.zeros(64, 3, 3, 3)
    torch.save(wrong, file("a convolution of another shape"))
    torch.save(models.resnet34(weights=None).state_dict(), file("a deeper network"))

    huge = 1 << 50
    _safetensors(file("a header of an exabyte"), {}, length=1 << 60)
    _safetensors(file("a header longer than the file"), {}, length=1 << 20)
    _safetensors(file("a tensor of a petabyte"), {"a": _entry(0, huge, [huge // 4])})
    _safetensors(file("sizes whose product overflows"),
                 {"a": _entry(0, 64, [1 << 40, 1 << 40, 1 << 40])})
    _safetensors(file("overlapping tensors"),
                 {"a": _entry(0, 64, [16]), "b": _entry(32, 64, [8])})
    _safetensors(file("a negative size"), {"a": _entry(0, 64, [-4, -4])})
    _safetensors(file("offsets that go back"), {"a": _entry(64, 0, [16])})
    _safetensors(file("a shape that its bytes are not"), {"a": _entry(0, 64, [17])})
    _safetensors(file("a header of ten thousand brackets"), b"[" * 10_000)
    file("an empty file").write_bytes(b"")
    file("noise").write_bytes(os.urandom(100_000))
    return files, mark


def hostile(bench, options):
    folder = bench.work / "hostile"
    folder.mkdir(parents=True, exist_ok=True)
    files, mark = make(folder)
    problems, peak = [], 0
    for what, path in files.items():
        done = bench.run(
            "train", "--shards", options.shards, "--pretrained", path, "--epochs", 1,
            "--batch-size", 16, "--output", folder / "run", "--force", check=False)
        lines = done.errors.strip().splitlines()
        if done.code == 0 or done.code < 0 or len(lines) != 1:
            problems.append(f"{what}: ended with {done.code}, said {lines[:3]}")
        if mark.exists():
            problems.append(f"{what}: ran what it holds")
            mark.unlink()
        inspected = bench.run("inspect", path, check=False)
        peak = max(peak, inspected.peak_bytes)
    for problem in problems:
        print(f"  {problem}", flush=True)
    bench.add(f"{len(files)} hostile or broken weight files refused in a sentence",
              f"{len(files) - len(problems)} of {len(files)}", "all", not problems)
    bench.add("peak memory of reading the worst of them", f"{peak / 1e6:.0f} MB", "below 200 MB",
              peak < LIMIT)


def formats(bench, options):
    """A network with random weights, as PyTorch saves it: every tensor must come out equal."""
    from safetensors.torch import load_file, save_file
    state = HydraNet(shared=True).state_dict()
    for key, tensor in state.items():
        if tensor.is_floating_point():
            tensor.copy_(torch.randn_like(tensor))
        if key.endswith("running_var"):
            tensor.abs_()
    for name, save in (
            ("zip.pth", lambda path: torch.save(state, path)),
            ("old.pth", lambda path: torch.save(
                state, path, _use_new_zipfile_serialization=False)),
            ("st.safetensors", lambda path: save_file(state, path))):
        path, copy = bench.work / name, bench.work / "copy.safetensors"
        save(path)
        bench.run("export", "--weights", path, "--format", "pytorch-names", "--output", copy)
        read = load_file(copy)
        equal = sum(torch.equal(read[key], value) for key, value in state.items() if key in read)
        bench.add(f"HydraNet with random weights from {name}: tensors equal",
                  f"{equal} of {len(state)}", "all", equal == len(state) == len(read))
