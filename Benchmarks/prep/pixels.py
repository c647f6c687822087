"""Bars 1 and 2: names by the four-field rule, and pixels byte-identical to Pillow's."""

import os
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import tensorstore
import zarr
from PIL import Image

from harness import Bench

_CHUNK = 512


def accepted_by_the_rule(name):
    """The article's own test of a file name, written down once more."""
    fields = name.split("_")
    if len(fields) != 4 or not fields[3][:1].isdigit():
        return False
    try:
        age, gender, race = map(int, fields[:3])
    except ValueError:
        return False
    return 0 <= age <= 116 and 0 <= gender <= 1 and 0 <= race <= 4


def names(bench: Bench):
    candidates = [
        name for _, _, files in os.walk(bench.source) for name in files
        if not name.startswith(".") and name.lower().endswith((".jpg", ".jpeg", ".png"))]
    expected = sum(map(accepted_by_the_rule, candidates))
    path = bench.store(32, "predictive")
    summary = bench.build(path).json
    bench.add("names accepted", summary["accepted"], f"{expected}", summary["accepted"] == expected)
    rejected = len(candidates) - expected
    bench.add("names rejected", summary["rejected_total"], f"{rejected}",
              summary["rejected_total"] == rejected)


def pillow(task):
    """Planar pixels of some files, by Pillow as torchvision's Resize uses it."""
    paths, size = task
    return np.stack([
        np.asarray(Image.open(path).convert("RGB").resize((size, size), Image.BILINEAR))
        for path in paths]).transpose(0, 3, 1, 2)


def readers(bench, size):
    """Name and function (split, start, end) to pixels, of every way to read the two stores."""
    stores = {codec: bench.store(size, codec) for codec in ("predictive", "portable")}
    groups = {codec: zarr.open_group(str(path), mode="r") for codec, path in stores.items()}

    def by_tensorstore(split, start, end):
        spec = {"driver": "zarr3",
                "kvstore": {"driver": "file", "path": f"{stores['portable']}/{split}/image/"}}
        return tensorstore.open(spec, read=True).result()[start:end].read().result()

    def by_zarr(codec):
        return lambda split, start, end: groups[codec][f"{split}/image"][start:end]

    return groups["predictive"], {
        "predictive, zarr-python": by_zarr("predictive"),
        "portable, zarr-python": by_zarr("portable"),
        "portable, TensorStore": by_tensorstore,
    }


def pixels(bench: Bench):
    zarr.config.set({"codec_pipeline.batch_size": 128})
    for size in (32, 200):
        group, ways = readers(bench, size)
        equal = dict.fromkeys(ways, 0)
        count = 0
        with ProcessPoolExecutor() as pool:
            for split, _ in group.groups():
                names = [bytes(name).rstrip(b"\0").decode() for name in group[f"{split}/name"][:]]
                count += len(names)
                starts = range(0, len(names), _CHUNK)
                tasks = [([bench.source / name for name in names[start:start + _CHUNK]], size)
                         for start in starts]
                for start, expected in zip(starts, pool.map(pillow, tasks)):
                    for way, read in ways.items():
                        got = read(split, start, start + len(expected))
                        same = (got == expected).all(axis=(1, 2, 3))
                        equal[way] += int(same.sum())
        for way, same in equal.items():
            bench.add(f"identical to Pillow at {size}: {way}", f"{same} of {count}",
                      "all", same == count)
        bench.add(f"every accepted image is in the store at {size}", count,
                  str(bench.build(bench.work / f"predictive-{size}", "--size", size).json["accepted"]),
                  count == bench.build(bench.work / f"predictive-{size}", "--size", size)
                  .json["accepted"])
