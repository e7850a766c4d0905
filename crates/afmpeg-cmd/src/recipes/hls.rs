use std::time::Duration;

use super::{
    Ladder,
    error::RecipeError,
    segments::{aligned, encoded, inside},
};
use crate::{Output, Stream, Subtitle};

/// A ladder as HLS: a master playlist, a playlist for each rendition and one for the audio, and segments that start
/// with key frames at the same times in all of them.
///
/// Key frames are requested by `force_key_frames`, which `libx264`, `libx265`, `libopenh264`, `libvpx-vp9` and
/// `libsvtav1` support; with other encoders, segments are as long as their groups of pictures. VP9 and AV1 need
/// [`fmp4`](Hls::fmp4).
///
/// ```
/// use std::time::Duration;
/// use afmpeg_cmd::{Command, Input, recipes::{Hls, Ladder, Rendition}};
///
/// let film = Input::new("film.mkv");
/// let ladder = Ladder::new(&film, [Rendition::new(720, 2_800_000), Rendition::new(360, 800_000)]).audio(&film);
/// let command = Command::new([Hls::new(ladder, "hls").segment_duration(Duration::from_secs(4)).output()?]);
/// let args = command.to_args();
/// assert_eq!(args.last().unwrap(), "hls/%v.m3u8");
/// assert_eq!(args.iter().filter(|word| word.starts_with("-force_key_frames")).count(), 2);
/// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Hls {
    ladder: Ladder,
    folder: String,
    segment: Duration,
    fmp4: bool,
    master: String,
    subtitles: Vec<(Stream<Subtitle>, String)>,
}

impl Hls {
    /// A ladder in this folder, which must exist. The defaults are segments of 6 s in MPEG-TS, and a master playlist
    /// named `master.m3u8`.
    pub fn new(ladder: Ladder, folder: impl Into<String>) -> Self {
        Self {
            ladder,
            folder: folder.into(),
            segment: Duration::from_secs(6),
            fmp4: false,
            master: "master.m3u8".into(),
            subtitles: Vec::new(),
        }
    }

    /// Sets the duration of a segment.
    #[must_use]
    pub fn segment_duration(self, duration: Duration) -> Self {
        Self { segment: duration, ..self }
    }

    /// Writes segments as fragmented MP4: `<rendition>_00000.m4s` after `<rendition>_init.mp4`.
    #[must_use]
    pub fn fmp4(self) -> Self {
        Self { fmp4: true, ..self }
    }

    /// Sets the name of the master playlist.
    #[must_use]
    pub fn master(self, name: impl Into<String>) -> Self {
        Self { master: name.into(), ..self }
    }

    /// Adds selectable text subtitles in a language by RFC 5646 (`de`, `en-US`), as segmented WebVTT.
    ///
    /// The ladder needs at least one rendition for each language, and segments must be [`fmp4`](Hls::fmp4): those of
    /// MPEG-TS do not start at zero, which FFmpeg's WebVTT does not account for. FFmpeg names the subtitles `subtitle_0`
    /// and so on, and their playlists `<rendition>_vtt.m3u8`.
    ///
    /// ```
    /// # use afmpeg_cmd::{Command, Input, recipes::{Hls, Ladder, Rendition}};
    /// let (film, captions) = (Input::new("film.mp4"), Input::new("captions.srt"));
    /// let ladder = Ladder::new(&film, [Rendition::new(720, 2_800_000)]).audio(&film);
    /// let command = Command::new([Hls::new(ladder, "hls").fmp4().subtitle(captions.subtitle(), "en").output()?]);
    /// let args = command.to_args();
    /// let map = args.iter().position(|word| word == "-var_stream_map").unwrap();
    /// assert!(args[map + 1].starts_with("v:0,agroup:audio,s:0,sgroup:subtitles,language:en,name:720p "));
    /// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
    /// ```
    #[must_use]
    pub fn subtitle(mut self, stream: impl Into<Stream<Subtitle>>, language: impl Into<String>) -> Self {
        self.subtitles.push((stream.into(), language.into()));
        self
    }

