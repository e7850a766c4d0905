use std::{fmt, ops::RangeInclusive, time::Duration};

use bytes::Bytes;

use super::timestamp::Timestamp;
use crate::{Ratio, Time};

/// The format of the frames' data.
///
/// ```no_run
/// # fn f(runtime: afmpeg_engine::Runtime, fs: afmpeg_vfs::MemFs) -> afmpeg_engine::Result<()> {
/// use afmpeg_engine::frames::FrameFormat;
///
/// for frame in runtime.frames(fs, "film.mp4").scenes(0.4).format(FrameFormat::Jpeg { quality: 85 }).run()? {
///     println!("{} bytes of JPEG", frame?.data().len());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FrameFormat {
    /// Four bytes per pixel, red, green, blue and alpha, in rows from the top without padding: `rgba`.
    #[default]
    Rgba,
    /// A PNG file.
    Png,
    /// A JPEG file, in BT.601 and full range as JFIF specifies.
    Jpeg {
        /// The quality, from 1 to 100 (best), mapped linearly to FFmpeg's `-q:v` from 31 to 2.
        quality: u8,
    },
}

impl FrameFormat {
    /// The values of [`FrameFormat::Jpeg`]'s quality.
    pub(super) const JPEG_QUALITIES: RangeInclusive<u8> = 1..=100;
}

/// The size of the frames, in pixels.
///
/// ```no_run
/// # fn f(runtime: afmpeg_engine::Runtime, fs: afmpeg_vfs::MemFs) -> afmpeg_engine::Result<()> {
/// use afmpeg_engine::frames::FrameSize;
///
/// // A video of 1920x1080 pixels becomes 320x180, and an upright one of 1080x1920 becomes 180x320.
/// let size = FrameSize::Within { width: 320, height: 320 };
/// let frames = runtime.frames(fs, "film.mp4").size(size).run()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FrameSize {
    /// The size of the video's first frame, after rotation.
    #[default]
    Own,
    /// Exactly this size, which may change the aspect ratio.
    Exact {
        /// The width.
        width: u32,
        /// The height.
        height: u32,
    },
    /// The largest size within these bounds that keeps the display aspect ratio, with square pixels, and does not exceed
    /// the video's size.
    Within {
        /// The maximum width.
        width: u32,
        /// The maximum height.
        height: u32,
    },
}

/// A width and height in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dimensions {
    pub(super) width: u32,
    pub(super) height: u32,
}

impl Dimensions {
    pub(super) fn rgba_bytes(self) -> u64 {
        u64::from(self.width).saturating_mul(u64::from(self.height)).saturating_mul(4)
    }
}

impl FrameSize {
    /// Returns the size of the output frames for a video of the size `own` with the sample aspect ratio `pixel`.
    pub(super) fn of(self, own: Dimensions, pixel: Option<Ratio>) -> Dimensions {
        match self {
            FrameSize::Own => own,
            FrameSize::Exact { width, height } => Dimensions { width, height },
            FrameSize::Within { width, height } => {
                let aspect = pixel.filter(|pixel| pixel.num() > 0).map_or(1.0, Ratio::as_f64);
                let (shown_width, shown_height) = (f64::from(own.width) * aspect, f64::from(own.height));
                let scale = (f64::from(width) / shown_width).min(f64::from(height) / shown_height).min(1.0);
                Dimensions {
                    width: whole(shown_width * scale).min(width),
                    height: whole(shown_height * scale).min(height),
                }
            }
        }
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the value is at most a u32")]
fn whole(pixels: f64) -> u32 {
    pixels.round().max(1.0) as u32
}

/// A decoded video frame.
///
/// ```no_run
/// # fn f(frame: afmpeg_engine::frames::Frame) -> std::io::Result<()> {
/// println!("{}x{} at {} s", frame.width(), frame.height(), frame.time());
/// std::fs::write("frame.rgba", frame.data())?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Frame {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) format: FrameFormat,
    pub(super) timestamp: Timestamp,
    pub(super) time: Time,
    pub(super) requested: Option<Duration>,
    pub(super) data: Bytes,
}

impl Frame {
    /// Returns the width in pixels.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Returns the height in pixels.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Returns the format of the data.
    pub fn format(&self) -> FrameFormat {
        self.format
    }

    /// Returns the presentation time from the start of the file, truncated to whole microseconds. A file starts at its
    /// [`Format::start_time`](crate::probe::Format::start_time), which is usually zero.
    pub fn time(&self) -> Time {
        self.time
    }

    /// Returns the exact presentation timestamp of the stream, in units of [`time_base`](Frame::time_base).
    pub fn pts(&self) -> i64 {
        self.timestamp.pts
    }

    /// Returns the unit of [`pts`](Frame::pts), in seconds.
    pub fn time_base(&self) -> Ratio {
        self.timestamp.time_base
    }

    /// Returns the requested time at which this frame is shown, if frames were requested by time.
    pub fn requested(&self) -> Option<Duration> {
        self.requested
    }

    /// Returns the pixels, or the PNG or JPEG file.
    pub fn data(&self) -> &Bytes {
        &self.data
    }

    /// Returns [`data`](Frame::data) by value.
    pub fn into_data(self) -> Bytes {
        self.data
    }
}

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frame")
            .field("width", &self.width)
            .field("height", &self.height)
            .field("format", &self.format)
            .field("pts", &self.timestamp.pts)
            .field("time_base", &self.timestamp.time_base)
            .field("requested", &self.requested)
            .field("bytes", &self.data.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_fit_within_bounds_and_are_never_enlarged() {
        let fit = |own: (u32, u32), pixel: Option<Ratio>, width, height| {
            let size =
                FrameSize::Within { width, height }.of(Dimensions { width: own.0, height: own.1 }, pixel);
            (size.width, size.height)
        };
        assert_eq!(fit((1280, 720), None, 320, 320), (320, 180));
        assert_eq!(fit((720, 1280), None, 320, 320), (180, 320));
        assert_eq!(fit((64, 36), None, 320, 320), (64, 36));
        // A wide PAL frame: 720 columns are displayed as 1024.
        assert_eq!(fit((720, 576), Ratio::new(64, 45), 512, 512), (512, 288));
        assert_eq!(fit((10_000, 1), None, 100, 100), (100, 1));
    }
}
