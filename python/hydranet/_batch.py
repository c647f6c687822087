"""A batch, and the memory that it lends."""

from __future__ import annotations

import ctypes
import weakref
from collections import deque
from collections.abc import Callable
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._library import library

Convert = Callable[[NDArray[Any]], Any]


class Memory:
    """Stands for the buffers of one batch: every array of them refers to it, and to nothing else."""

    __slots__ = ("__weakref__",)


class Lent:
    """The batches that the library has lent, each until its `Memory` is gone.

    They are given back by `sweep`, and not by a finalizer: Python drops a KeyboardInterrupt that
    arrives in one, and so Ctrl-C would be lost.
    """

    def __init__(self) -> None:
        self._batches: dict[int, tuple[int, weakref.ref[Memory]]] = {}

    def __len__(self) -> int:
        return len(self._batches)

    def __contains__(self, handle: int) -> bool:
        return handle in self._batches

    def add(self, handle: int) -> Memory:
        memory = Memory()
        self._batches[handle] = handle, weakref.ref(memory)
        return memory

    def sweep(self) -> None:
        """Gives back what nothing refers to anymore."""
        free = [handle for handle, memory in self._batches.values() if memory() is None]
        # In one step, so that Ctrl-C cannot come between the two.
        deque(map(_release, map(_handle, map(self._batches.pop, free))), 0)

    def take(self, other: Lent) -> None:
        self._batches.update(other._batches)
        other._batches.clear()


_handle = itemgetter(0)
_release = library.hydranet_batch_release


class Block:
    """A way to see stretches of native memory of one type and shape as NumPy arrays."""

    def __init__(self, dtype: str, shape: tuple[int, ...]) -> None:
        self._dtype = np.dtype(dtype)
        self._shape = shape
        size = self._dtype.itemsize * int(np.prod(shape))
        self._type = type("NativeMemory", (ctypes.c_uint8 * size,), {})

    def view(self, address: int, count: int, owner: Memory) -> NDArray[Any]:
        """The first `count` rows; the array, and all views of it, keep the owner."""
        memory = self._type.from_address(address)
        memory.owner = owner
        array = np.frombuffer(memory, self._dtype).reshape(self._shape)
        return array if count == self._shape[0] else array[:count]


class Labels:
    """The columns of a split as batches have them."""

    def __init__(
        self, values: dict[str, NDArray[Any]], masks: dict[str, NDArray[np.bool_]]
    ) -> None:
        self.values = values
        self.masks = masks


class Batch:
    """Some samples of a split: images, labels, and which they are. `len` is their number.

    `image` is [N, 3, H, W], or [N, H, W, 3] as NumPy arrays of layout "nhwc". Each label column is
    an attribute, [N] or [N, width]; `batch["age"]` is the same. The memory is the batch's own as
    long as it, or an array or tensor of it, is referred to.
    """

    __slots__ = ("_convert", "_index", "_labels", "_values", "epoch", "image", "position")

    def __init__(
        self, image: Any, index: NDArray[np.int64], epoch: int, position: int, labels: Labels,
        convert: Convert
    ) -> None:
        self.image = image
        self.epoch = epoch
        self.position = position
        """Which batch of its epoch this is, from 0."""
        self._index = index
        self._labels = labels
        self._convert = convert
        self._values: dict[str, Any] = {}

    @property
    def index(self) -> Any:
        """int64 [N]: the numbers of the samples in their split."""
        return self._convert(self._index)

    def __len__(self) -> int:
        return len(self._index)

    def __getitem__(self, column: str) -> Any:
        """The labels of one column. An unknown class is -100, which PyTorch's losses ignore; any
        other value that is not known is the column's own `missing`: see `missing()`."""
        if column not in self._values:
            try:
                values = self._labels.values[column]
            except KeyError:
                raise KeyError(
                    f"no column {column!r}; the batch has {', '.join(self.columns)}") from None
            self._values[column] = self._convert(values[self._index])
        return self._values[column]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self[name]
        except KeyError as error:
            raise AttributeError(error.args[0]) from None

    def missing(self, column: str) -> Any:
        """bool, of the column's shape: where its value is not known."""
        self[column]
        return self._convert(self._labels.masks[column][self._index])

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(self._labels.values)

    def __repr__(self) -> str:
        return f"<Batch {self.position} of epoch {self.epoch}: {len(self)} samples>"
