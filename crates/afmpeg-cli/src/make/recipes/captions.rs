use std::path::{Path, PathBuf};

use afmpeg::cmd::recipes::{ForceStyle, StyleField, Subtitles};
use clap::Args;

use crate::{
    failure::Failure,
    make::{encoding, format::Content, media::Media, plan::Plan, recipe::Recipe},
};

#[derive(Debug, Args)]
pub(crate) struct Captions {
    /// Video
    #[arg(value_name = "INPUT")]
    input: PathBuf,

    /// Subtitles: SRT, ASS, WebVTT, or another video
    #[arg(value_name = "SUBTITLES")]
    subtitles: PathBuf,

    /// Name of the font. Default: that of the subtitles
    #[arg(long, value_name = "NAME")]
    font: Option<String>,

    /// Size of the font, in pixels of a picture that is 288 high. Default: that of the subtitles
    #[arg(long, value_name = "PIXELS")]
    font_size: Option<u32>,
}

impl Recipe for Captions {
    fn input(&self) -> &Path {
        &self.input
    }

    fn others(&self) -> Vec<&Path> {
        vec![&self.subtitles]
    }

    fn default_output(&self, media: &Media<'_>) -> Result<String, Failure> {
        let file = &media.first;
        Ok(format!("{}-captions{}", file.stem, file.extension()))
    }

    fn content(&self, _: &Media<'_>) -> Content {
        Content::Video
    }

    fn plan(&self, media: &Media<'_>) -> Result<Plan, Failure> {
        let file = &media.first;
        let stream = file.video()?;
        let style = ForceStyle::new();
        let style = self.font.iter().fold(style, |style, font| style.set(StyleField::FontName, font));
        let style = self.font_size.iter().fold(style, |style, size| style.set(StyleField::FontSize, *size));
        let input = file.input();
        let path = media.others.first().map(String::as_str).unwrap_or_default();
        let video = Subtitles::new(path).force_style(style).on(&input.video())?;
        Ok(encoding::replacing_video(media, file, &input, &stream, &video))
    }
}
