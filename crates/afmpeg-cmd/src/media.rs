//! Probed properties of an input.

use serde::{Deserialize, Deserializer};

use crate::{MediaKind, Ratio, Time};

/// The probed properties of a file that commands depend on.
///
/// Deserializes from ffprobe's JSON (`-of json -show_format -show_streams`), as a `Probe` of afmpeg-engine serializes
/// to.
///
/// ```
/// use afmpeg_cmd::{Media, MediaKind};
///
/// let json = r#"{
///     "streams": [{
///         "index": 0, "codec_type": "video", "codec_name": "h264", "width": 1280, "height": 720,
///         "pix_fmt": "yuv420p", "r_frame_rate": "25/1", "avg_frame_rate": "25/1", "time_base": "1/12800"
///     }],
///     "format": { "format_name": "mov,mp4,m4a,3gp,3g2,mj2", "duration": "5.280000" }
/// }"#;
/// let media: Media = serde_json::from_str(json).unwrap();
/// let video = media.first(MediaKind::Video).unwrap();
/// assert_eq!((video.width, video.height), (Some(1280), Some(720)));
/// assert_eq!(media.duration.unwrap().to_string(), "5.28");
/// ```
///
/// Covers are distinguished from video, and rotations, as in clips of phones, are reported:
///
/// ```
/// # use afmpeg_cmd::{Media, MediaKind};
/// let json = r#"{ "streams": [
///     { "codec_type": "video", "codec_name": "mjpeg", "disposition": { "attached_pic": 1 } },
///     { "codec_type": "video", "codec_name": "h264", "profile": "High", "width": 1920, "height": 1080,
///       "side_data_list": [{ "side_data_type": "Display Matrix", "rotation": -90 }] }
/// ] }"#;
/// let media: Media = serde_json::from_str(json).unwrap();
/// assert!(media.first(MediaKind::Video).unwrap().attached_picture);
/// let video = media.video().unwrap();
/// assert_eq!((video.profile.as_deref(), video.rotation), (Some("High"), Some(90)));
/// assert_eq!(video.upright_size(), Some((1080, 1920)));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(from = "ProbeJson")]
pub struct Media {
    /// ffprobe's names of the format: `mov,mp4,m4a,3gp,3g2,mj2`.
    pub format: Option<String>,
    /// The duration, if the file has it.
    pub duration: Option<Time>,
    /// The streams, in order.
    pub streams: Vec<MediaStream>,
    /// Tiled images, each tile a stream.
    pub tiles: Vec<Tiles>,
}

/// A tiled image, from ffprobe's `-show_stream_groups`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tiles {
    /// The index of its group in the file.
    pub group: usize,
    /// The indices of the streams of its tiles.
    pub streams: Vec<usize>,
    /// The width in pixels, before rotation.
    pub width: u32,
    /// The height in pixels, before rotation.
    pub height: u32,
    /// The clockwise rotation that makes it upright, in degrees: from 0 to 359.
    pub rotation: Option<u16>,
    /// Whether the file shows it by default.
    pub is_default: bool,
}

impl Tiles {
    /// Returns width and height in pixels, after rotation.
    pub fn upright_size(&self) -> (u32, u32) {
        if is_sideways(self.rotation) { (self.height, self.width) } else { (self.width, self.height) }
    }
}

/// A probed stream of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct MediaStream {
    /// The kind; `None` for kinds without a name here.
    #[serde(rename = "codec_type", deserialize_with = "known_kind")]
    pub kind: Option<MediaKind>,
    /// ffprobe's name of the codec: `h264`, `aac`.
    #[serde(rename = "codec_name")]
    pub codec: Option<String>,
    /// The profile of the codec: `High`, `LC`.
    pub profile: Option<String>,
    /// The width in pixels, before rotation.
    pub width: Option<u32>,
    /// The height in pixels, before rotation.
    pub height: Option<u32>,
    /// The pixel format: `yuv420p`.
    #[serde(rename = "pix_fmt")]
    pub pixel_format: Option<String>,
    /// The aspect ratio of its pixels, width to height.
    #[serde(deserialize_with = "ratio")]
    pub sample_aspect_ratio: Option<Ratio>,
    /// The matrix between its pixels and RGB, if the file has it: `bt709`, `smpte170m`, `gbr`.
    #[serde(deserialize_with = "tagged")]
    pub color_space: Option<String>,
    /// The transfer characteristics, if the file has them: `bt709`; `smpte2084` (PQ) and `arib-std-b67` (HLG) are HDR.
    #[serde(deserialize_with = "tagged")]
    pub color_transfer: Option<String>,
    /// The lowest frame rate that represents the times of all frames exactly. For a variable rate, it is above the
    /// number of frames.
    #[serde(rename = "r_frame_rate", deserialize_with = "ratio")]
    pub frame_rate: Option<Ratio>,
    /// The average number of frames per second.
    #[serde(rename = "avg_frame_rate", deserialize_with = "ratio")]
    pub average_frame_rate: Option<Ratio>,
    /// The container's four-character tag: `avc1`, `tmcd`.
    #[serde(rename = "codec_tag_string")]
    pub tag: Option<String>,
    /// The unit of its timestamps, in seconds.
    #[serde(deserialize_with = "ratio")]
    pub time_base: Option<Ratio>,
    /// Samples per second.
    #[serde(deserialize_with = "number")]
    pub sample_rate: Option<u32>,
    /// The number of audio channels.
    pub channels: Option<u32>,
    /// The channel layout: `stereo`, `5.1(side)`.
    pub channel_layout: Option<String>,
    /// The duration, if the container has it.
    #[serde(deserialize_with = "time")]
    pub duration: Option<Time>,
    /// The clockwise rotation that makes its frames upright, in degrees: from 0 to 359. FFmpeg rotates frames before
    /// the first filter, unless the input has `-noautorotate`. Photos store the rotation in EXIF data, which ffprobe
    /// shows with a decoded frame: `-show_frames -read_intervals %+#1`.
    #[serde(rename = "side_data_list", deserialize_with = "rotation")]
    pub rotation: Option<u16>,
    /// Whether it is a cover: a single attached image, not a video.
    #[serde(rename = "disposition", deserialize_with = "attached_picture")]
    pub attached_picture: bool,
}

