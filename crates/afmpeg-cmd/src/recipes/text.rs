use std::borrow::Cow;

use super::{
    Corner,
    error::{RecipeError, nonzero},
    space,
};
use crate::{Expr, Filter, Stream, Time, Value, Video};

/// Text over a video. FFmpeg reads none of it as syntax: neither `%{...}` nor backslashes.
///
/// Text that does not fit its space at its size shrinks, so that all of it is visible; [`wrap`](Text::wrap) and
/// [`wrap_within`](Text::wrap_within) break it into lines instead. Text from a [file](Text::file) is drawn unchanged. Font sizes are in pixels of the video: if
/// those are not square, [`fit`](fn@super::fit) the video first.
///
/// ```
/// use afmpeg_cmd::{Command, Input, Output, recipes::{Corner, Text}};
///
/// let film = Input::new("film.mp4");
/// let text = Text::new("100%: it's %{pts}", "/fonts/DejaVuSansMono.ttf").size(32).corner(Corner::TopLeft, 20);
/// let command = Command::new([Output::new("out.mp4").video(text.on(&film.video())?, "libx264")]);
/// let filter = &command.graph.nodes[0].filter;
/// assert_eq!(filter.option("text"), Some("100%: it's %{pts}"));
/// assert_eq!(filter.option("expansion"), Some("none"));
/// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Text {
    option: (&'static str, String),
    wrapping: Option<Wrapping>,
    font: Font,
    size: u32,
    color: Value,
    x: Value,
    y: Value,
    background: Option<Value>,
    box_padding: Option<u32>,
    enable: Option<Value>,
    options: Vec<(String, Value)>,
    space: Space,
}

/// The font of a [`Text`]. A text converts to the path of its file.
///
/// ```
/// use afmpeg_cmd::{Command, Input, Output, recipes::{Font, Text}};
///
/// let text = Text::new("Hi", Font::Family("Sans".to_owned()));
/// let command = Command::new([Output::new("b.mp4").map(text.on(&Input::new("a.mp4").video())?)]);
/// let filter = &command.graph.nodes[0].filter;
/// assert_eq!((filter.option("font"), filter.option("fontfile")), (Some("Sans"), None));
/// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Font {
    /// The path of a font file on the job's filesystem.
    File(String),
    /// The name of a family, or one of its fonts: `DejaVu Sans Mono`. FFmpeg searches it in the job's folders of fonts,
    /// and draws with another font if there is none of this name.
    Family(String),
}

impl From<&str> for Font {
    fn from(path: &str) -> Self {
        Self::File(path.to_owned())
    }
}

impl From<String> for Font {
    fn from(path: String) -> Self {
        Self::File(path)
    }
}

impl From<&String> for Font {
    fn from(path: &String) -> Self {
        Self::File(path.clone())
    }
}

/// The longest line.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Wrapping {
    Characters(u32),
    /// In pixels.
    Width(u32),
}

/// The space for the text.
#[derive(Debug, Clone, PartialEq)]
enum Space {
    /// The frame within this margin, in pixels.
    Frame { margin: u32 },
    /// The frame from `x` and `y` on.
    Rest,
}

impl Text {
    fn from(option: &'static str, value: String, font: Font) -> Self {
        Self {
            option: (option, value),
            wrapping: None,
            font,
            size: 24,
            color: "white".into(),
            x: "(w-text_w)/2".into(),
            y: "(h-text_h)/2".into(),
            background: None,
            box_padding: None,
            enable: None,
            options: Vec::new(),
            space: Space::Frame { margin: 0 },
        }
    }

    /// Draws a text with this font: the path of a file on the job's filesystem, or a [family](Font::Family). The defaults are 24 pixels high, white and centred.
    pub fn new(text: impl Into<String>, font: impl Into<Font>) -> Self {
        Self::from("text", text.into(), font.into())
    }

