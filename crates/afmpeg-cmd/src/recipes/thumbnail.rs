use std::time::Duration;

use super::{
    colors,
    error::{RecipeError, even},
    shape::{square, wide},
    shown,
};
use crate::{Codec, Filter, Input, Media, Output, OutputStream, Stream, Video, path};

/// One picture out of a video, with square pixels. In files with an index of key frames (MP4, MOV, Matroska, WebM, FLV,
/// NUT) FFmpeg seeks to the last key frame before its time; others are decoded from their beginning.
///
/// ```
/// use std::time::Duration;
/// use afmpeg_cmd::{Job, recipes::Thumbnail};
///
/// let thumbnail = Thumbnail::new("film.mp4", Duration::from_secs(90)).width(320);
/// let job = Job::new([thumbnail.output("film.jpg")?]);
/// assert_eq!(job.to_args()[..5], ["-ss", "88", "-noaccurate_seek", "-i", "film.mp4"]);
/// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Thumbnail {
    input: Input,
    at: Duration,
    width: Option<u32>,
    among: Option<u32>,
}

impl Thumbnail {
    /// The frame that is shown at this time, as large as the video is: the last one that begins at it or before, and the
    /// first one where the video begins later. Of frames that are reordered over more than two seconds, it may be a later
    /// one. Where there is none, at the end of the video and behind it, the job fails.
    pub fn new(path: impl Into<String>, at: Duration) -> Self {
        Self { input: Input::new(path), at, width: None, among: None }
    }

    /// Tells what a probe has found in the file. A HEIF file (`.heic`, `.heif`, `.hif`, `.avif`) needs it: its picture may be
    /// made of tiles, each a stream. Colours of a video that are not tagged are those that players assume by its size then.
    ///
    /// ```
    /// use std::time::Duration;
    /// use afmpeg_cmd::{Media, recipes::Thumbnail};
    ///
    /// let thumbnail = Thumbnail::new("photo.heic", Duration::ZERO);
    /// assert_eq!(thumbnail.video().unwrap_err().parameter(), "photo.heic");
    /// let media: Media = serde_json::from_str(r#"{ "streams": [{ "codec_type": "video" }] }"#).unwrap();
    /// assert!(thumbnail.known(&media).video().is_ok());
    /// ```
    #[must_use]
    pub fn known(self, media: &Media) -> Self {
        Self { input: self.input.known(media), ..self }
    }

    /// So wide, in pixels, and as high as it becomes by that.
    #[must_use]
    pub fn width(self, width: u32) -> Self {
        Self { width: Some(width), ..self }
    }

    /// Of so many pictures from that time on, the one that is most like all of them: no flash, no fade. From 2 to 1000;
    /// as many are kept in memory.
    #[must_use]
    pub fn most_typical_of(self, frames: u32) -> Self {
        Self { among: Some(frames), ..self }
    }

    /// A stream, whose first picture is the one.
    ///
    /// # Errors
    ///
    /// `width` is odd or zero; the number of frames is not from 2 to 1000; it is of a HEIF file that is not
    /// [known](Thumbnail::known).
    pub fn video(&self) -> Result<Stream<Video>, RecipeError> {
        let path = &self.input.data().path;
        if self.input.media().is_none() && path::may_be_tiled(path) {
            let hint = "its picture may be made of tiles: give what a probe has found to `known`";
            return Err(RecipeError::missing(path.as_str(), "known media", hint));
        }
        let mut video = colors::standard(&shown::from(&self.input, self.at, Input::video));
        if let Some(frames) = self.among {
            if !(2..=1000).contains(&frames) {
                return Err(RecipeError::new("most_typical_of", frames, "from 2 to 1000"));
            }
            video = video.filter(Filter::new("thumbnail").opt("n", frames));
        }
        Ok(video.filter(match self.width {
            Some(width) => wide(even("width", width)?),
            None => square(),
        }))
    }

    /// The picture as a file, whose ending says its format: `.jpg`, `.png`.
    ///
    /// # Errors
    ///
    /// As [`video`](Thumbnail::video).
    pub fn output(&self, path: impl Into<String>) -> Result<Output, RecipeError> {
        Ok(picture(self.video()?, path))
    }
}

/// A file with the first picture of a stream; a job without one fails.
pub(super) fn picture(video: impl Into<Stream<Video>>, path: impl Into<String>) -> Output {
    let path = path.into();
    let is_jpeg = matches!(path::ending(&path).as_str(), "jpg" | "jpeg" | "jfif");
    let video = video.into();
    let stream = if is_jpeg {
        // FFmpeg opens the encoder where there is no picture, too, and this one refuses then what it knows nothing of.
        // JPEGs are BT.601 to whoever shows them (JFIF), whatever the video was.
        let formats = Filter::new("format").opt("color_ranges", "pc").opt("color_spaces", "bt470bg");
        let full = video.filters([colors::converted(Filter::new("scale"), "bt470bg", "pc"), formats]);
        OutputStream::new(full).codec(Codec::new("mjpeg").opt("strict", "unofficial"))
    } else {
        OutputStream::new(video)
    };
    // Without `update`, FFmpeg warns that the name has no number in it, and takes a percent sign in it for one.
    Output::new(path).stream(stream.frames(1)).arg("update", 1).arg("abort_on", "empty_output_stream")
}
