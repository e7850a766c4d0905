use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use afmpeg::cmd::{Time, recipes};
use clap::{Args, ValueEnum};

use crate::{
    failure::Failure,
    make::{
        encoding,
        format::Content,
        media::{Media, MediaFile},
        part::{Part, time},
        plan::Plan,
        recipe::Recipe,
    },
};

/// The family of the text without an option: the usual sans-serif font of the system.
const FAMILY: &str = "Sans";
/// The size of a video whose own size is unknown.
const UNKNOWN_SIZE: (u32, u32) = (1280, 720);

#[derive(Debug, Args)]
pub(crate) struct Text {
    /// Video
    #[arg(value_name = "INPUT")]
    input: PathBuf,

    /// Text, drawn as it is: no character of it is FFmpeg's syntax
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    text: String,

    /// Time at which the text appears, such as 90, 1:30 or 0:01:30.5. Default: the start of the video
    #[arg(long, value_name = "TIME", value_parser = time)]
    from: Option<Duration>,

    /// Time at which the text disappears. Default: the end of the video
    #[arg(long, value_name = "TIME", value_parser = time)]
    to: Option<Duration>,

    /// Place in the picture
    #[arg(long, value_enum, default_value_t = Position::Bottom)]
    position: Position,

    /// Distance from the edges of the picture, in pixels. Default: the font size
    #[arg(long, value_name = "PIXELS")]
    margin: Option<u32>,

    /// Font size in pixels; text that does not fit is smaller. Default: an 18th of the shorter side of the picture
    #[arg(long, value_name = "PIXELS")]
    size: Option<u32>,

    /// Name of a font of this system
    #[arg(long, value_name = "NAME", default_value = FAMILY)]
    font: String,

    /// Font file
    #[arg(long, value_name = "FILE", conflicts_with = "font")]
    font_file: Option<PathBuf>,

    /// Colour in FFmpeg's syntax, such as yellow, #ffcc00 or white@0.8
    #[arg(long, value_name = "COLOR", default_value = "white")]
    color: String,

    /// Draw a box of this colour behind the text, such as black@0.5. Without a box, the letters have a black border
    #[arg(long = "box", value_name = "COLOR")]
    background: Option<String>,

    /// Space between the text and the edges of the box, in pixels. Default: a third of the font size
    #[arg(long, value_name = "PIXELS", requires = "background")]
    padding: Option<u32>,

    /// Set any option of FFmpeg's filter drawtext, such as shadowx=2: `afmpeg capabilities filter drawtext` lists them.
    /// May be repeated
    #[arg(long = "option", value_name = "KEY=VALUE", value_parser = option)]
    options: Vec<(String, String)>,
}

/// A place in the picture.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Position {
    TopLeft,
    Top,
    TopRight,
    Left,
    Center,
    Right,
    BottomLeft,
    Bottom,
    BottomRight,
}

/// The start, the middle or the end of a side of the picture.
#[derive(Clone, Copy)]
enum Along {
    Start,
    Middle,
    End,
}

impl Along {
    /// Returns the place of a text on a side of the picture, as an expression of both lengths.
    fn place(self, side: &str, text: &str, margin: u32) -> String {
        match self {
            Self::Start => margin.to_string(),
            Self::Middle => format!("({side}-{text})/2"),
            Self::End => format!("{side}-{text}-{margin}"),
        }
    }

    /// Returns the alignment of lines across the picture, as a value of `text_align`.
    fn alignment(self) -> &'static str {
        match self {
            Self::Start => "left",
            Self::Middle => "center",
            Self::End => "right",
        }
    }
}

impl Position {
    /// Returns the place across the picture, and from its top.
    fn along(self) -> (Along, Along) {
        let across = match self {
            Self::TopLeft | Self::Left | Self::BottomLeft => Along::Start,
            Self::Top | Self::Center | Self::Bottom => Along::Middle,
            Self::TopRight | Self::Right | Self::BottomRight => Along::End,
        };
        let down = match self {
            Self::TopLeft | Self::Top | Self::TopRight => Along::Start,
            Self::Left | Self::Center | Self::Right => Along::Middle,
            Self::BottomLeft | Self::Bottom | Self::BottomRight => Along::End,
        };
        (across, down)
    }
}

/// Reads `KEY=VALUE`.
fn option(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("expected KEY=VALUE, such as shadowx=2".to_owned()),
    }
}

impl Recipe for Text {
    fn input(&self) -> &Path {
        &self.input
    }

    fn others(&self) -> Vec<&Path> {
        self.font_file.iter().map(PathBuf::as_path).collect()
    }

    fn default_output(&self, media: &Media<'_>) -> Result<String, Failure> {
        let file = &media.first;
        Ok(format!("{}-text{}", file.stem, file.extension()))
    }

    fn content(&self, _: &Media<'_>) -> Content {
        Content::Video
    }

    fn plan(&self, media: &Media<'_>) -> Result<Plan, Failure> {
        let file = &media.first;
        let stream = file.video()?;
        let input = file.input();
        let font = match media.others.first() {
            Some(path) => recipes::Font::File(path.clone()),
            None => recipes::Font::Family(self.font.clone()),
        };
        let video = self.timed(self.styled(file, font)?, file)?.on(&input.video())?;
        Ok(encoding::replacing_video(media, file, &input, &stream, &video))
    }
}

impl Text {
    /// Returns the text in lines that fit into the picture, in its style.
    fn styled(&self, file: &MediaFile, font: recipes::Font) -> Result<recipes::Text, Failure> {
        let video = file.probe.video();
        let (width, height) = video.and_then(|video| video.upright_size()).unwrap_or(UNKNOWN_SIZE);
        let size = self.size.unwrap_or_else(|| (width.min(height) / 18).max(8));
        let padding = self.background.as_ref().map(|_| self.padding.unwrap_or(size / 3));
        // Positions are those of the text, without its box.
        let margin = self.margin.unwrap_or(size).saturating_add(padding.unwrap_or_default());
        let (across, down) = self.position.along();
        let both = u64::from(margin) * 2;
        let is_full = both >= width.into() || (!matches!(down, Along::Middle) && both >= height.into());
        if is_full && (self.margin.is_some() || self.padding.is_some()) {
            return Err(Failure::usage(
                format!(
                    "a margin of {margin} pixels leaves no space for the text: {} is {width}x{height}",
                    file.path
                ),
                "give a smaller --margin or --padding",
            ));
        }
        let text = recipes::Text::new(&self.text, font)
            .size(size)
            .wrap_within(width.saturating_sub(margin.saturating_mul(2)))
            .position(across.place("w", "text_w", margin), down.place("h", "text_h", margin))
            .margin(margin)
            .color(&self.color)
            .opt("text_align", across.alignment());
        let text = match (&self.background, padding) {
            (Some(color), Some(padding)) => text.background(color).box_padding(padding),
            _ => text.opt("borderw", (size / 16).max(1)),
        };
        Ok(self.options.iter().fold(text, |text, (key, value)| text.opt(key, value)))
    }

    /// Shows the text between its times.
    fn timed(&self, text: recipes::Text, file: &MediaFile) -> Result<recipes::Text, Failure> {
        Ok(match Part::between(self.from, self.to).times(file)? {
            (from, Some(to)) => text.between(from, to),
            (Duration::ZERO, None) => text,
            (from, None) => text.enable(format!("gte(t,{})", Time::from(from))),
        })
    }
}