impl MediaStream {
    fn is_film(&self) -> bool {
        self.kind == Some(MediaKind::Video) && !self.attached_picture
    }

    /// Returns width and height of its frames in pixels, after rotation.
    pub fn upright_size(&self) -> Option<(u32, u32)> {
        let (width, height) = (self.width?, self.height?);
        Some(if is_sideways(self.rotation) { (height, width) } else { (width, height) })
    }

    /// Returns width and height of its frames as players show them, in square pixels: the height of the frames, a width
    /// by the [`sample_aspect_ratio`](MediaStream::sample_aspect_ratio), and both swapped by a rotation by a quarter
    /// turn.
    ///
    /// ```
    /// use afmpeg_cmd::{Media, MediaKind};
    ///
    /// let json = r#"{ "streams": [{ "codec_type": "video", "width": 720, "height": 576,
    ///     "sample_aspect_ratio": "64:45" }] }"#;
    /// let media: Media = serde_json::from_str(json).unwrap();
    /// assert_eq!(media.first(MediaKind::Video).unwrap().display_size(), Some((1024, 576)));
    /// ```
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a float that is too large becomes the largest whole number"
    )]
    pub fn display_size(&self) -> Option<(u32, u32)> {
        let (width, height) = (self.width?, self.height?);
        let aspect = self.sample_aspect_ratio.map_or(1.0, Ratio::as_f64);
        let width = (f64::from(width) * aspect).round().max(1.0) as u32;
        Some(if is_sideways(self.rotation) { (height, width) } else { (width, height) })
    }
}

/// Whether a rotation swaps width and height. At any other angle FFmpeg's `rotate` keeps the size.
pub(crate) fn is_sideways(rotation: Option<u16>) -> bool {
    matches!(rotation, Some(90 | 270))
}

impl Media {
    /// Returns the first stream of a kind.
    pub fn first(&self, kind: MediaKind) -> Option<&MediaStream> {
        self.nth(kind, 0)
    }

    /// Returns the first video that is not a cover, as the specifier `V:0`. FFmpeg's own selection also takes a cover
    /// only if there is no other video.
    pub fn video(&self) -> Option<&MediaStream> {
        self.streams.iter().find(|stream| stream.is_film())
    }

    /// Returns the image of which the first video stream is a tile: of several, the file's default.
    pub fn tiles_of_first_video(&self) -> Option<&Tiles> {
        let first = self.streams.iter().position(MediaStream::is_film)?;
        let with_first = || self.tiles.iter().filter(|tiles| tiles.streams.contains(&first));
        with_first().find(|tiles| tiles.is_default).or_else(|| with_first().next())
    }

    /// Returns a stream by its index among the streams of its kind.
    pub fn nth(&self, kind: MediaKind, index: usize) -> Option<&MediaStream> {
        self.streams.iter().filter(|stream| stream.kind == Some(kind)).nth(index)
    }

    /// Returns the indices of the streams that [fit](Media::matching) a specifier.
    pub(crate) fn matching_indices(&self, specifier: &str) -> Option<Vec<usize>> {
        let matching = self.matching(specifier)?;
        let is_among = |stream: &MediaStream| matching.iter().any(|other| std::ptr::eq(*other, stream));
        let streams = self.streams.iter().enumerate();
        Some(streams.filter(|(_, stream)| is_among(stream)).map(|(index, _)| index).collect())
    }

