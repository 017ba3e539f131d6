"""Writes golden.json: what pycocotools says of a synthetic set of boxes.

    pip install numpy==2.4.6 pycocotools==2.0.11 && python make.py

Boxes are [left, top, width, height] in quarters of a pixel, scores in 64ths, so float32
holds them exactly and many scores are equal.
"""
import contextlib
import io
import json
from pathlib import Path

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

CLASSES, IMAGES = 5, 24  # nothing of the last class is there, though it is predicted
CROWDED = 7  # the image with more than 100 boxes of one class, the last of which is right
random = np.random.default_rng(20260116)
SIZES = [(4, 30), (34, 90), (100, 300)]


def quarters(values):
    return [round(float(value) * 4) / 4 for value in values]


def some_box():
    low, high = SIZES[random.integers(len(SIZES))]
    width, height = random.uniform(low, high, 2)
    return quarters([*random.uniform(0, 400, 2), width, height])


def moved(box, by):
    x, y, width, height = box
    dx, dy, dw, dh = random.normal(0, by, 4)
    size = (max(width * (1 + dw), 1), max(height * (1 + dh), 1))
    return quarters([x + dx * width, y + dy * height, *size])


def score(mean):
    return min(max(round(float(random.normal(mean, 0.2)) * 64), 1), 64) / 64


def image(index):
    if index == 3:  # nothing at all
        return [], []
    truths = [
        {
            "bounds": some_box(),
            "label": int(random.integers(CLASSES - 1)),
            "is_crowd": bool(random.random() < 0.12),
            "area": None,
        }
        for _ in range(random.integers(1, 9))
    ]
    for truth in truths:
        if random.random() < 0.5:
            width, height = truth["bounds"][2:]
            truth["area"] = float(np.float32(width * height * random.uniform(0.5, 1)))
    if index == CROWDED:
        for truth in truths:
            truth.update(label=0, is_crowd=False)
    predicted = []

    def predict(bounds, mean, label):
        predicted.append({"bounds": bounds, "score": score(mean), "label": label})

    for truth in truths:
        for _ in range(random.integers(0, 4)):
            wrong = random.random() < 0.1
            label = int(random.integers(CLASSES)) if wrong else truth["label"]
            sure = 0.4 if index == CROWDED else 0.7
            predict(moved(truth["bounds"], random.choice([0, 0.03, 0.1, 0.2])), sure, label)
    for _ in range(random.integers(0, 5)):
        predict(some_box(), 0.4, int(random.integers(CLASSES)))
    if index == CROWDED:
        for _ in range(130):
            predict(moved(truths[0]["bounds"], 0.3), 0.6, 0)
        truths.append({"bounds": some_box(), "label": 0, "is_crowd": False, "area": None})
        predicted.append({"bounds": truths[-1]["bounds"], "score": 0, "label": 0})
    if index == 5:  # nothing is there
        truths = []
    if index == 9:  # nothing is found
        predicted = []
    random.shuffle(predicted)
    return predicted, truths


def evaluate(images):
    truths, found = [], []
    for index, (predicted, there) in enumerate(images):
        for truth in there:
            width, height = truth["bounds"][2:]
            truths.append({
                "id": len(truths) + 1,
                "image_id": index,
                "category_id": truth["label"],
                "bbox": truth["bounds"],
                "iscrowd": int(truth["is_crowd"]),
                "area": width * height if truth["area"] is None else truth["area"],
            })
        found += [
            {
                "image_id": index,
                "category_id": box["label"],
                "bbox": box["bounds"],
                "score": box["score"],
            }
            for box in predicted
        ]
    coco = COCO()
    coco.dataset = {
        "images": [{"id": index} for index in range(len(images))],
        "categories": [{"id": label, "name": str(label)} for label in range(CLASSES)],
        "annotations": truths,
    }
    with contextlib.redirect_stdout(io.StringIO()):
        coco.createIndex()
        evaluation = COCOeval(coco, coco.loadRes(found), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return evaluation


def of_class(precision):
    known = precision[precision > -1]
    return float(known.mean()) if known.size else None


NAMES = [
    "map", "map_50", "map_75", "map_small", "map_medium", "map_large",
    "mar_1", "mar_10", "mar_100", "mar_small", "mar_medium", "mar_large",
]


def counts(evaluation):
    """Right, wrong and missed boxes of each image at IoU 0.5, of any area."""
    totals = [[0, 0, 0] for _ in range(IMAGES)]
    for one in evaluation.evalImgs:
        if one is None or one["aRng"] != evaluation.params.areaRng[0]:
            continue
        matched, ignored = one["dtMatches"][0] > 0, one["dtIgnore"][0] > 0
        total = totals[one["image_id"]]
        total[0] += int(np.sum(matched & ~ignored))
        total[1] += int(np.sum(~matched & ~ignored))
        total[2] += int(np.sum((one["gtMatches"][0] == 0) & (one["gtIgnore"] == 0)))
    return totals


images = [image(index) for index in range(IMAGES)]
evaluation = evaluate(images)
precision = evaluation.eval["precision"][:, :, :, 0, -1]  # [threshold, recall, class]
all_truths = [truth for _, truths in images for truth in truths]
golden = {
    "images": [
        {"predicted": predicted, "truths": truths, "counts": count}
        for (predicted, truths), count in zip(images, counts(evaluation))
    ],
    "values": dict(zip(NAMES, map(float, evaluation.stats))),
    "per_class": {
        "ap": [of_class(precision[:, :, k]) for k in range(CLASSES)],
        "ap_50": [of_class(precision[0, :, k]) for k in range(CLASSES)],
        "num_images": [
            sum(any(t["label"] == k and not t["is_crowd"] for t in truths) for _, truths in images)
            for k in range(CLASSES)
        ],
        "num_instances": [
            sum(t["label"] == k and not t["is_crowd"] for t in all_truths) for k in range(CLASSES)
        ],
    },
}
assert all(value > 0 for value in golden["values"].values()), golden["values"]
path = Path(__file__).with_name("golden.json")
path.write_text(json.dumps(golden) + "\n")
