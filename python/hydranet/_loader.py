"""Batches of a split, made by native threads while Python works."""

from __future__ import annotations

import _thread
import ctypes
import json
import os
import threading
import weakref
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ._batch import Batch, Block, Convert, Labels, Lent
from ._library import HydraNetError, checked, failure, library
from ._store import Column, Split, Store

Normalize = Literal["imagenet", "dataset"] | tuple[Sequence[float], Sequence[float]] | None

# How long a call waits before Python looks after signals.
_WAIT_MILLISECONDS = 50
# Batches that are lent out at a time. Who holds more gets copies of the others, so that threads
# always have a buffer to fill.
_LENT = 2
_UNKNOWN_CLASS = -100
# Types that PyTorch has no arithmetic for.
_TORCH_TYPES = {"uint16": "int32", "uint32": "int64", "uint64": "int64"}


class Loader:
    """An endless sequence of batches with a place in it; `for` goes on to the end of the epoch.

    The order and every value are a function of (seed, epoch, position) alone, and the same that
    `hydra-train` sees, whatever the number of threads.

    >>> with Loader("data/shards/utkface-32", "train", batch_size=64, seed=1) as loader:
    ...     for epoch in range(10):
    ...         for batch in loader:
    ...             train(batch.image, batch.age)

    A `for` that was left early is gone on with by the next one; `set_epoch` goes elsewhere. After a
    fork the child goes on where the parent was, with threads of its own.
    """

    def __init__(
        self, store: Store | str | os.PathLike[str], split: str = "train", *,
        batch_size: int = 128, shuffle: bool = True, seed: int = 0, epoch: int = 0,
        drop_last: bool = False, rank: int = 0, world_size: int = 1, flip: bool = False,
        crop_padding: int = 0, normalize: Normalize = "imagenet",
        dtype: Literal["float32", "uint8"] = "float32",
        layout: Literal["nchw", "nhwc"] = "nchw", out: Literal["numpy", "torch"] = "numpy",
        columns: Sequence[str] | None = None, threads: int | None = None,
        buffers: int | None = None, cache_bytes: int | None = None,
    ) -> None:
        """Checks everything; threads start with the first batch.

        flip: mirror half of the images. crop_padding: pad by so many black pixels and cut the
        image's size out at a random place. normalize: (pixel / 255 - mean) / std, by name or as
        (mean, std) of three values each; None for pixels from 0 to 1; of no effect on uint8.
        layout: "nhwc" is [N, H, W, 3] in NumPy, [N, 3, H, W] in channels_last in PyTorch.
        rank, world_size: this process's share of every step. columns: the labels wanted, by default
        all columns that are labels. threads: by default one a core. cache_bytes: decoded pixels
        kept in memory, by default all where that is at most 128 MiB.
        """
        # The stream, if there is one. A call into the library and the list's change are one step, so
        # that Ctrl-C cannot come between them and lose a stream with its threads.
        self._held = Lent()
        self._streams: list[int] = []
        self._closed = False
        self._lock = threading.Lock()
        self.store = store if isinstance(store, Store) else Store(store)
        self.split: Split = self.store[split]
        if out not in ("numpy", "torch"):
            raise ValueError(f'out must be "numpy" or "torch", got {out!r}')
        if epoch < 0:
            raise ValueError(f"the epoch must be at least 0, got {epoch}")
        if normalize is not None and not isinstance(normalize, str):
            mean, std = normalize
            normalize = {"mean": [float(v) for v in mean], "std": [float(v) for v in std]}
        # What decides which samples are in a batch: a saved state is of the same.
        self._order = {
            "split": split, "batch_size": batch_size, "shuffle": shuffle, "seed": seed,
            "drop_last": drop_last, "world_size": world_size,
        }
        self._options = self._order | {
            "rank": rank, "flip": flip, "crop_padding": crop_padding, "normalize": normalize,
            "dtype": dtype, "layout": layout, "threads": threads, "buffers": buffers,
            "cache_bytes": cache_bytes,
        }
        self._steps_per_epoch = checked(
            library.hydranet_steps_per_epoch(self.store._open(), self._json(0)))
        self._step = epoch * self._steps_per_epoch
        self._labels = self._take_labels(columns, out)
        self._convert, self._convert_image = _converters(out, layout)
        size = self.store.image_size
        shape = (3, size, size) if layout == "nchw" else (size, size, 3)
        self._images = Block(dtype, (batch_size, *shape))
        self._indices = Block("int64", (batch_size,))
        self._lent = _LENT if buffers is None else max(1, buffers // 2)
        _loaders.add(self)

    def _take_labels(self, columns: Sequence[str] | None, out: str) -> Labels:
        if columns is None:
            columns = [c.name for c in self.store.columns.values() if c.role == "label"]
        values = {}
        masks = {name: self.split.missing(name) for name in columns}
        for name in columns:
            values[name] = label_values(
                self.split[name], masks[name], self.store.columns[name], out)
        return Labels(values, masks)

    def __len__(self) -> int:
        """Batches of an epoch."""
        return self._steps_per_epoch

    @property
    def epoch(self) -> int:
        """Of the next batch."""
        return self._step // self._steps_per_epoch

    @property
    def position(self) -> int:
        """Of the next batch in its epoch, from 0."""
        return self._step % self._steps_per_epoch

    def set_epoch(self, epoch: int, position: int = 0) -> None:
        """Goes to another place; batches that were made ahead are dropped."""
        if epoch < 0 or not 0 <= position < self._steps_per_epoch:
            raise ValueError(
                f"no batch {position} in epoch {epoch}: expected an epoch from 0 and a position of "
                f"0 to {self._steps_per_epoch - 1}")
        step = epoch * self._steps_per_epoch + position
        with self._lock:
            if step != self._step:
                self._end_stream()
                self._step = step

    def state_dict(self) -> dict[str, Any]:
        """The place after the last batch delivered, and whose it is."""
        return {
            "epoch": self.epoch, "position": self.position, "order": dict(self._order),
            "identity": self.store.identity,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Goes to the place of a state of the same order on the same data.

        Raises HydraNetError where another order or store would give other batches.
        """
        for name, mine in self._order.items():
            saved = state["order"].get(name)
            if saved != mine:
                raise HydraNetError(
                    f"the state is of a loader with {name} {saved!r}, this one has {mine!r}; make "
                    f"it with the same")
        mine, saved = self.store.identity, state["identity"]
        key = "content_sha256" if "content_sha256" in mine else "metadata_sha256"
        if mine[key] != saved.get(key):
            raise HydraNetError(
                f"the state is of another store than {self.store.path}: its content differs")
        self.set_epoch(state["epoch"], state["position"])

    def __iter__(self) -> Iterator[Batch]:
        epoch = self.epoch
        while self.epoch == epoch:
            yield self.next()

    def next(self) -> Batch:
        """The next batch, across epochs without end."""
        with self._lock:
            if self._closed:
                raise ValueError("the loader was closed")
            view = (ctypes.c_int64 * 6)()
            try:
                if not self._streams:
                    self._open_stream()
                stream, = self._streams
                self._held.sweep()
                while (got := library.hydranet_stream_next(
                        stream, _WAIT_MILLISECONDS, view)) == 0:
                    pass
                if got < 0:
                    raise failure()
                step, epoch, count, image, index, handle = view
                memory = self._held.add(handle)
                images = self._images.view(image, count, memory)
                indices = self._indices.view(index, count, memory)
                if len(self._held) > self._lent:
                    images, indices = images.copy(), indices.copy()
                batch = Batch(
                    self._convert_image(images), indices, epoch, step % self._steps_per_epoch,
                    self._labels, self._convert)
                self._step = step + 1
                return batch
            except BaseException:
                # Also Ctrl-C between two lines: the next call begins anew at the same place.
                if view[5] and view[5] not in self._held:
                    library.hydranet_batch_release(view[5])
                self._end_stream()
                raise

    def close(self) -> None:
        """Ends and joins all threads. Batches that were delivered stay good."""
        with self._lock:
            self._closed = True
            self._end_stream()

    def _open_stream(self) -> None:
        store, options = self.store._open(), self._json(self._step)
        self._streams.extend(filter(None, map(
            library.hydranet_stream_open, (store,), (options,))))
        if not self._streams:
            raise failure()

    def _end_stream(self) -> None:
        last = [-1] * len(self._streams)
        deque(map(library.hydranet_stream_close, map(self._streams.pop, last)), 0)
        # What is still lent is given back by whichever loader comes next.
        with _ended_lock:
            _ended.take(self._held)
            _ended.sweep()

    def _json(self, step: int) -> bytes:
        return json.dumps(self._options | {"first_step": step}).encode()

    def __enter__(self) -> Loader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        # Nothing is left to do after `close`, and nothing was begun where `__init__` failed early.
        if not getattr(self, "_streams", None):
            return
        try:
            self._end_stream()
        except KeyboardInterrupt:
            # Python drops one that arrives here: it is sent again for when this has returned.
            self._end_stream()
            threading.Timer(0.01, _thread.interrupt_main).start()

    def __repr__(self) -> str:
        return (
            f"<Loader of {self.split!r}, {len(self)} batches of {self._order['batch_size']}, at "
            f"epoch {self.epoch}, position {self.position}>")


def label_values(
    values: NDArray[Any], mask: NDArray[np.bool_], column: Column, out: str
) -> NDArray[Any]:
    if column.kind == "class":
        values = values.astype(np.int64)
        values[mask] = _UNKNOWN_CLASS
    elif out == "torch" and values.dtype.name in _TORCH_TYPES:
        values = values.astype(_TORCH_TYPES[values.dtype.name])
    return values


def _converters(out: str, layout: str) -> tuple[Convert, Convert]:
    """What makes a label and an image of NumPy's arrays what was asked for; no copy is made."""
    if out == "numpy":
        return (lambda array: array), (lambda array: array)
    from torch import from_numpy

    if layout == "nchw":
        return from_numpy, from_numpy
    return from_numpy, lambda array: from_numpy(array).permute(0, 3, 1, 2)


_loaders: weakref.WeakSet[Loader] = weakref.WeakSet()
# Batches of streams that have ended.
_ended = Lent()
_ended_lock = threading.RLock()


def _after_fork() -> None:
    # The parent's threads are not here, and its locks are as they happened to be.
    global _ended, _ended_lock
    _ended, _ended_lock = Lent(), threading.RLock()
    for loader in _loaders:
        loader._lock = threading.Lock()
        loader._streams = []
        loader._held = Lent()


os.register_at_fork(after_in_child=_after_fork)
