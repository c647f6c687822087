"""Lets torchvision's models be imported beside a PyTorch without CUDA.

PyPI's torchvision is built for PyPI's PyTorch. Beside a build for processors alone its compiled
operators are missing, and importing anything of it fails at these two, which no model here uses.
"""
import importlib.util

if importlib.util.find_spec("torch") and importlib.util.find_spec("torchvision"):
    import torch

    try:
        import torchvision  # noqa: F401
    except RuntimeError:
        _operators = torch.library.Library("torchvision", "FRAGMENT")
        for _name in ("nms", "qnms"):
            _operators.define(f"{_name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
