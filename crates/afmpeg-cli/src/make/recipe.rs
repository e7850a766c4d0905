//! The interface of a recipe.

use std::path::{Path, PathBuf};

use super::{
    format::Content,
    media::Media,
    plan::{Measurement, Plan},
};
use crate::failure::Failure;

/// A task of `afmpeg make`: the options of its command, and functions from them and the probed inputs to FFmpeg's
/// commands. It reads and writes no files.
pub(crate) trait Recipe {
    /// The input, which is probed.
    fn input(&self) -> &Path;

    /// Further inputs, which are probed too.
    fn more(&self) -> &[PathBuf] {
        &[]
    }

    /// Files beside the inputs that FFmpeg reads, such as subtitles.
    fn others(&self) -> Vec<&Path> {
        Vec::new()
    }

    /// Text files that the recipe depends on: [`Media::texts`] has their contents.
    fn texts(&self) -> Vec<&Path> {
        Vec::new()
    }

    /// Returns the name of the output if none is given.
    fn default_output(&self, media: &Media<'_>) -> Result<String, Failure>;

    /// Returns the content of the output.
    fn content(&self, media: &Media<'_>) -> Content;

    /// Returns the next measurement that the plan depends on, if one is missing in `media`.
    fn measurement(&self, _media: &Media<'_>) -> Result<Option<Measurement>, Failure> {
        Ok(None)
    }

    /// Returns the command that writes the output.
    fn plan(&self, media: &Media<'_>) -> Result<Plan, Failure>;
}
