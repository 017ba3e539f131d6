//! Contact sheets of samples: `--sheet`.

use crate::export::file::Target;
use crate::rows;
use crate::{Failure, print};
use clap::Args;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tlc_findings::sheet::{Image, Line, Sheet};
use tlc_view::{Column, Defaults, View};

/// Where to draw samples, if anywhere.
#[derive(Args, Debug)]
pub(crate) struct Drawn {
    /// Draws the samples into a PNG, for example out.png
    #[arg(long, value_name = "FILE")]
    sheet: Option<PathBuf>,
    /// Overwrites the file of --sheet
    #[arg(long, requires = "sheet")]
    force: bool,
}

impl Drawn {
    /// Refuses at once what could not be drawn in the end.
    pub(crate) fn target(&self) -> Result<Option<(PathBuf, Target)>, Failure> {
        let target = self.sheet.as_ref().map(|file| {
            let target = Target::new(file, self.force)?;
            Ok((file.clone(), target))
        });
        target.transpose()
    }
}

/// Draws rows of a view with what is said of each, a line for each of these columns; gives how
/// many were drawn. An image that cannot be read is told, and left out.
pub(crate) fn draw(
    view: &View,
    rows: &[u32],
    by: Option<&str>,
    target: &Target,
) -> Result<usize, Failure> {
    let images = rows::images(view)?;
    let said = Said::of(view, by)?;
    let mut sheet = Sheet::new();
    for row in rows {
        let row = *row as usize;
        let place = rows::place_in_table(view, row)?;
        let image = view.image(row, &images, &[]);
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
    target.write(&sheet.draw().to_png()?)?;
    Ok(sheet.len())
}

/// What was drawn.
pub(crate) fn tell(file: &Path, drawn: usize) -> Result<(), Failure> {
    let file = print::plain(&file.display().to_string());
    print::note(&format!("{file} shows {}", print::many(drawn, "sample")))
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
