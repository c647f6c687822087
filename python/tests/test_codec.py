"""Holds the vectorized filter against the plain formulas of docs/format.md, pixel by pixel."""

import numpy as np
import pytest
import zarr

from hydranet_zarr import PredictiveRGB, decode, encode
from hydranet_zarr import filter as filters

RANDOM = np.random.default_rng(7)


def formula(pixels):
    _, height, width = pixels.shape
    red, green, blue = pixels.astype(int)
    out = np.empty_like(pixels)
    for number, plane in enumerate([green, red - green + 128, blue - green + 128]):
        plane = plane % 256
        for y in range(height):
            for x in range(width):
                w = plane[y, x - 1] if x else 0
                n = plane[y - 1, x] if y else 0
                nw = plane[y - 1, x - 1] if x and y else 0
                e = (plane[y, x] - (w + n - max(min(nw, max(w, n)), min(w, n)))) % 256
                out[number, y, x] = 2 * e if e < 128 else 2 * (255 - e) + 1
    return out


@pytest.mark.parametrize("library", [True, False])
@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (5, 8), (8, 5), (17, 16), (40, 33)])
def test_encode_is_the_formula_and_decode_its_inverse(shape, library, monkeypatch):
    assert filters.library is not None
    if not library:
        monkeypatch.setattr(filters, "library", None)
    pixels = RANDOM.integers(0, 256, (3, *shape), dtype=np.uint8)
    folded = encode(pixels)
    np.testing.assert_array_equal(folded, formula(pixels))
    np.testing.assert_array_equal(decode(folded), pixels)


def test_any_number_of_leading_dimensions():
    pixels = RANDOM.integers(0, 256, (2, 4, 3, 6, 7), dtype=np.uint8)
    folded = encode(pixels)
    np.testing.assert_array_equal(folded[1, 2], encode(pixels[1, 2]))
    np.testing.assert_array_equal(decode(folded), pixels)


@pytest.mark.parametrize("bad", [np.zeros((3, 4, 4), np.int8), np.zeros((4, 4, 4), np.uint8)])
def test_other_arrays_are_refused(bad):
    with pytest.raises(ValueError, match="uint8"):
        decode(bad)


@pytest.mark.parametrize("batch_size", [1, 3])
def test_zarr_finds_the_codec_by_its_name(tmp_path, batch_size):
    pixels = RANDOM.integers(0, 256, (10, 3, 8, 8), dtype=np.uint8)
    # Sample 4 is nothing but the fill value, which zarr-python does not store at all.
    pixels[4] = 0
    with zarr.config.set({"codec_pipeline.batch_size": batch_size}):
        array = zarr.create_array(
            tmp_path / "store", shape=pixels.shape, shards=(4, 3, 8, 8), chunks=(1, 3, 8, 8),
            dtype="uint8", filters=[PredictiveRGB()], fill_value=0,
        )
        array[:] = pixels
        np.testing.assert_array_equal(zarr.open_array(tmp_path / "store", mode="r")[:], pixels)


def test_a_configuration_is_refused():
    with pytest.raises(ValueError, match="no configuration"):
        PredictiveRGB.from_dict({"name": "hydranet.predictive_rgb", "configuration": {"a": 1}})