    /// Draws the text of a UTF-8 file of the job's filesystem. Since a command cannot read the file, the text is drawn
    /// unchanged: it keeps its [`size`](Text::size), [`wrap`](Text::wrap) has no effect, and text beyond the edges of
    /// the frame is cut off. Break its lines in the file and choose a size that fits; or read the file and pass its
    /// text to [`new`](Text::new), or use [`Subtitles`](super::Subtitles), which break lines.
    ///
    /// ```
    /// # use afmpeg_cmd::{Input, recipes::Text};
    /// let credits = Text::file("credits.txt", "/fonts/DejaVuSansMono.ttf").position("(w-text_w)/2", "h-40*t");
    /// ```
    pub fn file(path: impl Into<String>, font: impl Into<Font>) -> Self {
        Self::from("textfile", path.into(), font.into())
    }

    /// Breaks the text into lines of at most `characters`, at blanks where possible. Text from a [file](Text::file) is
    /// not changed.
    ///
    /// ```
    /// # use afmpeg_cmd::{Command, Input, Output, recipes::Text};
    /// let text = Text::new("a caption of some length", "/fonts/DejaVuSansMono.ttf").wrap(10);
    /// let command = Command::new([Output::new("b.mp4").map(text.on(&Input::new("a.mp4").video())?)]);
    /// assert_eq!(command.graph.nodes[0].filter.option("text"), Some("a caption\nof some\nlength"));
    /// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
    /// ```
    #[must_use]
    pub fn wrap(self, characters: u32) -> Self {
        Self { wrapping: Some(Wrapping::Characters(characters)), ..self }
    }

    /// Breaks the text into lines that fit into a width in pixels at its [`size`](Text::size) in common fonts, at blanks
    /// where possible. Text from a [file](Text::file) is not changed.
    ///
    /// ```
    /// # use afmpeg_cmd::{Command, Input, Output, recipes::Text};
    /// let text = Text::new("a caption of some length", "/fonts/DejaVuSansMono.ttf").size(20).wrap_within(200);
    /// let command = Command::new([Output::new("b.mp4").map(text.on(&Input::new("a.mp4").video())?)]);
    /// assert_eq!(command.graph.nodes[0].filter.option("text"), Some("a caption of\nsome length"));
    /// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
    /// ```
    #[must_use]
    pub fn wrap_within(self, pixels: u32) -> Self {
        Self { wrapping: Some(Wrapping::Width(pixels)), ..self }
    }

    /// Sets the maximum font size, in pixels.
    #[must_use]
    pub fn size(self, pixels: u32) -> Self {
        Self { size: pixels, ..self }
    }

    /// Sets the colour, in FFmpeg's syntax: `white`, `#204060`, `black@0.5`.
    #[must_use]
    pub fn color(self, color: impl Into<Value>) -> Self {
        Self { color: color.into(), ..self }
    }

    /// Draws a box of this colour behind the text.
    #[must_use]
    pub fn background(self, color: impl Into<Value>) -> Self {
        Self { background: Some(color.into()), ..self }
    }

    /// Sets the space between the text and the edges of its [`background`](Text::background), in pixels.
    ///
    /// ```
    /// # use afmpeg_cmd::{Command, Input, Output, recipes::Text};
    /// let text = Text::new("Hi", "/fonts/DejaVuSansMono.ttf").background("black@0.5").box_padding(12);
    /// let command = Command::new([Output::new("b.mp4").map(text.on(&Input::new("a.mp4").video())?)]);
    /// assert_eq!(command.graph.nodes[0].filter.option("boxborderw"), Some("12"));
    /// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
    /// ```
    #[must_use]
    pub fn box_padding(self, pixels: u32) -> Self {
        Self { box_padding: Some(pixels), ..self }
    }

    /// Moves the text to a corner, with a margin in pixels.
    #[must_use]
    pub fn corner(self, corner: Corner, margin: u32) -> Self {
        let (x, y) = corner.of_text(margin);
        Self { x: x.into(), y: y.into(), space: Space::Frame { margin }, ..self }
    }

