"""A store, its splits and columns."""

from __future__ import annotations

import json
import os
import weakref
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._library import checked, library

# Samples decoded by one call; between calls Python looks after signals.
_READ_AT_ONCE = 4096


@dataclass(frozen=True)
class Column:
    """What a column holds: `width` values for every sample."""

    name: str
    role: str
    """label, group, fold, provenance, measure or teacher."""
    kind: str
    """number, class (the number of one, from 0) or bytes."""
    dtype: np.dtype
    width: int
    classes: tuple[str, ...]
    """The names of the classes, by number; empty where they have none."""
    unit: str | None
    missing: int | float | None
    """What stands for a value that is not known; None for bytes, which always are."""

    @classmethod
    def _of(cls, json: dict[str, Any]) -> Column:
        dtype = np.dtype(json["type"])
        missing = None if json["kind"] == "bytes" else json["missing"]
        if isinstance(missing, str):
            missing = float(missing) if dtype.kind == "f" else int(missing)
        return cls(
            json["name"], json["role"], json["kind"], dtype, json["width"],
            tuple(json.get("classes", ())), json.get("unit"), missing)


class Split:
    """The samples of one split. `len` is their number."""

    def __init__(self, store: Store, name: str, samples: int) -> None:
        self._store = store
        self._samples = samples
        self._values: dict[str, NDArray[Any]] = {}
        self.name = name

    def __len__(self) -> int:
        return self._samples

    def __getitem__(self, column: str) -> NDArray[Any]:
        """A column: [N], or [N, width] where it is wider; of the stored type, read-only."""
        if column not in self._values:
            description = self._store.columns.get(column)
            if description is None:
                raise KeyError(
                    f"no column {column!r}; there are {', '.join(self._store.columns)}")
            shape = (len(self),) if description.width == 1 else (len(self), description.width)
            values = np.empty(shape, description.dtype)
            checked(library.hydranet_column(
                self._store._open(), self.name.encode(), column.encode(), values.ctypes.data,
                values.nbytes))
            values.flags.writeable = False
            self._values[column] = values
        return self._values[column]

    def missing(self, column: str) -> NDArray[np.bool_]:
        """Where a column has no value: a mask of the column's shape."""
        values = self[column]
        missing = self._store.columns[column].missing
        if missing is None:
            return np.zeros(values.shape, np.bool_)
        return np.isnan(values) if missing != missing else values == missing

    def read(self, indices: ArrayLike | slice = slice(None)) -> NDArray[np.uint8]:
        """Decodes samples, in the order given: uint8 [count, 3, size, size], R, G, B planes."""
        if isinstance(indices, slice):
            indices = np.arange(*indices.indices(len(self)))
        numbers = np.asarray(indices)
        if numbers.ndim != 1 or numbers.size and numbers.dtype.kind not in "iu":
            raise TypeError("indices must be one list of integers")
        numbers = np.ascontiguousarray(numbers, np.int64)
        handle, size = self._store._open(), self._store.image_size
        images = np.empty((len(numbers), 3, size, size), np.uint8)
        for start in range(0, len(numbers), _READ_AT_ONCE):
            some, output = numbers[start:start + _READ_AT_ONCE], images[start:]
            checked(library.hydranet_read(
                handle, self.name.encode(), some.ctypes.data, len(some), output.ctypes.data,
                output.nbytes))
        return images

    def __repr__(self) -> str:
        return f"<Split {self.name}: {len(self)} samples>"


class _Unclosed(weakref.ref["Store"]):
    """Closes a store that is gone, and runs no Python code for it: Python drops a KeyboardInterrupt
    that arrives in a finalizer, and the garbage collector, which finds stores, takes long enough
    for one to come. ctypes passes a reference that is called back as its `_as_parameter_`."""

    __slots__ = ("_as_parameter_",)

    @classmethod
    def add(cls, store: Store, handle: int) -> None:
        for number in [number for number, other in list(_unclosed.items()) if other() is None]:
            _unclosed.pop(number, None)
        reference = cls(store, library.hydranet_close)
        reference._as_parameter_ = handle
        store._reference = reference
        _unclosed[id(reference)] = reference


# By their own numbers. Those of stores that are gone stay until the next one is opened.
_unclosed: dict[int, _Unclosed] = {}


class Store(Mapping[str, Split]):
    """A shard store, opened and checked: a mapping from the names of its splits to them.

    Safe to share between threads, and with children of fork. A store that another one replaces on
    disk stays as it was when it was opened.
    """

    _handle: int | None = None
    _reference: _Unclosed | None = None

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Raises HydraNetError if the folder does not hold a store, or the store is damaged."""
        name = os.fsencode(path)
        if b"\0" in name:
            raise ValueError("a path cannot contain a zero byte")
        handles: list[int | None] = []
        try:
            # One step, so that Ctrl-C cannot come between the call and its result, and lose it.
            handles.extend(map(library.hydranet_open, (name,)))
            _Unclosed.add(self, checked(handles[0]))
        except BaseException:
            if self._reference is None and any(handles):
                library.hydranet_close(handles[0])
            raise
        self._handle = handles[0]
        length = checked(library.hydranet_describe(self._handle, None, 0))
        text = bytearray(length)
        buffer = np.frombuffer(text, np.uint8)
        checked(library.hydranet_describe(self._handle, buffer.ctypes.data, length))
        description = json.loads(text)
        self.path: str = os.fspath(path)
        self.version: int = description["version"]
        """Of the format on disk."""
        self.nbytes: int = description["bytes"]
        """Of all files of the store."""
        self.identity: dict[str, Any] = description["identity"]
        """Hashes: of the metadata, of the content, of the members of each split."""
        self.dataset: dict[str, Any] = description["dataset"]
        """What the builder says of the data, such as `channel_mean`."""
        self.image_size: int = description["image"]["size"]
        self.codec: str = description["image"]["codec"]
        self.columns: dict[str, Column] = {
            column["name"]: Column._of(column) for column in description["columns"]}
        self._splits = {
            split["name"]: Split(self, split["name"], split["samples"])
            for split in description["splits"]}

    def __getitem__(self, split: str) -> Split:
        if split not in self._splits:
            raise KeyError(f"no split {split!r} in {self.path}; there are {', '.join(self)}")
        return self._splits[split]

    def __iter__(self) -> Iterator[str]:
        return iter(self._splits)

    def __len__(self) -> int:
        return len(self._splits)

    def _open(self) -> int:
        if self._handle is None:
            raise ValueError(f"the store {self.path} was closed")
        return self._handle

    def close(self) -> None:
        """Gives its memory back. Loaders that are open go on."""
        handle, self._handle = self._handle, None
        if handle is not None:
            _unclosed.pop(id(self._reference), None)
            self._reference = None
            library.hydranet_close(handle)

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __reduce__(self) -> tuple[type[Store], tuple[str]]:
        return Store, (self.path,)

    def __repr__(self) -> str:
        splits = ", ".join(f"{split.name} {len(split)}" for split in self.values())
        return f"<Store {self.path}: {self.image_size} px, {splits}>"
