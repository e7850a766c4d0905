//! The options of animated images.

use afmpeg::cmd::{MediaKind, Ratio};
use clap::Args;

use super::{media::MediaFile, numbers::even_pixels};
use crate::failure::Failure;

/// The widest animation by default, in pixels.
const WIDTH: u32 = 480;
/// The highest rate by default, in frames per second.
const RATE: u32 = 15;

#[derive(Debug, Args)]
pub(crate) struct Animation {
    /// Even width in pixels; the height keeps the aspect ratio. Default: that of the video, at most 480
    #[arg(long, value_name = "PIXELS", value_parser = even_pixels)]
    width: Option<u32>,

    /// Frames per second, at most 50. Default: those of the video, at most 15
    #[arg(long, value_name = "RATE")]
    fps: Option<Ratio>,

    /// Number of times that it is shown. Default: for ever
    #[arg(long, value_name = "COUNT")]
    pub(crate) times: Option<u16>,
}

impl Animation {
    /// Returns the width and the rate for a video.
    pub(crate) fn shape(&self, file: &MediaFile) -> Result<(u32, Ratio), Failure> {
        file.require(MediaKind::Video)?;
        let video = file.probe.video();
        let video = video.as_deref();
        let own = video.and_then(|video| video.display_size()).map_or(WIDTH, |(width, _)| width);
        let width = self.width.unwrap_or_else(|| (own.min(WIDTH) / 2 * 2).max(2));
        let most = Ratio::from(RATE);
        let own = video.and_then(|video| video.steady_frame_rate());
        let own = own.filter(|rate| rate.num() > 0 && rate.as_f64() < most.as_f64());
        Ok((width, self.fps.or(own).unwrap_or(most)))
    }
}