    /// Sets its left and top edges: numbers of pixels, or expressions of `drawtext` with `w`, `h`, `text_w`, `text_h`,
    /// `t`.
    ///
    /// The text shrinks if it does not fit between these and the edges of the frame. If an expression contains the
    /// time, or other values that are unknown before drawing, the text is fitted to the whole frame, since it may move
    /// in and out.
    ///
    /// ```
    /// # use afmpeg_cmd::{Command, Input, Output, recipes::Text};
    /// let text = Text::new("HHHH", "/fonts/DejaVuSansMono.ttf").position("w/2", 10);
    /// let command = Command::new([Output::new("b.mp4").map(text.on(&Input::new("a.mp4").video())?)]);
    /// let size = command.graph.nodes[0].filter.option("fontsize").unwrap();
    /// assert_eq!(size, "max(1,floor(min(24,min((w-(w/2))*100/344,(h-(10))*100/130))))");
    /// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
    /// ```
    #[must_use]
    pub fn position(self, x: impl Into<Value>, y: impl Into<Value>) -> Self {
        Self { x: x.into(), y: y.into(), space: Space::Rest, ..self }
    }

    /// Fits the text to the frame within a margin in pixels, instead of the space from its position on: for a
    /// [`position`](Text::position), set before, that keeps it there.
    ///
    /// ```
    /// # use afmpeg_cmd::{Command, Input, Output, recipes::Text};
    /// let text = Text::new("HHHH", "/fonts/DejaVuSansMono.ttf").position("(w-text_w)/2", "h-text_h-20").margin(20);
    /// let command = Command::new([Output::new("b.mp4").map(text.on(&Input::new("a.mp4").video())?)]);
    /// let size = command.graph.nodes[0].filter.option("fontsize").unwrap();
    /// assert_eq!(size, "max(1,floor(min(24,min((w-40)*100/344,(h-40)*100/130))))");
    /// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
    /// ```
    #[must_use]
    pub fn margin(self, pixels: u32) -> Self {
        Self { space: Space::Frame { margin: pixels }, ..self }
    }

    /// Shows it only where an FFmpeg expression is not zero: `between(t,1,4)`.
    #[must_use]
    pub fn enable(self, expression: impl Into<Value>) -> Self {
        Self { enable: Some(expression.into()), ..self }
    }

    /// Shows it from `start` until just before `end`, so that one caption can follow another.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use afmpeg_cmd::{Command, Input, Output, recipes::Text};
    /// let (start, end) = (Duration::from_secs(1), Duration::from_millis(2_500));
    /// let text = Text::new("Hi", "/fonts/DejaVuSansMono.ttf").between(start, end);
    /// let command = Command::new([Output::new("b.mp4").map(text.on(&Input::new("a.mp4").video())?)]);
    /// assert_eq!(command.graph.nodes[0].filter.option("enable"), Some("(gte(t,1)*lt(t,2.5))"));
    /// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
    /// ```
    #[must_use]
    pub fn between(self, start: impl Into<Time>, end: impl Into<Time>) -> Self {
        let started = Expr::call("gte", [Expr::var("t"), start.into().into()]);
        self.enable(started * Expr::var("t").lt(end.into()))
    }

    /// Sets any other option of `drawtext`: `shadowx`, `line_spacing`.
    ///
    /// ```
    /// # use afmpeg_cmd::{Command, Input, Output, recipes::Text};
    /// let text = Text::new("Hi", "/fonts/DejaVuSansMono.ttf").opt("shadowx", 2).opt("shadowy", 2);
    /// let command = Command::new([Output::new("b.mp4").map(text.on(&Input::new("a.mp4").video())?)]);
    /// assert_eq!(command.graph.nodes[0].filter.option("shadowx"), Some("2"));
    /// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
    /// ```
    #[must_use]
    pub fn opt(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.options.push((name.into(), value.into()));
        self
    }

