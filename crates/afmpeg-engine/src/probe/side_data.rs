use super::{Ratio, section::object};
use crate::fields::{FieldValue, Fields};

object! {
    /// What comes with a stream, packet or frame beside its data: `Display Matrix`, `Mastering display metadata`...
    ///
    /// Its fields differ with its type and are all in `extra`; those that are asked for most have accessors.
    ///
    /// ```
    /// use afmpeg_engine::SideData;
    ///
    /// let light: SideData = serde_json::from_str(r#"{"side_data_type": "Content light level metadata",
    ///     "max_content": 1000, "max_average": 400}"#).unwrap();
    /// assert_eq!(light.content_light_level().unwrap().max_content, 1000);
    /// assert_eq!(light.rotation(), None);
    /// ```
    SideData {
        /// Its type, in FFmpeg's words.
        side_data_type: Option<String>,
    }
}

/// The display that a picture was mastered on (SMPTE ST 2086).
///
/// ```
/// use afmpeg_engine::{Ratio, SideData};
///
/// let side_data: SideData = serde_json::from_str(r#"{"side_data_type": "Mastering display metadata",
///     "min_luminance": "50/10000", "max_luminance": "10000000/10000"}"#).unwrap();
/// let display = side_data.mastering_display().unwrap();
/// assert_eq!(display.max_luminance, Some(Ratio::from(1000)));
/// assert_eq!(display.white_point, None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct MasteringDisplay {
    /// The colours of red, green and blue.
    pub primaries: Option<[Chromaticity; 3]>,
    /// The colour of white.
    pub white_point: Option<Chromaticity>,
    /// The darkest, in candela per square metre.
    pub min_luminance: Option<Ratio>,
    /// The brightest, in candela per square metre.
    pub max_luminance: Option<Ratio>,
}

/// A colour without its brightness, by CIE 1931.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "there are two coordinates")]
pub struct Chromaticity {
    /// The x of the diagram.
    pub x: Ratio,
    /// The y of the diagram.
    pub y: Ratio,
}

/// How bright the pictures of a stream are (CTA-861.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ContentLightLevel {
    /// The brightest pixel, in candela per square metre.
    pub max_content: i64,
    /// The brightest average of a picture, in candela per square metre.
    pub max_average: i64,
}

impl SideData {
    /// Side data in a place that has no type of its own.
    pub(super) fn from_fields(fields: Fields) -> Self {
        let side_data_type = fields["side_data_type"].as_str().map(str::to_owned);
        Self { side_data_type, extra: fields.without("side_data_type") }
    }

    fn is(&self, name: &str) -> bool {
        self.side_data_type.as_deref() == Some(name)
    }

    /// A field that is a whole number.
    pub fn int(&self, name: &str) -> Option<i64> {
        self.extra.get(name).and_then(FieldValue::as_i64)
    }

    /// A field that is a ratio.
    pub fn ratio(&self, name: &str) -> Option<Ratio> {
        self.extra.get(name).and_then(FieldValue::as_str)?.parse().ok()
    }

    /// By how many degrees, clockwise, the picture is to be turned to be seen upright: from 0 to 359, of a display
    /// matrix. (ffprobe's `rotation` counts the other way.)
    pub fn rotation(&self) -> Option<u16> {
        // The matrix of a stream and of a frame have different names.
        let is_matrix = self.is("Display Matrix") || self.is("3x3 displaymatrix");
        let counterclockwise = is_matrix.then(|| self.int("rotation"))??;
        u16::try_from(counterclockwise.checked_neg()?.rem_euclid(360)).ok()
    }

    /// The mastering display, of `Mastering display metadata`.
    pub fn mastering_display(&self) -> Option<MasteringDisplay> {
        self.is("Mastering display metadata").then(|| {
            let colour = |x: &str, y: &str| Some(Chromaticity { x: self.ratio(x)?, y: self.ratio(y)? });
            let primaries = || {
                Some([colour("red_x", "red_y")?, colour("green_x", "green_y")?, colour("blue_x", "blue_y")?])
            };
            MasteringDisplay {
                primaries: primaries(),
                white_point: colour("white_point_x", "white_point_y"),
                min_luminance: self.ratio("min_luminance"),
                max_luminance: self.ratio("max_luminance"),
            }
        })
    }

    /// The brightness, of `Content light level metadata`.
    pub fn content_light_level(&self) -> Option<ContentLightLevel> {
        self.is("Content light level metadata").then(|| {
            Some(ContentLightLevel {
                max_content: self.int("max_content")?,
                max_average: self.int("max_average")?,
            })
        })?
    }

    /// The Dolby Vision profile, of a `DOVI configuration record`; its other fields are in `extra`.
    pub fn dolby_vision_profile(&self) -> Option<i64> {
        self.is("DOVI configuration record").then(|| self.int("dv_profile"))?
    }
}
