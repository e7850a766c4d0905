//! What is known of an input by looking at it.

use serde::{Deserialize, Deserializer};

use crate::{MediaKind, Ratio, Time};

/// What ffprobe has found in a file, as far as commands are made by it.
///
/// It is read from ffprobe's JSON (`-of json -show_format -show_streams`), which afmpeg-engine's `Probe` becomes too.
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
/// Covers are no video that anybody means, and phones write pictures that are to be turned:
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
#[serde(from = "Answer")]
pub struct Media {
    /// The names of its format, as ffprobe has them: `mov,mp4,m4a,3gp,3g2,mj2`.
    pub format: Option<String>,
    /// How long it is, where it says so.
    pub duration: Option<Time>,
    /// Its streams, in order.
    pub streams: Vec<MediaStream>,
    /// Pictures that are made of tiles, each a stream.
    pub tiles: Vec<Tiles>,
}

/// A picture that is made of tiles, as ffprobe's `-show_stream_groups` has it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tiles {
    /// The index of its group in the file.
    pub group: usize,
    /// The indices of the streams that are its tiles.
    pub streams: Vec<usize>,
    /// In pixels, before any rotation.
    pub width: u32,
    /// In pixels, before any rotation.
    pub height: u32,
    /// By how many degrees, clockwise, it is to be turned to be seen upright: from 0 to 359.
    pub rotation: Option<u16>,
    /// Whether the file shows it by default.
    pub is_default: bool,
}

impl Tiles {
    /// Width and height in pixels when it is seen upright.
    pub fn upright_size(&self) -> (u32, u32) {
        if is_sideways(self.rotation) { (self.height, self.width) } else { (self.width, self.height) }
    }
}

/// A stream of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct MediaStream {
    /// What it carries; nothing of a kind that has no name here.
    #[serde(rename = "codec_type", deserialize_with = "known_kind")]
    pub kind: Option<MediaKind>,
    /// The codec's name, as ffprobe has it: `h264`, `aac`.
    #[serde(rename = "codec_name")]
    pub codec: Option<String>,
    /// The codec's profile: `High`, `LC`.
    pub profile: Option<String>,
    /// In pixels, before any rotation.
    pub width: Option<u32>,
    /// In pixels, before any rotation.
    pub height: Option<u32>,
    /// Of its pictures: `yuv420p`.
    #[serde(rename = "pix_fmt")]
    pub pixel_format: Option<String>,
    /// Of its pixels, width to height.
    #[serde(deserialize_with = "ratio")]
    pub sample_aspect_ratio: Option<Ratio>,
    /// The matrix between its pixels and RGB, where the file has it: `bt709`, `smpte170m`, `gbr`.
    #[serde(deserialize_with = "tagged")]
    pub color_space: Option<String>,
    /// How its values become light, where the file has it: `bt709`, `smpte2084` (PQ) and `arib-std-b67` (HLG), which are
    /// HDR.
    #[serde(deserialize_with = "tagged")]
    pub color_transfer: Option<String>,
    /// The lowest rate at which the times of all pictures can be written. Where they come at varying times, that is more
    /// than there are.
    #[serde(rename = "r_frame_rate", deserialize_with = "ratio")]
    pub frame_rate: Option<Ratio>,
    /// Pictures a second, on average.
    #[serde(rename = "avg_frame_rate", deserialize_with = "ratio")]
    pub average_frame_rate: Option<Ratio>,
    /// The container's own four letters for what it carries: `avc1`, `tmcd`.
    #[serde(rename = "codec_tag_string")]
    pub tag: Option<String>,
    /// The unit of its timestamps, in seconds.
    #[serde(deserialize_with = "ratio")]
    pub time_base: Option<Ratio>,
    /// Samples a second.
    #[serde(deserialize_with = "number")]
    pub sample_rate: Option<u32>,
    /// How many channels of sound.
    pub channels: Option<u32>,
    /// Which: `stereo`, `5.1(side)`.
    pub channel_layout: Option<String>,
    /// How long it is, where the container says so.
    #[serde(deserialize_with = "time")]
    pub duration: Option<Time>,
    /// By how many degrees, clockwise, its pictures are to be turned to be seen upright: from 0 to 359. FFmpeg does so
    /// before the first filter, unless the input has `-noautorotate`. Photos say so in their EXIF data, which ffprobe shows
    /// with a decoded frame: `-show_frames -read_intervals %+#1`.
    #[serde(rename = "side_data_list", deserialize_with = "rotation")]
    pub rotation: Option<u16>,
    /// Whether it is a picture that came along, a cover: one frame, and no film.
    #[serde(rename = "disposition", deserialize_with = "attached_picture")]
    pub attached_picture: bool,
}

impl MediaStream {
    fn is_film(&self) -> bool {
        self.kind == Some(MediaKind::Video) && !self.attached_picture
    }

    /// Width and height of its pictures, in pixels, when they are seen upright.
    pub fn upright_size(&self) -> Option<(u32, u32)> {
        let (width, height) = (self.width?, self.height?);
        Some(if is_sideways(self.rotation) { (height, width) } else { (width, height) })
    }

    /// Width and height of its frames as players show them, in square pixels: the height is that of the frames, the
    /// width follows from the [`sample_aspect_ratio`](MediaStream::sample_aspect_ratio), and both change places where
    /// the frames are turned.
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

/// Whether pictures that are turned so change their width with their height. At any other angle FFmpeg's `rotate` leaves
/// the size as it is.
pub(crate) fn is_sideways(rotation: Option<u16>) -> bool {
    matches!(rotation, Some(90 | 270))
}

impl Media {
    /// The first stream of a kind.
    pub fn first(&self, kind: MediaKind) -> Option<&MediaStream> {
        self.nth(kind, 0)
    }

