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
pub(crate) struct Spectrum {
    /// File with audio
    #[arg(value_name = "INPUT")]
    input: PathBuf,

    #[command(flatten)]
    size: Size,

    /// Scheme of colours of FFmpeg's showspectrumpic: intensity, rainbow, viridis...
    #[arg(long, value_name = "SCHEME", default_value = "viridis")]
    colors: String,
}

impl Recipe for Spectrum {
    fn input(&self) -> &Path {
        &self.input
    }

    fn default_output(&self, media: &Media<'_>) -> Result<String, Failure> {
        Ok(format!("{}-spectrum.png", media.first.stem))
    }

    fn content(&self, _: &Media<'_>) -> Content {
        Content::Image
    }

    fn plan(&self, media: &Media<'_>) -> Result<Plan, Failure> {
        let image = AudioImage::spectrum(self.size.width, self.size.height).colors(&self.colors);
        sound_image::plan(media, &image)
    }
}
