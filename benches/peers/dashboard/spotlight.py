"""Serves a folder of `data.py` by Spotlight; its images are files there. See README.md."""

import pathlib
import sys

import pyarrow.parquet as pq
from renumics import spotlight

if __name__ == "__main__":
    folder, port = pathlib.Path(sys.argv[1]).resolve(), int(sys.argv[2])
    file = folder / "rows.parquet"
    wanted = [name for name in pq.read_schema(file).names if name != "image"]
    frame = pq.read_table(file, columns=wanted).to_pandas()
    frame = frame.astype({"label": "category", "predicted": "category"})
    images = sorted(map(str, folder.glob("images/*.png")))
    if images:
        frame["image"] = images
    dtypes = {"image": "Image"} if images else {}
    spotlight.show(frame, dtype=dtypes, host="127.0.0.1", port=port, no_browser=True, wait="forever")
