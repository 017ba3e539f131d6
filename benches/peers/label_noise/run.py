"""Precision and recall of cleanlab and tlc-findings on flipped labels, from the same
out-of-fold probabilities. See README.md.

cleanlab leaves the order of equal remainders, when it rounds the confident joint, to
NumPy's default sort, which differs between processors. It runs with the stable sort here.
"""

import functools
import io
import json
import pathlib
import subprocess
import tempfile

import numpy as np
import pyarrow.parquet as pq

np.argsort = functools.partial(np.argsort, kind="stable")

from cleanlab.filter import find_label_issues
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

ROOT = pathlib.Path(__file__).resolve().parents[3]
CLASSES = 10


def samples():
    table = pq.read_table(ROOT / "data/fashion_mnist_train_5k.parquet")
    images = table["image"].to_pylist()
    decoded = [Image.open(io.BytesIO(i["bytes"] if isinstance(i, dict) else i)) for i in images]
    pixels = np.stack([np.asarray(i, dtype=np.float64).ravel() / 255 for i in decoded])
    return pixels, table["label"].to_numpy().astype(np.int64)


def flipped(labels, fraction, seed):
    rng = np.random.default_rng(seed)
    rows = rng.choice(len(labels), round(fraction * len(labels)), replace=False)
    noisy = labels.copy()
    noisy[rows] = (noisy[rows] + rng.integers(1, CLASSES, len(rows))) % CLASSES
    return noisy, noisy != labels


def out_of_fold(pixels, labels):
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=200))
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    return cross_val_predict(model, pixels, labels, cv=folds, method="predict_proba")


def ours(labels, probabilities):
    """Filters as found and the ranking of all samples, by the example of tlc-findings."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(labels.astype("<i8").tobytes() + probabilities.astype("<f8").tobytes())
        file.flush()
        command = ["cargo", "run", "-q", "-p", "tlc-findings", "--example", "rank_labels", "--"]
        done = subprocess.run(
            [*command, file.name, str(CLASSES)], cwd=ROOT, check=True, stdout=subprocess.PIPE
        )
    found = json.loads(done.stdout)
    return {name: found[name] for name in ["prune_by_noise_rate", "confident_learning", "ranking"]}


def theirs(labels, probabilities):
    def find(name):
        return find_label_issues(
            labels, probabilities, filter_by=name, return_indices_ranked_by="self_confidence"
        ).tolist()

    found = {name: find(name) for name in ["prune_by_noise_rate", "confident_learning"]}
    own = probabilities[np.arange(len(labels)), labels]
    found["ranking"] = np.argsort(own).tolist()
    return found


def report(who, fraction, found, flips):
    number = int(flips.sum())
    for name, rows in found.items():
        rows = rows[:number] if name == "ranking" else rows
        hits = int(flips[rows].sum())
        precision, recall = hits / max(len(rows), 1), hits / number
        print(f"| {fraction:.0%} | {name} | {who} | {len(rows)} | {precision:.4f} | {recall:.4f} |")


def main():
    pixels, labels = samples()
    print("| flips | issues by | who | issues | precision | recall |\n|---|---|---|---|---|---|")
    for fraction in [0.05, 0.2]:
        noisy, flips = flipped(labels, fraction, seed=1)
        probabilities = out_of_fold(pixels, noisy)
        cleanlab, tlc = theirs(noisy, probabilities), ours(noisy, probabilities)
        report("cleanlab", fraction, cleanlab, flips)
        report("tlc", fraction, tlc, flips)
        for name in cleanlab:
            same = set(cleanlab[name]) == set(tlc[name])
            print(f"{fraction:.0%} {name}: the same issues: {same}")


if __name__ == "__main__":
    main()
