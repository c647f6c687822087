"""Opens predictive shard stores in zarr-python: the codec ``hydranet.predictive_rgb``.

Installing the package is all there is to do; zarr-python finds the codec by its entry point.
"""

from hydranet_zarr.codec import PredictiveRGB
from hydranet_zarr.filter import decode, encode

__all__ = ["PredictiveRGB", "decode", "encode"]
