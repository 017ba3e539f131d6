//! Annotations that others may have written: they are taken as they are, or told; and COCO that
//! is taken says the same after it is written.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tlc_core::Table;
use tlc_formats::{Coco, Format, ImportOptions, Masks, Rows, ToCoco, Yolo, export, import};
use tlc_fuzz::{Project, tell_panics};

/// The beginning and the end of a grey image of 4 x 2 pixels, which is what an import looks at.
const PNG: &[u8] =
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x04\0\0\0\x02\x08\0\0\0\0????\0\0\0\0IEND????";

fuzz_target!(init: tell_panics(), |bytes: &[u8]| {
    let Some((kind, bytes)) = bytes.split_first() else {
        return;
    };
    let project = Project::default();
    match kind {
        b'c' => {
            project.put("data/a.json", bytes.to_vec());
            let Some(table) = taken(&project, "a", &coco(&project, "a")) else {
                return;
            };
            let copy = project.url("data/b.json").to_string();
            export(&ToCoco::new(copy), &Rows::of(&table)).unwrap();
            let again = taken(&project, "b", &coco(&project, "b")).unwrap();
            let boxes = |table: &Table| table.column("boxes").unwrap().len();
            assert_eq!((table.len(), boxes(&table)), (again.len(), boxes(&again)));
        }
        b'm' => {
            project.put("data/images/a.png", PNG.to_vec());
            project.put("data/masks/a.png", bytes.to_vec());
            let (images, masks) = (project.url("data/images"), project.url("data/masks"));
            taken(&project, "m", &Masks::new(images, masks, ["a", "b"]));
        }
        // The file of data, a zero, and the labels of the one image.
        _ => {
            let (data, labels) = match bytes.iter().position(|byte| *byte == 0) {
                Some(zero) => (&bytes[..zero], &bytes[zero + 1..]),
                None => (bytes, &b""[..]),
            };
            project.put("data/data.yaml", data.to_vec());
            project.put("data/images/a.png", PNG.to_vec());
            project.put("data/labels/a.txt", labels.to_vec());
            taken(&project, "y", &Yolo::new(project.url("data/data.yaml")));
        }
    }
});

fn coco(project: &Project, name: &str) -> Coco {
    Coco::new(project.url(&format!("data/{name}.json"))).without_images()
}

/// The table, without what is bad; `None` if it is refused.
fn taken(project: &Project, name: &str, format: &dyn Format) -> Option<Table> {
    let options = ImportOptions::new("p", name).root(project.url("projects"));
    Some(import(format, options.skip_bad_rows()).ok()?.table)
}
