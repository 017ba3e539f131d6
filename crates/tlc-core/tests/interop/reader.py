"""Reads a project root by FORMAT.md alone, with nothing of tlc but the files.

    reader.py ROOT [URL=FOLDER ...]

prints as JSON all tables, runs and reducers under the folder ROOT. `URL=FOLDER` says where
the files of another root are, whose tables runs name by an absolute URL. Floats are printed
as the hexadecimal digits of their bits, bytes as hexadecimal digits, moments as microseconds
and columns of more than 1,000 values as runs of equal ones. Whatever FORMAT.md does not allow
ends the program with an error that names the file.
"""
import fcntl
import io
import itertools
import json
import re
import struct
import sys
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as parquet

VERSION = 5
DOCUMENT_BYTES = 32 << 20
UNDER_WAY = ("running", "collecting", "post_processing")
COLOR = re.compile(r"#[0-9a-fA-F]{6}")
PLAIN_NAME = re.compile(r'[^/\\:%#?*"<>|\x00-\x1f\x7f]{1,255}')


class Unreadable(Exception):
    """A file, and what it has that FORMAT.md does not allow."""


def require(fact, file, what):
    if not fact:
        raise Unreadable(f"{file}: {what}")


# Checksums and documents


def crc32c_table():
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        yield byte


CRC32C = list(crc32c_table())


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = CRC32C[(crc ^ byte) & 255] ^ crc >> 8
    return f"{crc ^ 0xFFFFFFFF:08x}"


def unique(pairs, file):
    fields = dict(pairs)
    require(len(fields) == len(pairs), file, "has a name twice")
    return fields


def document(file, kind):
    """The JSON object of a sealed document, and its seal."""
    data = file.read_bytes()
    require(len(data) <= DOCUMENT_BYTES, file, "too large")
    end = data.find(b"\n") + 1
    line, seal = data[:end], crc32c(data[:end])
    require(data[end:] == b'{"crc32c":"%s"}\n' % seal.encode(), file, "bad checksum")
    found = json.loads(line, object_pairs_hook=lambda pairs: unique(pairs, file))
    require(found["format"] == kind, file, f"is a {found['format']}")
    require(found["version"] <= VERSION, file, f"of version {found['version']}")
    return found, seal


def is_last(commit):
    """Whether it says that the table or run is no more."""
    return commit.get("deleted") or any(a["action"] == "delete" for a in commit.get("actions", []))


def commits(folder, kind):
    """The documents of a folder of commits, in the order of their numbers."""
    names = sorted(file.name for file in folder.iterdir())
    names = [name for name in names if re.fullmatch(r"[0-9]{20}\.json", name)]
    if not names or is_last(document(folder / names[-1], kind)[0]):
        return []
    found, previous, version, owner = [], None, 0, None
    for number, name in enumerate(names):
        file = folder / name
        require(int(name[:20]) == number, file, f"no commit {number} before it")
        commit, seal = document(file, kind)
        require(commit["version"] >= min(version, 2), file, "is older than the one before")
        version = commit["version"]
        owner = owner_of(commit, owner)
        if version >= 2:
            require(commit["number"] == number, file, f"was number {commit['number']}")
            require(commit.get("previous") == previous, file, "followed another one")
            require(commit.get("table", commit.get("run")) == owner, file, "is of another")
        found.append(commit)
        previous = seal
    return found


def owner_of(commit, before):
    """The id that a commit must name: of a run, that of its last `create`."""
    for action in commit.get("actions", []):
        if action["action"] == "create":
            return action["id"]
    return before or commit.get("table")


def checked(folder, info):
    """The bytes of a file that a document of the folder names."""
    names = info["url"].split("/")
    file = folder.joinpath(*names)
    require(all(map(PLAIN_NAME.fullmatch, names)) and ".." not in names, file, "a bad name")
    data = file.read_bytes()
    require(len(data) == info["len_bytes"], file, f"has {len(data)} bytes")
    size = info["block_bytes"]
    blocks = (data[at : at + size] for at in range(0, len(data), size))
    require("".join(map(crc32c, blocks)) == info["crc32c"], file, "bad checksum")
    return file, data


