//! Edits of classes with ids of their own, and tables that are put together by their names.

use super::labels;
use proptest::prelude::*;
use tlc_core::{
    ClassMap, Color, Column, Columns, Error, Table, TableOptions, Url, ValueType, concatenate,
};

fn memory(name: &str) -> Url {
    Url::parse(&format!("memory://class-maps-{name}")).unwrap()
}

fn table(root: &Url, name: &str, classes: ClassMap, labels: Vec<i32>) -> Table {
    let options = TableOptions::new("p", "pets", name)
        .column(Column::new("label", ValueType::labels(classes)))
        .root(root);
    let columns = Columns::new().column("label", labels);
    Table::create(options, |writer| writer.add_batch(columns)).unwrap()
}

fn pets() -> ClassMap {
    let pets = ClassMap::from_ids([(3, "cat"), (-8, "dog"), (20, "nothing")]).unwrap();
    pets.with_void(255).unwrap()
}

fn classes(table: &Table) -> &ClassMap {
    table.schema().class_map("label").unwrap()
}

#[test]
fn every_edit_of_classes_keeps_what_rows_say() {
    let base = table(&memory("edits"), "t", pets(), vec![3, -8, 255, 20, 3]);
    let mut editor = base.edit().unwrap();
    editor.add_class("label", "cow").unwrap();
    editor.add_class_with_id("label", 7, "pig").unwrap();
    editor.rename_class("label", "dog", "hound").unwrap();
    editor.renumber_class("label", "cat", 4).unwrap();
    editor.set_background("label", "nothing").unwrap();
    editor.renumber_class("label", "nothing", 0).unwrap();
    editor
        .set_class_color("label", "pig", Color([255, 0, 0]))
        .unwrap();
    editor.set_void("label", -1).unwrap();
    editor.set("label", 4, "pig").unwrap();
    let edited = editor.commit("all of them").unwrap();
    assert_eq!(labels(&edited), [4, -8, -1, 0, 7]);
    let ids = [
        (4, "cat"),
        (-8, "hound"),
        (0, "nothing"),
        (21, "cow"),
        (7, "pig"),
    ];
    let expected = ClassMap::from_ids(ids)
        .unwrap()
        .with_color(7, [255, 0, 0])
        .unwrap();
    let expected = expected.with_background(0).unwrap().with_void(-1).unwrap();
    assert_eq!(classes(&edited), &expected);
    assert_eq!(labels(&base), [3, -8, 255, 20, 3], "as it was");

    let mut editor = edited.edit().unwrap();
    editor.set_class_color("label", "pig", None).unwrap();
    editor.set_background("label", None).unwrap();
    let plainer = editor.commit("less is said").unwrap();
    assert_eq!(classes(&plainer).get(7).unwrap().color, None);
    assert_eq!(classes(&plainer).background(), None);
    assert_eq!(labels(&plainer), labels(&edited));
}

#[test]
fn edits_that_classes_do_not_allow_are_refused_and_change_nothing() {
    let base = table(&memory("refused"), "t", pets(), vec![3, -8, 255]);
    let mut editor = base.edit().unwrap();
    let said = |refused: Result<&mut tlc_core::Editor, Error>| refused.unwrap_err().to_string();
    assert!(said(editor.add_class_with_id("label", 3, "cow")).contains("3 appears twice"));
    assert!(said(editor.add_class_with_id("label", 255, "cow")).contains("leave it out"));
    assert!(said(editor.add_class("label", "cat")).contains("twice"));
    assert!(said(editor.renumber_class("label", "cat", -8)).contains("-8 appears twice"));
    assert!(said(editor.renumber_class("label", "cow", 1)).contains("no class `cow`"));
    assert!(said(editor.set_background("label", "cow")).contains("no class `cow`"));
    assert!(said(editor.set_void("label", -8)).contains("the class `dog`"));
    let gone = editor.set_void("label", None).unwrap_err();
    assert!(matches!(&gone, Error::Batch { row: Some(2), .. }), "{gone}");
    assert!(said(editor.set("label", 0, 4)).contains("3, -8, 20, and 255 for void"));
    let last = ClassMap::from_ids([(3, "cat"), (i32::MAX, "dog")]).unwrap();
    let other = table(&memory("refused"), "last", last, vec![3]);
    assert!(said(other.edit().unwrap().add_class("label", "cow")).contains("no id is left"));
    assert!(matches!(
        editor.commit("nothing"),
        Err(Error::NothingChanged { .. })
    ));
}

#[test]
fn a_class_becomes_the_void_if_its_id_is_called_so() {
    let names = ClassMap::new(["cat", "dog", "unsure"]);
    let base = table(&memory("void"), "t", names, vec![0, 2, 1]);
    let now = ClassMap::from_ids([(5, "dog"), (6, "cat")]).unwrap();
    let mut editor = base.edit().unwrap();
    editor
        .set_classes("label", now.with_void(2).unwrap())
        .unwrap();
    let edited = editor.commit("unsure is void").unwrap();
    assert_eq!(labels(&edited), [6, 2, 5]);
}

