//! A run with a reducer of each kind, whose files can be changed and put back.

use bytes::Bytes;
use serde_json::Value;
use tlc_core::storage::FileInfo;
use tlc_core::{Run, RunOptions, Url};
use tlc_findings::reduce::{Pca, Umap, UmapOptions, load, save};
use tlc_findings::{Embeddings, Result};

pub(crate) const NAMES: [&str; 2] = ["pca", "umap"];
pub(crate) const DIM: usize = 4;
pub(crate) const ROWS: usize = 40;

#[derive(Clone, Debug)]
pub(crate) struct Saved {
    run: Run,
    /// The files as they were saved.
    files: Vec<(Url, Bytes)>,
}

fn embeddings(shift: usize) -> Embeddings {
    let value = |at: usize| ((at * at + shift) as f32).sin();
    Embeddings::new((0..ROWS * DIM).map(value).collect(), DIM).unwrap()
}

impl Saved {
    pub(crate) fn new(root: &str) -> Self {
        let root = Url::parse(root).unwrap();
        let run = Run::create(RunOptions::new("p").name("r").root(&root)).unwrap();
        let embeddings = embeddings(0);
        save(Pca::fit(&embeddings, 2).unwrap(), &run, "pca").unwrap();
        let options = UmapOptions::new().neighbors(5).epochs(5);
        save(Umap::fit(&embeddings, &options).unwrap(), &run, "umap").unwrap();
        let models = run.url().join("models").unwrap();
        let entries = run.store().list(&models).unwrap();
        let files = entries.into_iter().map(|entry| {
            let url = models.join(&entry.name).unwrap();
            let bytes = run.store().get(&url, u64::MAX).unwrap();
            (url, bytes)
        });
        let files: Vec<_> = files.collect();
        assert_eq!(files.len(), 3);
        Self { run, files }
    }

    /// Reduces what was fitted and what was not.
    pub(crate) fn use_it(&self, name: &str) -> Result<()> {
        let reducer = load(&self.run, name)?;
        for shift in [0, 7] {
            let embeddings = embeddings(shift);
            let points = reducer.transform(&embeddings)?;
            assert_eq!(points.len(), embeddings.len());
            assert_eq!(points.dim(), reducer.components());
        }
        Ok(())
    }

    fn url(&self, name: &str) -> Url {
        self.run.url().join(&format!("models/{name}.json")).unwrap()
    }

    fn rows_url(&self) -> &Url {
        let is_rows = |(url, _): &&(Url, Bytes)| url.name().ends_with(".arrow");
        &self.files.iter().find(is_rows).unwrap().0
    }

    fn saved(&self, wanted: &Url) -> &Bytes {
        &self.files.iter().find(|(url, _)| url == wanted).unwrap().1
    }

    /// The document of a reducer, as it was saved.
    pub(crate) fn line(&self, name: &str) -> String {
        let text = String::from_utf8(self.saved(&self.url(name)).to_vec()).unwrap();
        text.lines().next().unwrap().to_owned()
    }

    /// The file of rows, as it was saved.
    pub(crate) fn rows(&self) -> Vec<u8> {
        self.saved(self.rows_url()).to_vec()
    }

    /// Puts another document in place of one, with the right checksum.
    pub(crate) fn put_line(&self, name: &str, line: &str) {
        let line = format!("{line}\n");
        let seal = crc32c::crc32c(line.as_bytes());
        let text = format!("{line}{{\"crc32c\":\"{seal:08x}\"}}\n");
        self.put(&self.url(name), text.into());
    }

    /// Puts other rows in place of those, and makes right what the document says of them.
    pub(crate) fn put_rows(&self, bytes: Vec<u8>) {
        let mut document: Value = serde_json::from_str(&self.line("umap")).unwrap();
        let info = serde_json::to_value(FileInfo::of(&bytes)).unwrap();
        for (field, value) in info.as_object().unwrap() {
            document["rows"][field] = value.clone();
        }
        self.put_line("umap", &document.to_string());
        self.put(self.rows_url(), bytes.into());
    }

    pub(crate) fn restore(&self) {
        for (url, bytes) in &self.files {
            self.put(url, bytes.clone());
        }
    }

    fn put(&self, url: &Url, bytes: Bytes) {
        self.run.store().delete(url).unwrap();
        self.run.store().put_if_absent(url, bytes).unwrap();
    }
}
