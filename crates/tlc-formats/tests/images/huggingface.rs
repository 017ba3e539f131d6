//! Data sets as the package `datasets` writes them: by pyarrow with its metadata, and by
//! itself.
//!
//! Wants a Python with pyarrow, and for some with datasets and pillow: `TLC_PYTHON`, else
//! `python3`. `TLC_REQUIRE_TOOLS=1` makes the absence of pyarrow a failure.

use crate::{Given, bytes, fixture, numbers, texts, tools};
use std::path::Path;
use tlc_core::arrow::array::{Array, AsArray};
use tlc_core::arrow::datatypes::{Float32Type, Int64Type, UInt8Type};
use tlc_core::{Column, Table, Url, ValueType};
use tlc_formats::{Error, HuggingFace, import};

/// Whether a script has run, with the folders of the data and of the fixtures as its arguments.
fn python(packages: &[&str], is_required: bool, script: &str, folder: &Path) -> bool {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/images/fixtures");
    tools::run(packages, is_required, script, &[folder, &fixtures]).is_some()
}

const BY_PYARROW: &str = r#"
import sys, json, os, pyarrow as pa, pyarrow.parquet as pq
folder, fixtures = sys.argv[1:]
png = open(fixtures + "/rgb.png", "rb").read()
jpg = open(fixtures + "/rgb.jpg", "rb").read()
image = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
value = lambda dtype: {"dtype": dtype, "_type": "Value"}
features = {
    "image": {"_type": "Image"},
    "label": {"names": ["cat", "dog"], "_type": "ClassLabel"},
    "id": value("int64"),
    "caption": value("string"),
    "frames": {"feature": {"_type": "Image"}, "_type": "Sequence"},
    "objects": {"feature": {"bbox": {"feature": value("float32"), "length": 4, "_type": "Sequence"},
        "category": {"names": ["a", "b", "c"], "_type": "ClassLabel"}}, "_type": "Sequence"},
    "tags": {"feature": {"names": ["x", "y"], "_type": "ClassLabel"}, "_type": "List"},
    "matrix": {"shape": [2, 3], "dtype": "float32", "_type": "Array2D"},
    "open": {"shape": [None, 2], "dtype": "uint8", "_type": "Array2D"},
    "nested": {"inner": {"_type": "Image"}, "n": value("int32")},
    "sound": {"sampling_rate": 16000, "_type": "Audio"},
}
schema = pa.schema([
    ("image", image), ("label", pa.int64()), ("id", pa.int64()), ("caption", pa.string()),
    ("frames", pa.list_(image)),
    ("objects", pa.struct([("bbox", pa.list_(pa.list_(pa.float32(), 4))), ("category", pa.list_(pa.int64()))])),
    ("tags", pa.list_(pa.int64())), ("matrix", pa.list_(pa.list_(pa.float32()))),
    ("open", pa.list_(pa.list_(pa.uint8()))),
    ("nested", pa.struct([("inner", image), ("n", pa.int32())])), ("sound", image),
], metadata={"huggingface": json.dumps({"info": {"features": features}})})
def row(n):
    return {
        "image": {"bytes": [png, jpg][n % 2], "path": f"{n}.png"} if n != 3 else None,
        "label": [0, 1, -1, 0][n % 4], "id": n, "caption": f"picture {n}" if n else None,
        "frames": [{"bytes": png, "path": None}] * n,
        "objects": {"bbox": [[n, 0, 1, 1]] * n, "category": [n % 3] * n},
        "tags": None if n == 2 else [1, 0][: n], "matrix": [[n, 1, 2], [3, 4, 5]],
        "open": [[n, 1]] * n, "nested": {"inner": {"bytes": jpg, "path": None}, "n": n},
        "sound": {"bytes": b"RIFF", "path": None},
    }
def write(name, rows):
    os.makedirs(os.path.dirname(f"{folder}/{name}"), exist_ok=True)
    pq.write_table(pa.Table.from_pylist([row(n) for n in rows], schema=schema), f"{folder}/{name}")