# Columns


def class_ids(value):
    """The ids of the classes, in their order: of a text its place."""
    return [at if isinstance(known, str) else known["id"]
            for at, known in enumerate(value["classes"])]


def check_classes(value, file, version):
    """Refuses classes that FORMAT.md does not allow, here or in what the value is made of."""
    for inner in [value["item"]] if "item" in value else []:
        check_classes(inner, file, version)
    for column in value.get("fields", []):
        check_column(column, file, version)
    if "classes" not in value:
        return
    objects = [known for known in value["classes"] if not isinstance(known, str)]
    special = [value[name] for name in ("background", "void") if name in value]
    require(version >= 4 or not objects + special, file, f"such classes in version {version}")
    colors = [known["color"] for known in objects if "color" in known]
    require(all(map(COLOR.fullmatch, colors)), file, f"one of the colors {colors}")
    ids = class_ids(value)
    require(len(ids) == len(set(ids)), file, "a class twice")
    require("background" not in value or value["background"] in ids, file, "no such background")
    require("void" not in value or value["void"] not in ids, file, "a class is void")
    least, most = (0, 65535) if value["type"] == "segmentation_mask" else (-1 << 31, (1 << 31) - 1)
    require(all(least <= at <= most for at in ids + special), file, f"a class among {ids}")


def check_column(column, file, version):
    """Refuses classes and skeletons that FORMAT.md does not allow."""
    check_classes(column["value"], file, version)
    skeletons = column.get("skeletons", [])
    require(version >= 5 or not skeletons, file, f"skeletons in version {version}")
    classes = [skeleton.get("class") for skeleton in skeletons]
    require(len(classes) == len(set(classes)), file, "two skeletons of a class")
    for skeleton in skeletons:
        places = range(len(skeleton["keypoints"]))
        mirrored = skeleton.get("mirrored", [])
        used = [place for edge in skeleton.get("edges", []) for place in edge] + mirrored
        require(all(place in places for place in used), file, f"a keypoint among {used}")
        require(len(mirrored) in (0, len(places)), file, "some keypoints mirrored")


def check_labels(schema, columns, file):
    """Labels are classes of their column, or void."""
    for column in schema["columns"]:
        value = column["value"]
        if value["type"] == "categorical_label" and value["classes"]:
            found = set(columns[column["name"]]) - {*class_ids(value), value.get("void"), None}
            require(not found, file, f"{column['name']} has the labels {found}")


ARROW = {
    "string": pa.string(), "datetime": pa.timestamp("us", "UTC"), "bytes": pa.binary(),
    "float32": pa.float32(), "float64": pa.float64(), "bool": pa.bool_(),
    "categorical_label": pa.int32(), "segmentation_mask": pa.binary(),
    "confidence": pa.float32(), "sample_weight": pa.float32(),
    "example_id": pa.int64(), "epoch": pa.int64(), "iteration": pa.int64(), "step": pa.int64(),
    **{f"int{bits}": getattr(pa, f"int{bits}")() for bits in (8, 16, 32, 64)},
    **{f"uint{bits}": getattr(pa, f"uint{bits}")() for bits in (8, 16, 32, 64)},
}


def arrow_type(value):
    kind = value["type"]
    if kind in ARROW:
        return ARROW[kind]
    if kind == "image":
        return {"bytes": pa.binary(), "url": pa.string()}[value["storage"]]
    if kind == "embedding":
        return list_type(pa.float32(), False, value["dim"])
    if kind == "list":
        return list_type(arrow_type(value["item"]), True, value.get("len"))
    if kind == "tensor":
        size = 1
        for length in value["shape"]:
            size = None if length is None else size and size * length
        return list_type(arrow_type(value["item"]), False, size)
    if kind == "struct":
        return pa.struct([field(column) for column in value["fields"]])
    raise Unreadable(f"a column of the unknown type {kind}")


def list_type(item, nullable, size):
    item = pa.field("item", item, nullable)
    return pa.list_(item) if size is None else pa.list_(item, size)


def field(column):
    return pa.field(column["name"], arrow_type(column["value"]), column.get("nullable", False))


