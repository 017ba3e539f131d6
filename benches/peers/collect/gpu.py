"""PyTorch's side of `benches/gpu.sh`: the nets of `benches/gpu.rs` in eager mode, and
lines of the same form on standard output."""

import os
import sys
import time

import torch

from net import Cnn, ResNet18


def setting(name, default):
    return int(os.environ.get(f"TLC_BENCH_{name}", default))


@torch.inference_mode()
def measure(net, model, shape, rows, batch, device):
    model = model.eval().to(device)
    host = torch.rand((rows, *shape)).split(batch)
    there = [images.to(device) for images in host]
    works = {
        "forward": lambda: [model(images)[0].cpu() for images in there],
        "upload and forward": lambda: [model(images.to(device))[0].cpu() for images in host],
    }
    for tf32 in (False, True):
        torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = tf32
        precision = "TF32" if tf32 else "float32"
        for work in works.values():
            work()
        for _ in range(setting("ROUNDS", 5)):
            for what, work in works.items():
                print_one(net, f"PyTorch {precision}, {what}", work, rows)


def print_one(net, what, work, rows):
    began, started, passes = time.time(), time.perf_counter(), 0
    while passes == 0 or time.perf_counter() - started < setting("SECONDS", 4):
        work()
        passes += 1
    seconds = time.perf_counter() - started
    print(net, what, f"{passes * rows / seconds:.1f}", began, began + seconds, sep="\t", flush=True)


if __name__ == "__main__":
    device = sys.argv[1]
    measure("cnn", Cnn(), (1, 28, 28), setting("CNN_ROWS", 16_384), 256, device)
    measure("resnet18", ResNet18(), (3, 224, 224), setting("RESNET_ROWS", 1_024), 64, device)
