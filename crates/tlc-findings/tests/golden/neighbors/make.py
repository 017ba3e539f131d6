"""Writes case.json: embeddings with the neighbours that scikit-learn and the near-duplicates
and outlier scores that cleanlab make of them.

    pip install cleanlab==2.9.0 numpy==2.4.6 scikit-learn==1.9.1
    python make.py
"""

import json
import pathlib

import numpy as np
from cleanlab.outlier import OutOfDistribution
from sklearn.neighbors import NearestNeighbors

rng = np.random.default_rng(1)
x = rng.normal(size=(60, 5)).astype(np.float32)
x[48:] = x[:12] + rng.normal(scale=0.01, size=(12, 5)).astype(np.float32)
x[59] = 8.0 * rng.normal(size=5).astype(np.float32)
x[58] = x[3]

case = {"values": x.ravel().tolist(), "dim": 5, "k": 10}
for metric in ["cosine", "euclidean"]:
    knn = NearestNeighbors(n_neighbors=10, metric=metric, algorithm="brute").fit(x.astype(float))
    distances, rows = knn.kneighbors()
    # What fit_score calls; it takes no graph without the features.
    scores, _ = OutOfDistribution()._get_ood_features_scores(knn=knn, k=10, t=1)
    # The definition of cleanlab's Datalab.
    near = distances < 0.13 * np.median(distances[:, 0])
    pairs = sorted({tuple(sorted((int(i), int(rows[i, j])))) for i, j in zip(*np.nonzero(near))})
    case[metric] = {
        "rows": rows.tolist(),
        "distances": distances.tolist(),
        "outlier_scores": scores.tolist(),
        "duplicate_pairs": pairs,
    }
path = pathlib.Path(__file__).with_name("case.json")
path.write_text(json.dumps(case, separators=(",", ":")) + "\n")
print({m: len(case[m]["duplicate_pairs"]) for m in ["cosine", "euclidean"]})
