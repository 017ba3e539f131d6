"""Writes cases.json: labels and probabilities with what cleanlab makes of them.

    pip install cleanlab==2.9.0 numpy==2.4.6 scikit-learn==1.9.1
    python make.py

NumPy's default sort does not say which of equal values comes first and differs between
processors, so cleanlab runs with the stable sort here.
"""

import functools
import json
import pathlib
import sys

import numpy as np

np.argsort = functools.partial(np.argsort, kind="stable")

from cleanlab.count import compute_confident_joint, get_confident_thresholds
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_scores

FILTERS = [
    "prune_by_noise_rate",
    "prune_by_class",
    "both",
    "confident_learning",
    "predicted_neq_given",
]
SCORES = ["self_confidence", "normalized_margin", "confidence_weighted_entropy"]


def predictions(seed, samples, classes, noise, digits, sharpness, missing=()):
    """Noisy labels, and probabilities that lean to the true class."""
    rng = np.random.default_rng(seed)
    present = [k for k in range(classes) if k not in missing]
    true = rng.choice(present, samples)
    flip = rng.random(samples) < noise
    labels = np.where(flip, rng.choice(present, samples), true)
    logits = rng.normal(size=(samples, classes))
    logits[np.arange(samples), true] += sharpness
    p = np.exp(logits * 1.5)
    p /= p.sum(axis=1, keepdims=True)
    return labels, p.round(digits)


def with_certain_rows(labels, p, seed):
    """Every fourth row is sure of one class."""
    rng = np.random.default_rng(seed)
    p = p.copy()
    for row in range(0, len(p), 4):
        p[row] = 0.0
        p[row, rng.integers(p.shape[1])] = 1.0
    return labels, p


def case(name, labels, p):
    issues = {}
    for name_of_filter in FILTERS:
        issues[name_of_filter] = {
            score: find_label_issues(
                labels, p, filter_by=name_of_filter, return_indices_ranked_by=score, n_jobs=1
            ).tolist()
            for score in SCORES
        }
    return {
        "name": name,
        "classes": p.shape[1],
        "labels": labels.tolist(),
        "probabilities": p.ravel().tolist(),
        "scores": {s: get_label_quality_scores(labels, p, method=s).tolist() for s in SCORES},
        "thresholds": np.asarray(get_confident_thresholds(labels, p), dtype=float).tolist(),
        "joint": compute_confident_joint(labels, p).tolist(),
        "issues": issues,
    }


def cases():
    yield case("two classes", *predictions(1, 90, 2, 0.2, 4, 1.0))
    yield case("three classes", *predictions(2, 150, 3, 0.15, 4, 1.5))
    yield case("ties: probabilities of one digit", *predictions(3, 200, 3, 0.25, 1, 0.8))
    yield case("ties: two classes, one digit", *predictions(4, 120, 2, 0.3, 1, 0.6))
    yield case("a class without samples", *predictions(5, 160, 5, 0.2, 4, 1.2, missing=[2]))
    yield case("the last class without samples", *predictions(6, 100, 4, 0.2, 3, 1.2, missing=[3]))
    certain = with_certain_rows(*predictions(7, 160, 4, 0.2, 4, 1.2), seed=70)
    yield case("probabilities of exactly 0 and 1", *certain)
    only = np.eye(3)[np.arange(30) % 3]
    yield case("nothing but 0 and 1", (np.arange(30) * 7 // 5) % 3, only)
    yield case("ten classes", *predictions(8, 300, 10, 0.1, 3, 2.0))
    yield case("rare classes", *predictions(9, 40, 12, 0.3, 3, 0.7))
    yield case("weak model", *predictions(10, 250, 6, 0.4, 3, 0.2))
    yield case("all rows equal", np.arange(12) % 3, np.full((12, 3), 0.25) + np.eye(3)[1] * 0.25)


if __name__ == "__main__":
    written = list(cases())
    path = pathlib.Path(__file__).with_name("cases.json")
    path.write_text(json.dumps(written, separators=(",", ":")) + "\n")
    for c in written:
        found = {f: len(c["issues"][f]["self_confidence"]) for f in FILTERS}
        print(c["name"], found, file=sys.stderr)
