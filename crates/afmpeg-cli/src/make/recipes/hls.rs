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
pub(crate) struct Hls {
    /// Video
    #[arg(value_name = "INPUT")]
    input: PathBuf,

    #[command(flatten)]
    renditions: Renditions,

    #[command(flatten)]
    segments: Segments,

    /// Write fragmented MP4 instead of MPEG-TS
    #[arg(long)]
    fmp4: bool,
}

impl Recipe for Hls {
    fn input(&self) -> &Path {
        &self.input
    }

    fn default_output(&self, media: &Media<'_>) -> Result<String, Failure> {
        Ok(format!("{}-hls", media.first.stem))
    }

    fn content(&self, _: &Media<'_>) -> Content {
        Content::Folder
    }

    fn plan(&self, media: &Media<'_>) -> Result<Plan, Failure> {
        let main = media.inside("master.m3u8");
        let ladder = self.renditions.ladder(media)?;
        let hls = recipes::Hls::new(ladder, &media.output).segment_duration(self.segments.segment);
        let hls = if self.fmp4 { hls.fmp4() } else { hls };
        Ok(Plan::new(&media.first.probe, [hls.output()?]).describing([main]))
    }
}
