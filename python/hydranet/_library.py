"""libhydranet.so by ctypes; include/hydranet.h documents the functions."""

from __future__ import annotations

import ctypes
import os
from ctypes import POINTER, c_char_p, c_int64, c_void_p
from pathlib import Path


class HydraNetError(RuntimeError):
    """What went wrong, in one sentence: what, where, what was expected, what to do."""


def _load() -> ctypes.CDLL:
    path = os.environ.get("HYDRANET_LIBRARY") or Path(__file__).with_name("libhydranet.so")
    # On an older processor the first AVX2 instruction would end the process without a word.
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as lines:
        flags = next((line.split() for line in lines if line.startswith("flags")), [])
    if not {"avx2", "fma"} <= set(flags):
        raise ImportError("hydranet needs an x86-64 processor with AVX2 and FMA (2013 or newer)")
    try:
        library = ctypes.CDLL(os.fspath(path))
    except OSError as error:
        raise ImportError(
            f"{path} cannot be loaded ({error}); install the package with pip, which builds it"
        ) from error
    signatures = {
        "hydranet_last_error": (c_char_p, []),
        "hydranet_open": (c_void_p, [c_char_p]),
        "hydranet_close": (None, [c_void_p]),
        "hydranet_describe": (c_int64, [c_void_p, c_void_p, c_int64]),
        "hydranet_column": (c_int64, [c_void_p, c_char_p, c_char_p, c_void_p, c_int64]),
        "hydranet_read": (
            c_int64, [c_void_p, c_char_p, c_void_p, c_int64, c_void_p, c_int64]),
        "hydranet_filter_decode": (
            c_int64, [c_void_p, c_int64, c_int64, c_int64, c_void_p]),
        "hydranet_filter_encode": (
            c_int64, [c_void_p, c_int64, c_int64, c_int64, c_void_p]),
        "hydranet_steps_per_epoch": (c_int64, [c_void_p, c_char_p]),
        "hydranet_stream_open": (c_void_p, [c_void_p, c_char_p]),
        "hydranet_stream_next": (c_int64, [c_void_p, c_int64, POINTER(c_int64)]),
        "hydranet_stream_close": (None, [c_void_p]),
        "hydranet_batch_release": (None, [c_void_p]),
    }
    for name, (result, arguments) in signatures.items():
        function = getattr(library, name)
        function.restype = result
        function.argtypes = arguments
    return library


library = _load()


def failure() -> HydraNetError:
    """The calling thread's last error, to be raised."""
    text = library.hydranet_last_error()
    return HydraNetError(text.decode("utf-8", "replace") if text else "unknown error")


def checked(result: int | None) -> int:
    """The result of a call that answers NULL or a negative number where it failed."""
    if result is None or result < 0:
        raise failure()
    return result
