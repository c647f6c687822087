"""Compares every sample of a store as the loader gives it with two other ways to read it.

    python Benchmarks/loaders/equal.py data/shards/utkface-32

The pixels and labels of all splits: from the loader's threads in a shuffled order, decoded and
cached, against the plain decoder by number, and against zarr-python with the codec in NumPy alone.
Prints how many samples are equal; the exit code is 1 where one is not.
"""
import argparse
import sys

import numpy as np
import zarr

from hydranet import Loader, Store
from hydranet_zarr import PredictiveRGB
from hydranet_zarr import filter as filters


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store")
    path = parser.parse_args().store
    # Nothing of the library in zarr-python's reading, and the codec also where it is not installed.
    filters.library = None
    zarr.registry.register_codec("hydranet.predictive_rgb", PredictiveRGB)
    zarr.config.set({"codec_pipeline.batch_size": 128})
    store, group = Store(path), zarr.open_group(path, mode="r")
    total = equal = 0
    for name, split in store.items():
        plain, other = split.read(), group[f"{name}/image"][:]
        labels = [column for column in store.columns if store.columns[column].role == "label"]
        same = (plain == other).all((1, 2, 3))
        for column in labels:
            same &= split[column] == group[f"{name}/{column}"][:]
        seen = np.zeros(len(split), int)
        for cache_bytes in (0, None):
            with Loader(store, name, batch_size=64, seed=1, dtype="uint8",
                        cache_bytes=cache_bytes) as loader:
                # The second epoch of a cache is read from it.
                for batch in (batch for _ in range(2) for batch in loader):
                    index = batch.index
                    seen[index] += 1
                    same[index] &= (batch.image == other[index]).all((1, 2, 3))
                    for column in labels:
                        missing = batch.missing(column)
                        same[index] &= missing | (batch[column] == split[column][index])
        same &= seen == 4
        total, equal = total + len(split), equal + int(same.sum())
    print(f"{equal} of {total} samples are equal")
    sys.exit(equal != total)


if __name__ == "__main__":
    main()
