"""Makes LightlyStudio's index of a folder of `data.py`, or, with a port, serves it: it has no
command for either. See README.md."""

import pathlib
import sys
import time

import lightly_studio
import pyarrow.parquet as pq
from lightly_studio.core.annotation.annotation_create import CreateClassification
from lightly_studio.database import db_manager
from lightly_studio.resolvers import annotation_resolver


def annotate(dataset, ids, source, names, confidences):
    """As the example of its evaluation does it: all at once."""
    new = [
        CreateClassification(class_name=name, confidence=confidence).to_annotation_create(
            session=dataset.session, dataset_id=dataset.dataset_id, parent_sample_id=sample
        )
        for sample, name, confidence in zip(ids, names, confidences)
    ]
    annotation_resolver.create_many(
        session=dataset.session,
        parent_collection_id=dataset.collection_id,
        annotations=new,
        collection_name=source,
    )


def index(folder):
    wanted = ["label", "predicted", "confidence", "loss"]
    rows = pq.read_table(folder / "rows.parquet", columns=wanted).to_pydict()
    dataset = lightly_studio.ImageDataset.create()
    start = time.perf_counter()
    dataset.add_images_from_path(path=folder / "images", embed=False)
    print(f"indexed in {time.perf_counter() - start:.1f} s", flush=True)
    in_order = sorted(dataset, key=lambda sample: sample.file_name)
    ids = [sample.sample_id for sample in in_order]
    annotate(dataset, ids, "label", rows["label"], [None] * len(ids))
    annotate(dataset, ids, "predicted", rows["predicted"], rows["confidence"])
    dataset.update_metadata([(sample, {"loss": loss}) for sample, loss in zip(ids, rows["loss"])])
    print(f"indexed, with labels, in {time.perf_counter() - start:.1f} s", flush=True)


def main(folder, port):
    made, making = folder / "lightly.db", folder / "lightly.db.part"
    db_manager.connect(db_file=str(made if port else making), cleanup_existing=not port)
    if port:
        lightly_studio.start_gui(host="127.0.0.1", port=port, open_browser=False)
    else:
        index(folder)
        db_manager.close()
        making.rename(made)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]).resolve(), int(sys.argv[2]) if len(sys.argv) > 2 else None)
