use std::path::{Path, PathBuf};

use afmpeg::cmd::recipes;
use clap::Args;

use crate::{
    failure::Failure,
    make::{
        format::Content,
        media::Media,
        plan::Plan,
        recipe::Recipe,
        renditions::{Renditions, Segments},
    },
};

#[derive(Debug, Args)]
pub(crate) struct Dash {
    /// Video
    #[arg(value_name = "INPUT")]
    input: PathBuf,

    #[command(flatten)]
    renditions: Renditions,

    #[command(flatten)]
    segments: Segments,

    /// Also write playlists for HLS, for the same segments
    #[arg(long)]
    with_hls: bool,
}

impl Recipe for Dash {
    fn input(&self) -> &Path {
        &self.input
    }

    fn default_output(&self, media: &Media<'_>) -> Result<String, Failure> {
        Ok(format!("{}-dash", media.first.stem))
    }

    fn content(&self, _: &Media<'_>) -> Content {
        Content::Folder
    }

    fn plan(&self, media: &Media<'_>) -> Result<Plan, Failure> {
        let main = media.inside("manifest.mpd");
        let ladder = self.renditions.ladder(media)?;
        let dash = recipes::Dash::new(ladder, &main).segment_duration(self.segments.segment);
        let dash = if self.with_hls { dash.with_hls() } else { dash };
        Ok(Plan::new(&media.first.probe, [dash.output()?]).describing([main]))
    }
}