#[test]
fn classes_of_masks_change_as_long_as_their_pixels_keep_their_ids() {
    let voc = ClassMap::new(["background", "cat"]).with_void(255).unwrap();
    let options = TableOptions::new("p", "scenes", "t").root(memory("masks"));
    let mask = Column::new("mask", ValueType::segmentation_mask(voc));
    let columns = Columns::new().column("mask", vec![vec![1_u8, 2]]);
    let base = Table::create(options.column(mask), |writer| writer.add_batch(columns)).unwrap();
    let mut editor = base.edit().unwrap();
    editor.add_class_with_id("mask", 7, "dog").unwrap();
    editor.set_background("mask", "background").unwrap();
    editor
        .set_class_color("mask", "cat", Color([64, 0, 0]))
        .unwrap();
    editor.rename_class("mask", "cat", "kitten").unwrap();
    for refused in [
        editor.renumber_class("mask", "dog", 8).map(drop),
        editor
            .set_classes("mask", ["kitten", "background", "dog"])
            .map(drop),
        editor.set_void("mask", 254).map(drop),
    ] {
        assert!(matches!(refused, Err(Error::Column { .. })), "{refused:?}");
    }
    let too_large = editor.add_class_with_id("mask", 70_000, "cow").unwrap_err();
    assert!(too_large.to_string().contains("70000"), "{too_large}");
    let edited = editor.commit("described").unwrap();
    let classes = edited.schema().class_map("mask").unwrap();
    assert_eq!(
        (classes.name(1), classes.name(7)),
        (Some("kitten"), Some("dog"))
    );
    assert_eq!(classes.background(), Some(0));
}

#[test]
fn a_rebase_goes_by_names_whatever_the_ids_are() {
    let base = table(&memory("rebase"), "t", pets(), vec![3, -8, 255, 20]);
    let mut ours = base.edit().unwrap();
    ours.set("label", 0, "dog")
        .unwrap()
        .set("label", 1, 255)
        .unwrap();
    let mut theirs = base.edit().unwrap();
    let other = ClassMap::from_ids([(1, "dog"), (2, "cat"), (3, "nothing")]).unwrap();
    theirs
        .set_classes("label", other.with_void(-1).unwrap())
        .unwrap();
    let theirs = theirs.commit("theirs").unwrap();
    let rebased = ours.rebase(&theirs).unwrap().commit("ours").unwrap();
    assert_eq!(labels(&rebased), [1, -1, -1, 3]);
}

fn put_together(root: &Url, tables: &[Table]) -> tlc_core::Concatenated {
    concatenate(tables, TableOptions::new("p", "pets", "all").root(root)).unwrap()
}

#[test]
fn tables_are_put_together_by_the_names_of_classes_and_the_first_word_counts() {
    let root = memory("concatenate");
    let first = pets().with_color(3, [1, 1, 1]).unwrap();
    let first = first.with_background(20).unwrap();
    let second = ClassMap::from_ids([(1, "cat"), (20, "cow"), (30, "pig"), (31, "nothing")]);
    let second = second.unwrap().with_color(1, [2, 2, 2]).unwrap();
    let second = second.with_color(30, [3, 3, 3]).unwrap();
    let second = second.with_background(30).unwrap().with_void(-5).unwrap();
    let tables = [
        table(&root, "one", first, vec![3, -8, 255, 20]),
        table(&root, "two", second, vec![1, 20, 30, -5, 31]),
    ];
    let all = put_together(&root, &tables);
    assert_eq!(labels(&all.table), [3, -8, 255, 20, 3, 31, 30, 255, 20]);
    let ids = [
        (3, "cat"),
        (-8, "dog"),
        (20, "nothing"),
        (31, "cow"),
        (30, "pig"),
    ];
    let expected = ClassMap::from_ids(ids)
        .unwrap()
        .with_color(3, [1, 1, 1])
        .unwrap();
    let expected = expected.with_color(30, [3, 3, 3]).unwrap();
    let expected = expected
        .with_background(20)
        .unwrap()
        .with_void(255)
        .unwrap();
    assert_eq!(classes(&all.table), &expected);
    let renumbered: Vec<String> = all.renumbered.iter().map(ToString::to_string).collect();
    assert_eq!(
        renumbered,
        [
            "table 1, `label`: cat is 3, was 1",
            "table 1, `label`: cow is 31, was 20",
            "table 1, `label`: nothing is 20, was 31",
            "table 1, `label`: void is 255, was -5",
        ]
    );
    let overruled: Vec<String> = all.overruled.iter().map(ToString::to_string).collect();
    assert_eq!(
        overruled,
        [
            "table 1, `label`: the color of cat is #010101, was #020202",
            "table 1, `label`: the background is nothing, was pig",
        ]
    );
}

