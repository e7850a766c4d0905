//! What is written down, with the place in the text of everything that can be wrong.

use std::time::Duration;

use afmpeg_cmd::{Ratio, filters::video::XfadeTransition, recipes};
use serde::{Deserialize, Deserializer, de::Error as _};
use toml::Spanned;

use crate::{
    json,
    mistake::{Mistakes, Review},
};

/// A value, and where in the text it stands.
pub type At<T> = Spanned<T>;

/// A storyboard. Names are those of the file; paths are relative to its folder.
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
    pub size: At<(u32, u32)>,
    /// Pictures a second: a number, or a ratio such as `"30000/1001"`.
    #[serde(deserialize_with = "rate")]
    pub fps: At<Ratio>,
    /// The colour of bars, as FFmpeg writes colours. Default: `black`.
    #[serde(default = "black")]
    pub background: String,
    /// What becomes of captions.
    #[serde(default)]
    pub captions: Captions,
    /// The font of captions that are burnt in: a TTF or OTF file.
    pub font: Option<At<String>>,
    /// What is seen.
    pub shots: At<Vec<At<Shot>>>,
    /// Who speaks over it.
    pub voice: Option<Voice>,
    /// What plays under it.
    pub music: Option<Music>,
    /// How it is encoded.
    #[serde(default)]
    pub output: Encoding,
    /// The text that it was read from, and its name.
    #[serde(skip)]
    pub(crate) source: (String, String),
}

/// What becomes of captions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Captions {
    /// A track of subtitles, which players show or not.
    #[default]
    Track,
    /// Drawn into the picture, which the module must have the filter `drawtext` for.
    Burn,
}

/// A shot: a still image or a clip.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shot {
    /// A picture's file.
    pub image: Option<At<String>>,
    /// A video's file.
    pub clip: Option<At<String>>,
    /// How long it is seen, fades included. A clip's default: from `in` to `out`, or to its end.
    pub duration: Option<At<Seconds>>,
    /// Where a clip is entered. Default: its beginning.
    pub r#in: Option<At<Seconds>>,
    /// Where a clip is left.
    pub out: Option<At<Seconds>>,
    /// How it fills the picture.
    #[serde(default)]
    pub fit: Fit,
    /// The part of an image where the camera begins; with `to`, it moves. Default: all of it.
    pub from: Option<At<Part>>,
    /// The part where it ends. Default: all of it.
    pub to: Option<At<Part>>,
    /// How loud the clip's own sound is: `true` for as loud as it is, or a factor. It comes and goes with the pictures,
    /// beside voice and music. Default: it is not heard.
    pub sound: Option<At<Sound>>,
    /// What is read while it is seen.
    pub caption: Option<At<String>>,
    /// How the next shot comes. Default: a cut.
    pub next: Option<At<Next>>,
}

/// How pictures of another shape fill the film's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fit {
    /// All is filled, and what stands over is cut off.
    #[default]
    Cover,
    /// All of it is seen, with bars beside it.
    Fit,
}

/// A part of an image, of the film's shape, in parts of its width and height.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Its left edge, from 0 to 1.
    pub x: f64,
    /// Its upper edge, from 0 to 1.
    pub y: f64,
    /// How wide and high it is, from 0.1 to 1.
    pub size: f64,
}

/// How the next shot comes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Next {
    /// One of `xfade`'s. Default: `fade`.
    #[serde(default)]
    pub transition: Transition,
    /// How long both are seen.
    pub duration: At<Seconds>,
}

/// A transition that `xfade` has by name.
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
        // `custom` wants an expression, which a storyboard has no room for.
        let all = || XfadeTransition::ALL.iter().filter(|transition| transition.as_str() != "custom");
        if let Some(found) = all().find(|transition| transition.as_str() == name) {
            return Ok(Self(*found));
        }
        let near = all()
            .map(|transition| transition.as_str())
            .max_by(|a, b| strsim::jaro_winkler(&name, a).total_cmp(&strsim::jaro_winkler(&name, b)));
        Err(D::Error::custom(format!("no transition is called {name:?}, but {:?}", near.unwrap_or("fade"))))
    }
}

/// A voice.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Voice {
    /// The file.
    pub file: At<String>,
    /// When it begins. Default: at once.
    #[serde(default)]
    pub at: Seconds,
    /// A factor. Default: 1.
    #[serde(default = "one")]
    pub volume: At<f64>,
}

/// Music, from the beginning to the end of the film; what is shorter is repeated.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Music {
    /// The file.
    pub file: At<String>,
    /// A factor. Default: 1.
    #[serde(default = "one")]
    pub volume: At<f64>,
    /// How long it takes to come. Default: no time.
    #[serde(default)]
    pub fade_in: Seconds,
    /// How long it takes to go. Default: no time.
    #[serde(default)]
    pub fade_out: Seconds,
    /// How much softer it is under the voice: the ratio of `sidechaincompress`, from 1 to 20. Default: not at all.
    pub duck: Option<At<f64>>,
}

/// How the film is encoded, by libx264 and aac.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Encoding {
    /// From 0, the best, to 51. Default: 21.
    pub crf: Option<At<u8>>,
    /// A preset of libx264. Default: `veryfast`.
    pub preset: Option<At<String>>,
    /// Of the sound, in kbit/s. Default: 160.
    pub audio_bitrate: Option<At<u32>>,
}

/// How loud a clip is, as a factor. In a storyboard, `true` is 1 and `false` is 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sound(pub f64);

impl<'de> Deserialize<'de> for Sound {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "a sound is true, false or a factor")]
        enum Written {
            Heard(bool),
            Factor(f64),
        }
        Ok(Self(match Written::deserialize(deserializer)? {
            Written::Heard(heard) => f64::from(u8::from(heard)),
            Written::Factor(factor) => factor,
        }))
    }
}

/// A time in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Seconds(pub Duration);

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let seconds = f64::deserialize(deserializer)?;
        // What is longer is a slip of the pen.
        if !(0.0..=86_400.0).contains(&seconds) {
            return Err(D::Error::custom(format!("{seconds} s is not between nothing and a day")));
        }
        // FFmpeg counts in microseconds.
        let micros = Duration::try_from_secs_f64(seconds).map_err(D::Error::custom)?.as_micros();
        Ok(Self(Duration::from_micros(u64::try_from(micros).map_err(D::Error::custom)?)))
    }
}

impl Storyboard {
    /// Reads a storyboard: JSON if `file` ends so, TOML otherwise. `file` is what mistakes call it.
    ///
    /// # Errors
    ///
    /// It cannot be read, or something is unknown or missing.
    pub fn parse(file: &str, text: &str) -> Result<Self, Mistakes> {
        let read = if json::is(file) {
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
                review.report(span, message, "see examples/reel/reel.toml for all that there is");
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

fn one() -> At<f64> {
    Spanned::new(0..0, 1.0)
}

fn rate<'de, D: Deserializer<'de>>(deserializer: D) -> Result<At<Ratio>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Rate {
        Whole(u32),
        Text(String),
    }
    let written = Spanned::<Rate>::deserialize(deserializer)?;
    let span = written.span();
    let rate = match written.into_inner() {
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
    fn storyboard_of_the_readme_is_one() {
        let readme = include_str!("../README.md");
        let text = readme.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
        let storyboard = Storyboard::parse("reel.toml", text).unwrap();
        assert_eq!(Plan::new(&storyboard).unwrap().duration, Duration::from_secs(8));
    }
}
