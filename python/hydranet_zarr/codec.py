"""The filter as a codec of zarr-python."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from zarr.abc.codec import ArrayArrayCodec

from hydranet_zarr.filter import decode, encode

NAME = "hydranet.predictive_rgb"


@dataclass(frozen=True)
class PredictiveRGB(ArrayArrayCodec):
    """Array-to-array codec, chunks of uint8 [..., 3, H, W]; it has no settings."""

    is_fixed_size = True

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        if data.get("configuration"):
            raise ValueError(f"{NAME} takes no configuration, got {data['configuration']}")
        return cls()

    def to_dict(self) -> dict[str, Any]:
        return {"name": NAME, "configuration": {}}

    def validate(self, *, shape: tuple[int, ...], dtype: Any, chunk_grid: Any) -> None:
        if len(shape) < 3 or shape[-3] != 3 or dtype.to_native_dtype() != np.uint8:
            raise ValueError(f"{NAME} takes uint8 arrays [..., 3, H, W], got {dtype} {shape}")

    def compute_encoded_size(self, input_byte_length: int, _chunk_spec: Any) -> int:
        return input_byte_length

    async def _decode_single(self, chunk_data: Any, chunk_spec: Any) -> Any:
        return chunk_spec.prototype.nd_buffer.from_numpy_array(decode(chunk_data.as_numpy_array()))

    async def _encode_single(self, chunk_data: Any, chunk_spec: Any) -> Any:
        return chunk_spec.prototype.nd_buffer.from_numpy_array(encode(chunk_data.as_numpy_array()))

    async def decode(self, chunks_and_specs: Iterable[tuple[Any, Any]]) -> Iterable[Any]:
        return await _in_one_go(decode, self._decode_single, chunks_and_specs)

    async def encode(self, chunks_and_specs: Iterable[tuple[Any, Any]]) -> Iterable[Any]:
        return await _in_one_go(encode, self._encode_single, chunks_and_specs)


async def _in_one_go(
    transform: Callable[[np.ndarray], np.ndarray],
    single: Callable[[Any, Any], Awaitable[Any]],
    chunks_and_specs: Iterable[tuple[Any, Any]],
) -> list[Any]:
    """One call of `transform` for a batch of chunks: a chunk is a sample, far too small for NumPy.

    zarr-python hands over as many as its setting `codec_pipeline.batch_size` says.
    """
    pairs = list(chunks_and_specs)
    present = [(chunk, spec) for chunk, spec in pairs if chunk is not None]
    if len({chunk.shape for chunk, _ in present}) != 1 or len(present) == 1:
        return [None if chunk is None else await single(chunk, spec) for chunk, spec in pairs]
    done = iter(transform(np.stack([chunk.as_numpy_array() for chunk, _ in present])))
    return [
        None if chunk is None else spec.prototype.nd_buffer.from_numpy_array(next(done))
        for chunk, spec in pairs
    ]
