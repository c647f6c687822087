"""Writes filter.json: what independent code (NumPy, numcodecs' Blosc) makes of one small image.

    pip install numpy numcodecs && python make_golden.py
"""
import json

import numpy as np
from numcodecs import blosc

H, W = 20, 24
state, values = 12345, []
for _ in range(3 * H * W):  # a linear congruential generator, so that no image file is needed
    state = (1103515245 * state + 12345) % 2**31
    values.append((state >> 16) % 23)
smooth = np.add.outer(np.arange(3) * 40, np.add.outer(np.arange(H) * 3, np.arange(W) * 2)) + 60
pixels = ((smooth + np.array(values).reshape(3, H, W)) % 256).astype(np.uint8)


def predictive(image):
    """The filter by its definition, pixel by pixel."""
    r, g, b = image.astype(int)
    planes = [g, (r - g + 128) % 256, (b - g + 128) % 256]
    out = np.zeros((3, H, W), np.uint8)
    for c, plane in enumerate(planes):
        for y in range(H):
            for x in range(W):
                west = plane[y, x - 1] if x else 0
                north = plane[y - 1, x] if y else 0
                corner = plane[y - 1, x - 1] if x and y else 0
                guess = sorted([west, north, west + north - corner])[1]
                e = (plane[y, x] - guess) % 256
                e = e - 256 if e > 127 else e
                out[c, y, x] = (2 * e if e >= 0 else -2 * e - 1) % 256
    return out


filtered = predictive(pixels)
chunk = blosc.compress(filtered.tobytes(), b"lz4hc", 9, blosc.BITSHUFFLE, 0)
json.dump(
    {"height": H, "width": W, "pixels": pixels.tobytes().hex(), "filtered": filtered.tobytes().hex(),
     "blosc": chunk.hex()},
    open("filter.json", "w"), indent=1)
