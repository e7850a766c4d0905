//! Media that means harm, or that was harmed: `cargo xtask soak --hostile N`, and in short in the tests.
//!
//! Everything is made here, of a fixed seed: a case has the same bytes in every run, so its name is all that a report
//! needs.

mod crafted;
mod damage;
mod media;
mod run;

use std::path::Path;

use afmpeg_engine::Runtime;
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore as _, SeedableRng as _},
};

pub use run::{Ending, Report};

/// A file to be read, and how.
#[derive(Debug, Clone)]
pub struct Case {
    /// What was done to what.
    pub name: String,
    /// Options before `-i`.
    pub options: Vec<String>,
    /// What to read: a path, or a URL.
    pub input: String,
    /// What is on the filesystem.
    pub files: Vec<(String, Vec<u8>)>,
}

impl Case {
    /// A case of one file.
    fn of_file(name: impl Into<String>, file: &str, bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            name: name.into(),
            options: Vec::new(),
            input: file.to_owned(),
            files: vec![(file.to_owned(), bytes.into())],
        }
    }

    fn options(mut self, options: &str) -> Self {
        self.options.extend(options.split_whitespace().map(str::to_owned));
        self
    }
}

/// Whole media, to be damaged.
#[derive(Debug, Clone)]
struct Media {
    /// Its file name, with an extension that tells its format.
    file: String,
    bytes: Vec<u8>,
    /// The graph that reads it, if it is not an input itself.
    graph: Option<&'static str>,
    /// What else is on the filesystem.
    beside: Option<(&'static str, Vec<u8>)>,
}

impl Media {
    fn new(file: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { file: file.into(), bytes: bytes.into(), graph: None, beside: None }
    }

    /// A case that reads it with other bytes.
    fn case(&self, name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Case {
        let mut case = Case::of_file(name, &self.file, bytes);
        case.files.extend(self.beside.iter().map(|(file, bytes)| ((*file).to_owned(), bytes.clone())));
        match self.graph {
            None => case,
            Some(graph) => Case { input: graph.to_owned(), ..case.options("-f lavfi") },
        }
    }
}

/// Whole media, and the cases that are made of nothing.
pub struct Corpus {
    media: Vec<Media>,
    crafted: Vec<Case>,
}

/// How far apart the truncations are, in bytes.
const CUT: usize = 1 << 10;

impl Corpus {
    /// Makes small media of every kind with `runtime`'s own encoders and muxers, and takes the fixtures of
    /// `repository`.
    ///
    /// # Errors
    ///
    /// When a fixture cannot be read or a file cannot be made.
    pub fn make(runtime: &Runtime, repository: &Path) -> Result<Self, Box<dyn std::error::Error>> {
        let media = media::all(runtime, repository)?;
        let crafted = crafted::all(&media);
        Ok(Self { media, crafted })
    }

    /// The cases that no chance is in: headers that claim too much, files that name others, what is no media at all.
    pub fn crafted(&self) -> &[Case] {
        &self.crafted
    }

    /// Each file cut off at every KiB, and at its first bytes.
    pub fn truncations(&self) -> Vec<Case> {
        let of = |media: &Media| -> Vec<Case> {
            let cuts = [1, 4, 12, 64, 300].into_iter().chain((CUT..media.bytes.len()).step_by(CUT));
            cuts.filter(|cut| *cut < media.bytes.len()).map(|cut| damage::truncated(media, cut)).collect()
        };
        self.media.iter().flat_map(of).collect()
    }

    /// The `number`th of endlessly many damages, chosen by a generator that starts from it.
    ///
    /// # Panics
    ///
    /// When there is no media.
    pub fn damaged(&self, number: u64) -> Case {
        let mut random = ChaCha8Rng::seed_from_u64(number);
        let media = &self.media[below(&mut random, self.media.len())];
        let other = &self.media[below(&mut random, self.media.len())];
        let mut case = damage::random(media, other, &mut random);
        case.name = format!("#{number}: {}", case.name);
        case
    }
}

/// A number below `limit`, which is not zero.
#[allow(clippy::cast_possible_truncation, reason = "it is below a usize")]
fn below(random: &mut ChaCha8Rng, limit: usize) -> usize {
    (random.next_u64() % limit as u64) as usize
}
