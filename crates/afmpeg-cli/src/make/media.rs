//! The inputs of a recipe, as it sees them.

use std::borrow::Cow;

use afmpeg::{
    Capabilities, Probe,
    cmd::{Input, MediaKind},
    probe::Stream,
};

use super::plan::Measured;
use crate::failure::Failure;

/// A probed input.
#[derive(Clone)]
pub(crate) struct MediaFile {
    /// The path in the commands.
    pub(crate) path: String,
    /// The name without its extension.
    pub(crate) stem: String,
    pub(crate) probe: Probe,
}

impl MediaFile {
    /// Returns the input of a command.
    pub(crate) fn input(&self) -> Input {
        Input::new(&self.path).probe(&self.probe)
    }

    /// Returns the extension of the name, with its dot; empty if there is none.
    pub(crate) fn extension(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        name.strip_prefix(self.stem.as_str()).unwrap_or_default()
    }

    /// Returns an error if the file has no stream of a kind.
    pub(crate) fn require(&self, kind: MediaKind) -> Result<(), Failure> {
        match kind {
            MediaKind::Video => self.video().map(drop),
            kind if self.probe.first(kind).is_some() => Ok(()),
            kind => Err(self.lacks(kind)),
        }
    }

    /// Returns the first video, or the error of a file without one. A cover is not a video.
    pub(crate) fn video(&self) -> Result<Cow<'_, Stream>, Failure> {
        self.probe.video().ok_or_else(|| self.lacks(MediaKind::Video))
    }

    fn lacks(&self, kind: MediaKind) -> Failure {
        let besides = if self.probe.first(kind).is_some() { " besides its cover" } else { "" };
        Failure::usage(
            format!("{} has no {kind} stream{besides}", self.path),
            format!("choose a file with {kind}: `afmpeg probe` shows the streams of a file"),
        )
    }
}

/// A text file that a recipe depends on.
#[derive(Debug, Clone)]
pub(crate) struct TextFile {
    /// The path as the user typed it.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// The inputs of a recipe and the places of its output.
pub(crate) struct Media<'a> {
    pub(crate) first: MediaFile,
    pub(crate) more: Vec<MediaFile>,
    /// The paths of the other files, in the recipe's order.
    pub(crate) others: Vec<String>,
    /// The text files, in the recipe's order.
    pub(crate) texts: Vec<TextFile>,
    /// The path of the output.
    pub(crate) output: String,
    /// A folder for files that are not outputs, or the start of their names.
    pub(crate) scratch: String,
    /// The results of the measurements so far.
    pub(crate) measured: Vec<Measured>,
    capabilities: &'a Capabilities,
}

impl<'a> Media<'a> {
    pub(crate) fn new(
        files: impl IntoIterator<Item = MediaFile>,
        others: Vec<String>,
        texts: Vec<TextFile>,
        capabilities: &'a Capabilities,
    ) -> Result<Self, Failure> {
        let mut files = files.into_iter();
        let first = files.next().ok_or_else(|| Failure::usage("no input was given", "name a media file"))?;
        let (output, scratch, measured) = Default::default();
        Ok(Self { first, more: files.collect(), others, texts, output, scratch, measured, capabilities })
    }

    /// Returns all inputs.
    pub(crate) fn files(&self) -> impl Iterator<Item = &MediaFile> {
        std::iter::once(&self.first).chain(&self.more)
    }

    /// Whether the module has an encoder.
    pub(crate) fn has_encoder(&self, name: &str) -> bool {
        self.capabilities.encoder(name).is_some()
    }

    /// Returns the path of a file in the output's folder.
    pub(crate) fn inside(&self, name: &str) -> String {
        format!("{}/{name}", self.output)
    }
}
