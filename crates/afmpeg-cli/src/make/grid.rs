//! Small frames of a video in a grid.

use std::time::Duration;

use afmpeg::cmd::{Input, MediaKind};
use clap::Args;

use super::{media::MediaFile, numbers::even_pixels};
use crate::failure::Failure;

/// From this interval on, key frames are close enough.
const KEY_FRAMES: Duration = Duration::from_secs(10);

#[derive(Debug, Args)]
pub(crate) struct Grid {
    /// Columns
    #[arg(long, value_name = "COUNT", default_value_t = 4)]
    pub(crate) columns: u32,

    /// Rows
    #[arg(long, value_name = "COUNT", default_value_t = 4)]
    pub(crate) rows: u32,

    /// Even width of each frame in pixels; the height keeps the aspect ratio
    #[arg(long, value_name = "PIXELS", default_value_t = 240, value_parser = even_pixels)]
    width: u32,
}

impl Grid {
    /// Returns the size of a cell, in even numbers.
    pub(crate) fn cell(&self, file: &MediaFile) -> (u32, u32) {
        let size = file.probe.video().and_then(|video| video.display_size());
        let (width, height) = size.unwrap_or((16, 9));
        let exact = u64::from(self.width) * u64::from(height) / u64::from(width.max(1));
        let even = u32::try_from(exact / 2 * 2).unwrap_or(u32::MAX).max(2);
        (self.width, even)
    }
}

/// Returns the duration of a video.
pub(crate) fn duration(file: &MediaFile) -> Result<Duration, Failure> {
    file.require(MediaKind::Video)?;
    file.probe.duration().filter(|_| !file.probe.is_image()).ok_or_else(|| {
        Failure::usage(
            format!("the duration of {} is unknown", file.path),
            "choose a video, or copy it to a container such as Matroska first, with `afmpeg make trim`",
        )
    })
}

/// Returns the input for frames at this interval: of long ones, only key frames are decoded.
pub(crate) fn input(file: &MediaFile, interval: Duration) -> Input {
    let input = file.input();
    if interval < KEY_FRAMES { input } else { input.arg("skip_frame", "nokey") }
}