write("all/data/train-00000-of-00002.parquet", [0, 1])
write("all/data/train-00001-of-00002.parquet", [2])
write("all/data/test-00000-of-00001.parquet", [3])
write("dirs/default/validation/0000.parquet", [1])
write("dirs/default/train/0000.parquet", [0])
write("plain/whatever.parquet", [0, 1])
def pair(name, features, columns):
    os.makedirs(f"{folder}/{name}", exist_ok=True)
    meta = {} if features is None else {"huggingface": json.dumps({"info": {"features": features}})}
    table = pa.table(columns).replace_schema_metadata(meta)
    pq.write_table(table, f"{folder}/{name}/x.parquet")
images = lambda cells: pa.array(cells, image)
pair("bare", None, {"image": images([{"bytes": png, "path": "a"}]), "label": [3]})
pair("damaged", {"image": {"_type": "Image"}}, {"image": images([{"bytes": png, "path": None},
    {"bytes": png[:30], "path": None}, {"bytes": b"text", "path": None}, {"bytes": jpg, "path": None}])})
pair("classes", {"label": {"names": ["a", "b"], "_type": "ClassLabel"}}, {"label": [0, 1, 2, 2**40]})
pair("contradicts", {"label": {"names": ["a"], "_type": "ClassLabel"}}, {"label": ["a"]})
pair("no_image", {"image": {"_type": "Image"}}, {"image": [1]})
pair("ragged", {"m": {"shape": [2, 2], "dtype": "int64", "_type": "Array2D"}}, {"m": [[[1, 2], [3]]]})
outside = "/etc/hostname"
pair("named", {"image": {"_type": "Image"}}, {"image": images([
    {"bytes": None, "path": "sub/in.png"}, {"bytes": None, "path": outside},
    {"bytes": None, "path": "../damaged/x.parquet"}, {"bytes": None, "path": "none.png"},
    {"bytes": None, "path": None}, {"bytes": png, "path": outside}])})
os.makedirs(f"{folder}/named/sub"); open(f"{folder}/named/sub/in.png", "wb").write(png)
os.makedirs(f"{folder}/mixed", exist_ok=True)
pq.write_table(pa.table({"a": [1]}), f"{folder}/mixed/train-00000-of-00001.parquet")
pq.write_table(pa.table({"b": [1]}), f"{folder}/mixed/test-00000-of-00001.parquet")
os.makedirs(f"{folder}/metadata", exist_ok=True)
pq.write_table(pa.table({"a": [1]}).replace_schema_metadata({"huggingface": "{not json"}), f"{folder}/metadata/x.parquet")
"#;

fn value(table: &Table, column: &str) -> ValueType {
    table.schema().column(column).unwrap().value.clone()
}

#[test]
fn every_feature_becomes_a_column_that_means_it() {
    let given = Given::new(&[]);
    if !python(&["pyarrow"], true, BY_PYARROW, &given.folder) {
        return;
    }
    let all = HuggingFace::new(given.folder.join("all"));
    assert_eq!(all.splits().unwrap(), ["train", "test"]);
    let table = import(&all, given.options()).unwrap().table;
    assert_eq!(texts(&table, "split"), ["train", "train", "train", "test"]);
    check_images(&table);
    check_nested(&table);
    let test = import(&all.clone().split("test"), given.options().table("test"))
        .unwrap()
        .table;
    assert_eq!((test.len(), test.schema().column("split")), (1, None));
    let none = import(&all.split("dev"), given.options())
        .unwrap_err()
        .to_string();
    assert!(
        none.contains("no split `validation`, there are: train, test"),
        "{none}"
    );
    let dirs = HuggingFace::new(given.folder.join("dirs"));
    assert_eq!(dirs.splits().unwrap(), ["train", "validation"]);
    let plain = HuggingFace::new(given.folder.join("plain"));
    let table = import(&plain, given.options().table("plain"))
        .unwrap()
        .table;
    assert_eq!((table.len(), table.schema().column("split")), (2, None));
    bare_and_bad(&given);
    named(&given);
}

fn check_images(table: &Table) {
    assert_eq!(value(table, "image"), ValueType::image_bytes());
    let images = table.column("image").unwrap();
    let images = images.as_binary::<i32>();
    assert_eq!(images.value(0), fixture("rgb.png"));
    assert_eq!(images.value(1), fixture("rgb.jpg"));
    assert!(images.is_null(3));
    assert_eq!(value(table, "label"), ValueType::labels(["cat", "dog"]));
    assert_eq!(numbers(table, "label"), [Some(0), Some(1), None, Some(0)]);
    assert_eq!(
        texts(table, "caption"),
        ["null", "picture 1", "picture 2", "picture 3"]
    );
    let id = table.column("id").unwrap();
    assert_eq!(id.as_primitive::<Int64Type>().values(), &[0, 1, 2, 3]);
}