def plain(array):
    """The values of an array as JSON that loses no bit."""
    kind = array.type
    valid = array.is_valid().to_pylist()
    if pa.types.is_floating(kind):
        digits = kind.bit_width // 4
        bits = array.view(pa.uint32() if digits == 8 else pa.uint64()).to_pylist()
        values = [f"{value or 0:0{digits}x}" for value in bits]
    elif pa.types.is_binary(kind):
        values = [(value or b"").hex() for value in array.to_pylist()]
    elif pa.types.is_timestamp(kind):
        values = array.view(pa.int64()).to_pylist()
    elif pa.types.is_list(kind):
        ends, items = array.offsets.to_pylist(), plain(array.values)
        values = [items[start:end] for start, end in itertools.pairwise(ends)]
    elif pa.types.is_fixed_size_list(kind):
        size, items = kind.list_size, plain(array.values)
        values = [items[at * size : at * size + size] for at in range(len(array))]
    elif pa.types.is_struct(kind):
        fields = [plain(array.field(at)) for at in range(kind.num_fields)]
        names = [field.name for field in kind]
        values = [dict(zip(names, row)) for row in zip(*fields)]
    else:
        values = array.to_pylist()
    return [value if known else None for value, known in zip(values, valid)]


def shortened(values):
    if len(values) <= 1000:
        return values
    return {"runs": [[len(list(run)), value] for value, run in itertools.groupby(values)]}


def read_parts(folder, parts, schema, lacks_no_value=False):
    """The columns of all parts, one after another."""
    columns = {column["name"]: [] for column in schema["columns"]}
    for part in parts:
        file, data = checked(folder, part)
        found = parquet.ParquetFile(io.BytesIO(data))
        groups = [found.metadata.row_group(at).num_rows for at in range(found.num_row_groups)]
        require(groups == part["row_groups"], file, f"has row groups of {groups} rows")
        rows = found.read()
        expected = pa.schema([field(column) for column in schema["columns"]])
        if lacks_no_value:  # The column may have got its leave to since.
            strict = [found.with_nullable(False) for found in expected]
            expected = pa.schema(strict) if rows.schema.equals(pa.schema(strict)) else expected
        require(rows.schema.equals(expected), file, f"has the columns {rows.schema}")
        for name, column in columns.items():
            column += plain(rows[name].combine_chunks())
    return columns


# Tables


def read_table(folder, content=None):
    """The newest content of a table, or the one with this id."""
    manifests = commits(folder / "commits", "tlc-table")
    require(manifests, folder, "no table")
    fitting = [m for m in manifests if content in (None, m["id"])]
    require(fitting, folder, f"no content {content}")
    manifest = fitting[-1]
    columns = read_columns(folder, manifest)
    check_labels(manifest["schema"], columns, folder)
    return manifest, columns


def read_columns(folder, manifest):
    for schema in [manifest["schema"], *manifest.get("overlay", {}).get("schemas", [])]:
        for column in schema["columns"]:
            check_column(column, folder, manifest["version"])
    if "overlay" not in manifest:
        return read_parts(folder, manifest["parts"], manifest["schema"])
    require(not manifest["parts"] and manifest["version"] >= 3, folder, "parts and an overlay")
    base = folder.parent / manifest["descent"]["base"]["name"]
    announced(base, manifest)
    return read_overlay(base, manifest["overlay"], manifest["schema"])


def announced(base, manifest):
    """A revision must have been announced as what it is."""
    descent = manifest["descent"]
    file = base / "revisions" / f"{descent['number']:020}.json"
    entry, _ = document(file, "tlc-revision")
    require(entry["number"] == descent["number"], file, f"was number {entry['number']}")
    require(entry["revision"]["id"] == manifest["id"], file, "announces another one")
    same = {"kind": descent["kind"], "parent": descent["parent"], "changes": descent["changes"],
            "base": descent["base"]["id"], "rows": manifest["rows"],
            "description": manifest["description"], "created": manifest["created"]}
    require(same == {key: entry[key] for key in same}, file, "says something else")


