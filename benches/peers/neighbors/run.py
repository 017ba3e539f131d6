"""Time, memory and recall of pynndescent and tlc-findings on the same vectors. See README.md."""

import argparse
import io
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

import numpy as np
import pyarrow.parquet as pq
from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parents[3]
DIM, NEIGHBORS, SAMPLED = 128, 10, 1_000


def patches(rows, seed=1):
    """Patches of 8 x 16 pixels of Fashion-MNIST's images, those that are not mostly black."""
    images = pq.read_table(ROOT / "data/fashion_mnist_train_5k.parquet")["image"].to_pylist()
    decoded = [Image.open(io.BytesIO(i["bytes"] if isinstance(i, dict) else i)) for i in images]
    pixels = np.stack([np.asarray(i, np.float32) / 255 for i in decoded])
    windows = np.lib.stride_tricks.sliding_window_view(pixels, (8, 16), axis=(1, 2))
    rng = np.random.default_rng(seed)
    flat = windows.reshape(-1, 8, 16)  # a copy
    chosen = np.flatnonzero((flat > 0).mean(axis=(1, 2)) > 0.5)
    chosen = rng.permutation(chosen)[:rows]
    return np.ascontiguousarray(flat[chosen].reshape(-1, DIM))


def clusters(rows, seed=1):
    """A thousand clusters, each around a plane of eight dimensions of its own, and noise."""
    rng = np.random.default_rng(seed)
    values = np.empty((rows, DIM), np.float32)
    of_row = rng.integers(0, 1_000, rows)
    centres = rng.normal(size=(1_000, DIM)).astype(np.float32)
    planes = rng.normal(size=(1_000, 8, DIM)).astype(np.float32) / 4
    for cluster in range(1_000):
        own = np.flatnonzero(of_row == cluster)
        inside = rng.normal(size=(len(own), 8)).astype(np.float32)
        values[own] = centres[cluster] + inside @ planes[cluster]
    for start in range(0, rows, 100_000):
        part = values[start : start + 100_000]
        part += 0.05 * rng.normal(size=part.shape).astype(np.float32)
    return values


def ours(vectors, recall):
    with tempfile.TemporaryDirectory() as folder:
        source, result = pathlib.Path(folder, "vectors"), pathlib.Path(folder, "rows")
        vectors.astype("<f4").tofile(source)
        example = ["--release", "-p", "tlc-findings", "--example", "neighbors"]
        subprocess.run(["cargo", "build", "-q", *example], cwd=ROOT, check=True)
        command = ["cargo", "run", "-q", *example]
        arguments = [source, DIM, NEIGHBORS, result, recall]
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        done = subprocess.run(
            [*command, "--", *map(str, arguments)], cwd=ROOT, check=True, stdout=subprocess.PIPE
        )
        cpu_seconds = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
        seconds, told, mib = map(float, done.stdout.split())
        rows = np.fromfile(result, "<u4").reshape(-1, NEIGHBORS)
    return rows, seconds, cpu_seconds, mib, f", told {told:.4f}"


def theirs(path):
    """In a process of its own, for its memory: called by `peer`."""
    import pynndescent

    vectors = np.fromfile(path, "<f4").reshape(-1, DIM)
    pynndescent.NNDescent(vectors[:4_000], n_neighbors=NEIGHBORS + 1)  # compiles most of it
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF).ru_utime
    index = pynndescent.NNDescent(vectors, n_neighbors=NEIGHBORS + 1)
    rows = index.neighbor_graph[0][:, 1:]
    seconds = time.perf_counter() - start
    cpu_seconds = resource.getrusage(resource.RUSAGE_SELF).ru_utime - before
    rows.astype("<u4").tofile(path.with_name("rows"))
    # Not `ru_maxrss`, which begins with that of the process that started this one.
    status = pathlib.Path("/proc/self/status").read_text()
    print(seconds, cpu_seconds, int(status.split("VmHWM:")[1].split()[0]) / 1024)


def peer(vectors):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "vectors")
        vectors.astype("<f4").tofile(path)
        command = [sys.executable, __file__, "--peer", str(path)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
        rows = np.fromfile(path.with_name("rows"), "<u4").reshape(-1, NEIGHBORS)
    return rows, *map(float, done.stdout.split()[-3:]), ""


def recall(vectors, rows):
    """The share of distances of found neighbours that are among those of the true ones."""
    queries = np.random.default_rng(0).choice(len(vectors), min(SAMPLED, len(vectors)), False)
    squares = np.einsum("ij,ij->i", vectors, vectors)
    found = 0
    for query in queries:
        far = squares - 2 * vectors @ vectors[query]
        far[query] = np.inf
        near = np.argpartition(far, 2 * NEIGHBORS)[: 2 * NEIGHBORS]
        exact = ((vectors[near].astype(np.float64) - vectors[query]) ** 2).sum(1)
        last = np.sort(exact)[NEIGHBORS - 1]
        own = ((vectors[rows[query]].astype(np.float64) - vectors[query]) ** 2).sum(1)
        found += (own <= last * (1 + 1e-9) + 1e-12).sum()
    return found / (len(queries) * NEIGHBORS)


def report(who, vectors, rows, seconds, cpu_seconds, mib, told):
    print(
        f"{who}: {seconds:.1f} s, {cpu_seconds:.0f} s of CPU, {mib:.0f} MiB, "
        f"recall {recall(vectors, rows):.4f}{told}",
        flush=True,
    )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--of", choices=["patches", "clusters"], default="patches")
    parser.add_argument("--recall", type=float, default=0.95)
    parser.add_argument("--without-peer", action="store_true")
    parser.add_argument("--peer", type=pathlib.Path)
    given = parser.parse_args()
    if given.peer:
        return theirs(given.peer)
    vectors = {"patches": patches, "clusters": clusters}[given.of](given.rows)
    print(f"{len(vectors)} x {DIM}, {given.of}", flush=True)
    report("tlc", vectors, *ours(vectors, given.recall))
    if not given.without_peer:
        report("pynndescent", vectors, *peer(vectors))


if __name__ == "__main__":
    main()