fn check_nested(table: &Table) {
    let list = |item| ValueType::List {
        item: Box::new(item),
        len: None,
    };
    assert_eq!(value(table, "frames"), list(ValueType::image_bytes()));
    assert_eq!(value(table, "tags"), list(ValueType::labels(["x", "y"])));
    let frames = table.column("frames").unwrap();
    let two = frames.as_list::<i32>().value(2);
    assert_eq!(two.as_binary::<i32>().value(1), fixture("rgb.png"));
    let ValueType::Struct { fields } = value(table, "objects") else {
        panic!("{:?}", value(table, "objects"));
    };
    assert_eq!(fields[1].value, list(ValueType::labels(["a", "b", "c"])));
    let tensor = |item, shape: &[Option<usize>]| ValueType::Tensor {
        item: Box::new(item),
        shape: shape.to_vec(),
    };
    assert_eq!(
        value(table, "matrix"),
        tensor(ValueType::Float32, &[Some(2), Some(3)])
    );
    let matrix = table.column("matrix").unwrap();
    let second = matrix.as_fixed_size_list().value(1);
    assert_eq!(
        second.as_primitive::<Float32Type>().values(),
        &[1.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    );
    assert_eq!(
        value(table, "open"),
        tensor(ValueType::UInt8, &[None, Some(2)])
    );
    let open = table.column("open").unwrap();
    assert_eq!(
        open.as_list::<i32>()
            .value(2)
            .as_primitive::<UInt8Type>()
            .values(),
        &[2, 1, 2, 1]
    );
    let nested = table.column("nested").unwrap();
    let inner = nested.as_struct().column(0);
    assert_eq!(inner.as_binary::<i32>().value(2), fixture("rgb.jpg"));
    assert!(matches!(value(table, "sound"), ValueType::Struct { .. }));
}

fn bare_and_bad(given: &Given) {
    let of = |name: &str| HuggingFace::new(given.folder.join(name));
    let table = import(&of("bare"), given.options().table("bare"))
        .unwrap()
        .table;
    assert_eq!(bytes(&table, "image"), [fixture("rgb.png")]);
    let by_hand = Column::new(
        "image",
        ValueType::Struct {
            fields: vec![
                Column::new("bytes", ValueType::Bytes).nullable(true),
                Column::new("path", ValueType::String).nullable(true),
            ],
        },
    );
    let options = given.options().table("by_hand").column(by_hand);
    let table = import(&of("bare"), options).unwrap().table;
    assert!(matches!(value(&table, "image"), ValueType::Struct { .. }));
    let refused = import(&of("damaged"), given.options().table("damaged"))
        .unwrap_err()
        .to_string();
    assert!(
        refused.contains("x.parquet, row 2, column `image`: damaged"),
        "{refused}"
    );
    let options = given.options().table("damaged").skip_bad_rows();
    let imported = import(&of("damaged"), options).unwrap();
    assert_eq!((imported.table.len(), imported.skipped.len()), (2, 2));
    assert_eq!(bytes(&imported.table, "image")[1], fixture("rgb.jpg"));
    let imported = import(
        &of("classes"),
        given.options().table("classes").skip_bad_rows(),
    )
    .unwrap();
    let told = imported.table.description();
    assert!(
        told.contains("row 3, column `label`") && told.contains("row 4, column `label`"),
        "{told}"
    );
    for (name, reason) in [
        (
            "contradicts",
            "the features of the column `label` contradict its data",
        ),
        (
            "no_image",
            "the features of the column `image` contradict its data",
        ),
        ("ragged", "a value is no tensor"),
        ("mixed", "other columns than train-00000-of-00001.parquet"),
        ("metadata", "no JSON"),
    ] {
        let refused = import(&of(name), given.options().table(name))
            .unwrap_err()
            .to_string();
        assert!(refused.contains(reason), "{name}: {refused}");
    }
    let none = import(&of("none"), given.options().table("none")).unwrap_err();
    assert!(matches!(none, Error::NoFiles { .. }), "{none}");
}

/// Images that are named, and not in the file.
fn named(given: &Given) {
    let named = HuggingFace::new(given.folder.join("named"));
    let imported = import(&named, given.options().table("named").skip_bad_rows()).unwrap();
    assert_eq!((imported.table.len(), imported.skipped.len()), (3, 3));
    let images = imported.table.column("image").unwrap();
    let images = images.as_binary::<i32>();
    assert_eq!(
        (images.value(0), images.is_null(1)),
        (&fixture("rgb.png")[..], true)
    );
    let told = imported.table.description();
    for bad in [
        "row 2, column `image`: `/etc/hostname` is in none of the allowed folders",
        "row 3, column `image`: `../damaged/x.parquet` is in none of the allowed folders",
        "row 4, column `image`: `none.png` is not there",
    ] {
        assert!(told.contains(bad), "{bad}: {told}");
    }
    let folder = Url::from_path(Path::new("/etc")).unwrap();
    let allowed = named.allow(folder);
    let imported = import(&allowed, given.options().table("etc").skip_bad_rows()).unwrap();
    assert!(
        imported
            .table
            .description()
            .contains("`/etc/hostname`: no image that is known")
    );
}

const BY_DATASETS: &str = r#"
import os, sys, numpy as np
os.environ.update(HF_HUB_OFFLINE="1", HF_HOME=sys.argv[1] + "/home")
from datasets import Dataset, DatasetDict, Features, Image, ClassLabel, Value, Sequence, Array2D, load_from_disk
from PIL import Image as Pil
folder, fixtures = sys.argv[1:]
features = Features({"image": Image(), "label": ClassLabel(names=["cat", "dog"]), "score": Value("float32"),
    "tokens": Sequence(Value("int32")), "grid": Array2D((2, 2), "int16")})
def rows(n):
    return {"image": [Pil.fromarray(np.full((4, 5, 3), i, "u1")) for i in range(n)], "label": [i % 2 for i in range(n)],
        "score": [i / 2 for i in range(n)], "tokens": [list(range(i)) for i in range(n)], "grid": [[[i, 1], [2, 3]] for i in range(n)]}
train, test = (Dataset.from_dict(rows(n), features=features) for n in (5, 2))
train.to_parquet(folder + "/parquet/train.parquet")
test.to_parquet(folder + "/parquet/test.parquet")
DatasetDict({"train": train, "test": test}).save_to_disk(folder + "/disk")
Dataset.from_dict({"image": [fixtures + "/rgb.png"]}, features=Features({"image": Image()})).save_to_disk(folder + "/paths")
"#;

#[test]
fn what_datasets_itself_writes_is_read() {
    let given = Given::new(&[]);
    for folder in ["parquet", "disk"] {
        std::fs::create_dir(given.folder.join(folder)).unwrap();
    }
    if !python(&["datasets", "PIL"], false, BY_DATASETS, &given.folder) {
        return;
    }
    for folder in ["parquet", "disk"] {
        let options = given.options().table(folder);
        let table = import(&HuggingFace::new(given.folder.join(folder)), options)
            .unwrap()
            .table;
        assert_eq!(table.len(), 7);
        assert_eq!(texts(&table, "split")[4..6], ["train", "test"]);
        assert_eq!(value(&table, "image"), ValueType::image_bytes());
        assert_eq!(value(&table, "label"), ValueType::labels(["cat", "dog"]));
        assert_eq!(numbers(&table, "label")[..3], [Some(0), Some(1), Some(0)]);
        let grid = ValueType::Tensor {
            item: Box::new(ValueType::Int16),
            shape: vec![Some(2); 2],
        };
        assert_eq!(value(&table, "grid"), grid);
        assert!(
            bytes(&table, "image")
                .iter()
                .all(|image| image.starts_with(b"\x89PNG"))
        );
    }
    let paths = HuggingFace::new(given.folder.join("paths"));
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/images/fixtures");
    let paths = paths.allow(Url::from_path(&fixtures).unwrap());
    let table = import(&paths, given.options().table("paths"))
        .unwrap()
        .table;
    assert_eq!(bytes(&table, "image"), [fixture("rgb.png")]);
}
