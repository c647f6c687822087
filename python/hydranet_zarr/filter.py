"""The filter itself, on NumPy arrays, by the library where it is there; ``docs/format.md`` has its formulas.

A pixel is predicted from its left (W), upper (N) and upper-left (NW) neighbors by the median edge
detector of JPEG-LS (ITU-T T.87, A.4.1), which equals W + N - clamp(NW, min(W, N), max(W, N)).
All arithmetic is modulo 256, which is what NumPy's uint8 does.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

try:
    from hydranet._library import checked, library
except ImportError:
    # The package was copied without its library, or the processor lacks what that needs.
    library = None


def encode(pixels: np.ndarray) -> np.ndarray:
    """Filters R, G, B planes: uint8 [..., 3, H, W] to as many bytes of folded residuals."""
    if library is None:
        return plain_encode(pixels)
    return _native(library.hydranet_filter_encode, pixels)


def decode(folded: np.ndarray) -> np.ndarray:
    """Undoes ``encode``: uint8 [..., 3, H, W] to R, G, B planes of the same shape."""
    if library is None:
        return plain_decode(folded)
    return _native(library.hydranet_filter_decode, folded)


def _native(function: Callable[..., Any], array: np.ndarray) -> np.ndarray:
    array = np.ascontiguousarray(_checked(array))
    output = np.empty_like(array)
    if array.size:
        *leading, _, height, width = array.shape
        checked(function(
            array.ctypes.data, int(np.prod(leading)), height, width, output.ctypes.data))
    return output


def plain_encode(pixels: np.ndarray) -> np.ndarray:
    """``encode`` in NumPy alone."""
    pixels = _checked(pixels)
    red, green, blue = pixels[..., 0, :, :], pixels[..., 1, :, :], pixels[..., 2, :, :]
    planes = np.stack([green, red - green + np.uint8(128), blue - green + np.uint8(128)], axis=-3)
    # A row and a column of zeros stand for the neighbors outside the image.
    padded = np.pad(planes, [(0, 0)] * (planes.ndim - 2) + [(1, 0), (1, 0)])
    west, north, north_west = padded[..., 1:, :-1], padded[..., :-1, 1:], padded[..., :-1, :-1]
    residual = planes - _prediction(west, north, north_west)
    return (residual << 1) ^ -(residual >> 7)


def plain_decode(folded: np.ndarray) -> np.ndarray:
    """``decode`` in NumPy alone.

    A pixel waits for its left and upper neighbors, but not for the others of its anti-diagonal:
    so a diagonal is one step, for all planes of all samples at once.
    """
    folded = _checked(folded)
    height, width = folded.shape[-2:]
    residual = np.moveaxis((folded >> 1) ^ -(folded & 1), (-2, -1), (0, 1))
    # [H + 1][W + 1] pixels, samples and planes last, so that a step works on contiguous runs.
    stride = width + 1
    padded = np.zeros((height + 1, stride, residual[0, 0].size), np.uint8)
    padded[1:, 1:] = residual.reshape(height, width, -1)
    flat = padded.reshape((height + 1) * stride, -1)
    for diagonal in range(height + width - 1):
        top = max(0, diagonal - width + 1)
        bottom = min(height - 1, diagonal)
        # One row down and one column left is `width` places on.
        first = (top + 1) * stride + (diagonal - top + 1)
        last = first + (bottom - top) * width
        west, north, north_west = (
            flat[first - back : last - back + 1 : width] for back in (1, stride, stride + 1)
        )
        flat[first : last + 1 : width] += _prediction(west, north, north_west)
    planes = padded[1:, 1:].reshape(residual.shape)
    green, red, blue = (planes[..., plane] for plane in range(3))
    offset = green - np.uint8(128)
    pixels = np.stack([red + offset, green, blue + offset], axis=-1)
    return np.ascontiguousarray(np.moveaxis(pixels, (0, 1), (-2, -1)))


def _prediction(west: np.ndarray, north: np.ndarray, north_west: np.ndarray) -> np.ndarray:
    low, high = np.minimum(west, north), np.maximum(west, north)
    return west + north - np.maximum(low, np.minimum(high, north_west))


def _checked(array: np.ndarray) -> np.ndarray:
    array = np.asarray(array)
    if array.dtype != np.uint8 or array.ndim < 3 or array.shape[-3] != 3:
        raise ValueError(
            f"hydranet.predictive_rgb takes uint8 [..., 3, H, W], got {array.dtype} {array.shape}"
        )
    return array
