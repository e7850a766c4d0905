use super::{
    colors,
    error::{RecipeError, even},
    shape::high,
};
use crate::{Audio, Codec, Filter, Output, Ratio, Stream, Video, node::Origin};

/// A size and a bit rate that a video is offered in.
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
    /// So many pixels high, as wide as it becomes by that, with so many bits a second of video at most. It is called
    /// by its height: `720p`.
    pub fn new(height: u32, bit_rate: u64) -> Self {
        Self { height, bit_rate, name: format!("{height}p") }
    }

    /// Calls it so: letters, digits, `-` and `_`, for it becomes a part of paths.
    #[must_use]
    pub fn named(self, name: impl Into<String>) -> Self {
        Self { name: name.into(), ..self }
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// In pixels.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Bits a second of video.
    pub fn bit_rate(&self) -> u64 {
        self.bit_rate
    }
}

/// One video in several sizes, decoded once.
///
/// ```
/// use afmpeg_cmd::{Input, Job, recipes::{Ladder, Rendition}};
///
/// let film = Input::new("film.mkv");
/// let renditions = [Rendition::new(720, 2_800_000), Rendition::new(360, 800_000)];
/// let ladder = Ladder::new(&film, renditions).audio(&film);
/// let job = Job::new(ladder.outputs(|rendition| format!("film-{}.mp4", rendition.name()))?);
/// assert_eq!(job.outputs[1].path, "film-360p.mp4");
/// assert_eq!(job.graph.nodes[0].filter.to_string(), "split=outputs=2");
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
    /// Of this video, without sound, in these sizes. Unless it is told otherwise, `libx264` and `aac` encode, pictures
    /// as `yuv420p`: most players show no other H.264, and cameras and editors give more.
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

    /// With this sound.
    #[must_use]
    pub fn audio(self, audio: impl Into<Stream<Audio>>) -> Self {
        Self { audio: Some(audio.into()), ..self }
    }

    /// The encoder of all videos, with options that all have: `preset`, `pix_fmt`. Bit rates are each one's own.
    #[must_use]
    pub fn video_codec(self, codec: impl Into<Codec>) -> Self {
        Self { video_codec: codec.into(), ..self }
    }

    /// Frames a second of all renditions; otherwise frames keep their times, or come at the
    /// [`frame_rate`](Ladder::frame_rate) in HLS and DASH.
    #[must_use]
    pub fn rate(self, rate: Ratio) -> Self {
        Self { rate: Some(rate), ..self }
    }

    /// Frames a second in [`Hls`](super::Hls) and [`Dash`](super::Dash), whose players take no rate that varies: the
    /// [`rate`](Ladder::rate), or else the steady one next to that of the video, if it comes from an input that is
    /// [known](crate::Input::known). Where there is none, frames keep their times.
    ///
    /// ```
    /// use afmpeg_cmd::{Input, Media, Ratio, recipes::{Ladder, Rendition}};
    ///
    /// // What ffprobe has found in a phone's clip, whose rate varies.
    /// let json = r#"{ "streams": [{ "codec_type": "video", "r_frame_rate": "120/1", "avg_frame_rate": "1200/39" }] }"#;
    /// let media: Media = serde_json::from_str(json).unwrap();
    /// let film = Input::new("phone.mp4").known(&media);
    /// let ladder = Ladder::new(&film, [Rendition::new(360, 800_000)]);
    /// assert_eq!(ladder.frame_rate(), Some(Ratio::from(30)));
    /// assert_eq!(ladder.rate(Ratio::from(25)).frame_rate(), Some(Ratio::from(25)));
    /// ```
    pub fn frame_rate(&self) -> Option<Ratio> {
        self.rate.or_else(|| match &self.video.any().origin {
            Origin::Input { input, streams, .. } => input.known_video(streams)?.steady_frame_rate(),
            Origin::Node { .. } => None,
        })
    }

    /// The encoder of the sound.
    #[must_use]
    pub fn audio_codec(self, codec: impl Into<Codec>) -> Self {
        Self { audio_codec: codec.into(), ..self }
    }

    /// Each rendition's video, of square pixels, and an encoder for it: `b` and `maxrate` are its bit rate, `bufsize` two
    /// seconds of it.
    ///
    /// # Errors
    ///
    /// There is no rendition; the rate is not above zero; a height is odd or zero, a bit rate zero; a name is empty, there twice, or has other
    /// characters than letters, digits, `-` and `_` in it.
    pub fn videos(&self) -> Result<Vec<(Rendition, Stream<Video>, Codec)>, RecipeError> {
        if self.renditions.is_empty() {
            return Err(RecipeError::new("renditions", "empty", "one or more"));
        }
        if let Some(rate) = self.rate.filter(|rate| rate.num() <= 0) {
            return Err(RecipeError::new("rate", rate, "above zero"));
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
                let wanted = "bits a second, above zero";
                return Err(RecipeError::new(format!("renditions[{index}].bit_rate"), bit_rate, wanted));
            }
            let is_plain = |character: char| character.is_ascii_alphanumeric() || "-_".contains(character);
            let is_taken = self.renditions[..index].iter().any(|other| other.name == *name);
            if name.is_empty() || !name.chars().all(is_plain) || is_taken {
                let wanted = "a name of its own, of letters, digits, - and _";
                return Err(RecipeError::new(
                    format!("renditions[{index}].name"),
                    format!("{name:?}"),
                    wanted,
                ));
            }
            let scaled = video.filter(high(height));
            let codec = self.video_codec.clone();
            let codec = codec
                .opt("b", *bit_rate)
                .opt("maxrate", *bit_rate)
                .opt("bufsize", bit_rate.saturating_mul(2));
            videos.push((rendition.clone(), scaled, codec));
        }
        Ok(videos)
    }

    /// The sound, and its encoder.
    pub fn sound(&self) -> Option<(Stream<Audio>, Codec)> {
        self.audio.clone().map(|audio| (audio, self.audio_codec.clone()))
    }

    /// A file for each rendition, at the path that `path` gives it, with the sound in every one.
    ///
    /// # Errors
    ///
    /// As [`videos`](Ladder::videos).
    pub fn outputs(&self, path: impl Fn(&Rendition) -> String) -> Result<Vec<Output>, RecipeError> {
        let outputs = self.videos()?.into_iter().map(|(rendition, video, codec)| {
            let output = Output::new(path(&rendition)).video(video, codec);
            match self.sound() {
                Some((audio, codec)) => output.audio(audio, codec),
                None => output,
            }
        });
        Ok(outputs.collect())
    }
}