    /// Draws it over a video.
    ///
    /// # Errors
    ///
    /// The size is zero; the text, or the path of its file, is empty.
    pub fn on(&self, video: &Stream<Video>) -> Result<Stream<Video>, RecipeError> {
        let (name, value) = &self.option;
        if value.is_empty() {
            return Err(RecipeError::new(*name, "none", "at least one character"));
        }
        let value = self.in_lines(nonzero("size", self.size)?);
        let (font_option, font) = match &self.font {
            Font::File(path) => ("fontfile", path),
            Font::Family(name) => ("font", name),
        };
        let filter = Filter::new("drawtext")
            .opt(*name, &*value)
            .opt("expansion", "none")
            .opt(font_option, font)
            .opt("fontsize", self.font_size(&value))
            .opt("fontcolor", self.color.clone())
            .opt("x", self.x.clone())
            .opt("y", self.y.clone())
            .arg_opt("box", self.background.as_ref().map(|_| true))
            .arg_opt("boxcolor", self.background.clone())
            .arg_opt("boxborderw", self.box_padding)
            .arg_opt("enable", self.enable.clone());
        let options = self.options.iter().cloned();
        Ok(video.filter(options.fold(filter, |filter, (name, value)| filter.opt(name, value))))
    }

    /// Whether the text is in a file, which a command cannot read.
    fn is_in_file(&self) -> bool {
        self.option.0 != "text"
    }

    /// Returns the value of the option, with the text broken into lines at this font size.
    fn in_lines(&self, size: u32) -> Cow<'_, str> {
        let text = &self.option.1;
        match self.wrapping.filter(|_| !self.is_in_file()) {
            Some(Wrapping::Characters(most)) => wrapped(text, most.into(), |_| 1).into(),
            Some(Wrapping::Width(pixels)) => {
                wrapped(text, u64::from(pixels) * 100 / u64::from(size), |letter| width_of(letter).into())
                    .into()
            }
            None => text.into(),
        }
    }

    /// Returns the font size, smaller where a text in these lines would not fit.
    fn font_size(&self, text: &str) -> Value {
        let size = self.size;
        if self.is_in_file() {
            return size.into();
        }
        // In hundredths of the font size.
        let width: u32 = text.lines().map(|line| line.chars().map(width_of).sum()).max().unwrap_or(0).max(1);
        let height = u32::try_from(text.lines().count()).unwrap_or(u32::MAX).max(1).saturating_mul(130);
        let (across, down) = match self.space {
            Space::Frame { margin } => {
                let margins = margin.saturating_mul(2);
                (format!("(w-{margins})"), format!("(h-{margins})"))
            }
            Space::Rest => (
                space::after(self.x.as_str(), "w", ["text_w", "tw"]).unwrap_or_else(|| "w".to_owned()),
                space::after(self.y.as_str(), "h", ["text_h", "th"]).unwrap_or_else(|| "h".to_owned()),
            ),
        };
        format!("max(1,floor(min({size},min({across}*100/{width},{down}*100/{height}))))").into()
    }
}

/// Returns the maximum width of a character in common fonts, in hundredths of the font size.
fn width_of(letter: char) -> u32 {
    match letter {
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 108,
        'A'..='Z' => 86,
        ' '..='~' => 72,
        '\u{a0}'..='\u{24f}' => 86,
        _ => 105,
    }
}

/// Breaks text into lines that are at most this long, by the length of each character.
fn wrapped(text: &str, most: u64, length_of: impl Fn(char) -> u64) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let mut current = String::new();
        let mut length = 0;
        for word in line.split(' ') {
            let with_blank: u64 = length_of(' ') + word.chars().map(&length_of).sum::<u64>();
            if length > 0 && length + with_blank <= most {
                current.push(' ');
                current.push_str(word);
                length += with_blank;
                continue;
            }
            if length > 0 {
                lines.push(std::mem::take(&mut current));
            }
            length = 0;
            for letter in word.chars() {
                // A word longer than a line is broken anywhere.
                if length > 0 && length + length_of(letter) > most {
                    lines.push(std::mem::take(&mut current));
                    length = 0;
                }
                current.push(letter);
                length += length_of(letter);
            }
        }
        lines.push(current);
    }
    lines.join("\n")
}
