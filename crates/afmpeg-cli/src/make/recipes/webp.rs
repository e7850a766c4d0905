use std::path::{Path, PathBuf};

use afmpeg::cmd::recipes::AnimatedWebp;
use clap::Args;

use crate::{
    failure::Failure,
    make::{
        animation::Animation, format::Content, media::Media, numbers::number, part::Part, plan::Plan,
        recipe::Recipe,
    },
};

#[derive(Debug, Args)]
pub(crate) struct Webp {
    /// Video
    #[arg(value_name = "INPUT")]
    input: PathBuf,

    #[command(flatten)]
    part: Part,

    #[command(flatten)]
    animation: Animation,

    /// Quality, from 0 for the smallest files to 100
    #[arg(long, value_name = "NUMBER", default_value_t = 75.0, value_parser = number(0.0, 100.0))]
    quality: f64,

    /// Keep every pixel of the scaled frames: a file several times larger
    #[arg(long, conflicts_with = "quality")]
    lossless: bool,
}

impl Recipe for Webp {
    fn input(&self) -> &Path {
        &self.input
    }

    fn default_output(&self, media: &Media<'_>) -> Result<String, Failure> {
        Ok(format!("{}.webp", media.first.stem))
    }

    fn content(&self, _: &Media<'_>) -> Content {
        Content::Only("webp")
    }

    fn plan(&self, media: &Media<'_>) -> Result<Plan, Failure> {
        let (width, rate) = self.animation.shape(&media.first)?;
        let webp = AnimatedWebp::new().width(width).rate(rate);
        let webp = if self.lossless { webp.lossless() } else { webp.quality(self.quality) };
        let webp = match self.animation.times {
            Some(times) => webp.times(times),
            None => webp,
        };
        let video = self.part.of(&media.first)?.video();
        Ok(Plan::new(&media.first.probe, [webp.output(&video, &media.output)?]))
    }
}
