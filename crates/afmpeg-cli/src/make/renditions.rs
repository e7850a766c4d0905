//! One video in several sizes.

use std::time::Duration;

use afmpeg::cmd::{
    Codec, MediaKind,
    recipes::{Ladder, Rendition},
};
use clap::Args;

use super::{
    encoding,
    media::Media,
    numbers::{even_pixels, time_above_zero},
};
use crate::failure::Failure;

/// Bit rates of H.264 by height, as streaming services use them, in bits per second.
const RATES: [(u32, u64); 6] = [
    (2160, 14_000_000),
    (1440, 9_000_000),
    (1080, 5_000_000),
    (720, 2_800_000),
    (480, 1_400_000),
    (360, 800_000),
];
/// The bit rate below the lowest of these heights, per line.
const RATE_PER_LINE: u64 = 2_000;

#[derive(Debug, Args)]
pub(crate) struct Renditions {
    /// Even heights in pixels, separated by commas. Default: those of 1080, 720, 480 and 360 that are not above that of the
    /// video
    #[arg(long, value_name = "PIXELS", value_delimiter = ',', value_parser = even_pixels)]
    heights: Vec<u32>,
}

#[derive(Debug, Args)]
pub(crate) struct Segments {
    /// Duration of a segment
    #[arg(long, value_name = "TIME", value_parser = time_above_zero, default_value = "6")]
    pub(crate) segment: Duration,
}

impl Renditions {
    /// Returns the first video in these sizes, with the first audio.
    pub(crate) fn ladder(&self, media: &Media<'_>) -> Result<Ladder, Failure> {
        let file = &media.first;
        file.require(MediaKind::Video)?;
        let video = file.probe.video();
        let own = video.as_deref().and_then(|video| video.display_size()).map(|(_, height)| height);
        let codec = encoding::h264(media, None).ok_or_else(|| {
            Failure::usage("this module has no encoder of H.264", "use a module with libx264 or libopenh264")
        })?;
        let input = file.input();
        let renditions = self.heights(own).into_iter().map(|height| Rendition::new(height, rate(height)));
        let ladder = Ladder::new(&input, renditions).video_codec(codec);
        let ladder = match file.probe.first(MediaKind::Audio) {
            Some(_) => ladder.audio(&input).audio_codec(Codec::new("aac").opt("b", 128_000)),
            None => ladder,
        };
        Ok(ladder)
    }

    fn heights(&self, own: Option<u32>) -> Vec<u32> {
        if !self.heights.is_empty() {
            return self.heights.clone();
        }
        let usual = RATES.iter().map(|(height, _)| *height).filter(|height| *height <= 1080);
        let fitting: Vec<u32> = usual.filter(|height| own.is_none_or(|own| *height <= own)).collect();
        match (fitting.is_empty(), own) {
            (true, Some(own)) => vec![(own / 2 * 2).max(2)],
            _ => fitting,
        }
    }
}

/// Returns the bit rate for a height.
fn rate(height: u32) -> u64 {
    let listed = RATES.iter().find(|(least, _)| height >= *least).map(|(_, rate)| *rate);
    listed.unwrap_or_else(|| u64::from(height) * RATE_PER_LINE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heights_are_at_most_that_of_the_video() {
        let renditions = Renditions { heights: Vec::new() };
        assert_eq!(renditions.heights(Some(720)), [720, 480, 360]);
        assert_eq!(renditions.heights(Some(2160)), [1080, 720, 480, 360]);
        assert_eq!(renditions.heights(Some(241)), [240]);
        assert_eq!(Renditions { heights: vec![1440] }.heights(Some(720)), [1440]);
    }

    #[test]
    fn bit_rate_grows_with_the_height() {
        let rates = [144, 240, 360, 480, 720, 1080, 1440, 2160].map(rate);
        assert!(rates.is_sorted() && rates[0] > 0, "{rates:?}");
    }
}
