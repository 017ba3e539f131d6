"""Images a second from PNG bytes to metrics on disk: ours, PyTorch and onnxruntime on the
CPU, the same weights, measured in turns. See README.md."""

import argparse
import contextlib
import io
import os
import pathlib
import statistics
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnx
import onnxruntime
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from onnx import TensorProto, helper, numpy_helper
from PIL import Image
from safetensors.torch import save_file
from torch.utils.data import DataLoader, Dataset

from net import Cnn

ROOT = pathlib.Path(__file__).resolve().parents[3]
TOLERANCE = 1e-4


class Encoded(Dataset):
    """PNG bytes and labels, in memory; an item is decoded and normalised."""

    def __init__(self):
        table = pq.read_table(ROOT / "data/fashion_mnist_train_5k.parquet")
        images = table["image"].to_pylist()
        self.images = [i["bytes"] if isinstance(i, dict) else i for i in images]
        self.labels = table["label"].to_numpy().astype(np.int64)

    def __len__(self):
        return len(self.images)

    def __getitem__(self, row):
        return torch.from_numpy(pixels(self.images[row])), int(self.labels[row])


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)), dtype=np.float32)[None] / 255


class Writer:
    """The columns of ours, into one Parquet file."""

    def __init__(self, path):
        self.path, self.writer, self.rows = path, None, 0

    def add(self, loss, predicted, confidence, accuracy, hidden):
        embedding = pa.FixedSizeListArray.from_arrays(pa.array(hidden.ravel()), hidden.shape[1])
        ids = np.arange(self.rows, self.rows + len(loss))
        arrays = [pa.array(a) for a in (ids, loss, predicted, confidence, accuracy)]
        names = ["example_id", "loss", "predicted", "confidence", "accuracy", "embedding"]
        batch = pa.table([*arrays, embedding], names=names)
        if self.writer is None:
            options = {"compression": "zstd", "compression_level": 1, "use_dictionary": False}
            self.writer = pq.ParquetWriter(self.path, batch.schema, **options)
        self.writer.write_table(batch)
        self.rows += len(loss)

    def close(self):
        self.writer.close()


class Torch:
    name = "PyTorch"

    def __init__(self, model, data, batch):
        self.model = model.eval()
        self.loader = DataLoader(data, batch, num_workers=2, persistent_workers=True)
        self.stacked = list(self.loader)

    @torch.inference_mode()
    def collect(self, path):
        writer = Writer(path)
        for images, labels in self.loader:
            logits, hidden = self.model(images)
            loss = torch.nn.functional.cross_entropy(logits, labels, reduction="none")
            confidence, predicted = logits.softmax(1).max(1)
            accuracy = (predicted == labels).float()
            writer.add(*(t.numpy() for t in (loss, predicted, confidence, accuracy, hidden)))
        writer.close()

    @torch.inference_mode()
    def forward(self):
        for images, _ in self.stacked:
            self.model(images)[0].numpy()


class Onnx:
    """Two threads decode the next batch while one is computed."""

    name = "onnxruntime"

    def __init__(self, model, data, batch):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 2
        providers = ["CPUExecutionProvider"]
        self.session = onnxruntime.InferenceSession(graph(model), options, providers=providers)
        self.data, self.batch = data, batch
        self.starts = range(0, len(data), batch)
        with ThreadPoolExecutor(2) as pool:
            self.stacked = [self.stack(pool, start) for start in self.starts]

    def stack(self, pool, start):
        images = self.data.images[start : start + self.batch]
        half = (len(images) + 1) // 2
        decode = lambda part: np.stack([pixels(png) for png in part])
        return np.concatenate(list(pool.map(decode, (images[:half], images[half:]))))

    def collect(self, path):
        writer = Writer(path)
        with ThreadPoolExecutor(2) as pool, ThreadPoolExecutor(1) as ahead:
            stack = lambda start: ahead.submit(self.stack, pool, start)
            following = stack(0)
            for start in self.starts:
                images, following = following.result(), stack(start + self.batch)
                logits, hidden = self.session.run(None, {"images": images})
                labels = self.data.labels[start : start + self.batch]
                shifted = logits - logits.max(1, keepdims=True)
                log = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
                loss = -log[np.arange(len(labels)), labels]
                predicted, confidence = log.argmax(1), np.exp(log.max(1))
                accuracy = (predicted == labels).astype(np.float32)
                writer.add(loss, predicted, confidence, accuracy, hidden)
            following.cancel()
        writer.close()

    def forward(self):
        for images in self.stacked:
            self.session.run(["logits"], {"images": images})


class Ours:
    name = "ours"

    def __init__(self, weights, folder, batch):
        command = ["cargo", "bench", "-q", "--profile", "release", "-p", "tlc-benches"]
        settings = {"WEIGHTS": weights, "ROOT": folder, "BATCH": batch}
        settings = {f"TLC_BENCH_{key}": str(value) for key, value in settings.items()}
        self.process = subprocess.Popen(
            [*command, "--bench", "end_to_end"],
            cwd=ROOT, env=os.environ | settings, text=True, bufsize=1,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )

    def ask(self, what):
        self.process.stdin.write(what + "\n")
        seconds, run = self.process.stdout.readline().split(maxsplit=1)
        self.run = pathlib.Path(run.strip())
        return float(seconds)

    def close(self):
        # Forked loaders of the peers hold its input open.
        self.process.stdin.write("end\n")
        self.process.wait()


