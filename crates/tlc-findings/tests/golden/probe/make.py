"""Writes case.json: weights and out-of-fold probabilities that scikit-learn gives for the
first digits of data/digits8x8.parquet, for folds dealt by row.

    pip install numpy==2.4.6 pillow==13.0.0 pyarrow==26.0.1 scikit-learn==1.9.1
    python make.py
"""

import io
import json
import pathlib

import numpy as np
import pyarrow.parquet as pq
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

HERE = pathlib.Path(__file__).resolve().parent
SAMPLES, FOLDS = 600, 3

table = pq.read_table(HERE.parents[4] / "data/digits8x8.parquet").slice(0, SAMPLES)
images = table["image"].to_pylist()
images = [Image.open(io.BytesIO(i["bytes"] if isinstance(i, dict) else i)) for i in images]
pixels = np.stack([np.asarray(image, np.float64).ravel() for image in images])
labels = table["label"].to_numpy()
folds = np.arange(SAMPLES) % FOLDS


def fit(pixels, labels, c):
    scaler = StandardScaler().fit(pixels)
    model = LogisticRegression(C=c, tol=1e-12, max_iter=100_000)
    return scaler, model.fit(scaler.transform(pixels), labels)


def rounded(values):
    return np.round(values, 8).ravel().tolist()


def probe(labels, c, sklearn_c):
    probabilities = np.zeros((SAMPLES, labels.max() + 1))
    models = []
    for fold in range(FOLDS):
        train, held_out = folds != fold, folds == fold
        scaler, model = fit(pixels[train], labels[train], sklearn_c)
        found = model.predict_proba(scaler.transform(pixels[held_out]))
        probabilities[np.ix_(held_out, model.classes_)] = found
        models.append(
            {"coefficients": rounded(model.coef_), "intercepts": rounded(model.intercept_)}
        )
    own = probabilities[np.arange(SAMPLES), labels]
    return {
        "c": c,
        "models": models,
        "loss": float(-np.log(own).mean()),
        "probabilities": rounded(probabilities[:30]),
    }


case = {
    "samples": SAMPLES,
    "folds": folds.tolist(),
    "digits": [probe(labels, c, c) for c in [0.01, 1.0]],
    # Of two classes scikit-learn has one vector of weights.
    "is_odd": probe(labels % 2, 0.1, 0.2),
}
path = HERE / "case.json"
path.write_text(json.dumps(case, separators=(",", ":")) + "\n")
print(path.stat().st_size, [entry["loss"] for entry in case["digits"]], case["is_odd"]["loss"])