    /// Returns one output: `<rendition>.m3u8` and `audio.m3u8`, with their segments next to them.
    ///
    /// # Errors
    ///
    /// As [`Ladder::videos`]; a segment is shorter than a microsecond; a rendition is named `audio`, and there is
    /// audio; the video codec is `copy`; the folder's name contains a percent sign, which FFmpeg would replace; there
    /// are more subtitles than renditions, or segments with subtitles, VP9 or AV1 are not `fmp4`, or a language contains
    /// characters other than letters, digits and `-`.
    pub fn output(&self) -> Result<Output, RecipeError> {
        encoded(&self.ladder)?;
        self.check_subtitles()?;
        if let Some(codec) = self.ladder.codec_outside_mpegts().filter(|_| !self.fmp4) {
            return Err(RecipeError::new("fmp4", "false", format!("true, for {codec}")));
        }
        if self.folder.contains('%') {
            let found = format!("{:?}", self.folder);
            return Err(RecipeError::new("folder", found, "a path without percent signs"));
        }
        let has_sound = self.ladder.encoded_audio().is_some();
        let group = if has_sound { ",agroup:audio" } else { "" };
        let mut map: Vec<String> = Vec::new();
        for (index, rendition) in self.ladder.renditions.iter().enumerate() {
            if has_sound && rendition.name() == "audio" {
                let expected = "another name than that of the audio";
                return Err(RecipeError::new(format!("renditions[{index}].name"), "audio", expected));
            }
            // FFmpeg's muxer takes one per variant, and offers those of a group with all variants.
            let subtitle = match self.subtitles.get(index) {
                Some((_, language)) => format!(",s:{index},sgroup:subtitles,language:{language}"),
                None => String::new(),
            };
            map.push(format!("v:{index}{group}{subtitle},name:{}", rendition.name()));
        }
        if has_sound {
            map.push("a:0,agroup:audio,default:yes,name:audio".to_owned());
        }
        let output = Output::new(inside(&self.folder, "%v.m3u8")).format("hls");
        let output = aligned(output, &self.ladder, self.segment)?;
        let output =
            self.subtitles.iter().fold(output, |output, (stream, _)| output.subtitle(stream, "webvtt"));
        let output = output
            .arg("var_stream_map", map.join(" "))
            .arg("master_pl_name", self.master.as_str())
            .arg("hls_time", self.segment)
            .arg("hls_playlist_type", "vod")
            .arg("hls_flags", "independent_segments");
        Ok(if self.fmp4 {
            output
                .arg("hls_segment_type", "fmp4")
                .arg("hls_fmp4_init_filename", "%v_init.mp4")
                .arg("hls_segment_filename", inside(&self.folder, "%v_%05d.m4s"))
        } else {
            output.arg("hls_segment_filename", inside(&self.folder, "%v_%05d.ts"))
        })
    }

    fn check_subtitles(&self) -> Result<(), RecipeError> {
        let (count, most) = (self.subtitles.len(), self.ladder.renditions.len());
        if count > most {
            let expected = format!("at most {most}, one per rendition");
            return Err(RecipeError::new("the number of subtitles", count, expected));
        }
        if count > 0 && !self.fmp4 {
            return Err(RecipeError::new("fmp4", "false", "true, for subtitles"));
        }
        for (index, (_, language)) in self.subtitles.iter().enumerate() {
            let is_plain = |character: char| character.is_ascii_alphanumeric() || character == '-';
            if language.is_empty() || !language.chars().all(is_plain) {
                let expected = "letters, digits and -, as in en-US";
                return Err(RecipeError::new(
                    format!("subtitles[{index}].language"),
                    format!("{language:?}"),
                    expected,
                ));
            }
        }
        Ok(())
    }
}
