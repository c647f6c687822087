"""Makes golden.json: what PyTorch says about schedules, metrics and task balancing.

    python make_golden.py > golden.json
"""
import json
import math

import torch
from torch.optim.lr_scheduler import CosineAnnealingLR, OneCycleLR, StepLR


def one_cycle(total, **options):
    p = torch.nn.Parameter(torch.zeros(1))
    opt = torch.optim.SGD([p], lr=0.02, momentum=0.9)
    schedule = OneCycleLR(opt, 0.02, total_steps=total, **options)
    rows = []
    for _ in range(total):
        rows.append([opt.param_groups[0]["lr"], opt.param_groups[0]["momentum"]])
        opt.step()
        if len(rows) < total:
            schedule.step()
    return rows


def closed(make, total):
    p = torch.nn.Parameter(torch.zeros(1))
    opt = torch.optim.SGD([p], lr=0.5)
    schedule = make(opt)
    rates = []
    for _ in range(total):
        rates.append(opt.param_groups[0]["lr"])
        opt.step()
        schedule.step()
    return rates


def uncertainty(losses, kinds, steps, lr):
    """Adam on s = log sigma^2 with constant losses."""
    s = torch.zeros(len(losses), dtype=torch.float64, requires_grad=True)
    opt = torch.optim.Adam([s], lr=lr)
    rows = []
    for _ in range(steps):
        scale = torch.tensor([0.5 if k == "regression" else 1.0 for k in kinds], dtype=torch.float64)
        total = (scale * torch.exp(-s) * torch.tensor(losses, dtype=torch.float64) + s / 2).sum()
        rows.append([total.item()] + (scale * torch.exp(-s)).tolist())
        opt.zero_grad()
        total.backward()
        opt.step()
    return rows


def gradnorm(steps, lr, alpha):
    """Three tasks on one shared matrix W and fixed inputs; W does not move, the weights do."""
    torch.manual_seed(3)
    w = torch.randn(4, 3, dtype=torch.float64, requires_grad=True)
    x = torch.randn(8, 4, dtype=torch.float64)
    targets = [torch.randn(8, 3, dtype=torch.float64) * k for k in (1, 3, 0.2)]
    weights = torch.ones(3, dtype=torch.float64, requires_grad=True)
    opt = torch.optim.Adam([weights], lr=lr)
    first, rows = None, []
    for step in range(steps):
        drift = 1 - 0.02 * step * torch.tensor([1.0, 2.0, 0.5], dtype=torch.float64)
        losses = torch.stack([((x @ w - t) ** 2).mean() for t in targets]) * drift
        plain = [torch.autograd.grad(l, w, retain_graph=True)[0].norm() for l in losses]
        norms = torch.stack([weights[i] * plain[i].detach() for i in range(3)])
        first = losses.detach() if first is None else first
        rate = losses.detach() / first
        target = (norms.mean() * (rate / rate.mean()) ** alpha).detach()
        rows.append({"losses": losses.tolist(), "norms": [p.item() for p in plain],
                     "weights": weights.tolist()})
        opt.zero_grad()
        (norms - target).abs().sum().backward()
        opt.step()
        with torch.no_grad():
            weights *= 3 / weights.sum()
    return rows


def pcgrad():
    """The paper's algorithm on the vectors themselves."""
    torch.manual_seed(5)
    cases = []
    for case in range(6):
        count = 2 + case % 3
        g = [torch.randn(6, dtype=torch.float64) for _ in range(count)]
        orders = [[j for j in torch.randperm(count).tolist() if j != i] for i in range(count)]
        total = torch.zeros(6, dtype=torch.float64)
        for i in range(count):
            own = g[i].clone()
            for j in orders[i]:
                dot = own @ g[j]
                if dot < 0:
                    own -= dot / (g[j] @ g[j]) * g[j]
            total += own
        cases.append({"gradients": [v.tolist() for v in g], "orders": orders, "sum": total.tolist()})
    return cases


def famo(steps, lr, decay):
    """FAMO as its authors' program computes it, the losses after a step being those of the next."""
    torch.manual_seed(11)
    logits = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    opt = torch.optim.Adam([logits], lr=lr, weight_decay=decay)
    losses = torch.tensor([14.0, 0.69, 1.6], dtype=torch.float64)
    before, rows = None, []
    for _ in range(steps):
        if before is not None:
            fall = (before + 1e-8).log() - (losses + 1e-8).log()
            opt.zero_grad()
            torch.softmax(logits, -1).backward(fall)
            opt.step()
        z = torch.softmax(logits.detach(), -1)
        shared = losses.clone().requires_grad_()
        d = shared + 1e-8
        objective = (d.log() * z / (z / d).sum().detach()).sum()
        rows.append({"losses": losses.tolist(),
                     "weights": torch.autograd.grad(objective, shared)[0].tolist()})
        before = losses
        losses = losses * (1 - 0.1 * torch.rand(3, dtype=torch.float64))
    return rows


