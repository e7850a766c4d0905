use std::path::{Path, PathBuf};

use afmpeg::cmd::recipes;
use clap::Args;

use crate::{
    failure::Failure,
    make::{animation::Animation, format::Content, media::Media, part::Part, plan::Plan, recipe::Recipe},
};

#[derive(Debug, Args)]
pub(crate) struct Gif {
    /// Video
    #[arg(value_name = "INPUT")]
    input: PathBuf,

    #[command(flatten)]
    part: Part,

    #[command(flatten)]
    animation: Animation,

    /// Number of colours, from 2 to 256
    #[arg(long, value_name = "COUNT", default_value_t = 255)]
    colors: u32,

    /// Do not dither: a smaller file, with visible steps in gradients
    #[arg(long)]
    no_dither: bool,
}

impl Recipe for Gif {
    fn input(&self) -> &Path {
        &self.input
    }

    fn default_output(&self, media: &Media<'_>) -> Result<String, Failure> {
        Ok(format!("{}.gif", media.first.stem))
    }

    fn content(&self, _: &Media<'_>) -> Content {
        Content::Only("gif")
    }

    fn plan(&self, media: &Media<'_>) -> Result<Plan, Failure> {
        let (width, rate) = self.animation.shape(&media.first)?;
        let gif = recipes::Gif::new().width(width).rate(rate).colors(self.colors);
        let gif = if self.no_dither { gif.no_dither() } else { gif };
        let gif = match self.animation.times {
            Some(times) => gif.times(times),
            None => gif,
        };
        let video = self.part.of(&media.first)?.video();
        Ok(Plan::new(&media.first.probe, [gif.output(&video, &media.output)?]))
    }
}
