//! Images of audio.

use afmpeg::cmd::{MediaKind, Output, OutputStream, recipes::AudioImage};
use clap::Args;

use super::{media::Media, plan::Plan};
use crate::failure::Failure;

#[derive(Debug, Args)]
pub(crate) struct Size {
    /// Width in pixels
    #[arg(long, value_name = "PIXELS", default_value_t = 1280)]
    pub(crate) width: u32,

    /// Height in pixels
    #[arg(long, value_name = "PIXELS", default_value_t = 320)]
    pub(crate) height: u32,
}

/// Returns the command that writes an image of the first audio.
pub(crate) fn plan(media: &Media<'_>, image: &AudioImage) -> Result<Plan, Failure> {
    media.first.require(MediaKind::Audio)?;
    let stream = OutputStream::new(image.video(&media.first.input().audio())?).frames(1);
    // Without it, FFmpeg reads a percent sign in the name as a number.
    let output = Output::new(&media.output).stream(stream).arg("update", 1);
    Ok(Plan::new(&media.first.probe, [output]))
}
