use super::{
    colors,
    error::{RecipeError, even},
    shape::high,
};
use crate::{Audio, Codec, Filter, Output, Ratio, Stream, Video, node::Origin};

/// A size and bit rate of a video.
///
/// ```
/// use afmpeg_cmd::recipes::Rendition;
///
/// let hd = Rendition::new(720, 2_800_000);
/// assert_eq!(hd.name(), "720p");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendition {
    height: u32,
    bit_rate: u64,
    name: String,
}

impl Rendition {
    /// A rendition of this height in pixels, with this maximum video bit rate in bits per second. Its name is the
    /// height: `720p`.
    pub fn new(height: u32, bit_rate: u64) -> Self {
        Self { height, bit_rate, name: format!("{height}p") }
    }

    /// Sets the name: letters, digits, `-` and `_`, since paths contain it.
    #[must_use]
    pub fn named(self, name: impl Into<String>) -> Self {
        Self { name: name.into(), ..self }
    }

    /// Returns the name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the height in pixels.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Returns the video bit rate in bits per second.
    pub fn bit_rate(&self) -> u64 {
        self.bit_rate
    }
}

/// One video in several sizes, decoded once.
///
/// ```
/// use afmpeg_cmd::{Command, Input, recipes::{Ladder, Rendition}};
///
/// let film = Input::new("film.mkv");
/// let renditions = [Rendition::new(720, 2_800_000), Rendition::new(360, 800_000)];
/// let ladder = Ladder::new(&film, renditions).audio(&film);
/// let command = Command::new(ladder.outputs(|rendition| format!("film-{}.mp4", rendition.name()))?);
/// assert_eq!(command.outputs[1].path, "film-360p.mp4");
/// assert_eq!(command.graph.nodes[0].filter.to_string(), "split=outputs=2");
/// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Ladder {
    video: Stream<Video>,
    audio: Option<Stream<Audio>>,
    pub(super) renditions: Vec<Rendition>,
    video_codec: Codec,
    audio_codec: Codec,
    rate: Option<Ratio>,
}

impl Ladder {
    /// A ladder of this video, without audio. The encoders default to `libx264` and `aac`, with frames in `yuv420p`:
    /// most players support no other H.264, and cameras and editors produce others.
    pub fn new(video: impl Into<Stream<Video>>, renditions: impl IntoIterator<Item = Rendition>) -> Self {
        Self {
            video: video.into(),
            audio: None,
            renditions: renditions.into_iter().collect(),
            video_codec: Codec::new("libx264").opt("pix_fmt", "yuv420p"),
            audio_codec: "aac".into(),
            rate: None,
        }
    }

    /// Adds audio.
    #[must_use]
    pub fn audio(self, audio: impl Into<Stream<Audio>>) -> Self {
        Self { audio: Some(audio.into()), ..self }
    }

    /// Sets the video encoder, with options for all renditions: `preset`, `pix_fmt`. Bit rates are those of the
    /// renditions.
    ///
    /// ```
    /// use afmpeg_cmd::{Codec, Command, Input, recipes::{Dash, Ladder, Rendition}};
    ///
    /// let film = Input::new("film.mkv");
    /// let av1 = Codec::new("libsvtav1").opt("preset", 8).opt("crf", 35).opt("pix_fmt", "yuv420p10le");
    /// let ladder = Ladder::new(&film, [Rendition::new(720, 1_500_000), Rendition::new(360, 400_000)]).audio(&film);
    /// let ladder = ladder.video_codec(av1).audio_codec(Codec::new("libopus").opt("b", 96_000));
    /// let command = Command::new([Dash::new(ladder, "dash/film.mpd").output()?]);
    /// assert!(command.to_args().contains(&"libopus".to_owned()));
    /// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
    /// ```
    #[must_use]
    pub fn video_codec(self, codec: impl Into<Codec>) -> Self {
        Self { video_codec: codec.into(), ..self }
    }

    /// Sets the frame rate of all renditions. By default, frames keep their times, or have the
    /// [`frame_rate`](Ladder::frame_rate) in HLS and DASH.
    #[must_use]
    pub fn rate(self, rate: Ratio) -> Self {
        Self { rate: Some(rate), ..self }
    }

