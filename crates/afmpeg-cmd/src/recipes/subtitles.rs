use super::error::RecipeError;
use crate::{Filter, Stream, Value, Video, path};

/// Subtitles burned into a video.
///
/// ```
/// use afmpeg_cmd::{Command, Input, Output, recipes::{ForceStyle, StyleField, Subtitles}};
///
/// let film = Input::new("film.mp4");
/// let style = ForceStyle::new().set(StyleField::FontName, "DejaVu Sans Mono").set(StyleField::FontSize, 28);
/// let subtitles = Subtitles::new("subs/it's: 1,2.srt").fonts_dir("/fonts").force_style(style);
/// let command = Command::new([Output::new("burnt.mp4").video(subtitles.on(&film.video())?, "libx264")]);
/// assert_eq!(command.graph.nodes[0].filter.option("filename"), Some("subs/it's: 1,2.srt"));
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
    /// The subtitles of this file, which may be a video. The path is on the job's filesystem, whatever characters it
    /// contains.
    pub fn new(path: impl Into<String>) -> Self {
        Self { path: path.into(), stream: None, fonts_dir: None, style: ForceStyle::new() }
    }

    /// Selects one of the file's subtitle streams, from 0; the default is the first.
    #[must_use]
    pub fn stream(self, index: u32) -> Self {
        Self { stream: Some(index), ..self }
    }

    /// Sets a folder of the job's filesystem with fonts. Sandboxed FFmpeg has no others, except those attached to the
    /// file: without any, nothing is drawn. If no font has the name of a style, libass selects a text font with the
    /// glyph, by the names of the fonts and independent of their order, and logs a warning.
    #[must_use]
    pub fn fonts_dir(self, path: impl Into<String>) -> Self {
        Self { fonts_dir: Some(path.into()), ..self }
    }

    /// Overrides the style of the file.
    #[must_use]
    pub fn force_style(self, style: ForceStyle) -> Self {
        Self { style, ..self }
    }

    /// Burns them in. Times are those of the stream: with a start set by `Input::seek`, add `setpts` before and after.
    /// Font sizes are in pixels of the video: if those are not square, [`fit`](fn@super::fit) the video first.
    ///
    /// # Errors
    ///
    /// A value of the style cannot be represented.
    pub fn on(&self, video: &Stream<Video>) -> Result<Stream<Video>, RecipeError> {
        let filter = Filter::new("subtitles")
            .opt("filename", path::file(&self.path))
            .arg_opt("stream_index", self.stream)
            .arg_opt("fontsdir", self.fonts_dir.as_ref())
            .arg_opt("force_style", self.style.value()?);
        Ok(video.filter(filter))
    }
}

/// Fields of an ASS style, for `force_style`: no value can set another field.
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
    /// A style without overrides.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a field.
    #[must_use]
    pub fn set(mut self, field: StyleField, value: impl Into<Value>) -> Self {
        self.fields.push((field, value.into()));
        self
    }

    /// Returns the value of the option `force_style`; `None` if no field is set.
    ///
    /// # Errors
    ///
    /// A value contains a comma, an equals sign or a control character, for which there is no syntax.
    pub fn value(&self) -> Result<Option<Value>, RecipeError> {
        let mut text = String::new();
        for (field, value) in &self.fields {
            let value = value.as_str();
            if value.contains([',', '=']) || value.contains(char::is_control) {
                let expected = "a value without commas, equals signs and control characters";
                return Err(RecipeError::new(
                    format!("force_style: {field:?}"),
                    format!("{value:?}"),
                    expected,
                ));
            }
            let comma = if text.is_empty() { "" } else { "," };
            text.push_str(&format!("{comma}{field:?}={value}"));
        }
        Ok((!text.is_empty()).then(|| text.into()))
    }
}

/// A field of a style, by its name in ASS; [`ForceStyle`] has an example. Colours are `&HAABBGGRR`, with 00 for opaque;
/// sizes are in pixels of the script's resolution, which for SRT is 288 high.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the names are those of ASS")]
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
