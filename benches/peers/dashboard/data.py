"""Rows that every product of the comparison is given, as files. See README.md."""

import io
import math
import pathlib
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parents[3]
CLASSES = [
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
]
PART = 1_000_000


def shipped():
    rows = pq.read_table(ROOT / "data/fashion_mnist_train_5k.parquet")
    decoded = [np.asarray(Image.open(io.BytesIO(png))) for png in rows["image"].to_pylist()]
    return np.stack(decoded), rows["label"].to_numpy().astype(np.int32)


def png(pixels, row):
    """An image of its own for each row: one that ships, moved in a circle."""
    moved = np.roll(pixels[row % len(pixels)], row // len(pixels), axis=1)
    out = io.BytesIO()
    Image.fromarray(moved).save(out, "png")
    return out.getvalue()


def said(random, labels):
    """What a model could say: nine of ten right, less sure where it is wrong."""
    rows = len(labels)
    is_wrong = random.random(rows) < 0.1
    predicted = np.where(is_wrong, (labels + random.integers(1, 10, rows)) % 10, labels)
    confidence = np.where(is_wrong, random.uniform(0.3, 0.9, rows), random.uniform(0.6, 1, rows))
    of_label = np.where(is_wrong, (1 - confidence) / 9, confidence)
    angle = labels * (2 * math.pi / 10)
    return {
        "predicted": predicted.astype(np.int32),
        "confidence": confidence.astype(np.float32),
        "loss": -np.log(of_label).astype(np.float32),
        "x": (3 * np.cos(angle) + random.normal(0, 0.6, rows)).astype(np.float32),
        "y": (3 * np.sin(angle) + random.normal(0, 0.6, rows)).astype(np.float32),
    }


def named(classes):
    return np.array(CLASSES)[classes]


class Files:
    """`samples` and `metrics` are what `tlc` takes, `rows` is all of it for the others."""

    def __init__(self, folder):
        self.folder, self.writers = folder, {}

    def add(self, name, columns):
        batch = pa.table(columns)
        if name not in self.writers:
            self.writers[name] = pq.ParquetWriter(self.folder / f"{name}.parquet", batch.schema)
        self.writers[name].write_table(batch)

    def close(self):
        for writer in self.writers.values():
            writer.close()


def write(folder, rows, has_images):
    random = np.random.default_rng(0)
    (folder / "images" if has_images else folder).mkdir(parents=True)
    pixels, of_shipped = shipped() if has_images else (None, None)
    files = Files(folder)
    for first in range(0, rows, PART):
        part = range(first, min(first + PART, rows))
        labels = random.integers(0, 10, len(part), dtype=np.int32)
        images = {}
        if has_images:
            labels = of_shipped[np.arange(part.start, part.stop) % len(of_shipped)]
            encoded = [png(pixels, row) for row in part]
            for row, bytes_ in zip(part, encoded):
                (folder / "images" / f"{row:06}.png").write_bytes(bytes_)
            images = {"image": pa.array(encoded, pa.binary())}
        model = said(random, labels)
        files.add("samples", {**images, "label": labels})
        # Two numbers that `tlc` draws as points say so by their names.
        renamed = {f"points.{name}" if name in "xy" else name: each for name, each in model.items()}
        files.add("metrics", {"example_id": np.arange(part.start, part.stop), **renamed})
        names = {"predicted": named(model["predicted"])}
        files.add("rows", {**images, "label": named(labels), **model, **names})
    files.close()


if __name__ == "__main__":
    folder, rows = pathlib.Path(sys.argv[1]).resolve(), int(sys.argv[2])
    write(folder, rows, "--images" in sys.argv)
