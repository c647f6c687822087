"""Writes the golden files of ModelFilesTests with PyTorch and safetensors: python make_golden.py

Values follow a rule that the tests repeat: element i of a tensor is (i * 37 % 101 - 50) / 8, which
every floating-point type here holds exactly; for integers (i * 37 % 101), for booleans i % 3 == 0.
"""
import os
from collections import OrderedDict

import torch
from safetensors.torch import save_file

here = os.path.dirname(os.path.abspath(__file__))


def values(shape, dtype):
    count = 1
    for size in shape:
        count *= size
    i = torch.arange(count)
    if dtype == torch.bool:
        return (i % 3 == 0).reshape(shape)
    if dtype.is_floating_point:
        return ((i * 37 % 101 - 50).double() / 8).to(dtype).reshape(shape)
    return (i * 37 % 101).to(dtype).reshape(shape)


TYPES = {
    "float32": torch.float32, "float64": torch.float64, "float16": torch.float16, "bfloat16": torch.bfloat16,
    "int64": torch.int64, "int32": torch.int32, "int16": torch.int16, "int8": torch.int8, "uint8": torch.uint8,
    "bool": torch.bool,
}


def every_type():
    tensors = OrderedDict((name, values([2, 3], dtype)) for name, dtype in TYPES.items())
    tensors["scalar"] = torch.tensor(7)
    tensors["empty"] = torch.zeros(0, 4)
    return tensors


def main():
    os.chdir(here)
    save_file(every_type(), "types.safetensors", {"made": "by \"safetensors\"\n"})


if __name__ == "__main__":
    main()
