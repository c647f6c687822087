"""Writes the golden files of WeightFilesTests with PyTorch, safetensors and ONNX: python make_golden.py

PyTorch names legacy storages by their address, so those files differ from run to run.
Values follow a rule that the tests repeat: element i of a tensor is (i * 37 % 101 - 50) / 8, which
every floating-point type here holds exactly; for integers (i * 37 % 101), for booleans i % 3 == 0.
"""
import copyreg
import io
import os
import pickle
import struct
import tarfile
from collections import OrderedDict

import onnx
import torch
from onnx import helper
from safetensors.torch import save_file
from torch import nn

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


class Tiny(nn.Module):
    """A state dict as networks have it: floats, BatchNorm statistics, an I64 counter, strides, tied weights."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(2)
        self.fc = nn.Linear(4, 4)
        self.tied = nn.Linear(4, 4)
        with torch.no_grad():
            for p in list(self.parameters()) + [self.bn1.running_mean, self.bn1.running_var]:
                p.copy_(values(list(p.shape), torch.float32))
        self.tied.weight = self.fc.weight
        self.to(memory_format=torch.channels_last)


def strided():
    storage = values([6, 4], torch.float32)
    return OrderedDict(rows=storage[:2], columns=storage[2:].t(), every_second=values([10], torch.float32)[1::2])


def gemm():
    """The graph that ONNXTests builds, by ONNX's own helper."""
    weight = onnx.numpy_helper.from_array(values([2, 3], torch.float32).numpy(), "w")
    info = lambda name, size: helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["N", size])
    node = helper.make_node("Gemm", ["x", "w"], ["y"], name="y", alpha=0.5, note="é", pads=[1, 300, -1], transB=1)
    graph = helper.make_graph([node], "g", [info("x", 3)], [info("y", 2)], [weight])
    model = helper.make_model(
        graph, ir_version=8, opset_imports=[helper.make_opsetid("", 17)], producer_name="hydra-train")
    helper.set_model_props(model, {"k": "v"})
    with open("gemm.onnx", "wb") as file:
        file.write(model.SerializeToString(deterministic=True))


class OldPickler(pickle.Pickler):
    """Names tensors by number, and gives parameters their state as PyTorch before 0.1.10 did, in both of its ways."""

    def __init__(self, file, tensors):
        super().__init__(file, 2)
        self.tensors = tensors

    def persistent_id(self, value):
        if type(value) is torch.Tensor:
            self.tensors.append(value)
            return str(OLD_KEY + len(self.tensors))
        return None

    def reducer_override(self, value):
        if isinstance(value, nn.Parameter):
            if value.ndim == 1:
                return copyreg.__newobj__, (nn.Parameter,), (value.data, None, OrderedDict(), True, False)
            return nn.Parameter, (value.data,), (True, False, OrderedDict())
        return NotImplemented


OLD_KEY = 140_000_000_000_000


def save_tar(state, path):
    """What torch.serialization._legacy_load.legacy_load reads; that it does is checked at the end."""
    tensors, members = [], {name: io.BytesIO() for name in ["sys_info", "pickle", "tensors", "storages"]}
    pickle.dump({"protocol_version": 1000, "little_endian": True}, members["sys_info"], 2)
    OldPickler(members["pickle"], tensors).dump(state)
    for name in ["tensors", "storages"]:
        pickle.dump(len(tensors), members[name], 2)
    for i, tensor in enumerate(tensors, 1):
        storage = getattr(torch, {torch.float32: "Float", torch.int64: "Long"}[tensor.dtype] + "Storage")
        pickle.dump((OLD_KEY + i, 2 * OLD_KEY + i, storage), members["tensors"], 2)
        numbers = [*tensor.shape, *tensor.stride(), tensor.storage_offset()]
        members["tensors"].write(struct.pack(f"<ii{len(numbers)}q", tensor.ndim, 0, *numbers))
        pickle.dump((2 * OLD_KEY + i, "cpu", storage), members["storages"], 2)
        data = tensor.untyped_storage()
        members["storages"].write(struct.pack("<q", data.nbytes() // tensor.element_size()) + bytes(data))
    pickle.dump([], members["storages"], 2)
    with tarfile.open(path, "w:", format=tarfile.PAX_FORMAT) as tar:
        for name, member in members.items():
            info = tarfile.TarInfo(name)
            info.size, info.mtime = member.tell(), 1484000000.25
            member.seek(0)
            tar.addfile(info, member)
    loaded = torch.load(path, weights_only=False)
    assert list(loaded) == list(state) and all(torch.equal(loaded[k], state[k]) for k in state)


def main():
    os.chdir(here)
    model = Tiny()
    state = OrderedDict((k, v) for k, v in model.state_dict().items())
    state.update(model.named_parameters())
    save_tar(state, "model.tar.pth")
    gemm()
    for legacy in [False, True]:
        name = lambda stem: stem + (".legacy.pth" if legacy else ".pth")
        save = lambda value, stem, **more: torch.save(
            value, name(stem), _use_new_zipfile_serialization=not legacy, **more)
        save(every_type(), "types")
        save(strided(), "strided")
        save(Tiny().state_dict(), "model")
        save(dict(Tiny().named_parameters()), "parameters", pickle_protocol=4)
        model = nn.DataParallel(Tiny())
        optimiser = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
        save({"epoch": 3, "best": torch.tensor(0.5), "arch": "tiny", "lr": [0.1, None, -1, 2**40],
              "state_dict": model.state_dict(), "optimizer": optimiser.state_dict()}, "checkpoint")
    save_file(every_type(), "types.safetensors", {"made": "by \"safetensors\"\n"})


if __name__ == "__main__":
    main()
