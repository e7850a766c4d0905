use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use afmpeg::cmd::{MediaKind, Time, recipes};
use clap::Args;

use crate::{
    failure::Failure,
    make::{
        format::Content,
        media::{Media, MediaFile},
        numbers::even_pixels,
        part::time,
        plan::Plan,
        recipe::Recipe,
    },
};

/// The most frames to choose from.
const FRAMES: u64 = 100;
/// The most memory for these frames, in bytes.
const MEMORY: u64 = 512 << 20;

#[derive(Debug, Args)]
pub(crate) struct Thumbnail {
    /// Video or image
    #[arg(value_name = "INPUT")]
    input: PathBuf,

    /// Time of the frame, such as 90, 1:30 or 0:01:30.5
    #[arg(long, value_name = "TIME", value_parser = time)]
    at: Option<Duration>,

    /// Even width in pixels; the height keeps the aspect ratio. Default: that of the video
    #[arg(long, value_name = "PIXELS", value_parser = even_pixels)]
    width: Option<u32>,
}

impl Recipe for Thumbnail {
    fn input(&self) -> &Path {
        &self.input
    }

    fn default_output(&self, media: &Media<'_>) -> Result<String, Failure> {
        Ok(format!("{}.jpg", media.first.stem))
    }

    fn content(&self, _: &Media<'_>) -> Content {
        Content::Image
    }

    fn plan(&self, media: &Media<'_>) -> Result<Plan, Failure> {
        let file = &media.first;
        file.require(MediaKind::Video)?;
        let duration = file.probe.duration().filter(|_| !file.probe.is_image());
        if let (Some(at), Some(duration)) = (self.at, duration)
            && at >= duration
        {
            return Err(Failure::usage(
                format!("--at {} is not before the end of {}", Time::from(at), file.path),
                format!("choose a time before {}", Time::from(duration)),
            ));
        }
        let at = self.at.or(duration.map(|duration| duration / 10)).unwrap_or_default();
        let thumbnail = recipes::Thumbnail::new(&file.path, at).probe(&file.probe);
        let thumbnail = match self.at {
            None if duration.is_some() => thumbnail.most_typical_of(candidates(file)),
            _ => thumbnail,
        };
        let thumbnail = match self.width {
            Some(width) => thumbnail.width(width),
            None => thumbnail,
        };
        Ok(Plan::new(&file.probe, [thumbnail.output(&media.output)?]))
    }
}

/// Returns the number of frames to choose from, which FFmpeg keeps in memory.
fn candidates(file: &MediaFile) -> u32 {
    let size = file.probe.video().and_then(|video| video.size());
    let bytes = size.map_or(0, |(width, height)| u64::from(width) * u64::from(height) * 3);
    let count = MEMORY.checked_div(bytes).unwrap_or(FRAMES).clamp(2, FRAMES);
    u32::try_from(count).unwrap_or(2)
}