def read_overlay(base, overlay, schema):
    """The columns of a revision."""
    stored = {column["name"]: [] for column in schema["columns"]}
    for segment in overlay["segments"]:
        groups = [[rows for part in layer["parts"] for rows in part["row_groups"]]
                  for layer in segment["layers"]]
        require(all(found == groups[0] for found in groups), base, "layers of other row groups")
        require(sum(groups[0]) == segment["rows"], base, f"{groups[0]} rows of {segment['id']}")
        shown = [(column, read_parts(base, layer["parts"], overlay["schemas"][layer["schema"]]))
                 for layer in segment["layers"] for column in layer["columns"]]
        require(sorted(column["name"] for column, _ in shown) == sorted(stored), base, "columns")
        for column, values in shown:
            stored[column["name"]] += values[column["stored"]]
    for cells in overlay.get("cells", []):
        column = next(c for c in schema["columns"] if c["name"] == cells["column"])
        of_cells = {"columns": [ROW, column | {"name": "value"}]}
        changed = read_parts(base, cells["parts"], of_cells, lacks_no_value=True)
        rows = changed["row"]
        require(rows == sorted(set(rows)), base, f"cells of {column['name']} in no order")
        for row, value in zip(rows, changed["value"]):
            stored[column["name"]][row] = value
    if "order" not in overlay:
        return stored
    runs = read_parts(base, overlay["order"]["parts"], ORDER)
    positions = [at for first, length in zip(runs["first"], runs["len"])
                 for at in range(first, first + length)]
    require(len(positions) == len(set(positions)), base, "a position twice")
    return {name: [values[at] for at in positions] for name, values in stored.items()}


ROW = {"name": "row", "value": {"type": "int64"}}
ORDER = {"columns": [{"name": name, "value": {"type": "int64"}} for name in ("first", "len")]}


def tell_table(folder):
    manifest, columns = read_table(folder)
    rows = len(next(iter(columns.values()), []))
    require(rows == manifest["rows"], folder, f"has {rows} rows")
    told = {key: manifest[key] for key in ("id", "created", "description", "rows", "schema")}
    if "overlay" not in manifest:
        saved = selections(folder, manifest)
        told |= {"selections": saved} if saved else {}
    return told | {"columns": {name: shortened(column) for name, column in columns.items()}}


def selections(base, manifest):
    """The rows of each selection, as a base without revisions counts them."""
    told = {}
    folder = base / "selections"
    for versions in sorted(folder.iterdir()) if folder.exists() else []:
        previous, newest = None, None
        for number, file in enumerate(sorted(versions.iterdir())):
            saved, seal = document(file, "tlc-selection")
            require(file.name == f"{number:020}.json", file, "has a gap before it")
            require((saved["name"], saved["number"]) == (versions.name, number), file, "moved")
            require(saved.get("previous") == previous, file, "followed another one")
            newest = saved if saved["base"] == manifest["id"] else newest
            previous = seal
        if newest and not newest.get("deleted"):
            positions = row_set(newest["rows"])
            require(newest["extents"][0]["id"] == manifest["id"], versions, "of other rows")
            told[versions.name] = [row for row in positions if row < manifest["rows"]]
    return told


def row_set(rows):
    if "runs" in rows:
        runs = zip(rows["runs"][::2], rows["runs"][1::2])
        return [row for first, length in runs for row in range(first, first + length)]
    bits = ((at, int(digit, 16)) for at, digit in enumerate(rows["bits"]["hex"]))
    return [rows["bits"]["from"] + 4 * at + bit
            for at, digit in bits for bit in range(4) if digit >> bit & 1]


# Runs


def fold(run):
    """What the commits of a run amount to; its checkpoints must amount to the same."""
    found = commits(run / "commits", "tlc-run-commit")
    require(found, run, "no run")
    for start, end, file in checkpoints(run / "checkpoints"):
        require(end <= len(found), file, f"holds more than {len(found)} commits")
        by_commits, by_checkpoint = amount(run, found[:end]), amount(run, found[:start])
        checkpoint, _ = document(file, "tlc-run-checkpoint")
        require((checkpoint["from"], checkpoint["to"]) == (start, end), file, "has another name")
        by_checkpoint = amount(run, [checkpoint], by_checkpoint)
        for entry in checkpoint.get("parts", []):
            name = entry.get("metrics")
            kind = {"action": "segment", "metrics": name} if name else {"action": "aggregates"}
            for part in entry["parts"]:
                apply(run, by_checkpoint, kind | {"part": part})
        by_checkpoint["named"] |= set(checkpoint.get("replaced", []))
        require(by_checkpoint == by_commits, file, "amounts to something else")
    return amount(run, found)


