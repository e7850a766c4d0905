use super::{
    Corner,
    error::{RecipeError, not_zero},
    room,
};
use crate::{Filter, Stream, Value, Video};

/// Text over a video. Nothing in it is syntax to FFmpeg: no `%{...}`, no backslash.
///
/// Text that is wider or higher at its size than the room it has becomes smaller, so that all of it is seen;
/// [`wrap`](Text::wrap) breaks it into lines instead. The text of a [file](Text::file) is drawn as it is. Letters are in the
/// pixels of the video: where those are not square, [`fit`](fn@super::fit) the video first.
///
/// ```
/// use afmpeg_cmd::{Input, Job, Output, recipes::{Corner, Text}};
///
/// let film = Input::new("film.mp4");
/// let text = Text::new("100%: it's %{pts}", "/fonts/DejaVuSansMono.ttf").size(32).corner(Corner::TopLeft, 20);
/// let job = Job::new([Output::new("out.mp4").video(text.on(&film.video())?, "libx264")]);
/// let filter = &job.graph.nodes[0].filter;
/// assert_eq!(filter.option("text"), Some("100%: it's %{pts}"));
/// assert_eq!(filter.option("expansion"), Some("none"));
/// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Text {
    option: (&'static str, String),
    font: String,
    size: u32,
    color: Value,
    x: Value,
    y: Value,
    background: Option<Value>,
    enable: Option<Value>,
    room: Room,
}

/// Where it may be.
#[derive(Debug, Clone, PartialEq)]
enum Room {
    /// Anywhere in the frame, so many pixels from its edges.
    Frame { margin: u32 },
    /// Where `x` and `y` leave it in the frame.
    Rest,
}

impl Text {
    fn from(option: &'static str, value: String, font: String) -> Self {
        Self {
            option: (option, value),
            font,
            size: 24,
            color: "white".into(),
            x: "(w-text_w)/2".into(),
            y: "(h-text_h)/2".into(),
            background: None,
            enable: None,
            room: Room::Frame { margin: 0 },
        }
    }

    /// This text, in the font of the file `font` of the job's filesystem. Unless it is told otherwise: 24 pixels high,
    /// white, in the middle.
    pub fn new(text: impl Into<String>, font: impl Into<String>) -> Self {
        Self::from("text", text.into(), font.into())
    }

    /// The text that is in a file of the job's filesystem, as UTF-8: for long ones. A command cannot look into the file, so
    /// the text is drawn as it is: it keeps its [`size`](Text::size), [`wrap`](Text::wrap) does nothing to it, and what is
    /// beyond the edges of the frame is cut off. Break its lines where they are to end, and choose a size that they fit
    /// at; or read the file and give its text to [`new`](Text::new), or burn it in with
    /// [`Subtitles`](super::Subtitles), which breaks lines by itself.
    ///
    /// ```
    /// # use afmpeg_cmd::{Input, recipes::Text};
    /// let credits = Text::file("credits.txt", "/fonts/DejaVuSansMono.ttf").at("(w-text_w)/2", "h-40*t");
    /// ```
    pub fn file(path: impl Into<String>, font: impl Into<String>) -> Self {
        Self::from("textfile", path.into(), font.into())
    }

    /// Breaks it into lines of at most so many characters, at blanks where there are some. The text of a
    /// [file](Text::file) stays as it is.
    ///
    /// ```
    /// # use afmpeg_cmd::{Input, Job, Output, recipes::Text};
    /// let text = Text::new("a caption of some length", "/fonts/DejaVuSansMono.ttf").wrap(10);
    /// let job = Job::new([Output::new("b.mp4").map(text.on(&Input::new("a.mp4").video())?)]);
    /// assert_eq!(job.graph.nodes[0].filter.option("text"), Some("a caption\nof some\nlength"));
    /// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
    /// ```
    #[must_use]
    pub fn wrap(mut self, characters: u32) -> Self {
        let (name, text) = &mut self.option;
        if *name == "text" {
            *text = wrapped(text, usize::try_from(characters).unwrap_or(usize::MAX).max(1));
        }
        self
    }

    /// How high its letters are, in pixels, at most.
    #[must_use]
    pub fn size(self, pixels: u32) -> Self {
        Self { size: pixels, ..self }
    }

    /// As FFmpeg writes colours: `white`, `#204060`, `black@0.5`.
    #[must_use]
    pub fn color(self, color: impl Into<Value>) -> Self {
        Self { color: color.into(), ..self }
    }

    /// On a box of this colour.
    #[must_use]
    pub fn background(self, color: impl Into<Value>) -> Self {
        Self { background: Some(color.into()), ..self }
    }

