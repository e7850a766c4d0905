//! The storyboard as parsed, with the span of every value that can be wrong.

use std::time::Duration;

use afmpeg_cmd::{Ratio, filters::video::XfadeTransition, recipes};
use serde::{Deserialize, Deserializer, de::Error as _};
pub use toml::Spanned;

use crate::{
    json,
    mistake::{Mistakes, Review},
};

/// A storyboard. Fields have the names of the file; paths are relative to its folder.
///
/// ```
/// use afmpeg_reel::{Plan, Storyboard};
///
/// let text = r#"
///     size = [1280, 720]
///     fps = 25
///     [[shots]]
///     image = "1.png"
///     duration = 3
///     next = { transition = "slideleft", duration = 0.5 }
///     [[shots]]
///     clip = "2.mp4"
///     in = 1.5
///     out = 4
///     caption = "The second shot"
/// "#;
/// let storyboard = Storyboard::parse("reel.toml", text)?;
/// assert_eq!(storyboard.shots.get_ref().len(), 2);
/// assert_eq!(Plan::new(&storyboard)?.duration.as_secs_f64(), 5.0);
/// # Ok::<(), afmpeg_reel::Mistakes>(())
/// ```
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Storyboard {
    /// Width and height, in pixels.
    pub size: Spanned<(u32, u32)>,
    /// Frames per second: a number, or a ratio such as `"30000/1001"`.
    #[serde(deserialize_with = "rate")]
    pub fps: Spanned<Ratio>,
    /// The colour of bars, in FFmpeg's syntax. Default: `black`.
    #[serde(default = "black")]
    pub background: String,
    /// Captions as a track, or drawn into the picture. Default: `track`.
    #[serde(default)]
    pub captions: Captions,
    /// The font of captions drawn into the picture: a TTF or OTF file.
    pub font: Option<Spanned<String>>,
    /// The shots, in order.
    pub shots: Spanned<Vec<Spanned<Shot>>>,
    /// A voice over the film.
    pub voice: Option<Voice>,
    /// Music under the film.
    pub music: Option<Music>,
    /// Options of the encoders.
    #[serde(default)]
    pub output: Encoding,
    /// The name and the text of the file.
    #[serde(skip)]
    pub(crate) source: (String, String),
}

/// The form of captions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Captions {
    /// A track of subtitles, which players can show or hide.
    #[default]
    Track,
    /// Drawn into the picture. Needs a module with the filter `drawtext`.
    Burn,
}

/// A shot: a still image or a clip.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shot {
    /// An image file.
    pub image: Option<Spanned<String>>,
    /// A video file.
    pub clip: Option<Spanned<String>>,
    /// The duration, fades included. Default for clips: from `in` to `out`, or to the end.
    pub duration: Option<Spanned<Seconds>>,
    /// The start within a clip. Default: 0.
    pub r#in: Option<Spanned<Seconds>>,
    /// The end within a clip.
    pub out: Option<Spanned<Seconds>>,
    /// How the shot fills the frame. Default: `cover`.
    #[serde(default)]
    pub fit: Fit,
    /// The first view of a camera move over an image. Default: the whole image.
    pub from: Option<Spanned<Part>>,
    /// The last view of a camera move over an image. Default: the whole image.
    pub to: Option<Spanned<Part>>,
    /// The volume of the clip's own sound, mixed with voice and music: `true` for unchanged, or a factor. It fades with
    /// the pictures. Default: silent.
    pub sound: Option<Spanned<Sound>>,
    /// A caption shown during the shot.
    pub caption: Option<Spanned<String>>,
    /// The transition to the next shot. Default: a cut.
    pub next: Option<Spanned<Next>>,
}

/// How pictures of another aspect ratio fill the frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fit {
    /// Fills the frame and crops the rest.
    #[default]
    Cover,
    /// Shows the whole picture, with bars.
    Fit,
}

/// A view of an image, with the film's aspect ratio, as fractions of the image's width and height.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// The left edge, from 0 to 1.
    pub x: f64,
    /// The upper edge, from 0 to 1.
    pub y: f64,
    /// The width and height, from 0.1 to 1.
    pub size: f64,
}

/// The transition to the next shot.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Next {
    /// A transition of FFmpeg's filter `xfade`. Default: `fade`.
    #[serde(default)]
    pub transition: Transition,
    /// The duration for which both shots are visible.
    pub duration: Spanned<Seconds>,
}

/// A named transition of FFmpeg's filter `xfade`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transition(pub XfadeTransition);

impl Default for Transition {
    fn default() -> Self {
        Self(XfadeTransition::Fade)
    }
}

