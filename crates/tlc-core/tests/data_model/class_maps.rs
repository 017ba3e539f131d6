//! Classes with ids of their own, colours, a background and a void.

use super::roots;
use std::path::Path;
use tlc_core::arrow::array::AsArray;
use tlc_core::arrow::datatypes::Int32Type;
use tlc_core::{
    AddMetrics, Class, ClassMap, Color, Column, Columns, Error, IfExists, Run, RunOptions, Schema,
    Table, TableOptions, Url, ValueType,
};

/// As in COCO, with gaps, a negative id, a colour, a background and a void.
fn coco() -> ClassMap {
    let classes = [(1, "person"), (3, "car"), (-7, "sky"), (90, "toothbrush")];
    let classes = ClassMap::from_ids(classes).unwrap();
    let classes = classes.with_color(3, [255, 0, 16]).unwrap();
    let classes = classes.with_background(-7).unwrap();
    classes.with_void(255).unwrap()
}

fn labelled(root: &Url, name: &str, classes: ClassMap, labels: Vec<Option<i32>>) -> Table {
    let label = Column::new("label", ValueType::labels(classes)).nullable(true);
    let options = TableOptions::new("p", "d", name).root(root).column(label);
    let columns = Columns::new().column("label", labels);
    Table::create(options, |writer| writer.add_batch(columns)).unwrap()
}

/// The first document of a folder of commits, as text.
fn document(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("commits/00000000000000000000.json")).unwrap()
}

#[test]
fn a_class_is_found_by_its_id_its_name_and_its_position() {
    let classes = coco();
    assert_eq!((classes.len(), classes.is_empty()), (4, false));
    assert_eq!(classes.ids().collect::<Vec<_>>(), [1, 3, -7, 90]);
    let names: Vec<&str> = classes.names().collect();
    assert_eq!(names, ["person", "car", "sky", "toothbrush"]);
    for (position, class) in classes.iter().enumerate() {
        assert_eq!(classes.position(class.id), Some(position));
        assert_eq!(classes.id_at(position), Some(class.id));
        assert_eq!(classes.name(class.id), Some(class.name.as_str()));
        assert_eq!(classes.id_of(&class.name), Some(class.id));
        assert!(classes.contains(class.id) && classes.allows(class.id));
    }
    for id in [0, 2, 4, 89, 91, 255, i32::MIN, i32::MAX] {
        assert_eq!(classes.position(id), None, "{id}");
        assert_eq!(classes.name(id), None, "{id}");
        assert!(!classes.contains(id));
    }
    assert!(classes.allows(255), "void");
    assert!(!classes.allows(2));
    assert_eq!(classes.id_at(4), None);
    assert_eq!(classes.id_of("cat"), None);
    assert_eq!(classes.get(3).unwrap().color, Some(Color([255, 0, 16])));
    assert_eq!(
        (classes.background(), classes.void()),
        (Some(-7), Some(255))
    );
    assert!(!classes.is_contiguous() && !classes.is_plain());

    let plain = ClassMap::new(["a", "b"]);
    assert!(plain.is_contiguous() && plain.is_plain());
    assert_eq!(
        (plain.position(1), plain.position(2), plain.position(-1)),
        (Some(1), None, None)
    );
    assert_eq!(plain, ClassMap::from_ids([(0, "a"), (1, "b")]).unwrap());
    assert_eq!(plain, ["a", "b"].into_iter().collect());
    let reversed = ClassMap::from_ids([(1, "b"), (0, "a")]).unwrap();
    assert!(!reversed.is_contiguous());
    assert_eq!(
        (reversed.position(1), reversed.position(0)),
        (Some(0), Some(1))
    );
    assert!(ClassMap::default().allows(-5), "no classes, any number");
}

#[test]
fn classes_that_contradict_one_another_are_refused_with_what_is_wrong() {
    let said = |refused: Result<ClassMap, Error>| refused.unwrap_err().to_string();
    let twice = said(ClassMap::from_ids([(3, "a"), (5, "b"), (3, "c")]));
    assert_eq!(twice, "class map: the id 3 appears twice");
    let twice = said(ClassMap::from_classes([
        Class::new(0, "a"),
        Class::new(0, "b"),
    ]));
    assert_eq!(twice, "class map: the id 0 appears twice");
    let classes = coco();
    assert_eq!(
        said(classes.clone().with_color(2, [0, 0, 0])),
        "class map: there is no class 2, but 1, 3, -7, 90, and 255 for void"
    );
    assert!(said(classes.clone().with_background(255)).contains("no class 255"));
    assert_eq!(
        said(classes.clone().with_void(3)),
        "class map: 3 is the class `car`: leave it out, or call another void"
    );
    let without = classes.with_void(None).unwrap();
    assert_eq!(without.with_background(None).unwrap().background(), None);
    for text in [
        "", "#", "ff0000", "#ff000", "#ff00000", "#gg0000", "#+f0000", "#ｆ0000",
    ] {
        assert!(
            matches!(text.parse::<Color>(), Err(Error::ClassMap { .. })),
            "{text}"
        );
    }
    assert_eq!("#FF00aa".parse::<Color>().unwrap(), Color([255, 0, 170]));
}

