use std::time::Duration;

use super::{
    Ladder,
    error::RecipeError,
    segments::{aligned, encoded},
};
use crate::Output;

/// A ladder as MPEG-DASH: a manifest, and segments that start with key frames at the same times in all renditions.
///
/// ```
/// use std::time::Duration;
/// use afmpeg_cmd::{Command, Input, recipes::{Dash, Ladder, Rendition}};
///
/// let film = Input::new("film.mkv");
/// let ladder = Ladder::new(&film, [Rendition::new(720, 2_800_000), Rendition::new(360, 800_000)]).audio(&film);
/// let command = Command::new([Dash::new(ladder, "dash/film.mpd").segment_duration(Duration::from_secs(4)).output()?]);
/// assert_eq!(command.outputs[0].streams.len(), 3, "two videos, the sound once");
/// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Dash {
    ladder: Ladder,
    manifest: String,
    segment: Duration,
    mp4: bool,
    hls: bool,
}

impl Dash {
    /// A ladder with its manifest at this path, in an existing folder, and its segments next to it. Segments default to
    /// 6 s.
    pub fn new(ladder: Ladder, manifest: impl Into<String>) -> Self {
        Self { ladder, manifest: manifest.into(), segment: Duration::from_secs(6), mp4: false, hls: false }
    }

    /// Sets the duration of a segment.
    #[must_use]
    pub fn segment_duration(self, duration: Duration) -> Self {
        Self { segment: duration, ..self }
    }

    /// Writes all segments as MP4. By default, those of VP8, VP9, Opus and Vorbis are WebM, others MP4.
    ///
    /// ```
    /// # use afmpeg_cmd::{Command, Input, recipes::{Dash, Ladder, Rendition}};
    /// let film = Input::new("film.mkv");
    /// let ladder = Ladder::new(&film, [Rendition::new(720, 1_500_000)]).video_codec("libvpx-vp9");
    /// let args = Command::new([Dash::new(ladder, "film.mpd").mp4().output()?]).to_args();
    /// assert!(args.windows(2).any(|words| words == ["-dash_segment_type", "mp4"]));
    /// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
    /// ```
    #[must_use]
    pub fn mp4(self) -> Self {
        Self { mp4: true, ..self }
    }

    /// Also writes playlists for HLS, `master.m3u8` and `media_<n>.m3u8`, for the same segments, which are
    /// [MP4](Dash::mp4).
    #[must_use]
    pub fn with_hls(self) -> Self {
        Self { hls: true, mp4: true, ..self }
    }

    /// Returns one output with the manifest and all segments.
    ///
    /// # Errors
    ///
    /// As [`Ladder::videos`]; a segment is shorter than a microsecond; the video codec is `copy`.
    pub fn output(&self) -> Result<Output, RecipeError> {
        encoded(&self.ladder)?;
        let sets = match self.ladder.encoded_audio() {
            Some(_) => "id=0,streams=v id=1,streams=a",
            None => "id=0,streams=v",
        };
        let output = Output::new(&self.manifest).format("dash");
        let output = aligned(output, &self.ladder, self.segment)?
            .arg("seg_duration", self.segment)
            .arg("adaptation_sets", sets);
        let output = if self.mp4 { output.arg("dash_segment_type", "mp4") } else { output };
        Ok(if self.hls { output.arg("hls_playlist", true) } else { output })
    }
}