impl<'de> Deserialize<'de> for Transition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        // `custom` needs an expression, for which a storyboard has no field.
        let all = || XfadeTransition::ALL.iter().filter(|transition| transition.as_str() != "custom");
        if let Some(found) = all().find(|transition| transition.as_str() == name) {
            return Ok(Self(*found));
        }
        let nearest = all()
            .map(|transition| transition.as_str())
            .max_by(|a, b| strsim::jaro_winkler(&name, a).total_cmp(&strsim::jaro_winkler(&name, b)));
        Err(D::Error::custom(format!(
            "unknown transition {name:?}; did you mean {:?}?",
            nearest.unwrap_or("fade")
        )))
    }
}

/// A voice over the film.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Voice {
    /// The file.
    pub file: Spanned<String>,
    /// The start of the voice in the film. Default: 0.
    #[serde(default)]
    pub at: Seconds,
    /// A factor. Default: 1.
    #[serde(default = "one")]
    pub volume: Spanned<f64>,
}

/// Music from the start to the end of the film, repeated if it is shorter.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Music {
    /// The file.
    pub file: Spanned<String>,
    /// A factor. Default: 1.
    #[serde(default = "one")]
    pub volume: Spanned<f64>,
    /// The duration of the fade at the start. Default: 0.
    #[serde(default)]
    pub fade_in: Seconds,
    /// The duration of the fade at the end. Default: 0.
    #[serde(default)]
    pub fade_out: Seconds,
    /// The compression under the voice: the ratio of `sidechaincompress`, from 1 to 20. Default: none.
    pub duck: Option<Spanned<f64>>,
}

/// Options of the encoders, libx264 and aac.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Encoding {
    /// The constant rate factor, from 0 (best) to 51. Default: 21.
    pub crf: Option<Spanned<u8>>,
    /// The preset of libx264. Default: `veryfast`.
    pub preset: Option<Spanned<String>>,
    /// The bit rate of the sound in kbit/s, from 16 to 512. Default: 160.
    pub audio_bitrate: Option<Spanned<u32>>,
}

/// The volume of a clip, as a factor. In a storyboard, `true` is 1 and `false` is 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sound(pub f64);

impl<'de> Deserialize<'de> for Sound {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "expected true, false or a factor")]
        enum Value {
            Switch(bool),
            Factor(f64),
        }
        Ok(Self(match Value::deserialize(deserializer)? {
            Value::Switch(on) => f64::from(u8::from(on)),
            Value::Factor(factor) => factor,
        }))
    }
}

/// A time in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Seconds(pub Duration);

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let seconds = f64::deserialize(deserializer)?;
        // Anything longer is a typing error.
        if !(0.0..=86_400.0).contains(&seconds) {
            return Err(D::Error::custom(format!("expected a time from 0 to 86400 s, found {seconds} s")));
        }
        // FFmpeg counts microseconds.
        let micros = Duration::try_from_secs_f64(seconds).map_err(D::Error::custom)?.as_micros();
        Ok(Self(Duration::from_micros(u64::try_from(micros).map_err(D::Error::custom)?)))
    }
}

impl Storyboard {
    /// Parses a storyboard: JSON if the name `file` ends in `.json`, TOML otherwise. Mistakes name `file`.
    ///
    /// # Errors
    ///
    /// The text cannot be parsed, or a field is unknown, missing or invalid.
    pub fn parse(file: &str, text: &str) -> Result<Self, Mistakes> {
        let read = if json::is_json(file) {
            json::read(text)
        } else {
            toml::from_str(text).map_err(|error: toml::de::Error| {
                (error.span().unwrap_or_default(), error.message().to_owned())
            })
        };
        read.map(|storyboard: Self| Self { source: (file.to_owned(), text.to_owned()), ..storyboard })
            .map_err(|(span, message)| {
                let mut review = Review::new(file, text);
                let message = message.lines().collect::<Vec<_>>().join(", ");
                review.report(span, message, "see examples/reel/reel.toml for all fields");
                review.into_mistakes()
            })
    }

    pub(crate) fn review(&self) -> Review<'_> {
        Review::new(&self.source.0, &self.source.1)
    }
}

impl Part {
    pub(crate) fn view(self) -> recipes::View {
        recipes::View { x: self.x, y: self.y, size: self.size }
    }
}

fn black() -> String {
    "black".to_owned()
}

fn one() -> Spanned<f64> {
    Spanned::new(0..0, 1.0)
}

fn rate<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Spanned<Ratio>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Rate {
        Whole(u32),
        Text(String),
    }
    let rate = Spanned::<Rate>::deserialize(deserializer)?;
    let span = rate.span();
    let rate = match rate.into_inner() {
        Rate::Whole(whole) => Ok(Ratio::from(whole)),
        Rate::Text(text) => text.parse().map_err(D::Error::custom),
    }?;
    Ok(Spanned::new(span, rate))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Plan;

    #[test]
    fn storyboard_of_the_readme_can_be_planned() {
        let readme = include_str!("../README.md");
        let text = readme.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
        let storyboard = Storyboard::parse("reel.toml", text).unwrap();
        assert_eq!(Plan::new(&storyboard).unwrap().duration, Duration::from_secs(8));
    }
}