#[test]
fn a_table_and_a_run_keep_classes_of_any_ids_with_all_that_is_said_of_them() {
    let (folder, roots) = roots("class-maps-kept");
    for root in &roots {
        let given = vec![Some(90), None, Some(255), Some(-7)];
        let table = labelled(root, "t", coco(), given.clone());
        let opened = Table::from_url(table.url()).unwrap();
        let value = &opened.schema().column("label").unwrap().value;
        assert_eq!(value.classes(), Some(&coco()));
        let labels = opened.column("label").unwrap();
        let labels = labels
            .as_primitive::<Int32Type>()
            .iter()
            .collect::<Vec<_>>();
        assert_eq!(labels, given);
        // A batch tells it, too: the field carries it, and so does the file.
        let batch = opened.take(&[0]).unwrap();
        let schema = Schema::from_arrow(batch.schema_ref()).unwrap();
        assert_eq!(
            schema.column("label").unwrap().value.classes(),
            Some(&coco())
        );

        let run = Run::create(RunOptions::new("p").name("r").root(root)).unwrap();
        let about = AddMetrics::new().foreign_table(&opened);
        let predicted = Column::new("predicted", ValueType::labels(coco()));
        let columns = Columns::new().column("predicted", vec![3, 3, 1, 90]);
        run.add_metrics(columns, about.column(predicted)).unwrap();
        // A checkpoint holds it, too.
        for step in 0..8 {
            run.log([("step", f64::from(step))]).unwrap();
            run.flush().unwrap();
        }
        let read = Run::from_url(run.url()).unwrap().metrics().unwrap();
        let value = &read[0].schema().column("predicted").unwrap().value;
        assert_eq!(value.classes(), Some(&coco()));
        let worst = read[0]
            .worst("predicted", 2, &["label"])
            .unwrap()
            .to_string();
        assert!(
            worst.contains("toothbrush") && worst.contains("car"),
            "{worst}"
        );
    }
    let tables = folder.path().join("p/datasets/d/tables");
    let said = document(&tables.join("t"));
    assert!(said.contains(r#""version":4,"#), "{said}");
    let classes = r##""classes":[{"id":1,"name":"person"},{"id":3,"name":"car","color":"#ff0010"},{"id":-7,"name":"sky"},{"id":90,"name":"toothbrush"}],"background":-7,"void":255}"##;
    assert!(said.contains(classes), "{said}");
}

#[test]
fn a_document_has_the_lowest_version_that_can_say_which_classes_there_are() {
    let (folder, [root, _]) = roots("unused");
    let version = |name: &str, classes: ClassMap| {
        labelled(&root, name, classes, vec![None]);
        let said = document(&folder.path().join("p/datasets/d/tables").join(name));
        let start = said.find(r#""version":"#).unwrap() + 10;
        said[start..].chars().next().unwrap()
    };
    let names = || ClassMap::new(["a", "b"]);
    assert_eq!(version("names", names()), '2');
    assert_eq!(version("none", ClassMap::default()), '2');
    assert_eq!(
        version(
            "in order",
            ClassMap::from_ids([(0, "a"), (1, "b")]).unwrap()
        ),
        '2'
    );
    assert_eq!(
        version("gaps", ClassMap::from_ids([(0, "a"), (2, "b")]).unwrap()),
        '4'
    );
    assert_eq!(
        version("color", names().with_color(0, [0; 3]).unwrap()),
        '4'
    );
    assert_eq!(
        version("background", names().with_background(0).unwrap()),
        '4'
    );
    assert_eq!(version("void", names().with_void(255).unwrap()), '4');

    // A revision names the columns of its base's files, with what they meant then.
    let table = Table::from_url(root.join("p/datasets/d/tables/gaps").unwrap()).unwrap();
    let mut editor = table.edit().unwrap();
    let named = editor.set_classes("label", ["a", "b"]).unwrap();
    let named = named.commit("counted").unwrap();
    let said = document(&named.url().to_path().unwrap());
    assert!(said.contains(r#""version":4,"#), "{said}");
}

#[test]
fn documents_of_either_version_follow_one_another() {
    let (_folder, roots) = roots("class-maps-overwritten");
    for root in &roots {
        let made = [coco(), ClassMap::new(["a"]), coco()].map(|classes| {
            let label = Column::new("label", ValueType::labels(&classes)).nullable(true);
            let options = TableOptions::new("p", "d", "t").root(root).column(label);
            let options = options.if_exists(IfExists::Overwrite);
            let rows = Columns::new().column("label", vec![classes.id_at(0)]);
            let table = Table::create(options, |writer| writer.add_batch(rows)).unwrap();
            let run = Run::create(RunOptions::new("p").root(root)).unwrap();
            let about = AddMetrics::new().foreign_table(&table);
            let values = Columns::new().column("x", vec![0.5_f32]);
            run.add_metrics(values, about).unwrap();
            (run, classes)
        });
        for (run, classes) in &made {
            let run = Run::from_url(run.url()).unwrap();
            let table = run.metrics().unwrap()[0].foreign_table().unwrap();
            let table = table.unwrap();
            assert_eq!(table.schema().class_map("label").unwrap(), classes);
        }
    }
}

#[test]
fn a_label_that_is_no_class_is_named_with_the_ids_that_there_are() {
    let (_folder, [_, root]) = roots("class-maps-refused");
    let refused = |classes: ClassMap, label: i32| {
        let label_of = Column::new("label", ValueType::labels(classes));
        let options = TableOptions::new("p", "d", "t")
            .root(&root)
            .column(label_of);
        let columns = Columns::new().column("label", vec![1, label]);
        let made = Table::create(options, |writer| writer.add_batch(columns));
        made.unwrap_err().to_string()
    };
    assert_eq!(
        refused(coco(), 2),
        "column `label`, row 1, value 2: the column has 4 classes, \
         1, 3, -7, 90, and 255 for void"
    );
    assert_eq!(
        refused(ClassMap::new(["a", "b"]), 2),
        "column `label`, row 1, value 2: the column has 2 classes, 0 to 1"
    );
    let many = ClassMap::from_ids((1..=1000).map(|id| (id, "x"))).unwrap();
    let said = refused(many, 0);
    assert!(said.ends_with("18, 19, 20, ..."), "{said}");
}

#[test]
fn a_mask_has_ids_that_a_pixel_can_have() {
    let refused = |id: i32, void: Option<i32>| {
        let classes = ClassMap::from_ids([(0, "sky"), (id, "sea")]).unwrap();
        let mask = ValueType::segmentation_mask(classes.with_void(void).unwrap());
        Schema::new([Column::new("mask", mask)])
    };
    assert!(refused(254, Some(255)).is_ok());
    assert!(refused(65_535, Some(65_534)).is_ok());
    for (id, void) in [(-1, None), (65_536, None), (2, Some(-1)), (2, Some(65_536))] {
        let said = refused(id, void).unwrap_err().to_string();
        let number = void.unwrap_or(id).to_string();
        assert!(said.contains("`mask`") && said.contains(&number), "{said}");
    }
}

#[test]
fn json_of_classes_is_read_as_format_md_says_and_else_refused() {
    let read = |fields: &str| {
        let json = format!(r#"{{"type":"categorical_label",{fields}}}"#);
        serde_json::from_str::<ValueType>(&json)
    };
    let known = |fields: &str| read(fields).unwrap().classes().unwrap().clone();
    assert_eq!(known(r#""classes":["a","b"]"#), ClassMap::new(["a", "b"]));
    let mixed = known(r#""classes":["a",{"id":7,"name":"b"}],"void":-1"#);
    assert_eq!(mixed.ids().collect::<Vec<_>>(), [0, 7]);
    assert_eq!(mixed.void(), Some(-1));
    let newer = known(r#""classes":[{"id":0,"name":"a","hotkey":"x"}]"#);
    assert_eq!(newer, ClassMap::new(["a"]));
    for (refused, why) in [
        (r#""classes":[{"id":3000000000,"name":"a"}]"#, "3000000000"),
        (r#""classes":[{"id":1.5,"name":"a"}]"#, "1.5"),
        (r#""classes":[{"id":1}]"#, "name"),
        (r#""classes":[{"name":"a"}]"#, "id"),
        (r#""classes":[{"id":1,"id":2,"name":"a"}]"#, "duplicate"),
        (
            r#""classes":[{"id":1,"name":"a"},{"id":1,"name":"b"}]"#,
            "twice",
        ),
        (r#""classes":["a",{"id":0,"name":"b"}]"#, "twice"),
        (
            r#""classes":[{"id":1,"name":"a","color":"red"}]"#,
            "#rrggbb",
        ),
        (
            r#""classes":[{"id":1,"name":"a","color":[1,2,3]}]"#,
            "color",
        ),
        (r#""classes":["a"],"background":1"#, "no class 1"),
        (r#""classes":["a"],"void":0"#, "leave it out"),
        (r#""classes":["a"],"void":"255""#, "255"),
        (r#""classes":[5]"#, "name"),
        (r#""classes":"a""#, "list"),
        (r#""background":1"#, "classes"),
    ] {
        let said = read(refused).unwrap_err().to_string();
        let is_said = said.contains(why) || why == "color" && said.contains("string");
        assert!(is_said, "{refused}: {said}");
    }
    for value in [ValueType::labels(coco()), ValueType::labels(["a"])] {
        let json = serde_json::to_string(&value).unwrap();
        assert_eq!(serde_json::from_str::<ValueType>(&json).unwrap(), value);
    }
    let names = serde_json::to_string(&ValueType::labels(["a"])).unwrap();
    assert_eq!(names, r#"{"type":"categorical_label","classes":["a"]}"#);
    let alone = serde_json::to_string(&coco()).unwrap();
    assert_eq!(serde_json::from_str::<ClassMap>(&alone).unwrap(), coco());
}
