"""Time and agreement of scikit-learn and tlc-findings on the same folds. See README.md."""

import argparse
import pathlib
import resource
import subprocess
import tempfile
import time

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

ROOT = pathlib.Path(__file__).resolve().parents[3]


def samples(rows, dim, classes, seed=1):
    """Centres of classes with correlated noise, as embeddings are: some directions have much
    more variance than others. One label in ten is that of another class."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, rows)
    spread = 1 / np.sqrt(1 + np.arange(dim))
    mixing = np.linalg.qr(rng.normal(size=(dim, dim)))[0]
    centres = rng.normal(size=(classes, dim)) * spread * 0.7
    values = (centres[labels] + rng.normal(size=(rows, dim)) * spread) @ mixing
    wrong = rng.random(rows) < 0.1
    labels[wrong] = rng.integers(0, classes, wrong.sum())
    return values.astype("<f4"), labels.astype("<i8")


def ours(values, labels, classes, grid):
    with tempfile.TemporaryDirectory() as folder:
        source, result = pathlib.Path(folder, "samples"), pathlib.Path(folder, "result")
        source.write_bytes(labels.tobytes() + values.tobytes())
        example = ["--release", "-p", "tlc-findings", "--example", "probe"]
        subprocess.run(["cargo", "build", "-q", *example], cwd=ROOT, check=True)
        command = ["cargo", "run", "-q", *example]
        arguments = [source, values.shape[1], classes, result, *grid]
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        done = subprocess.run(
            [*command, "--", *map(str, arguments)], cwd=ROOT, check=True, stdout=subprocess.PIPE
        )
        cpu_seconds = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
        seconds, c, losses = done.stdout.decode().split(" ", 2)
        found = result.read_bytes()
    folds = np.frombuffer(found, "<i8", len(labels))
    probabilities = np.frombuffer(found, "<f4", offset=folds.nbytes).reshape(-1, classes)
    return folds, probabilities, float(seconds), cpu_seconds, float(c), losses.strip()


def theirs(values, labels, classes, folds, c):
    start, before = time.perf_counter(), time.process_time()
    probabilities = np.zeros((len(labels), classes), np.float32)
    for fold in np.unique(folds):
        train, held_out = folds != fold, folds == fold
        scaler = StandardScaler().fit(values[train])
        model = LogisticRegression(C=c, max_iter=500)
        model.fit(scaler.transform(values[train]), labels[train])
        found = model.predict_proba(scaler.transform(values[held_out]))
        probabilities[np.ix_(held_out, model.classes_)] = found
    return probabilities, time.perf_counter() - start, time.process_time() - before


def loss(probabilities, labels):
    own = probabilities[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(own, 1e-15)).mean())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--dim", type=int, default=512)
    parser.add_argument("--classes", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    values, labels = samples(given.rows, given.dim, given.classes)
    *_, seconds, _, c, losses = ours(values, labels, given.classes, [])
    print(f"tlc, whole grid: {seconds:.1f} s, C {c}, losses {losses}", flush=True)
    for _ in range(given.rounds):
        folds, own, seconds, cpu, *_ = ours(values, labels, given.classes, [c])
        other, other_seconds, other_cpu = theirs(values, labels, given.classes, folds, c)
        print(
            f"C {c}: tlc {seconds:.1f} s, scikit-learn {other_seconds:.1f} s, "
            f"ratio {seconds / other_seconds:.3f}; CPU {cpu:.1f} s, {other_cpu:.1f} s, "
            f"ratio {cpu / other_cpu:.3f}; held-out loss {loss(own, labels):.5f}, "
            f"{loss(other, labels):.5f}; probabilities at most {np.abs(own - other).max():.1e} apart",
            flush=True,
        )


if __name__ == "__main__":
    main()
