"""A data set of YOLO, read by the rules of docs.ultralytics.com/datasets: what is in each image."""
import json
import pathlib
import sys

import yaml

file = pathlib.Path(sys.argv[1])
data = yaml.safe_load(file.read_text(encoding="utf-8"))
root = pathlib.Path(data.get("path") or file.parent)
names = data["names"]
names = names if isinstance(names, list) else [names[at] for at in range(len(names))]


def labels_of(image):
    """The last `/images/` of the path is `/labels/`, and the ending `.txt`."""
    return pathlib.Path("/labels/".join(str(image).rsplit("/images/", 1))).with_suffix(".txt")


def read(image, split):
    labels = labels_of(image)
    lines = labels.read_text().splitlines() if labels.exists() else []
    objects = [[float(number) for number in line.split()] for line in lines]
    for numbers in objects:
        assert 0 <= numbers[0] < len(names), numbers
        points = len(data["kpt_shape"]) and data["kpt_shape"][0] if "kpt_shape" in data else 0
        assert not points or len(numbers) == 5 + points * data["kpt_shape"][1], numbers
        plain = numbers[1:5] if points else numbers[1:]
        assert all(0 <= number <= 1 for number in plain), numbers
        assert points or len(numbers) == 5 or len(numbers) % 2 == 1 and len(numbers) >= 7, numbers
    return {"image": image.name, "split": split, "objects": objects}


images = [read(image, split) for split in ("train", "val", "test") if split in data
          for image in sorted((root / data[split]).rglob("*.*"))]
print(json.dumps({"names": names, "images": images}))