    /// Returns the streams that fit a specifier; `None` if it depends on unknown data: metadata, programs.
    pub(crate) fn matching(&self, specifier: &str) -> Option<Vec<&MediaStream>> {
        let (first, index) = match specifier.split_once(':') {
            Some((first, index)) => (first, Some(index.parse::<usize>().ok()?)),
            None => (specifier, None),
        };
        if specifier.is_empty() {
            return Some(self.streams.iter().collect());
        }
        if let (Ok(index), None) = (first.parse::<usize>(), index) {
            return Some(self.streams.get(index).into_iter().collect());
        }
        let kind = MediaKind::of_specifier(first)?;
        let fits = |stream: &&MediaStream| match first {
            "V" => stream.is_film(),
            _ => stream.kind == Some(kind),
        };
        let matching = self.streams.iter().filter(fits);
        Some(match index {
            Some(index) => matching.skip(index).take(1).collect(),
            None => matching.collect(),
        })
    }
}

/// The shape of ffprobe's JSON.
#[derive(Deserialize)]
struct ProbeJson {
    #[serde(default)]
    streams: Vec<MediaStream>,
    #[serde(default)]
    format: Format,
    #[serde(default)]
    stream_groups: Vec<Group>,
    #[serde(default)]
    frames: Vec<Frame>,
}

/// A group of streams.
#[derive(Deserialize)]
struct Group {
    #[serde(default)]
    index: usize,
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    components: Vec<Grid>,
    #[serde(default)]
    streams: Vec<Indexed>,
    #[serde(default)]
    disposition: Disposition,
}

#[derive(Deserialize)]
struct Grid {
    #[serde(default)]
    nb_tiles: u32,
    #[serde(default)]
    width: u32,
    #[serde(default)]
    height: u32,
    #[serde(default, rename = "side_data_list", deserialize_with = "rotation")]
    rotation: Option<u16>,
}

#[derive(Deserialize)]
struct Indexed {
    index: usize,
}

/// A decoded frame, for properties that only frames have.
#[derive(Deserialize)]
struct Frame {
    stream_index: Option<usize>,
    #[serde(default, rename = "side_data_list", deserialize_with = "rotation")]
    rotation: Option<u16>,
}

impl Group {
    /// Returns the tiled image, if it is one. FFmpeg treats a single tile as an image.
    fn tiles(self) -> Option<Tiles> {
        let grid =
            self.components.into_iter().next().filter(|_| self.kind.as_deref() == Some("Tile Grid"))?;
        let is_whole = grid.nb_tiles > 1 && grid.width > 0 && grid.height > 0;
        is_whole.then(|| Tiles {
            group: self.index,
            streams: self.streams.iter().map(|stream| stream.index).collect(),
            width: grid.width,
            height: grid.height,
            rotation: grid.rotation,
            is_default: self.disposition.default != 0,
        })
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Format {
    format_name: Option<String>,
    #[serde(deserialize_with = "time")]
    duration: Option<Time>,
}

impl From<ProbeJson> for Media {
    fn from(json: ProbeJson) -> Self {
        let mut streams = json.streams;
        for (index, stream) in streams.iter_mut().enumerate() {
            let first = json.frames.iter().find(|frame| frame.stream_index == Some(index));
            stream.rotation = stream.rotation.or(first.and_then(|frame| frame.rotation));
        }
        let tiles = json.stream_groups.into_iter().filter_map(Group::tiles).collect();
        let Format { format_name, duration } = json.format;
        Self { format: format_name, duration, streams, tiles }
    }
}

/// Numbers that ffprobe prints as text, or `N/A`.
fn parsed<'de, D: Deserializer<'de>, T: std::str::FromStr>(deserializer: D) -> Result<Option<T>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.and_then(|text| text.parse().ok()))
}

fn known_kind<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<MediaKind>, D::Error> {
    parsed(deserializer)
}

fn ratio<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Ratio>, D::Error> {
    Ok(parsed(deserializer)?.filter(|ratio: &Ratio| ratio.num() > 0))
}

/// A colour property; ffprobe prints `unknown` if there is none.
fn tagged<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.filter(|name| name != "unknown"))
}

fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    parsed(deserializer)
}

fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Time>, D::Error> {
    parsed(deserializer)
}

/// The rotation in ffprobe's `side_data_list`, which counts counterclockwise.
fn rotation<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u16>, D::Error> {
    #[derive(Deserialize)]
    struct SideData {
        #[serde(default)]
        side_data_type: Option<String>,
        #[serde(default)]
        rotation: Option<i64>,
    }
    let list = Option::<Vec<SideData>>::deserialize(deserializer)?.unwrap_or_default();
    // The matrices of streams and frames have different names.
    let is_matrix = |data: &&SideData| {
        matches!(data.side_data_type.as_deref(), Some("Display Matrix" | "3x3 displaymatrix"))
    };
    let counterclockwise = list.iter().find(is_matrix).and_then(|matrix| matrix.rotation);
    Ok(counterclockwise.and_then(|angle| u16::try_from(angle.checked_neg()?.rem_euclid(360)).ok()))
}

/// ffprobe's `disposition`, with values 0 and 1.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Disposition {
    default: u8,
    attached_pic: u8,
}

fn attached_picture<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(Option::<Disposition>::deserialize(deserializer)?.is_some_and(|has| has.attached_pic != 0))
}
