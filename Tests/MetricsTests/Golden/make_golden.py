"""Makes golden.json: what NumPy, SciPy and cleanlab say of made-up answers.

    python make_golden.py > golden.json        # numpy, scipy, cleanlab
"""

import json

import numpy as np
from cleanlab.count import compute_confident_joint
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

random = np.random.default_rng(15)


def calibration_error(probabilities, labels, bins=15):
    """Guo et al. 2017, as their published code bins: above the lower, up to the upper bound."""
    confidence = probabilities.max(1)
    right = probabilities.argmax(1) == labels
    edges = np.linspace(0, 1, bins + 1)
    error, counts = 0.0, []
    for low, high in zip(edges[:-1], edges[1:]):
        inside = (confidence > low) & (confidence <= high)
        counts.append(int(inside.sum()))
        if inside.any():
            error += inside.mean() * abs(confidence[inside].mean() - right[inside].mean())
    return error, counts


def head(logits, rows, labels):
    """`rows` are the logits as a softmax takes them."""

    def loss(inverse):
        return -log_softmax(rows * inverse, axis=1)[np.arange(len(labels)), labels].mean()

    best = minimize_scalar(loss, bounds=(0.05, 20), method="bounded", options={"xatol": 1e-12})
    temperature = 1 / best.x
    before, counts = calibration_error(softmax(rows, axis=1), labels)
    scores = 1 - softmax(rows, axis=1)[np.arange(len(labels)), labels]
    n = len(scores)
    return {
        "logits": [float(x) for x in logits.ravel()],
        "labels": [int(x) for x in labels],
        "ece": before,
        "counts": counts,
        "temperature": temperature,
        "ece_after": calibration_error(softmax(rows / temperature, axis=1), labels)[0],
        "doubts": doubts(rows.astype(np.float64), labels),
        "threshold90": float(np.quantile(scores, np.ceil((n + 1) * 0.9) / n, method="inverted_cdf")),
    }


def doubts(rows, labels):
    """Indices off the diagonal of the confident joint, and by how much the answer is more probable."""
    probabilities = softmax(rows, axis=1)
    _, indices = compute_confident_joint(
        labels, probabilities, calibrate=False, return_indices_of_off_diagonals=True
    )
    indices = sorted(int(i) for i in indices)
    thresholds = [probabilities[labels == k, k].mean() for k in range(rows.shape[1])]
    chosen = np.where(probabilities >= thresholds, probabilities, -1)[indices]
    margins = chosen.max(1) - probabilities[indices, labels[indices]]
    return {"samples": indices, "answers": [int(x) for x in chosen.argmax(1)], "scores": margins.tolist()}


n = 400
classes = 5
labels = random.integers(0, classes, n)
logits = (random.normal(0, 3, (n, classes)) + 2.5 * np.eye(classes)[labels]).astype(np.float32)
binary_labels = random.integers(0, 2, n)
binary = (random.normal(0, 4, n) + 3 * (2 * binary_labels - 1)).astype(np.float32)
rows = np.stack([np.zeros(n), binary], axis=1)
values = random.normal(0, 1, 101)
print(
    json.dumps(
        {
            "categorical": head(logits, logits.astype(np.float64), labels),
            "binary": head(binary, rows, binary_labels),
            "values": [float(x) for x in values],
            "percentiles": [float(np.percentile(values, q)) for q in (2.5, 50, 97.5)],
        }
    )
)
