"""Trustworthiness and time of umap-learn and tlc-findings on the same vectors. See README.md."""

import gzip
import io
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np
import pyarrow.parquet as pq
import umap
from PIL import Image
from sklearn.decomposition import PCA

ROOT = pathlib.Path(__file__).resolve().parents[3]
DIM, NEIGHBORS, SAMPLED = 128, 15, 2_000


def pixels(folder):
    if folder:
        path = pathlib.Path(folder) / "train-images-idx3-ubyte.gz"
        flat = np.frombuffer(gzip.open(path).read(), np.uint8, offset=16)
        return flat.reshape(-1, 28 * 28) / np.float32(255)
    images = pq.read_table(ROOT / "data/fashion_mnist_train_5k.parquet")["image"].to_pylist()
    decoded = [Image.open(io.BytesIO(i["bytes"] if isinstance(i, dict) else i)) for i in images]
    return np.stack([np.asarray(i, np.float32).ravel() / 255 for i in decoded])


def trustworthiness(vectors, points):
    """As scikit-learn's, of a sample of the rows."""
    rows = np.random.default_rng(0).choice(len(vectors), min(SAMPLED, len(vectors)), False)
    k, n = NEIGHBORS, len(vectors)
    penalty = 0
    squares = (vectors**2).sum(1)
    for row in rows:
        far = squares - 2 * vectors @ vectors[row]
        far[row] = -np.inf
        rank = np.empty(n, np.int64)
        rank[np.argsort(far)] = np.arange(n)  # the row itself is 0
        near = ((points - points[row]) ** 2).sum(1)
        near[row] = np.inf
        found = np.argpartition(near, k)[:k]
        penalty += np.maximum(rank[found] - k, 0).sum()
    return 1 - penalty * 2 / (len(rows) * k * (2 * n - 3 * k - 1))


def ours(vectors):
    with tempfile.TemporaryDirectory() as folder:
        source, result = pathlib.Path(folder, "vectors"), pathlib.Path(folder, "points")
        vectors.astype("<f4").tofile(source)
        command = ["cargo", "run", "-q", "--release", "-p", "tlc-findings", "--example", "umap"]
        done = subprocess.run(
            [*command, "--", source, str(DIM), result], cwd=ROOT, check=True, stdout=subprocess.PIPE
        )
        return np.fromfile(result, "<f4").reshape(-1, 2), float(done.stdout)


def theirs(vectors, **settings):
    start = time.perf_counter()
    points = umap.UMAP(n_neighbors=NEIGHBORS, **settings).fit_transform(vectors)
    return points, time.perf_counter() - start


def report(who, vectors, points, seconds):
    row = f"| {len(vectors)} x {DIM} | {who} | {trustworthiness(vectors, points):.4f} | {seconds:.1f} |"
    print(row, flush=True)


def main():
    vectors = PCA(DIM, random_state=0).fit_transform(pixels(*sys.argv[1:2] or [None]))
    vectors = vectors.astype(np.float32)
    print("| vectors | who | trustworthiness | seconds |\n|---|---|---|---|")
    report("first two components", vectors, vectors[:, :2], 0)
    report("tlc", vectors, *ours(vectors))
    theirs(vectors[:4_500])  # enough to compile all of it
    report("umap-learn", vectors, *theirs(vectors))
    report("umap-learn from principal components", vectors, *theirs(vectors, init="pca"))


if __name__ == "__main__":
    main()
