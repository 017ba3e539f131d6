"""The nets of `benches/nets.rs` and `benches/resnet.rs`, with seeded weights. Each gives
logits and what ours taps as `hidden`."""

import torch
from torch import nn

CLASSES = 10


class Cnn(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.first = nn.Conv2d(1, 32, 3, padding=1)
        self.second = nn.Conv2d(32, 64, 3, padding=1)
        self.hidden = nn.Linear(64 * 7 * 7, 128)
        self.head = nn.Linear(128, CLASSES)

    def forward(self, images):
        maps = torch.max_pool2d(torch.relu(self.first(images)), 2)
        maps = torch.max_pool2d(torch.relu(self.second(maps)), 2)
        hidden = torch.relu(self.hidden(maps.flatten(1)))
        return self.head(hidden), hidden


class ResNet18(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        widths = [(64, 64, 1), (64, 128, 2), (128, 256, 2), (256, 512, 2)]
        self.stem = normed(3, 64, 7, 2)
        self.blocks = nn.Sequential(
            *(block for i, o, s in widths for block in (Block(i, o, s), Block(o, o, 1)))
        )
        self.head = nn.Linear(512, CLASSES)

    def forward(self, images):
        maps = nn.functional.max_pool2d(torch.relu(self.stem(images)), 3, 2, 1)
        hidden = self.blocks(maps).mean((2, 3))
        return self.head(hidden), hidden


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        narrows = stride > 1 or inputs != outputs
        self.first = normed(inputs, outputs, 3, stride)
        self.second = normed(outputs, outputs, 3, 1)
        self.shortcut = normed(inputs, outputs, 1, stride) if narrows else nn.Identity()

    def forward(self, maps):
        return torch.relu(self.second(torch.relu(self.first(maps))) + self.shortcut(maps))


def normed(inputs, outputs, size, stride):
    conv = nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(outputs))
