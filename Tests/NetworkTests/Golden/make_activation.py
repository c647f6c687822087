"""Makes activation.json: Grad-CAM maps by PyTorch's autograd, for ActivationMapperTests.

    python make_activation.py        # needs torch and torchvision; a few seconds

Weights and images are those of make_golden.py. A map is that of the deepest layer of at least 4×4 pixels:
ReLU of the sum over its channels, each times the mean of the answer's gradient over the layer's pixels
(Selvaraju et al., ICCV 2017).
"""

import torch

from make_golden import build, images, write

# By task: age, a number; gender, as class 0 says it; race, by its third class. Against the answer where
# nothing speaks for it: a map of zeros would prove little.
SLOPES = [[1.0], [-1.0], [0.0, 0.0, 1.0, 0.0, 0.0]]


def maps(case):
    model = build(case).double().eval()
    kept = {}
    for layer in ("layer1", "layer2", "layer3", "layer4"):
        getattr(model.net, layer).register_forward_hook(lambda m, i, out, layer=layer: kept.__setitem__(layer, out))
    logits = model(images(case, torch.float64))
    layer = [name for name, out in kept.items() if min(out.shape[2:]) >= 4][-1]
    activations = kept[layer]
    found, used = [], []
    for output, slopes in zip(logits, SLOPES):
        # Each sample's answer depends on that sample alone.
        answer = (output * torch.tensor(slopes, dtype=torch.float64)).sum()
        gradient, = torch.autograd.grad(answer, activations, retain_graph=True)
        weights = gradient.mean(dim=(2, 3), keepdim=True)
        sums = (weights * activations).sum(dim=1)
        sign = 1 if sums.max() > 0 else -1
        used.append([sign * slope for slope in slopes])
        found.append(torch.relu(sign * sums).flatten().tolist())
    return dict(case, layer=layer, mapSize=list(activations.shape[2:]), slopes=used, maps=found)


if __name__ == "__main__":
    write("activation.json", [maps(dict(architecture=a, batch=b, size=s, images="images 0")) for a, b, s in [
        ("resnet18", 3, (32, 32)), ("resnet18", 2, (64, 72)), ("resnet34", 2, (40, 72)), ("resnet18", 1, (128, 144))]])