#[test]
fn what_the_first_table_does_not_say_the_second_may() {
    let root = memory("second-word");
    let named = ClassMap::new(["cat", "dog"]);
    let said = ClassMap::new(["dog", "cat"])
        .with_color(1, [9, 9, 9])
        .unwrap();
    let said = said.with_background(0).unwrap().with_void(1000).unwrap();
    let tables = [
        table(&root, "one", named, vec![0, 1]),
        table(&root, "two", said, vec![0, 1, 1000]),
    ];
    let all = put_together(&root, &tables);
    assert_eq!(labels(&all.table), [0, 1, 1, 0, 1000]);
    assert_eq!(classes(&all.table).background(), Some(1));
    assert_eq!(classes(&all.table).void(), Some(1000));
    assert_eq!(
        classes(&all.table).get(0).unwrap().color,
        Some(Color([9, 9, 9]))
    );
    assert!(all.overruled.is_empty());
    // A void that is a class of the first gets another id.
    let taken = ClassMap::new(["cow"]).with_void(1).unwrap();
    let tables = [tables[0].clone(), table(&root, "three", taken, vec![0, 1])];
    let all = concatenate(&tables, TableOptions::new("p", "pets", "more").root(&root)).unwrap();
    assert_eq!(
        classes(&all.table).names().collect::<Vec<_>>(),
        ["cat", "dog", "cow"]
    );
    let void = classes(&all.table).void().unwrap();
    let cow = classes(&all.table).id_of("cow").unwrap();
    assert_eq!(labels(&all.table), [0, 1, cow, void]);
}

#[test]
fn masks_are_put_together_if_their_pixels_mean_the_same() {
    let root = memory("masks-together");
    let make = |name: &str, classes: ClassMap| {
        let options = TableOptions::new("p", "scenes", name).root(&root);
        let mask = Column::new("mask", ValueType::segmentation_mask(classes));
        let columns = Columns::new().column("mask", vec![vec![1_u8]]);
        Table::create(options.column(mask), |writer| writer.add_batch(columns)).unwrap()
    };
    let of = |ids: &[(i32, &str)]| ClassMap::from_ids(ids.iter().copied()).unwrap();
    let one = make("one", of(&[(0, "sky"), (7, "sea")]));
    let two = make(
        "two",
        of(&[(9, "land"), (7, "sea")]).with_void(255).unwrap(),
    );
    let other = make("other", of(&[(7, "land")]));
    let options = |name: &str| TableOptions::new("p", "scenes", name).root(&root);
    let all = concatenate(&[one.clone(), two], options("all")).unwrap();
    let classes = all.table.schema().class_map("mask").unwrap();
    assert_eq!(classes.ids().collect::<Vec<_>>(), [0, 7, 9]);
    assert_eq!(classes.void(), Some(255));
    let refused = concatenate(&[one, other], options("none"));
    assert!(matches!(refused, Err(Error::Column { .. })), "{refused:?}");
}

/// Some names, each with an id, and a void.
fn any_classes() -> impl Strategy<Value = ClassMap> {
    let ids = prop::collection::btree_set(-4_i32..8, 1..7);
    let names = Just(["a", "b", "c", "d", "e", "f", "g", "h"].to_vec()).prop_shuffle();
    (ids, names, prop::option::of(-4_i32..8)).prop_map(|(ids, names, void)| {
        let void = void.filter(|void| !ids.contains(void));
        let classes = ClassMap::from_ids(ids.into_iter().rev().zip(names)).unwrap();
        classes.with_void(void).unwrap()
    })
}

/// What the rows of a table say.
fn meanings(table: &Table) -> Vec<String> {
    let classes = classes(table);
    let name = |id: i32| match classes.name(id) {
        Some(name) => name.to_owned(),
        None if classes.void() == Some(id) => "void".to_owned(),
        None => panic!("{id} is none of {classes:?}"),
    };
    labels(table).into_iter().map(name).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn rows_of_any_classes_say_the_same_once_they_are_put_together(
        one in any_classes(),
        other in any_classes(),
    ) {
        static NEXT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let next = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let root = memory(&format!("any-{next}"));
        let all_of = |classes: &ClassMap| classes.ids().chain(classes.void()).collect();
        let tables = [
            table(&root, "one", one.clone(), all_of(&one)),
            table(&root, "other", other.clone(), all_of(&other)),
        ];
        let all = put_together(&root, &tables);
        let expected = [meanings(&tables[0]), meanings(&tables[1])].concat();
        prop_assert_eq!(meanings(&all.table), expected);
        let kept: Vec<i32> = all_of(&one);
        prop_assert_eq!(&labels(&all.table)[..kept.len()], &kept[..]);
    }
}
