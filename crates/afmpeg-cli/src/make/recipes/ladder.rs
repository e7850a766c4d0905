use std::path::{Path, PathBuf};

use clap::Args;

use crate::{
    failure::Failure,
    make::{format::Content, media::Media, plan::Plan, recipe::Recipe, renditions::Renditions},
};

#[derive(Debug, Args)]
pub(crate) struct Ladder {
    /// Video
    #[arg(value_name = "INPUT")]
    input: PathBuf,

    #[command(flatten)]
    renditions: Renditions,
}

impl Recipe for Ladder {
    fn input(&self) -> &Path {
        &self.input
    }

    fn default_output(&self, media: &Media<'_>) -> Result<String, Failure> {
        Ok(format!("{}-ladder", media.first.stem))
    }

    fn content(&self, _: &Media<'_>) -> Content {
        Content::Folder
    }

    fn plan(&self, media: &Media<'_>) -> Result<Plan, Failure> {
        let path = |name: &str| media.inside(&format!("{name}.mp4"));
        let outputs = self.renditions.ladder(media)?.outputs(|rendition| path(rendition.name()))?;
        Ok(Plan::new(&media.first.probe, outputs.into_iter().map(|output| output.faststart())))
    }
}