    /// The first video that is no cover: what the specifier `V:0` names. FFmpeg too, where it chooses by itself, takes a
    /// cover only where there is nothing else.
    pub fn video(&self) -> Option<&MediaStream> {
        self.streams.iter().find(|stream| stream.is_film())
    }

    /// The picture that the first stream of video is a tile of: of several, the one that the file shows by default.
    pub fn tiles_of_first_video(&self) -> Option<&Tiles> {
        let first = self.streams.iter().position(MediaStream::is_film)?;
        let with_first = || self.tiles.iter().filter(|tiles| tiles.streams.contains(&first));
        with_first().find(|tiles| tiles.is_default).or_else(|| with_first().next())
    }

    /// The stream of a kind with this index among its kind.
    pub fn nth(&self, kind: MediaKind, index: usize) -> Option<&MediaStream> {
        self.streams.iter().filter(|stream| stream.kind == Some(kind)).nth(index)
    }

    /// The indices of the streams that [fit](Media::fitting) a specifier.
    pub(crate) fn fitting_indices(&self, specifier: &str) -> Option<Vec<usize>> {
        let fitting = self.fitting(specifier)?;
        let is_among = |stream: &MediaStream| fitting.iter().any(|other| std::ptr::eq(*other, stream));
        let streams = self.streams.iter().enumerate();
        Some(streams.filter(|(_, stream)| is_among(stream)).map(|(index, _)| index).collect())
    }

    /// The streams that a specifier fits; none where it asks for what is not known here: metadata, programs.
    pub(crate) fn fitting(&self, specifier: &str) -> Option<Vec<&MediaStream>> {
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
        let fitting = self.streams.iter().filter(fits);
        Some(match index {
            Some(index) => fitting.skip(index).take(1).collect(),
            None => fitting.collect(),
        })
    }
}

/// ffprobe's own shape.
#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    streams: Vec<MediaStream>,
    #[serde(default)]
    format: Format,
    #[serde(default)]
    stream_groups: Vec<Group>,
    #[serde(default)]
    frames: Vec<Frame>,
}

/// What makes one thing of several streams.
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

/// A decoded picture, for what a file says only there.
#[derive(Deserialize)]
struct Frame {
    stream_index: Option<usize>,
    #[serde(default, rename = "side_data_list", deserialize_with = "rotation")]
    rotation: Option<u16>,
}

impl Group {
    /// As a picture of tiles, if it is one. FFmpeg takes a single tile for a picture of its own.
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

impl From<Answer> for Media {
    fn from(answer: Answer) -> Self {
        let mut streams = answer.streams;
        for (index, stream) in streams.iter_mut().enumerate() {
            let first = answer.frames.iter().find(|frame| frame.stream_index == Some(index));
            stream.rotation = stream.rotation.or(first.and_then(|frame| frame.rotation));
        }
        let tiles = answer.stream_groups.into_iter().filter_map(Group::tiles).collect();
        let Format { format_name, duration } = answer.format;
        Self { format: format_name, duration, streams, tiles }
    }
}

/// Numbers that ffprobe prints as text, and `N/A`.
fn parsed<'de, D: Deserializer<'de>, T: std::str::FromStr>(deserializer: D) -> Result<Option<T>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.and_then(|text| text.parse().ok()))
}

fn known_kind<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<MediaKind>, D::Error> {
    let name = Option::<String>::deserialize(deserializer)?;
    Ok(name.and_then(|name| {
        let kinds =
            [MediaKind::Video, MediaKind::Audio, MediaKind::Subtitle, MediaKind::Data, MediaKind::Attachment];
        kinds.into_iter().find(|kind| kind.to_string() == name)
    }))
}

fn ratio<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Ratio>, D::Error> {
    Ok(parsed(deserializer)?.filter(|ratio: &Ratio| ratio.num() > 0))
}

/// A colour property; the word of FFmpeg's for none is `unknown`.
fn tagged<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.filter(|name| name != "unknown"))
}

fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    parsed(deserializer)
}

fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Time>, D::Error> {
    parsed(deserializer)
}

/// Of ffprobe's `side_data_list`. It counts counterclockwise.
fn rotation<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u16>, D::Error> {
    #[derive(Deserialize)]
    struct SideData {
        #[serde(default)]
        side_data_type: Option<String>,
        #[serde(default)]
        rotation: Option<i64>,
    }
    let list = Option::<Vec<SideData>>::deserialize(deserializer)?.unwrap_or_default();
    // The matrix of a stream and of a frame have different names.
    let is_matrix = |data: &&SideData| {
        matches!(data.side_data_type.as_deref(), Some("Display Matrix" | "3x3 displaymatrix"))
    };
    let counterclockwise = list.iter().find(is_matrix).and_then(|matrix| matrix.rotation);
    Ok(counterclockwise.and_then(|angle| u16::try_from(angle.checked_neg()?.rem_euclid(360)).ok()))
}

/// ffprobe's `disposition`, whose values are 0 and 1.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Disposition {
    default: u8,
    attached_pic: u8,
}

fn attached_picture<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(Option::<Disposition>::deserialize(deserializer)?.is_some_and(|has| has.attached_pic != 0))
}
