//! Hostile and damaged media: `cargo xtask soak --hostile N`, and a short run in the tests.
//!
//! Everything is generated from fixed seeds: a case has the same bytes in every run, so its name identifies it.

mod crafted;
mod damage;
mod manifests;
mod media;
mod run;

use std::{fmt, path::Path};

use afmpeg_engine::Runtime;
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore as _, SeedableRng as _},
};

pub use run::{Ending, Report};

/// An input, with its files and the options to read it.
#[derive(Debug, Clone)]
pub struct Case {
    /// A description of the input.
    pub name: String,
    /// Options before `-i`.
    pub options: Vec<String>,
    /// The path or URL to read.
    pub input: String,
    /// The files on the filesystem, by path.
    pub files: Vec<(String, Vec<u8>)>,
}

impl Case {
    /// Creates a case with one file.
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

/// An intact file to damage.
#[derive(Debug, Clone)]
struct Media {
    /// The file name, with the extension of the format.
    file: String,
    bytes: Vec<u8>,
    /// Options that select the demuxer or the decoders, if these are not FFmpeg's first choice.
    options: &'static str,
    /// The graph that reads the file, if it is not an input itself.
    graph: Option<&'static str>,
    /// Other files on the filesystem, by path.
    beside: Vec<(String, Vec<u8>)>,
}

impl Media {
    fn new(file: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { file: file.into(), bytes: bytes.into(), options: "", graph: None, beside: Vec::new() }
    }

    /// Creates a case with other bytes in the file.
    fn case(&self, name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Case {
        let mut case = Case::of_file(name, &self.file, bytes).options(self.options);
        case.files.extend_from_slice(&self.beside);
        match self.graph {
            None => case,
            Some(graph) => Case { input: graph.to_owned(), ..case.options("-f lavfi") },
        }
    }
}

impl fmt::Display for Media {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let options = if self.options.is_empty() { String::new() } else { format!("{} ", self.options) };
        write!(f, "{options}{}", self.file)
    }
}

/// The intact media, and the crafted cases.
pub struct Corpus {
    media: Vec<Media>,
    crafted: Vec<Case>,
}

/// The distance between truncations, in bytes.
const CUT: usize = 1 << 10;

impl Corpus {
    /// Creates small media of every kind with the encoders and muxers of `runtime`, and reads the fixtures of
    /// `repository`.
    ///
    /// # Errors
    ///
    /// When a fixture cannot be read or a file cannot be created.
    pub fn make(runtime: &Runtime, repository: &Path) -> Result<Self, Box<dyn std::error::Error>> {
        let media = media::all(runtime, repository)?;
        let mut crafted = crafted::all(&media);
        crafted.extend(manifests::all());
        Ok(Self { media, crafted })
    }

    /// Returns the crafted cases: headers with excessive sizes, files that refer to other files, and files that are not
    /// media.
    pub fn crafted(&self) -> &[Case] {
        &self.crafted
    }

    /// Returns each file as it is.
    pub fn intact(&self) -> Vec<Case> {
        self.media.iter().map(|media| media.case(media.to_string(), media.bytes.clone())).collect()
    }

    /// Returns each file truncated at every KiB and within its first bytes.
    pub fn truncations(&self) -> Vec<Case> {
        let truncations = |media: &Media| -> Vec<Case> {
            let cuts = [1, 4, 12, 64, 300].into_iter().chain((CUT..media.bytes.len()).step_by(CUT));
            cuts.filter(|cut| *cut < media.bytes.len()).map(|cut| damage::truncated(media, cut)).collect()
        };
        self.media.iter().flat_map(truncations).collect()
    }

    /// Returns a randomly damaged file, with `number` as the seed.
    ///
    /// # Panics
    ///
    /// If the corpus is empty.
    pub fn damaged(&self, number: u64) -> Case {
        let mut random = ChaCha8Rng::seed_from_u64(number);
        let media = &self.media[below(&mut random, self.media.len())];
        let other = &self.media[below(&mut random, self.media.len())];
        let mut case = damage::random(media, other, &mut random);
        case.name = format!("#{number}: {}", case.name);
        case
    }
}

/// Returns a random number below `limit`, which must not be 0.
#[allow(clippy::cast_possible_truncation, reason = "the number is below a usize")]
fn below(random: &mut ChaCha8Rng, limit: usize) -> usize {
    (random.next_u64() % limit as u64) as usize
}
