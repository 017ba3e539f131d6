"""What pycocotools sees in a file: annotations by id, areas and pixels of masks."""
import contextlib
import io
import json
import sys

import numpy as np
from pycocotools.coco import COCO
from pycocotools import mask

with contextlib.redirect_stdout(io.StringIO()):
    coco = COCO(sys.argv[1])

masks = {}
for id, annotation in coco.anns.items():
    if annotation.get("segmentation"):
        rle = coco.annToRLE(annotation)
        pixels = np.flatnonzero(mask.decode(rle)).tolist()
        masks[id] = {"area": int(mask.area(rle)), "pixels": pixels, "size": rle["size"]}
images = [{name: image[name] for name in ("id", "file_name", "width", "height")}
          for image in coco.loadImgs(sorted(coco.getImgIds()))]
categories = [{name: category.get(name) for name in ("id", "name", "keypoints", "skeleton")}
              for category in coco.loadCats(coco.getCatIds())]
print(json.dumps({"annotations": coco.anns, "masks": masks, "images": images,
                  "categories": categories}))