def checkpoints(folder):
    for file in sorted(folder.iterdir()) if folder.exists() else []:
        if name := re.fullmatch(r"([0-9]{20})-([0-9]{20})\.json", file.name):
            yield int(name[1]), int(name[2]), file


def amount(run, documents, state=None):
    """What actions amount to, after others."""
    for document in documents:
        for action in document["actions"]:
            if action["action"] == "begin_metrics":
                for column in action["metrics"]["schema"]["columns"]:
                    check_column(column, run, document["version"])
            if action["action"] == "create":
                state = {
                    "id": action["id"], "created": action["created_micros"], "parameters": {},
                    "description": "", "status": "empty", "inputs": [], "metrics": {}, "log": [],
                    "named": set(),
                }
            require(state, run, f"starts with {action['action']}")
            apply(run, state, action)
    return state


def apply(run, state, action):
    """Changes a run by one action."""
    kind = action["action"]
    if kind in ("segment", "register_metrics") or action.get("metrics") and kind == "compact":
        require(action["metrics"] in state["metrics"], run, f"no metrics {action['metrics']}")
        metrics = state["metrics"][action["metrics"]]
    if kind == "describe":
        state["description"] = action["description"]
    elif kind == "parameters":
        state["parameters"] |= action["parameters"]
    elif kind == "status":
        state["status"] = action["status"]
    elif kind == "input_table":
        if action["table"] not in state["inputs"]:
            state["inputs"].append(action["table"])
    elif kind == "begin_metrics":
        begun = {"head": action["metrics"], "parts": [], "registered": False}
        state["metrics"].setdefault(action["metrics"]["name"], begun)
    elif kind in ("segment", "aggregates"):
        if action["part"]["url"] not in state["named"]:
            state["named"].add(action["part"]["url"])
            (metrics["parts"] if kind == "segment" else state["log"]).append(action["part"])
    elif kind == "register_metrics":
        metrics["registered"] = True
    elif kind == "compact":
        compact(run, metrics["parts"] if action.get("metrics") else state["log"], action)
        state["named"] |= {part["url"] for part in action["parts"]}
    else:
        require(kind == "create", run, f"the unknown action {kind}")


def compact(run, parts, action):
    """Puts few parts in the place of many."""
    start, end = action["start"], action["start"] + action["count"]
    replaced = [part["url"] for part in parts[start:end]]
    ends = replaced[:1] + replaced[-1:]
    require(ends == [action["first"], action["last"]], run, f"has no {action['first']}")
    require(len(replaced) == action["count"], run, f"has no {action['last']}")
    parts[start:end] = action["parts"]


def is_held(lock):
    """Whether a living process writes to the run."""
    if not lock.exists():
        return False
    with open(lock) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