def graph(model):
    """The net in ONNX."""
    weights = {k: v.detach().numpy() for k, v in model.state_dict().items()}
    pool = {"kernel_shape": [2, 2], "strides": [2, 2]}
    conv = {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}
    node = helper.make_node
    nodes = [
        node("Conv", ["images", "first.weight", "first.bias"], ["a"], **conv),
        node("Relu", ["a"], ["b"]),
        node("MaxPool", ["b"], ["c"], **pool),
        node("Conv", ["c", "second.weight", "second.bias"], ["d"], **conv),
        node("Relu", ["d"], ["e"]),
        node("MaxPool", ["e"], ["f"], **pool),
        node("Flatten", ["f"], ["g"]),
        node("Gemm", ["g", "hidden.weight", "hidden.bias"], ["h"], transB=1),
        node("Relu", ["h"], ["hidden"]),
        node("Gemm", ["hidden", "head.weight", "head.bias"], ["logits"], transB=1),
    ]
    value = lambda name, *shape: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
    inputs = [value("images", "batch", 1, 28, 28)]
    outputs = [value("logits", "batch", 10), value("hidden", "batch", 128)]
    initializers = [numpy_helper.from_array(v, k) for k, v in weights.items()]
    net = helper.make_graph(nodes, "cnn", inputs, outputs, initializers)
    net = helper.make_model(net, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(net)
    return net.SerializeToString()


def timed(work, *arguments):
    started = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - started


def check(folder, ours):
    """That the three have written the same losses and embeddings."""
    read = lambda path: pq.read_table(path).sort_by("example_id")
    mine = read(next(ours.run.glob("metrics/*/*.parquet")))
    for name in ("PyTorch", "onnxruntime"):
        theirs = read(folder / f"{name}.parquet")
        for column, other in (("loss", "loss"), ("embeddings_hidden", "embedding")):
            values = [t.column(c).combine_chunks() for t, c in ((mine, column), (theirs, other))]
            if column != "loss":
                values = [v.flatten() for v in values]
            difference = np.abs(values[0].to_numpy() - values[1].to_numpy()).max()
            print(f"{column} of ours and {name} differ by {difference:.1e} at most")
            assert len(values[0]) == len(values[1]) and difference < TOLERANCE


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=9)
    arguments.add_argument("--batch", type=int, default=256)
    arguments = arguments.parse_args()
    torch.set_num_threads(2)
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        folder, model, data = pathlib.Path(folder), Cnn(), Encoded()
        save_file(model.state_dict(), folder / "cnn.safetensors")
        ours = Ours(folder / "cnn.safetensors", folder / "tlc", arguments.batch)
        stack.callback(ours.close)
        peers = [kind(model, data, arguments.batch) for kind in (Torch, Onnx)]
        seconds = {p.name: {"collect": [], "forward": []} for p in (ours, *peers)}
        for turn in range(arguments.rounds + 1):
            for what in ("collect", "forward"):
                taken = [(ours.name, ours.ask(what))]
                if what == "collect":
                    written = ours.run
                for peer in peers:
                    time.sleep(0.2)  # until the threads of the one before have gone to sleep
                    path = [folder / f"{peer.name}.parquet"] if what == "collect" else []
                    taken.append((peer.name, timed(getattr(peer, what), *path)))
                for name, time_taken in taken if turn else []:
                    seconds[name][what].append(time_taken)
            if turn == 0:
                ours.run = written
                check(folder, ours)
        report(seconds, len(data))


def report(seconds, rows):
    median = {n: {k: statistics.median(v) for k, v in t.items()} for n, t in seconds.items()}
    print("| | images/s, end to end | images/s, bare forward | end to end over its forward | ms beside the forward |")
    print("|---|---|---|---|---|")
    for name, taken in median.items():
        whole, forward = taken["collect"], taken["forward"]
        pairs = zip(seconds[name]["collect"], seconds[name]["forward"])
        over = statistics.median(a / b for a, b in pairs)
        beside = (whole - forward) * 1e3
        print(f"| {name} | {rows / whole:.0f} | {rows / forward:.0f} | {over:.3f} | {beside:.0f} |")
    for name in ("PyTorch", "onnxruntime"):
        for what in ("collect", "forward"):
            pairs = zip(seconds[name][what], seconds["ours"][what])
            ratios = sorted(theirs / ours for theirs, ours in pairs)
            middle = statistics.median(ratios)
            print(f"{what}: ours runs at {middle:.3f} of {name} ({ratios[0]:.3f} to {ratios[-1]:.3f})")


if __name__ == "__main__":
    main()
