//! Contact sheets of samples: `--sheet`.

use crate::export::file::Target;
use crate::{Failure, media, print, rows};
use clap::Args;
use serde::Serialize;
use std::path::PathBuf;
use std::sync::Arc;
use tlc_core::Url;
use tlc_findings::sheet::{Image, Line, Sheet};
use tlc_view::{Column, Defaults, View};

/// Where to draw samples, if anywhere.
#[derive(Args, Debug)]
pub(crate) struct Asked {
    /// Draws the samples into a PNG, for example out.png
    #[arg(long, value_name = "FILE")]
    sheet: Option<PathBuf>,
    /// Overwrites the file of --sheet
    #[arg(long, requires = "sheet")]
    force: bool,
    #[command(flatten)]
    images: media::Folders,
}

/// Where to draw, and where the images may be.
pub(crate) struct To {
    target: Target,
    folders: Vec<Url>,
}

/// The file that shows samples, if one was asked for, and how many it shows.
#[derive(Serialize)]
pub(crate) struct Drawn {
    sheet: Option<PathBuf>,
    drawn: Option<usize>,
}

impl Asked {
    /// Refuses at once what could not be drawn in the end.
    pub(crate) fn to(&self) -> Result<Option<To>, Failure> {
        let to = self.sheet.as_ref().map(|file| {
            Ok(To {
                target: Target::new(file, self.force)?,
                folders: self.images.urls()?,
            })
        });
        to.transpose()
    }
}

impl Drawn {
    /// Draws rows of a view into the file, if there is one, with what is said of each: a line
    /// for each of some columns, the one that they are ordered by among them. An image that
    /// cannot be read is told, and left out.
    pub(crate) fn of(
        view: &View,
        rows: &[u32],
        by: Option<&str>,
        to: Option<To>,
    ) -> Result<Self, Failure> {
        let drawn = to.as_ref().map(|to| draw(view, rows, by, to));
        Ok(Self {
            drawn: drawn.transpose()?,
            sheet: to.map(|to| to.target.into_file()),
        })
    }

    pub(crate) fn print(&self) -> Result<(), Failure> {
        let Some((file, drawn)) = self.sheet.as_ref().zip(self.drawn) else {
            return Ok(());
        };
        let file = print::plain(&file.display().to_string());
        print::note(&format!("{file} shows {}", print::many(drawn, "sample")))
    }
}

/// Gives how many were drawn.
fn draw(view: &View, rows: &[u32], by: Option<&str>, to: &To) -> Result<usize, Failure> {
    let images = rows::images(view)?;
    let said = Said::of(view, by)?;
    let mut sheet = Sheet::new();
    for row in rows {
        let row = *row as usize;
        let place = rows::place_in_table(view, row)?;
        let image = view.image(row, &images, &to.folders);
        let image = image.map_err(Failure::from).and_then(|bytes| {
            let bytes = bytes.ok_or("no image")?;
            Ok(Image::decode(&bytes)?)
        });
        match image {
            Ok(image) => sheet.add(&image, said.lines(row, place)),
            Err(error) => {
                let error = print::plain(&error.to_string());
                eprintln!("row {place} is not drawn: {error}");
            }
        }
    }
    if sheet.is_empty() {
        return Err("no image could be drawn".into());
    }
    to.target.write(&sheet.draw().to_png()?)?;
    Ok(sheet.len())
}

/// What stands under an image.
struct Said {
    label: Option<Arc<Column>>,
    predicted: Option<Arc<Column>>,
    by: Option<Arc<Column>>,
    /// Where there are several.
    table: Option<Arc<Column>>,
}

impl Said {
    fn of(view: &View, by: Option<&str>) -> Result<Self, Failure> {
        let Defaults {
            label, predicted, ..
        } = view.defaults();
        let column = |name: Option<&str>| name.map(|name| view.column(name)).transpose();
        let table = Some(rows::TABLE).filter(|_| rows::has_several_tables(view));
        Ok(Self {
            table: column(table)?,
            label: column(label.as_deref())?,
            predicted: column(predicted.as_deref())?,
            by: column(by)?,
        })
    }

    /// Of a row of the view, and of its table.
    fn lines(&self, row: usize, place: usize) -> Vec<Line> {
        let text = |column: &Option<Arc<Column>>| {
            let text = column.as_ref().and_then(|column| column.text(row));
            text.map(str::to_owned)
        };
        let (label, predicted) = (text(&self.label), text(&self.predicted));
        let is_other = predicted.is_some() && predicted != label;
        let predicted = predicted.map(|text| match is_other {
            true => Line::alert(text),
            false => text.into(),
        });
        let by = self.by.as_ref().and_then(|column| {
            let number = print::number(column.number(row)?);
            Some(format!("{} {number}", column.name()).into())
        });
        let table = text(&self.table).map(Line::from);
        let lines = [label.map(Line::from), predicted, by, table];
        let lines = lines.into_iter().flatten();
        lines.chain([format!("row {place}").into()]).collect()
    }
}
