"""Writes case.json: embeddings with the principal components of scikit-learn.

    pip install numpy==2.4.6 scikit-learn==1.9.1
    python make.py
"""

import json
import pathlib

import numpy as np
from sklearn.decomposition import PCA

rng = np.random.default_rng(1)
x = (rng.normal(size=(50, 4)) @ rng.normal(size=(4, 8)) + 3.0).astype(np.float32)
pca = PCA(n_components=3, svd_solver="full").fit(x.astype(float))
case = {
    "values": x.ravel().tolist(),
    "dim": 8,
    "points": pca.transform(x.astype(float)).ravel().tolist(),
    "explained_variance": pca.explained_variance_.tolist(),
    "explained_variance_ratio": pca.explained_variance_ratio_.tolist(),
}
path = pathlib.Path(__file__).with_name("case.json")
path.write_text(json.dumps(case, separators=(",", ":")) + "\n")
