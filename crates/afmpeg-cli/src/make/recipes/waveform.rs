use std::path::{Path, PathBuf};

use afmpeg::cmd::recipes::AudioImage;
use clap::Args;

use crate::{
    failure::Failure,
    make::{
        format::Content,
        media::Media,
        plan::Plan,
        recipe::Recipe,
        sound_image::{self, Size},
    },
};

#[derive(Debug, Args)]
pub(crate) struct Waveform {
    /// File with audio
    #[arg(value_name = "INPUT")]
    input: PathBuf,

    #[command(flatten)]
    size: Size,

    /// Colour, by name or as #RRGGBB
    #[arg(long, value_name = "COLOR", default_value = "#3366cc")]
    color: String,
}

impl Recipe for Waveform {
    fn input(&self) -> &Path {
        &self.input
    }

    fn default_output(&self, media: &Media<'_>) -> Result<String, Failure> {
        Ok(format!("{}-waveform.png", media.first.stem))
    }

    fn content(&self, _: &Media<'_>) -> Content {
        Content::Image
    }

    fn plan(&self, media: &Media<'_>) -> Result<Plan, Failure> {
        let image = AudioImage::waveform(self.size.width, self.size.height).colors(&self.color);
        sound_image::plan(media, &image)
    }
}
