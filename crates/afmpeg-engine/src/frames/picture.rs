use std::{fmt, time::Duration};

use bytes::Bytes;

use super::moment::Moment;
use crate::{Ratio, Time};

/// In what form pictures come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PictureFormat {
    /// Four bytes a pixel, red, green, blue and alpha, row after row from the top with nothing between: `rgba`.
    #[default]
    Rgba,
    /// A PNG file.
    Png,
}

/// How large pictures come, in pixels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PictureSize {
    /// That of the video's first picture, turned as it is to be shown.
    #[default]
    Own,
    /// Exactly this, whatever becomes of the shape.
    Exact {
        /// The width.
        width: u32,
        /// The height.
        height: u32,
    },
    /// As large as fits within this in the shape that is to be shown, pixels that are not square made so. Never larger
    /// than the video's own.
    Within {
        /// The most of width.
        width: u32,
        /// The most of height.
        height: u32,
    },
}

/// Width and height that pictures will have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) width: u32,
    pub(super) height: u32,
}

impl Shape {
    pub(super) fn rgba_bytes(self) -> u64 {
        u64::from(self.width).saturating_mul(u64::from(self.height)).saturating_mul(4)
    }
}

impl PictureSize {
    /// What a video of this shape, whose pixels are so wide by their height, comes to.
    pub(super) fn of(self, own: Shape, pixel: Option<Ratio>) -> Shape {
        match self {
            PictureSize::Own => own,
            PictureSize::Exact { width, height } => Shape { width, height },
            PictureSize::Within { width, height } => {
                let aspect = pixel.filter(|pixel| pixel.num() > 0).map_or(1.0, Ratio::as_f64);
                let (shown_width, shown_height) = (f64::from(own.width) * aspect, f64::from(own.height));
                let scale = (f64::from(width) / shown_width).min(f64::from(height) / shown_height).min(1.0);
                Shape {
                    width: whole(shown_width * scale).min(width),
                    height: whole(shown_height * scale).min(height),
                }
            }
        }
    }
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is a part of a number that fits"
)]
fn whole(pixels: f64) -> u32 {
    pixels.round().max(1.0) as u32
}

/// One decoded picture.
///
/// ```no_run
/// # fn f(picture: afmpeg_engine::Picture) -> std::io::Result<()> {
/// println!("{}x{} at {} s", picture.width(), picture.height(), picture.time());
/// std::fs::write("picture.rgba", picture.data())?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) format: PictureFormat,
    pub(super) moment: Moment,
    pub(super) time: Time,
    pub(super) asked: Option<Duration>,
    pub(super) data: Bytes,
}

impl Picture {
    /// Width in pixels.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// In what form its data is.
    pub fn format(&self) -> PictureFormat {
        self.format
    }

    /// When it is first shown, from where the file starts, in whole microseconds; what is finer is cut off. Where the
    /// file starts is [`Format::start_time`](crate::Format::start_time), and zero in most.
    pub fn time(&self) -> Time {
        self.time
    }

    /// When it is first shown, exactly: the stream's own timestamp, in units of [`time_base`](Picture::time_base).
    pub fn pts(&self) -> i64 {
        self.moment.pts
    }

    /// The unit of [`pts`](Picture::pts), in seconds.
    pub fn time_base(&self) -> Ratio {
        self.moment.time_base
    }

    /// The time that it was asked for, where pictures were asked for by time: it is the one shown then.
    pub fn asked(&self) -> Option<Duration> {
        self.asked
    }

    /// The pixels, or the PNG file.
    pub fn data(&self) -> &Bytes {
        &self.data
    }

    /// [`Picture::data`] by value.
    pub fn into_data(self) -> Bytes {
        self.data
    }
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Picture")
            .field("width", &self.width)
            .field("height", &self.height)
            .field("format", &self.format)
            .field("pts", &self.moment.pts)
            .field("time_base", &self.moment.time_base)
            .field("asked", &self.asked)
            .field("bytes", &self.data.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_fit_in_their_shape_and_never_grow() {
        let fit = |own: (u32, u32), pixel: Option<Ratio>, width, height| {
            let shape =
                PictureSize::Within { width, height }.of(Shape { width: own.0, height: own.1 }, pixel);
            (shape.width, shape.height)
        };
        assert_eq!(fit((1280, 720), None, 320, 320), (320, 180));
        assert_eq!(fit((720, 1280), None, 320, 320), (180, 320));
        assert_eq!(fit((64, 36), None, 320, 320), (64, 36));
        // A wide PAL picture: 720 columns that are shown as 1024.
        assert_eq!(fit((720, 576), Ratio::new(64, 45), 512, 512), (512, 288));
        assert_eq!(fit((10_000, 1), None, 100, 100), (100, 1));
    }
}
