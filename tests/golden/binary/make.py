"""What scikit-learn and numpy say of four labels a sample, and of the first of them
alone, at a threshold of 0.4.

numpy 2.4.6, scikit-learn 1.9.1
"""

import json
import pathlib

import numpy as np
from sklearn.metrics import confusion_matrix, hamming_loss, precision_recall_fscore_support

LABELS, THRESHOLD = 4, 0.4

rng = np.random.default_rng(7)
targets = rng.integers(0, 2, (43, LABELS))
targets[:, 3] = 0  # a label that no sample has, and that is never predicted
logits = (rng.normal(size=(43, LABELS)) * 2 + targets).astype(np.float32)
logits[:, 3] = -5
logits[4] = [60, -60, 90, -90]  # beyond what a plain exponential holds in 32 bits
logits = logits.round(3)

wide = logits.astype(np.float64)
loss = np.logaddexp(0, np.where(targets == 1, -wide, wide))
probability = 1 / (1 + np.exp(-wide))
predicted = (probability > THRESHOLD).astype(int)


def scores(targets, predicted, **options):
    each = precision_recall_fscore_support(targets, predicted, zero_division=0, **options)
    macro = precision_recall_fscore_support(
        targets, predicted, zero_division=0, average="macro", **options
    )
    names = ["precision", "recall", "f1", "support"]
    return {
        **{name: values.tolist() for name, values in zip(names, each)},
        "macro": [float(score) for score in macro[:3]],
    }


first = confusion_matrix(targets[:, 0], predicted[:, 0])
golden = {
    "logits": logits.astype(float).round(3).tolist(),
    "targets": targets.tolist(),
    "binary": {
        "loss": loss[:, 0].tolist(),
        "predicted": predicted[:, 0].tolist(),
        "accuracy": (predicted[:, 0] == targets[:, 0]).astype(int).tolist(),
        "confidence": np.where(
            predicted[:, 0] == 1, probability[:, 0], 1 - probability[:, 0]
        ).tolist(),
        "confusion": [[int(i), int(j), int(first[i, j])] for i, j in zip(*first.nonzero())],
        **scores(targets[:, 0], predicted[:, 0]),
    },
    "multi_label": {
        "loss": loss.mean(1).tolist(),
        "predicted": [row.nonzero()[0].tolist() for row in predicted],
        "confidence": [p[row == 1].tolist() for p, row in zip(probability, predicted)],
        "accuracy": (predicted == targets).all(1).astype(int).tolist(),
        "hamming": [hamming_loss(t, p) for t, p in zip(targets, predicted)],
        **scores(targets, predicted),
    },
}
path = pathlib.Path(__file__).with_name("binary.json")
path.write_text(json.dumps(golden) + "\n")
