"""Makes groups.json: what Fairlearn and scikit-learn say of made-up answers by group.

    python make_groups.py > groups.json        # fairlearn, scikit-learn
"""

import json

import numpy as np
from fairlearn.metrics import (
    MetricFrame,
    demographic_parity_difference,
    equalized_odds_difference,
    false_positive_rate,
    selection_rate,
    true_positive_rate,
)
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    f1_score,
    mean_absolute_error,
    mean_squared_error,
    roc_auc_score,
)

random = np.random.default_rng(8)
n = 600
group = random.choice(3, n, p=[0.6, 0.3, 0.1])
gender = random.integers(0, 2, n)
race = random.integers(0, 4, n)
age = random.integers(1, 90, n)
logits = (random.normal(0, 1, n) + (gender - 0.4) * (2 - 0.5 * group)).astype(np.float32)
rows = (random.normal(0, 1, (n, 4)) + (1.5 - 0.4 * group)[:, None] * np.eye(4)[race]).astype(
    np.float32
)
predicted = (age + random.normal(2 * group, 5 + 2 * group)).astype(np.float32)


def frame(metrics, truth, answers, sensitive=group):
    frame = MetricFrame(
        metrics=metrics, y_true=truth, y_pred=answers, sensitive_features=sensitive
    )
    return (
        {str(k): {m: float(v) for m, v in row.items()} for k, row in frame.by_group.T.items()},
        {m: float(v) for m, v in frame.difference().items()},
    )


def figures():
    """By task; the AUC's answers are logits, those of the others classes."""
    chosen = (logits > 0).astype(int)
    binary = frame(
        {
            "accuracy": accuracy_score,
            "balanced_accuracy": balanced_accuracy_score,
            "f1": f1_score,
            "selection_rate": selection_rate,
            "true_positive_rate": true_positive_rate,
            "false_positive_rate": false_positive_rate,
        },
        gender,
        chosen,
    )
    area = frame({"auc": roc_auc_score}, gender, logits)
    for key, row in area[0].items():
        binary[0][key].update(row)
    binary[1].update(area[1])
    yield "gender", binary
    yield "race", frame(
        {
            "accuracy": accuracy_score,
            "balanced_accuracy": balanced_accuracy_score,
            "macro_f1": lambda t, p: f1_score(t, p, average="macro"),
        },
        race,
        rows.argmax(1),
    )

    def within(limit):
        return lambda t, p: np.mean(np.abs(p.astype(float) - t) <= limit)

    yield "age", frame(
        {
            "mae": mean_absolute_error,
            "rmse": lambda t, p: mean_squared_error(t, p) ** 0.5,
            "bias": lambda t, p: np.mean(p.astype(float) - t),
            "within_1": within(1),
            "within_5": within(5),
            "within_10": within(10),
        },
        age,
        predicted.astype(np.float64),
    )


tasks = dict(figures())
chosen = (logits > 0).astype(int)
print(
    json.dumps(
        {
            "group": group.tolist(),
            "gender": gender.tolist(),
            "race": race.tolist(),
            "age": age.tolist(),
            "logits": logits.astype(float).tolist(),
            "rows": rows.ravel().astype(float).tolist(),
            "predicted": predicted.astype(float).tolist(),
            "figures": {task: by_group for task, (by_group, _) in tasks.items()},
            "gaps": {task: gaps for task, (_, gaps) in tasks.items()},
            "parity": demographic_parity_difference(
                gender, chosen, sensitive_features=group
            ),
            "odds": equalized_odds_difference(gender, chosen, sensitive_features=group),
        }
    )
)
