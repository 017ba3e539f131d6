"""What scikit-learn and numpy say of a classification: scores of each class, the
confusion matrix, difficulty and the best three classes.

numpy 2.4.6, scikit-learn 1.9.1
"""

import json
import pathlib

import numpy as np
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support, top_k_accuracy_score

CLASSES = 6  # class 4 is never a target, class 5 is neither target nor prediction

rng = np.random.default_rng(7)
targets = rng.integers(0, 4, 43)
logits = rng.normal(size=(43, CLASSES)).astype(np.float32) * 2
logits[np.arange(43), targets] += 1
logits[:, 5] -= 20
logits[7] *= 30  # a softmax that is 0 and 1
logits = logits.round(3)

wide = logits.astype(np.float64)
predicted = wide.argmax(1)
precision, recall, f1, support = precision_recall_fscore_support(
    targets, predicted, labels=range(CLASSES), zero_division=0
)
macro = precision_recall_fscore_support(
    targets, predicted, labels=range(CLASSES), zero_division=0, average="macro"
)
matrix = confusion_matrix(targets, predicted, labels=range(CLASSES))

shifted = wide - wide.max(1, keepdims=True)
softmax = np.exp(shifted) / np.exp(shifted).sum(1, keepdims=True)
one_hot = np.eye(CLASSES)[targets]
others = np.where(one_hot == 1, -np.inf, wide).max(1)
logs = np.log(softmax, where=softmax > 0, out=np.zeros_like(softmax))

best = np.argsort(-wide, 1)[:, :3]
golden = {
    "logits": logits.astype(float).round(3).tolist(),
    "targets": targets.tolist(),
    "precision": precision.tolist(),
    "recall": recall.tolist(),
    "f1": f1.tolist(),
    "support": support.tolist(),
    "macro": [float(score) for score in macro[:3]],
    "confusion": [[int(i), int(j), int(matrix[i, j])] for i, j in zip(*matrix.nonzero())],
    "margin": (wide[np.arange(43), targets] - others).tolist(),
    "entropy": (-(softmax * logs).sum(1)).tolist(),
    "el2n": np.linalg.norm(softmax - one_hot, axis=1).tolist(),
    "top3_predicted": best.tolist(),
    "top3_confidence": np.take_along_axis(softmax, best, 1).tolist(),
    "top3_accuracy": float(top_k_accuracy_score(targets, wide, k=3, labels=range(CLASSES))),
}
assert support[4] == 0 and 4 in predicted and 5 not in predicted
path = pathlib.Path(__file__).with_name("classification.json")
path.write_text(json.dumps(golden) + "\n")