def imtl_g():
    """The closed form of the paper, with matrices of whole vectors."""
    torch.manual_seed(13)
    cases = []
    for case in range(6):
        count = 2 + case % 4
        g = torch.randn(count, 8, dtype=torch.float64) * (1 + 5 * torch.rand(count, 1).double())
        unit = g / g.norm(dim=1, keepdim=True)
        d, u = g[:1] - g[1:], unit[:1] - unit[1:]
        rest = g[0] @ u.T @ torch.inverse(d @ u.T)
        alpha = torch.cat([1 - rest.sum(0, keepdim=True), rest])
        cases.append({"gradients": g.tolist(), "alpha": alpha.tolist()})
    return cases


def metrics():
    torch.manual_seed(7)
    age = torch.randint(1, 100, (50,)).float()
    predicted = age + torch.randn(50) * 8
    error = (predicted - age).double()
    decades = {}
    for a, e in zip(age.tolist(), error.abs().tolist()):
        decades.setdefault(int(a // 10) * 10, []).append(e)
    gender = torch.randint(0, 2, (50,))
    logits = (torch.randn(50) * 2).round() / 2 + gender  # many ties
    pairs = [(p, n) for p in logits[gender == 1].tolist() for n in logits[gender == 0].tolist()]
    auc = sum(1.0 if p > n else 0.5 if p == n else 0.0 for p, n in pairs) / len(pairs)
    positive = logits > 0
    tp = (positive & (gender == 1)).sum().item()
    fp = (positive & (gender == 0)).sum().item()
    fn = (~positive & (gender == 1)).sum().item()
    tn = (~positive & (gender == 0)).sum().item()
    race = torch.randint(0, 4, (50,))  # class 4 has no samples
    rows = torch.randn(50, 5) + torch.nn.functional.one_hot(race, 5) * 1.5
    named = rows.argmax(1)
    table = [[((race == i) & (named == j)).sum().item() for j in range(5)] for i in range(5)]
    f1 = []
    for k in range(5):
        denominator = sum(table[k]) + sum(r[k] for r in table)
        f1.append(2 * table[k][k] / denominator if denominator else 0.0)
    return {
        "age": age.tolist(), "predicted": predicted.tolist(), "mae": error.abs().mean().item(),
        "rmse": error.square().mean().sqrt().item(), "bias": error.mean().item(),
        "within": [(error.abs() <= k).double().mean().item() for k in (1, 5, 10)],
        "decades": [[k, len(v), sum(v) / len(v)] for k, v in sorted(decades.items())],
        "gender": gender.tolist(), "logits": logits.tolist(), "auc": auc,
        "accuracy": (tp + tn) / 50, "balanced": (tp / (tp + fn) + tn / (tn + fp)) / 2,
        "f1": 2 * tp / (2 * tp + fp + fn), "race": race.tolist(), "rows": rows.flatten().tolist(),
        "confusion": table, "race_accuracy": (named == race).double().mean().item(),
        "race_balanced": sum(table[k][k] / sum(table[k]) for k in range(4)) / 4,
        "macro_f1": sum(f1) / 5,
    }


print(json.dumps({
    "one_cycle": one_cycle(40),
    "one_cycle_custom": one_cycle(37, pct_start=0.25, div_factor=10, final_div_factor=100,
                                  base_momentum=0.8, max_momentum=0.9),
    "one_cycle_still": one_cycle(20, cycle_momentum=False),
    "step": closed(lambda o: StepLR(o, 3, 0.1), 12),
    "cosine": closed(lambda o: CosineAnnealingLR(o, 12, eta_min=0.05), 12),
    "uncertainty": uncertainty([14.0, 0.69, 1.6], ["regression", "binary", "categorical"], 20, 0.025),
    "gradnorm": gradnorm(15, 0.025, 1.5),
    "dwa": [3 * v for v in torch.softmax(
        torch.tensor([0.5 / 1.0, 0.9 / 1.0, 1.2 / 2.0], dtype=torch.float64) / 2, 0).tolist()],
    "gls": math.prod([14.0, 0.69, 1.6]) ** (1 / 3),
    "pcgrad": pcgrad(),
    "famo": famo(15, 0.025, 0.01),
    "imtl_g": imtl_g(),
    "metrics": metrics(),
}))
