use super::section::object;
use crate::Ratio;
use crate::fields::{FieldValue, Fields};

object! {
    /// Side data of a stream, packet or frame: `Display Matrix`, `Mastering display metadata`...
    ///
    /// Its fields depend on its type and are in `extra`; common ones have accessors.
    ///
    /// ```
    /// use afmpeg_types::probe::SideData;
    ///
    /// let light: SideData = serde_json::from_str(r#"{"side_data_type": "Content light level metadata",
    ///     "max_content": 1000, "max_average": 400}"#).unwrap();
    /// assert_eq!(light.content_light_level().unwrap().max_content, 1000);
    /// assert_eq!(light.rotation(), None);
    /// ```
    SideData {
        /// FFmpeg's name of the type.
        side_data_type: Option<String>,
    }
}

/// The display on which a video was mastered (SMPTE ST 2086).
///
/// ```
/// use afmpeg_types::{Ratio, probe::SideData};
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
    /// The minimum luminance, in candela per square metre.
    pub min_luminance: Option<Ratio>,
    /// The maximum luminance, in candela per square metre.
    pub max_luminance: Option<Ratio>,
}

/// The chromaticity of a colour (CIE 1931).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "there are two coordinates")]
pub struct Chromaticity {
    /// The x coordinate.
    pub x: Ratio,
    /// The y coordinate.
    pub y: Ratio,
}

/// The content light level of a stream (CTA-861.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ContentLightLevel {
    /// The maximum luminance of a pixel, in candela per square metre.
    pub max_content: i64,
    /// The maximum average luminance of a frame, in candela per square metre.
    pub max_average: i64,
}

impl SideData {
    /// Reads side data from untyped fields.
    pub(super) fn from_fields(fields: Fields) -> Self {
        let side_data_type = fields["side_data_type"].as_str().map(str::to_owned);
        Self { side_data_type, extra: fields.without("side_data_type") }
    }

    fn is(&self, name: &str) -> bool {
        self.side_data_type.as_deref() == Some(name)
    }

    /// Returns an integer field.
    pub fn int(&self, name: &str) -> Option<i64> {
        self.extra.get(name).and_then(FieldValue::as_i64)
    }

    /// Returns a ratio field.
    pub fn ratio(&self, name: &str) -> Option<Ratio> {
        self.extra.get(name).and_then(FieldValue::as_str)?.parse().ok()
    }

    /// Returns the clockwise rotation in degrees, from 0 to 359, that displays the video upright, from a display matrix.
    /// (ffprobe's `rotation` is counterclockwise.)
    pub fn rotation(&self) -> Option<u16> {
        // The matrices of streams and of frames have different names.
        let is_matrix = self.is("Display Matrix") || self.is("3x3 displaymatrix");
        let counterclockwise = is_matrix.then(|| self.int("rotation"))??;
        u16::try_from(counterclockwise.checked_neg()?.rem_euclid(360)).ok()
    }

    /// Returns the mastering display, from `Mastering display metadata`.
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

    /// Returns the light level, from `Content light level metadata`.
    pub fn content_light_level(&self) -> Option<ContentLightLevel> {
        self.is("Content light level metadata").then(|| {
            Some(ContentLightLevel {
                max_content: self.int("max_content")?,
                max_average: self.int("max_average")?,
            })
        })?
    }

    /// Returns the Dolby Vision profile, from a `DOVI configuration record`; its other fields are in `extra`.
    pub fn dolby_vision_profile(&self) -> Option<i64> {
        self.is("DOVI configuration record").then(|| self.int("dv_profile"))?
    }
}