    /// Returns the frame rate in [`Hls`](super::Hls) and [`Dash`](super::Dash), whose players do not support variable
    /// rates: the [`rate`](Ladder::rate), or else the constant rate nearest to that of the video, if its input has
    /// a [probe](crate::Input::probe). If `None`, frames keep their times.
    ///
    /// ```
    /// use afmpeg_cmd::{Input, Probe, Ratio, recipes::{Ladder, Rendition}};
    ///
    /// // ffprobe's output for a phone's clip with a variable rate.
    /// let json = r#"{ "streams": [{ "index": 0, "codec_type": "video", "r_frame_rate": "120/1", "avg_frame_rate": "1200/39" }] }"#;
    /// let probe: Probe = serde_json::from_str(json).unwrap();
    /// let film = Input::new("phone.mp4").probe(&probe);
    /// let ladder = Ladder::new(&film, [Rendition::new(360, 800_000)]);
    /// assert_eq!(ladder.frame_rate(), Some(Ratio::from(30)));
    /// assert_eq!(ladder.rate(Ratio::from(25)).frame_rate(), Some(Ratio::from(25)));
    /// ```
    pub fn frame_rate(&self) -> Option<Ratio> {
        self.rate.or_else(|| match &self.video.any().origin {
            Origin::Input { input, streams, .. } => input.probed_video(streams)?.steady_frame_rate(),
            Origin::Node { .. } => None,
        })
    }

    /// Sets the audio encoder.
    #[must_use]
    pub fn audio_codec(self, codec: impl Into<Codec>) -> Self {
        Self { audio_codec: codec.into(), ..self }
    }

    /// Returns each rendition's video, with square pixels, and its encoder: `b` and `maxrate` are the bit rate,
    /// `bufsize` is two seconds of it. `libsvtav1` has no `b`, with which it refuses a maximum: it encodes with the `crf`
    /// of its options, or 35, below the maximum.
    ///
    /// In one pass, `libvpx-vp9` exceeds low rates: a detailed clip of 640x360 pixels has 470 instead of 300 kbit/s, or
    /// 400 with the option `crf` 33. With `libsvtav1` it has 330, and with `libx264` 310.
    ///
    /// # Errors
    ///
    /// There is no rendition; the rate is not positive; a height is odd or zero, or a bit rate is zero; a name is
    /// empty, not unique, or contains characters other than letters, digits, `-` and `_`.
    pub fn videos(&self) -> Result<Vec<(Rendition, Stream<Video>, Codec)>, RecipeError> {
        if self.renditions.is_empty() {
            return Err(RecipeError::new("renditions", "none", "one or more"));
        }
        if let Some(rate) = self.rate.filter(|rate| rate.num() <= 0) {
            return Err(RecipeError::new("rate", rate, "a positive rate"));
        }
        let video = colors::read(&self.video);
        let video = match self.rate {
            Some(rate) => video.filter(Filter::new("fps").opt("fps", rate)),
            None => video,
        };
        let mut videos = Vec::with_capacity(self.renditions.len());
        for (index, rendition) in self.renditions.iter().enumerate() {
            let Rendition { height, bit_rate, name } = rendition;
            let height = even(&format!("renditions[{index}].height"), *height)?;
            if *bit_rate == 0 {
                let expected = "bits per second, above 0";
                return Err(RecipeError::new(format!("renditions[{index}].bit_rate"), bit_rate, expected));
            }
            let is_plain = |character: char| character.is_ascii_alphanumeric() || "-_".contains(character);
            let is_taken = self.renditions[..index].iter().any(|other| other.name == *name);
            if name.is_empty() || !name.chars().all(is_plain) || is_taken {
                let expected = "a unique name of letters, digits, - and _";
                return Err(RecipeError::new(
                    format!("renditions[{index}].name"),
                    format!("{name:?}"),
                    expected,
                ));
            }
            let scaled = video.filter(high(height));
            videos.push((rendition.clone(), scaled, limited(self.video_codec.clone(), *bit_rate)));
        }
        Ok(videos)
    }

    /// Returns the name of the video encoder if players support its codec only in other containers than MPEG-TS.
    pub(super) fn codec_outside_mpegts(&self) -> Option<&str> {
        self.video_codec.name().filter(|name| matches!(*name, "libvpx-vp9" | "libsvtav1" | "libaom-av1"))
    }

    /// Returns the audio and its encoder.
    pub fn encoded_audio(&self) -> Option<(Stream<Audio>, Codec)> {
        self.audio.clone().map(|audio| (audio, self.audio_codec.clone()))
    }

    /// Returns an output for each rendition, at the path that `path` returns, each with the audio.
    ///
    /// # Errors
    ///
    /// As [`videos`](Ladder::videos).
    pub fn outputs(&self, path: impl Fn(&Rendition) -> String) -> Result<Vec<Output>, RecipeError> {
        let outputs = self.videos()?.into_iter().map(|(rendition, video, codec)| {
            let output = Output::new(path(&rendition)).video(video, codec);
            match self.encoded_audio() {
                Some((audio, codec)) => output.audio(audio, codec),
                None => output,
            }
        });
        Ok(outputs.collect())
    }
}

/// Limits the bit rate of an encoder, by the options that it supports together.
fn limited(codec: Codec, bit_rate: u64) -> Codec {
    let codec = match codec.name() {
        Some("libsvtav1") => codec,
        _ => codec.opt("b", bit_rate),
    };
    codec.opt("maxrate", bit_rate).opt("bufsize", bit_rate.saturating_mul(2))
}
