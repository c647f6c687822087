"""MTAN (Liu, Johns, Davison 2019) on a ResNet of basic blocks, as `hydra-train --model mtan` computes it.

Plain PyTorch, to check the engine against and to load its weights into:

    model = MTAN("resnet18", (1, 1, 5))
    model.load_state_dict(safetensors.torch.load_file("best.safetensors"), strict=True)

The layout is that of the authors' im2im_pred/model_resnet_mtan; docs/engine.md says what differs and why.
"""
from collections import OrderedDict

import torch
import torch.nn as nn
import torch.nn.functional as F
from torchvision import models


def head(n, out):
    return nn.Sequential(OrderedDict([("linear", nn.Linear(n, n)), ("relu1", nn.ReLU()), ("final", nn.Linear(n, out))]))


class Attention(nn.Module):
    """A task's mask of one stage, applied to what the stage's last block makes."""

    def __init__(self, inputs, channels):
        super().__init__()
        middle = max(channels // 4, 64)
        self.conv1 = nn.Conv2d(inputs, middle, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(middle)
        self.conv2 = nn.Conv2d(middle, channels, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)

    def forward(self, x, top):
        return torch.sigmoid(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))) * top


class Encoder(nn.Module):
    """Brings attended features to the next stage's size and depth; all tasks go through the same one in turn."""

    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, 2 * channels, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(2 * channels)

    def forward(self, x):
        return F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 2, ceil_mode=True)


class MTAN(nn.Module):
    def __init__(self, architecture, outputs):
        super().__init__()
        net = getattr(models, architecture)(weights=None)
        net.fc = nn.Identity()
        channels = [64, 128, 256, 512]
        net.encoder = nn.Sequential(OrderedDict((f"layer{s + 1}", Encoder(channels[s])) for s in range(3)))
        for t in range(len(outputs)):
            setattr(net, f"attention{t + 1}", nn.ModuleDict(
                {f"layer{s + 1}": Attention(c if s == 0 else 2 * c, c) for s, c in enumerate(channels)}))
        for t, k in enumerate(outputs):
            setattr(net, f"fc{t + 1}", head(512, k))
        self.net = net
        self.count = len(outputs)

    def forward(self, x):
        net = self.net
        x = net.maxpool(net.relu(net.bn1(net.conv1(x))))
        attended = [None] * self.count
        for s in range(1, 5):
            stage = getattr(net, f"layer{s}")
            bottom = stage[:-1](x)
            x = stage[-1](bottom)
            for t in range(self.count):
                attention = getattr(net, f"attention{t + 1}")[f"layer{s}"]
                attended[t] = attention(bottom if s == 1 else torch.cat((bottom, attended[t]), 1), x)
            if s < 4:
                encoder = net.encoder[s - 1]
                attended = [encoder(a) for a in attended]
        return [getattr(net, f"fc{t + 1}")(a.mean((2, 3))) for t, a in enumerate(attended)]
