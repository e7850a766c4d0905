use std::time::Duration;

use super::{
    colors,
    error::{RecipeError, even},
    frame_times,
    shape::{square, wide},
};
use crate::{Codec, Filter, Input, Output, OutputStream, Probe, Stream, Video, path};

/// One frame of a video, with square pixels. In files with an index of key frames (MP4, MOV, Matroska, WebM, FLV, NUT)
/// FFmpeg seeks to the last key frame before its time; others are decoded from their start.
///
/// ```
/// use std::time::Duration;
/// use afmpeg_cmd::{Command, recipes::Thumbnail};
///
/// let thumbnail = Thumbnail::new("film.mp4", Duration::from_secs(90)).width(320);
/// let command = Command::new([thumbnail.output("film.jpg")?]);
/// assert_eq!(command.to_args()[..5], ["-ss", "88", "-noaccurate_seek", "-i", "film.mp4"]);
/// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Thumbnail {
    input: Input,
    time: Duration,
    width: Option<u32>,
    among: Option<u32>,
}

impl Thumbnail {
    /// The frame that is shown at this time, at the video's size: the last one that starts at it or earlier, or the
    /// first one if the video starts later. With frames reordered over more than two seconds, it may be a later one. If
    /// there is none, past the end of the video, the command fails.
    pub fn new(path: impl Into<String>, time: Duration) -> Self {
        Self { input: Input::new(path), time, width: None, among: None }
    }

    /// Sets ffprobe's output for the file. A HEIF file (`.heic`, `.heif`, `.hif`, `.avif`) requires it, since its image
    /// may consist of tiles, each a stream. With it, colours of untagged video are those that players assume by its
    /// size.
    ///
    /// ```
    /// use std::time::Duration;
    /// use afmpeg_cmd::{Probe, recipes::Thumbnail};
    ///
    /// let thumbnail = Thumbnail::new("photo.heic", Duration::ZERO);
    /// assert_eq!(thumbnail.video().unwrap_err().parameter(), "photo.heic");
    /// let probe: Probe = serde_json::from_str(r#"{ "streams": [{ "index": 0, "codec_type": "video" }] }"#).unwrap();
    /// assert!(thumbnail.probe(&probe).video().is_ok());
    /// ```
    #[must_use]
    pub fn probe(self, probe: &Probe) -> Self {
        Self { input: self.input.probe(probe), ..self }
    }

    /// Sets the width, in pixels; the height keeps the aspect ratio.
    #[must_use]
    pub fn width(self, width: u32) -> Self {
        Self { width: Some(width), ..self }
    }

    /// Selects the most typical of this many frames from that time: no flash, no fade. From 2 to 1000; as many are kept
    /// in memory.
    #[must_use]
    pub fn most_typical_of(self, frames: u32) -> Self {
        Self { among: Some(frames), ..self }
    }

    /// Returns a stream whose first frame is the thumbnail.
    ///
    /// # Errors
    ///
    /// `width` is odd or zero; the number of frames is not from 2 to 1000; the file is HEIF, and has no
    /// [probe](Thumbnail::probe).
    pub fn video(&self) -> Result<Stream<Video>, RecipeError> {
        let path = &self.input.data().path;
        if self.input.probed().is_none() && path::may_be_tiled(path) {
            let hint = "its image may consist of tiles: pass ffprobe's output to `Thumbnail::probe`";
            return Err(RecipeError::missing(path.as_str(), "probe", hint));
        }
        let mut video = colors::standard(&frame_times::from(&self.input, self.time, Input::video));
        if let Some(frames) = self.among {
            if !(2..=1000).contains(&frames) {
                return Err(RecipeError::new("most_typical_of", frames, "a number from 2 to 1000"));
            }
            video = video.filter(Filter::new("thumbnail").opt("n", frames));
        }
        Ok(video.filter(match self.width {
            Some(width) => wide(even("width", width)?),
            None => square(),
        }))
    }

    /// Returns an output of the frame as an image file, by the extension of its path: `.jpg`, `.png`, and with the full
    /// module `.webp` (quality 80 of 100) and `.avif` (`crf` 25). AVIF needs at least 64 x 64 pixels, and does not keep
    /// transparency.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use afmpeg_cmd::{Command, recipes::Thumbnail};
    /// let thumbnail = Thumbnail::new("film.mp4", Duration::from_secs(90)).width(320);
    /// let args = Command::new([thumbnail.output("film.avif")?]).to_args();
    /// assert!(args.contains(&"libsvtav1".to_owned()));
    /// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`video`](Thumbnail::video).
    pub fn output(&self, path: impl Into<String>) -> Result<Output, RecipeError> {
        Ok(picture(self.video()?, path))
    }
}

/// An output of the first frame of a stream; a command without one fails.
pub(super) fn picture(video: impl Into<Stream<Video>>, path: impl Into<String>) -> Output {
    let (path, video) = (path.into(), video.into());
    let formats = || Filter::new("format");
    // FFmpeg opens encoders even without a frame, and `mjpeg` would then refuse unspecified colours.
    let (stream, is_sequence) = match path::ending(&path).as_str() {
        "jpg" | "jpeg" | "jfif" => {
            let codec = Codec::new("mjpeg").opt("strict", "unofficial");
            (OutputStream::new(colors::bt601(&video, "pc", formats())).codec(codec), true)
        }
        "avif" => {
            // The frame's rate, once per hour, is too low for this encoder.
            let codec = Codec::new("libsvtav1").opt("crf", 25).opt("preset", 6).opt("r", 1);
            let video = colors::bt601(&video, "pc", formats().opt("pix_fmts", "yuv420p"));
            (OutputStream::new(video).codec(codec), false)
        }
        "webp" => (webp(&video, Codec::new("libwebp").opt("quality", 80)), false),
        _ => (OutputStream::new(video), true),
    };
    let output = Output::new(path).stream(stream.frames(1)).arg("abort_on", "empty_output_stream");
    // Without `update`, FFmpeg warns about the missing number, and reads a percent sign as one.
    if is_sequence { output.arg("update", 1) } else { output }
}

/// Encodes a lossy WebP with its transparency.
pub(super) fn webp(video: &Stream<Video>, codec: Codec) -> OutputStream {
    // Of two formats, FFmpeg selects the one that loses nothing.
    let formats = Filter::new("format").opt("pix_fmts", "yuv420p|yuva420p");
    OutputStream::new(colors::bt601(video, "tv", formats)).codec(codec)
}
