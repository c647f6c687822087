"""Shard stores as PyTorch knows data: a loader, and a data set for its own `DataLoader`.

>>> from hydranet.torch import ShardLoader
>>> with ShardLoader("data/shards/utkface-32", batch_size=256, seed=1, device="cuda") as loader:
...     for batch in loader:                             # one epoch
...         loss(model(batch.image), batch.age)

JAX and others take batches by DLPack, without a copy: `jax.dlpack.from_dlpack(batch.image)`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from ._loader import Loader, Normalize, label_values
from ._store import Store

__all__ = ["ShardDataset", "ShardLoader"]

IMAGENET = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class ShardLoader(Loader):
    """`hydranet.Loader` with tensors, in pinned memory or on a device if wanted.

    It takes the place of a `DataLoader`, and starts no process.
    """

    def __init__(
        self, store: Store | str | os.PathLike[str], split: str = "train", *,
        pin_memory: bool = False, device: str | torch.device | None = None, **options: Any,
    ) -> None:
        """The options are those of `hydranet.Loader`.

        pin_memory: tensors are copied into pinned memory, from where `.to("cuda",
        non_blocking=True)` does not wait; without CUDA it has no effect, as in `DataLoader`.
        device: where the tensors are to be; for CUDA through pinned memory, without waiting.
        """
        options.setdefault("out", "torch")
        if options["out"] != "torch":
            raise ValueError("a ShardLoader gives tensors of PyTorch; use hydranet.Loader")
        super().__init__(store, split, **options)
        target = torch.device("cpu" if device is None else device)
        pins = torch.cuda.is_available() and (pin_memory or target.type == "cuda")
        if pins or target.type != "cpu":
            self._convert = _moved(self._convert, pins, target)
            self._convert_image = _moved(self._convert_image, pins, target)


def _moved(
    convert: Callable[[NDArray[Any]], Tensor], pins: bool, device: torch.device
) -> Callable[[NDArray[Any]], Tensor]:
    def moved(array: NDArray[Any]) -> Tensor:
        tensor = convert(array)
        if pins:
            tensor = tensor.pin_memory()
        # Memory that is not pinned is lent, so its copy must be done before it goes back.
        return tensor.to(device, non_blocking=pins)

    return moved


class ShardDataset(Dataset[dict[str, Any]]):
    """A split by sample numbers, for `DataLoader` with any sampler, transforms and workers.

    A sample is a dict: `image` [3, H, W], float32 normalized (or uint8 where `normalize` is
    "none"), every label column, and `index`. `DataLoader` asks for a whole batch at a time, which
    is decoded in one call. Workers may be forked or spawned.

    For speed use `ShardLoader`.
    """

    def __init__(
        self, store: Store | str | os.PathLike[str], split: str = "train", *,
        normalize: Normalize = "imagenet", columns: Sequence[str] | None = None,
        transform: Callable[[Tensor], Tensor] | None = None,
    ) -> None:
        """normalize: as of `hydranet.Loader`. transform: of each image, after it."""
        self.store = store if isinstance(store, Store) else Store(store)
        self.split = split
        self.transform = transform
        samples = self.store[split]
        if columns is None:
            columns = [c.name for c in self.store.columns.values() if c.role == "label"]
        self._labels = {
            name: torch.from_numpy(label_values(
                samples[name], samples.missing(name), self.store.columns[name], "torch").copy())
            for name in columns}
        self._scaling = None
        if normalize != "none":
            about = self.store.dataset
            mean, std = {
                "imagenet": IMAGENET, None: ((0.0,) * 3, (1.0,) * 3),
                "dataset": (about.get("channel_mean"), about.get("channel_std")),
            }[normalize] if normalize is None or isinstance(normalize, str) else normalize
            self._scaling = tuple(
                torch.tensor(values, dtype=torch.float32).view(3, 1, 1) for values in (mean, std))

    def __len__(self) -> int:
        return len(self.store[self.split])

    def __getitem__(self, index: int) -> dict[str, Any]:
        return self.__getitems__([index])[0]

    def __getitems__(self, indices: Sequence[int]) -> list[dict[str, Any]]:
        numbers = np.asarray(indices, np.int64)
        images = torch.from_numpy(self.store[self.split].read(numbers))
        if self._scaling is not None:
            mean, std = self._scaling
            images = (images.float() / 255 - mean) / std
        return [
            {"image": image if self.transform is None else self.transform(image),
             "index": number, **{name: values[number] for name, values in self._labels.items()}}
            for number, image in zip(numbers.tolist(), images)]