    /// In a corner, so many pixels from its edges.
    #[must_use]
    pub fn corner(self, corner: Corner, margin: u32) -> Self {
        let (x, y) = corner.of_text(margin);
        Self { x: x.into(), y: y.into(), room: Room::Frame { margin }, ..self }
    }

    /// Where its left and its upper edge are: numbers of pixels, or expressions of `drawtext` with `w`, `h`, `text_w`,
    /// `text_h`, `t`.
    ///
    /// It becomes smaller where there is less room from there to the edges of the frame than it needs. Where an expression
    /// has the time in it, or other things that are not known before a frame is drawn, it is fitted to the whole frame: it
    /// may move in and out.
    ///
    /// ```
    /// # use afmpeg_cmd::{Input, Job, Output, recipes::Text};
    /// let text = Text::new("HHHH", "/fonts/DejaVuSansMono.ttf").at("w/2", 10);
    /// let job = Job::new([Output::new("b.mp4").map(text.on(&Input::new("a.mp4").video())?)]);
    /// let size = job.graph.nodes[0].filter.option("fontsize").unwrap();
    /// assert_eq!(size, "max(1,floor(min(24,min((w-(w/2))*100/344,(h-(10))*100/130))))");
    /// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
    /// ```
    #[must_use]
    pub fn at(self, x: impl Into<Value>, y: impl Into<Value>) -> Self {
        Self { x: x.into(), y: y.into(), room: Room::Rest, ..self }
    }

    /// Seen only where this expression of FFmpeg's is not zero: `between(t,1,4)`.
    #[must_use]
    pub fn enable(self, expression: impl Into<Value>) -> Self {
        Self { enable: Some(expression.into()), ..self }
    }

    /// Writes it over a video.
    ///
    /// # Errors
    ///
    /// The size is zero; the text, or the path of its file, is empty.
    pub fn on(&self, video: &Stream<Video>) -> Result<Stream<Video>, RecipeError> {
        let (name, value) = &self.option;
        if value.is_empty() {
            return Err(RecipeError::new(*name, "empty", "one character or more"));
        }
        let filter = Filter::new("drawtext")
            .opt(*name, value)
            .opt("expansion", "none")
            .opt("fontfile", self.font.as_str())
            .opt("fontsize", self.font_size(not_zero("size", self.size)?))
            .opt("fontcolor", self.color.clone())
            .opt("x", self.x.clone())
            .opt("y", self.y.clone())
            .maybe("box", self.background.as_ref().map(|_| true))
            .maybe("boxcolor", self.background.clone())
            .maybe("enable", self.enable.clone());
        Ok(video.filter(filter))
    }

    /// The size of the letters, smaller where the text would not fit into the frame.
    fn font_size(&self, size: u32) -> Value {
        let (name, text) = &self.option;
        if *name != "text" {
            return size.into();
        }
        // In hundredths of the size of its letters.
        let width: u32 = text.lines().map(|line| line.chars().map(width_of).sum()).max().unwrap_or(0).max(1);
        let height = u32::try_from(text.lines().count()).unwrap_or(u32::MAX).max(1).saturating_mul(130);
        let (across, down) = match self.room {
            Room::Frame { margin } => {
                let margins = margin.saturating_mul(2);
                (format!("(w-{margins})"), format!("(h-{margins})"))
            }
            Room::Rest => (
                room::behind(self.x.as_str(), "w", ["text_w", "tw"]).unwrap_or_else(|| "w".to_owned()),
                room::behind(self.y.as_str(), "h", ["text_h", "th"]).unwrap_or_else(|| "h".to_owned()),
            ),
        };
        format!("max(1,floor(min({size},min({across}*100/{width},{down}*100/{height}))))").into()
    }
}

/// How wide a letter is at most in usual fonts, in hundredths of their size.
fn width_of(letter: char) -> u32 {
    match letter {
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 108,
        'A'..='Z' => 86,
        ' '..='~' => 72,
        '\u{a0}'..='\u{24f}' => 86,
        _ => 105,
    }
}

/// Lines of at most so many characters.
fn wrapped(text: &str, most: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let mut current = String::new();
        let mut length = 0;
        for word in line.split(' ') {
            let letters: Vec<char> = word.chars().collect();
            if length > 0 && length + 1 + letters.len() <= most {
                current.push(' ');
                current.push_str(word);
                length += 1 + letters.len();
                continue;
            }
            if length > 0 {
                lines.push(std::mem::take(&mut current));
            }
            // A word that is longer than a line is broken anywhere.
            let mut pieces = letters.chunks(most).map(|piece| piece.iter().collect::<String>());
            current = pieces.next_back().unwrap_or_default();
            length = current.chars().count();
            lines.extend(pieces);
        }
        lines.push(current);
    }
    lines.join("\n")
}
