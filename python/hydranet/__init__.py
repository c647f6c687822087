"""Shard stores of hydranet: random access, and batches at the speed of the native loader.

>>> from hydranet import Loader, Store
>>> store = Store("data/shards/utkface-32")
>>> store["train"]["age"]                        # a NumPy array, one value a sample
>>> with Loader(store, "train", batch_size=256, seed=1, flip=True, out="torch") as loader:
...     for batch in loader:                     # one epoch
...         batch.image, batch.age, batch.index
"""

from ._batch import Batch
from ._library import HydraNetError
from ._loader import Loader
from ._store import Column, Split, Store

__all__ = ["Batch", "Column", "HydraNetError", "Loader", "Split", "Store"]
