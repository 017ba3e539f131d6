//! What can be said of boxes and masks.

use super::into::Into;
use crate::Failure;
use clap::{Args, ValueEnum};
use tlc_core::{ClassMap, Url};
use tlc_formats::{Coco, Masks, Yolo, YoloTask};

#[derive(Args, Debug)]
pub(super) struct CocoFile {
    /// The JSON file of annotations, gzipped or not
    file: String,
    #[command(flatten)]
    pub(super) into: Into,
    /// The folder that `file_name` is relative to [default: that of the file]
    #[arg(long, value_name = "FOLDER", conflicts_with = "no_images")]
    images: Option<String>,
    /// Lets a `file_name` lead into this folder, too
    #[arg(long, value_name = "FOLDER", conflicts_with = "no_images")]
    allow: Vec<Url>,
    /// Leaves the images where they are, and keeps where that is
    #[arg(long)]
    by_url: bool,
    /// Does not look at images: there is no column of them
    #[arg(long, conflicts_with = "by_url")]
    no_images: bool,
}

impl CocoFile {
    pub(super) fn format(&self) -> Coco {
        let mut coco = Coco::new(&self.file);
        if let Some(images) = &self.images {
            coco = coco.images(images);
        }
        let coco = self.allow.iter().fold(coco, Coco::allow);
        match (self.by_url, self.no_images) {
            (true, _) => coco.by_url(),
            (_, true) => coco.without_images(),
            _ => coco,
        }
    }
}

#[derive(Args, Debug)]
pub(super) struct YoloFile {
    /// The file `data.yaml`
    file: String,
    #[command(flatten)]
    pub(super) into: Into,
    /// The folder of the data set, in the place of the file's `path`
    #[arg(long, value_name = "FOLDER")]
    root: Option<String>,
    /// Lets paths lead into this folder, too
    #[arg(long, value_name = "FOLDER")]
    allow: Vec<Url>,
    /// What the lines of labels say [default: as they look]
    #[arg(long, value_enum)]
    task: Option<Task>,
    /// Takes one split alone
    #[arg(long, value_name = "NAME")]
    split: Option<String>,
    /// Leaves the images where they are, and keeps where that is
    #[arg(long)]
    by_url: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Task {
    /// Boxes
    Detect,
    /// Outlines, and boxes
    Segment,
    /// Boxes with keypoints
    Pose,
    /// Oriented boxes, by their corners
    Obb,
}

impl YoloFile {
    pub(super) fn format(&self) -> Yolo {
        let mut yolo = Yolo::new(&self.file);
        if let Some(root) = &self.root {
            yolo = yolo.root(root);
        }
        if let Some(task) = self.task {
            yolo = yolo.task(match task {
                Task::Detect => YoloTask::Detect,
                Task::Segment => YoloTask::Segment,
                Task::Pose => YoloTask::Pose,
                Task::Obb => YoloTask::Oriented,
            });
        }
        if let Some(split) = &self.split {
            yolo = yolo.split(split);
        }
        let yolo = self.allow.iter().fold(yolo, Yolo::allow);
        match self.by_url {
            true => yolo.by_url(),
            false => yolo,
        }
    }
}

#[derive(Args, Debug)]
pub(super) struct MaskFiles {
    /// The folder of images
    images: String,
    /// The folder of masks: for each image a PNG of its name
    masks: String,
    #[command(flatten)]
    pub(super) into: Into,
    /// The classes of pixels: names, whose ids are 0, 1, …, or ids and names, 7=road
    #[arg(long, value_name = "NAME,…", value_delimiter = ',', required = true)]
    classes: Vec<String>,
    /// The id of the class that means that nothing is there
    #[arg(long, value_name = "ID")]
    background: Option<i32>,
    /// The id of what is to be ignored, which is no class
    #[arg(long, value_name = "ID")]
    void: Option<i32>,
    /// What the name of a mask has more than that of its image: _labelIds
    #[arg(long, value_name = "TEXT", default_value = "")]
    suffix: String,
    /// Leaves the images where they are, and keeps where that is
    #[arg(long)]
    by_url: bool,
}

impl MaskFiles {
    pub(super) fn format(&self) -> Result<Masks, Failure> {
        let class = |(place, text): (i32, &String)| {
            let named = text.split_once('=');
            let named = named.and_then(|(id, name)| Some((id.parse().ok()?, name.to_owned())));
            named.unwrap_or_else(|| (place, text.clone()))
        };
        let classes = ClassMap::from_ids((0..).zip(&self.classes).map(class))?;
        let classes = classes
            .with_background(self.background)?
            .with_void(self.void)?;
        let masks = Masks::new(&self.images, &self.masks, classes).suffix(&self.suffix);
        Ok(match self.by_url {
            true => masks.by_url(),
            false => masks,
        })
    }
}