class Root:
    def __init__(self, folder, others):
        self.folder, self.others = folder, others

    def resolve(self, run, reference):
        """The folder of the table that a run refers to, and how it is told here."""
        url = reference["url"]
        if "://" not in url:
            names = url.split("/")
            require(all(map(PLAIN_NAME.fullmatch, names)) and ".." not in names, run, url)
            project = run.parent.parent
            folder = project.joinpath(*names)
            return folder, folder.relative_to(self.folder).as_posix()
        for prefix, folder in self.others.items():
            if url.startswith(prefix):
                return folder / unquote(url[len(prefix) :]), url
        raise Unreadable(f"{run}: needs to know where {url} is")

    def tell_run(self, run):
        state = fold(run)
        interrupted = state["status"] in UNDER_WAY and not is_held(run / "lock")
        metrics = state["metrics"].values()
        return {
            "id": state["id"],
            "description": state["description"],
            "parameters": state["parameters"],
            "status": "interrupted" if interrupted else state["status"],
            "input_tables": [self.resolve(run, table)[1] for table in state["inputs"]],
            "metrics": [self.tell_metrics(run, m) for m in metrics if m["registered"]],
            "unfinished_metrics": [self.tell_metrics(run, m) for m in metrics if not m["registered"]],
            "series": tell_series(run, state),
        }

    def tell_metrics(self, run, metrics):
        head = metrics["head"]
        columns = read_parts(run, metrics["parts"], head["schema"])
        check_labels(head["schema"], columns, run)
        table = joined = None
        if reference := head.get("foreign_table"):
            folder, place = self.resolve(run, reference)
            manifest, samples = read_table(folder, reference["id"])
            require(manifest["rows"] == reference["rows"], run, f"{place} has other rows")
            ids = columns["example_id"]
            joined = {
                f"table.{name}" if name in columns else name: [values[at] for at in ids]
                for name, values in samples.items()
            }
            table = {"url": place, "id": manifest["id"], "rows": manifest["rows"]}
        return {
            "name": head["name"],
            "stream": head["stream"],
            "schema": head["schema"],
            "constants": head.get("constants", []),
            "foreign_table": table,
            "foreign_table_display_name": head.get("foreign_table_display_name"),
            "columns": columns,
            "joined": joined,
        }


LOG_SCHEMA = {"columns": [
    *({"name": axis, "value": {"type": "float64"}, "nullable": True}
      for axis in ("epoch", "iteration", "step")),
    {"name": "time", "value": {"type": "datetime"}},
    {"name": "key", "value": {"type": "string"}},
    {"name": "value", "value": {"type": "float64"}},
]}


def tell_series(run, state):
    series = {}
    log = read_parts(run, state["log"], LOG_SCHEMA)
    for epoch, iteration, step, time, key, value in zip(*log.values()):
        places = {"epoch": epoch, "iteration": iteration, "step": step}
        places = {axis: place for axis, place in places.items() if place is not None}
        seconds = struct.pack(">d", (time - state["created"]) / 1e6).hex()
        for axis, place in (places or {"time": seconds}).items():
            series.setdefault((key, axis), []).append([place, value])
    return [{"key": key, "axis": axis, "points": points} for (key, axis), points in series.items()]


# Reducers


def tell_reducer(run, file):
    reducer, _ = document(file, "tlc-reducer")
    place = (reducer.get("run"), reducer.get("name"))
    is_here = place == (fold(run)["id"], file.stem)
    require(reducer["version"] < 2 or is_here, file, f"was kept in {place}")
    if reducer["kind"] == "pca":
        return {key: reducer[key] for key in
                ("kind", "mean", "components", "explained_variance", "total_variance")}
    require(reducer["kind"] == "umap", file, f"a reducer of the kind {reducer['kind']}")
    _, data = checked(run, reducer["rows"])
    rows = pa.ipc.open_file(io.BytesIO(data)).read_all()
    told = {key: reducer[key] for key in ("kind", "metric", "neighbors")}
    return told | {name: plain(rows[name].combine_chunks()) for name in ("vector", "point")}


def places(root, pattern, kind):
    folders = sorted(folder for folder in root.glob(pattern) if (folder / "commits").is_dir())
    folders = [folder for folder in folders if commits(folder / "commits", kind)]
    return [(folder.relative_to(root).as_posix(), folder) for folder in folders]


def main(folder, *others):
    root = Path(folder)
    others = (other.rsplit("=", 1) for other in others)
    reader = Root(root, {url: Path(folder) for url, folder in others})
    runs = places(root, "*/runs/*", "tlc-run-commit")
    tables = places(root, "*/datasets/*/tables/*", "tlc-table")
    return {
        "tables": {place: tell_table(table) for place, table in tables},
        "runs": {place: reader.tell_run(run) for place, run in runs},
        "reducers": {place: {file.stem: tell_reducer(run, file)
                             for file in sorted((run / "models").glob("*.json"))}
                     for place, run in runs},
    }


if __name__ == "__main__":
    try:
        json.dump(main(*sys.argv[1:]), sys.stdout)
    except Unreadable as error:
        sys.exit(str(error))
