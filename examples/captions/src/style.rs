use afmpeg::cmd::recipes::{ForceStyle, StyleField};
use serde::{Deserialize, Deserializer, de::Error as _};

/// The style of captions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Style {
    /// The size of the font, in pixels of a picture that is 288 high. Default: that of the subtitles, or 16.
    pub size: Option<u32>,
    /// The colour of the text. Default: that of the subtitles, or white.
    pub color: Option<Color>,
    /// The place in the picture. Default: the bottom.
    pub position: Position,
}

/// A colour, `#rrggbb` in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Color {
    /// Red, green and blue.
    pub rgb: [u8; 3],
}

/// A place in the picture, in the middle of its width.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names are the documentation")]
pub enum Position {
    Top,
    Middle,
    #[default]
    Bottom,
}

impl<'de> Deserialize<'de> for Color {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6);
        let number = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let number = number
            .ok_or_else(|| D::Error::custom(format!("expected a colour as #rrggbb, found {text:?}")))?;
        let [_, rgb @ ..] = number.to_be_bytes();
        Ok(Self { rgb })
    }
}

impl Style {
    pub(crate) fn forced(self) -> ForceStyle {
        // The numbers of SSA, which libass expects here.
        let alignment = match self.position {
            Position::Bottom => 2,
            Position::Top => 6,
            Position::Middle => 10,
        };
        let style = ForceStyle::new().set(StyleField::Alignment, alignment);
        let style = self.size.iter().fold(style, |style, size| style.set(StyleField::FontSize, *size));
        self.color.iter().fold(style, |style, Color { rgb: [red, green, blue] }| {
            style.set(StyleField::PrimaryColour, format!("&H00{blue:02X}{green:02X}{red:02X}"))
        })
    }
}
