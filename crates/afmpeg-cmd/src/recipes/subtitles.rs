use super::error::RecipeError;
use crate::{Filter, Stream, Value, Video, path};

/// Subtitles that become a part of the picture.
///
/// ```
/// use afmpeg_cmd::{Input, Job, Output, recipes::{ForceStyle, StyleField, Subtitles}};
///
/// let film = Input::new("film.mp4");
/// let style = ForceStyle::new().set(StyleField::FontName, "DejaVu Sans Mono").set(StyleField::FontSize, 28);
/// let subtitles = Subtitles::new("subs/it's: 1,2.srt").fonts_dir("/fonts").force_style(style);
/// let job = Job::new([Output::new("burnt.mp4").video(subtitles.on(&film.video())?, "libx264")]);
/// assert_eq!(job.graph.nodes[0].filter.option("filename"), Some("subs/it's: 1,2.srt"));
/// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Subtitles {
    path: String,
    stream: Option<u32>,
    fonts_dir: Option<String>,
    style: ForceStyle,
}

impl Subtitles {
    /// Of this file: subtitles, or a video that has some. The path is one of the job's filesystem, whatever characters
    /// are in it.
    pub fn new(path: impl Into<String>) -> Self {
        Self { path: path.into(), stream: None, fonts_dir: None, style: ForceStyle::new() }
    }

    /// Which of the file's subtitles, from 0 on; the first otherwise.
    #[must_use]
    pub fn stream(self, index: u32) -> Self {
        Self { stream: Some(index), ..self }
    }

    /// A folder of the job's filesystem with fonts in it. FFmpeg in a sandbox has no others, but those that are
    /// attached to the file: without any, nothing is drawn. Where no font has the name that a style has, libass takes a
    /// text face that has the letter, by the names of the fonts and not by their order, and logs a warning.
    #[must_use]
    pub fn fonts_dir(self, path: impl Into<String>) -> Self {
        Self { fonts_dir: Some(path.into()), ..self }
    }

    /// How they look, whatever the file says.
    #[must_use]
    pub fn force_style(self, style: ForceStyle) -> Self {
        Self { style, ..self }
    }

    /// Burns them in. Times are those of the stream: where the input was sought, put `setpts` before and behind. Letters
    /// are in the pixels of the video: where those are not square, [`fit`](fn@super::fit) the video first.
    ///
    /// # Errors
    ///
    /// A value of the style cannot be said.
    pub fn on(&self, video: &Stream<Video>) -> Result<Stream<Video>, RecipeError> {
        let filter = Filter::new("subtitles")
            .opt("filename", path::file(&self.path))
            .maybe("stream_index", self.stream)
            .maybe("fontsdir", self.fonts_dir.as_ref())
            .maybe("force_style", self.style.value()?);
        Ok(video.filter(filter))
    }
}

/// Fields of a style of ASS, for `force_style`: none of the values can become another field.
///
/// ```
/// use afmpeg_cmd::recipes::{ForceStyle, StyleField};
///
/// let style = ForceStyle::new().set(StyleField::FontSize, 28).set(StyleField::PrimaryColour, "&H0000FFFF");
/// assert_eq!(style.value()?.unwrap().as_str(), "FontSize=28,PrimaryColour=&H0000FFFF");
/// let error = ForceStyle::new().set(StyleField::FontName, "Arial,FontSize=99").value().unwrap_err();
/// assert_eq!(error.parameter(), "force_style: FontName");
/// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ForceStyle {
    fields: Vec<(StyleField, Value)>,
}

impl ForceStyle {
    /// With nothing forced.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a field.
    #[must_use]
    pub fn set(mut self, field: StyleField, value: impl Into<Value>) -> Self {
        self.fields.push((field, value.into()));
        self
    }

    /// As the option `force_style` has it; nothing if no field is set.
    ///
    /// # Errors
    ///
    /// A value has a comma or an equals sign in it, or a control character: there is no way to say those.
    pub fn value(&self) -> Result<Option<Value>, RecipeError> {
        let mut text = String::new();
        for (field, value) in &self.fields {
            let value = value.as_str();
            if value.contains([',', '=']) || value.contains(char::is_control) {
                let wanted = "a value without commas, equals signs and control characters";
                return Err(RecipeError::new(
                    format!("force_style: {field:?}"),
                    format!("{value:?}"),
                    wanted,
                ));
            }
            let comma = if text.is_empty() { "" } else { "," };
            text.push_str(&format!("{comma}{field:?}={value}"));
        }
        Ok((!text.is_empty()).then(|| text.into()))
    }
}

/// A field of a style, by the name that ASS has for it; [`ForceStyle`] has an example. Colours are `&HAABBGGRR`, with 00
/// for opaque; sizes are in pixels of the script's own picture, which for SRT is 288 high.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[allow(missing_docs, reason = "they are ASS's own names")]
pub enum StyleField {
    FontName,
    FontSize,
    PrimaryColour,
    SecondaryColour,
    OutlineColour,
    BackColour,
    Bold,
    Italic,
    Underline,
    StrikeOut,
    ScaleX,
    ScaleY,
    Spacing,
    Angle,
    BorderStyle,
    Outline,
    Shadow,
    Alignment,
    MarginL,
    MarginR,
    MarginV,
    Encoding,
    Blur,
    Justify,
}
