"""Writes golden.json: segmentation metrics by numpy, in 64 bits.

    pip install numpy==2.4.6 && python make.py

Overlap, precision and recall come from the confusion matrix of the pixels that are
not ignored; means leave out classes that are in neither prediction nor target.
"""
import json
from pathlib import Path

import numpy as np

SAMPLES, CLASSES, HEIGHT, WIDTH, IGNORE = 6, 5, 6, 7, 255
random = np.random.default_rng(20260115)


def scene(sample):
    target = random.integers(0, CLASSES, (HEIGHT, WIDTH))
    if sample == 1:  # one class alone
        target[:] = 2
    if sample == 2:  # two classes, in halves
        target[:, :3], target[:, 3:] = 0, 4
    logits = random.normal(0, 1, (CLASSES, HEIGHT, WIDTH))
    found = random.random((HEIGHT, WIDTH)) < 0.7
    surety = 3
    if sample == 2:  # all right, so that three classes are absent
        found[:], surety = True, 12
    for row, column in np.argwhere(found):
        logits[target[row, column], row, column] += surety
    target[random.random((HEIGHT, WIDTH)) < 0.15] = IGNORE
    if sample == 3:
        target[:] = IGNORE
    # float32 holds what JSON holds
    return np.round(logits, 3).astype(np.float32), target


def confusion(predicted, target):
    counts = target != IGNORE
    matrix = np.zeros((CLASSES, CLASSES), int)
    np.add.at(matrix, (target[counts], predicted[counts]), 1)
    return matrix


def ratio(part, whole):
    return [p / w if w else None for p, w in zip(part.tolist(), whole.tolist())]


def overlap(matrix):
    hit = np.diag(matrix)
    iou = ratio(hit, matrix.sum(0) + matrix.sum(1) - hit)
    present = [value for value in iou if value is not None]
    return iou, float(np.mean(present)) if present else None


def accuracy(matrix):
    return float(np.trace(matrix) / matrix.sum()) if matrix.sum() else None


def loss(logits, target):
    logits = logits.astype(np.float64)
    log_probabilities = logits - np.log(np.exp(logits).sum(0, keepdims=True))
    pixels = [
        -log_probabilities[target[at], at[0], at[1]]
        for at in np.ndindex(target.shape)
        if target[at] != IGNORE
    ]
    return float(np.mean(pixels)) if pixels else None


samples, total = [], np.zeros((CLASSES, CLASSES), int)
for sample in range(SAMPLES):
    logits, target = scene(sample)
    predicted = logits.argmax(0)
    matrix = confusion(predicted, target)
    total += matrix
    iou, mean_iou = overlap(matrix)
    samples.append({
        "logits": [round(float(value), 3) for value in logits.flatten()],
        "targets": target.flatten().tolist(),
        "predicted": predicted.flatten().tolist(),
        "loss": loss(logits, target),
        "pixel_accuracy": accuracy(matrix),
        "iou": iou,
        "mean_iou": mean_iou,
    })

iou, mean_iou = overlap(total)
golden = {
    "classes": CLASSES, "height": HEIGHT, "width": WIDTH, "ignore_index": IGNORE,
    "samples": samples,
    "pixel_accuracy": accuracy(total),
    "mean_iou": mean_iou,
    "per_class": {
        "iou": iou,
        "precision": ratio(np.diag(total), total.sum(0)),
        "recall": ratio(np.diag(total), total.sum(1)),
        "support": total.sum(1).tolist(),
    },
}
path = Path(__file__).with_name("golden.json")
path.write_text(json.dumps(golden) + "\n")
