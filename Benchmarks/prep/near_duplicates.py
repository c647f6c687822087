"""Lists all near-duplicate pairs of a folder of photographs: pairs whose 32 x 32 pixels, mean removed,
correlate above 0.98. It compares every pair, so that it can judge the search of `utk-prep build`, which
compares few.

    python near_duplicates.py data/raw/UTKFace > pairs.tsv

A line is: correlation, path, path; relative paths, sorted. Byte-identical files are listed too, with a 1
in the fourth column.
"""
import argparse
import hashlib
import os
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from PIL import Image

SIZE = 32
BLOCK = 1024


def load(path):
    """The mean-free pixels with norm 1, and a hash of the file; None where it is not an image."""
    try:
        with open(path, "rb") as file:
            digest = hashlib.sha256(file.read()).digest()
        image = Image.open(path).convert("RGB").resize((SIZE, SIZE), Image.BILINEAR)
    except OSError:
        return None
    pixels = np.asarray(image, np.float32).ravel()
    pixels = pixels - pixels.mean()
    norm = np.linalg.norm(pixels)
    # One color has no correlation with anything.
    return (pixels / norm if norm > 0 else pixels), digest


def images(folder):
    for root, _, names in os.walk(folder):
        for name in names:
            if name.lower().rsplit(".", 1)[-1] in ("jpg", "jpeg", "png"):
                yield os.path.relpath(os.path.join(root, name), folder)


def pairs(pixels, threshold):
    for first in range(0, len(pixels), BLOCK):
        for second in range(first, len(pixels), BLOCK):
            products = pixels[first:first + BLOCK] @ pixels[second:second + BLOCK].T
            for i, j in zip(*np.nonzero(products > threshold)):
                if first + i < second + j:
                    yield first + i, second + j, products[i, j]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("folder")
    parser.add_argument("--threshold", type=float, default=0.98)
    arguments = parser.parse_args()
    paths = sorted(images(arguments.folder), key=os.fsencode)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        loaded = list(pool.map(load, (os.path.join(arguments.folder, path) for path in paths)))
    good = [i for i, item in enumerate(loaded) if item]
    print(f"{len(good)} images of {len(paths)} files", file=sys.stderr)
    pixels = np.stack([loaded[i][0] for i in good])
    count = 0
    for i, j, correlation in sorted(pairs(pixels, arguments.threshold)):
        i, j = good[i], good[j]
        same = int(loaded[i][1] == loaded[j][1])
        print(f"{correlation:.5f}\t{paths[i]}\t{paths[j]}\t{same}")
        count += 1
    print(f"{count} pairs", file=sys.stderr)


if __name__ == "__main__":
    main()
