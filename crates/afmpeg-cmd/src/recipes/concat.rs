use std::time::Duration;

use super::{
    Conform,
    copy::{capacity_for, with_requirements},
    error::{RecipeError, even},
};
use crate::{
    Audio, DroppedStream, Filter, Input, MediaKind, Output, OutputStream, Probe, Ratio, Stream, Time, Video,
    path, probe,
};

/// Joins files: copies their packets if they match, and encodes them otherwise.
///
/// ```
/// use afmpeg_cmd::{Command, Probe, recipes::{Concat, Joined}};
///
/// let probe = |codec: &str| {
///     let json = format!(
///         r#"{{"streams": [{{"index": 0, "codec_type": "video", "codec_name": "{codec}", "width": 640, "height": 360,
///              "r_frame_rate": "25/1"}}], "format": {{"duration": "4.0"}}}}"#
///     );
///     serde_json::from_str::<Probe>(&json).unwrap()
/// };
/// let (one, other) = (probe("h264"), probe("vp9"));
///
/// let alike = Concat::new([("a.mp4", &one), ("b's.mp4", &one)]);
/// assert_eq!(alike.difference(), None);
/// let Joined::Copied { list, output, .. } = alike.join("list.txt", "all.mp4")? else { panic!() };
/// assert_eq!(list, "ffconcat version 1.0\nfile 'a.mp4'\nfile 'b'\\''s.mp4'\n");
/// // Write `list` to list.txt, and run this.
/// let command = Command::new([output]);
///
/// let mixed = Concat::new([("a.mp4", &one), ("b.webm", &other)]);
/// assert_eq!(mixed.difference().unwrap(), "a.mp4 and b.webm differ in the codec of stream 0: h264 and vp9");
/// let Joined::Encoded { video: Some(video), audio: None, .. } = mixed.join("list.txt", "all.mp4")? else {
///     panic!()
/// };
/// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Concat<'a> {
    parts: Vec<(String, &'a Probe)>,
    conform: Option<Conform>,
    encode: bool,
}

/// The result of joining files.
#[derive(Debug, Clone)]
#[allow(clippy::large_enum_variant, reason = "few values exist at a time")]
#[non_exhaustive]
pub enum Joined {
    /// By packets, through the concat demuxer.
    Copied {
        /// The text to write to the list file before the command runs. Its paths are relative to that file.
        list: String,
        /// All streams that the output's format holds, copied; covers are those of the first file.
        output: Output,
        /// The streams of the first file that the format cannot hold.
        dropped: Vec<DroppedStream>,
    },
    /// By frames, through the concat filter, after conversion to common properties.
    Encoded {
        /// The video, if the first file has any.
        video: Option<Stream<Video>>,
        /// The audio, if any file has some.
        audio: Option<Stream<Audio>>,
        /// The reason why packets could not be copied: the files differ, or the output's format holds none of their
        /// streams. `None` if encoding was requested.
        because: Option<String>,
    },
}

impl<'a> Concat<'a> {
    /// Files by path, with ffprobe's output for each.
    pub fn new<P: Into<String>>(parts: impl IntoIterator<Item = (P, &'a Probe)>) -> Self {
        let parts = parts.into_iter().map(|(path, probe)| (path.into(), probe)).collect();
        Self { parts, conform: None, encode: false }
    }

    /// Sets the common properties for encoding. The default is the first file's size, on even numbers, and frame rate,
    /// with [`Conform`]'s defaults.
    #[must_use]
    pub fn conform(self, conform: Conform) -> Self {
        Self { conform: Some(conform), ..self }
    }

    /// Always encodes: cuts are exact, and properties that probing does not show cannot differ.
    #[must_use]
    pub fn encode(self) -> Self {
        Self { encode: true, ..self }
    }

    /// Returns the first difference that prevents copying packets.
    ///
    /// Properties that probing does not show, above all the settings of encoders, may still differ: files of one
    /// encoder with the same settings are safe.
    pub fn difference(&self) -> Option<String> {
        let ((first_path, first), rest) = self.parts.split_first()?;
        rest.iter().find_map(|(path, probe)| {
            let (property, one, other) = differs(first, probe)?;
            Some(format!("{first_path} and {path} differ in {property}: {one} and {other}"))
        })
    }

    /// Joins the files; `list_path` and `path` are used if packets are copied. A cover is read from the first file, by
    /// its path relative to the list.
    ///
    /// # Errors
    ///
    /// There are no files; a path contains a line break, or is empty; the duration of a file without audio is unknown,
    /// while other files have audio; a file has no video, and the first one has.
    pub fn join(&self, list_path: impl Into<String>, path: impl Into<String>) -> Result<Joined, RecipeError> {
        if self.parts.is_empty() {
            return Err(RecipeError::new("parts", "empty", "one file or more"));
        }
        let because = self.difference();
        if self.encode || because.is_some() {
            return self.encoded(because);
        }
        let list = concat_list(self.parts.iter().map(|(path, _)| path.as_str()))?;
        let (list_path, path) = (list_path.into(), path.into());
        let (first_path, first) = &self.parts[0];
        let (capacity, dropped) = capacity_for(first, &path);
        let is_left = |index: usize| dropped.iter().any(|left| left.stream == index);
        let kept = |is_cover: bool| {
            let streams = first.streams.iter().enumerate();
            let matching = streams.filter(move |(_, stream)| stream.is_attached_picture() == is_cover);
            matching.map(|(index, _)| index).filter(|index| !is_left(*index))
        };
        let lost = dropped.iter().find(|left| !first.streams[left.stream].is_attached_picture());
        if let Some(left) = lost.filter(|_| kept(false).next().is_none()) {
            return self.encoded(Some(format!("{first_path}: {left}")));
        }
        // Paths with characters other than letters and digits are "unsafe".
        let input = Input::new(list_path.as_str()).format("concat").arg("safe", 0);
        let output = Output::new(path.as_str()).stream(OutputStream::all_of(&input, ""));
        let covers: Vec<usize> = kept(true).collect();
        let except = dropped.iter().map(|left| left.stream).chain(covers.iter().copied());
        let output = except
            .fold(output, |output, index| output.stream(OutputStream::except(&input, index.to_string())));
        // The concat demuxer turns a cover into a video, so it is read from the first file.
        let cover_of = Input::new(beside(&list_path, first_path));
        let output = match covers.as_slice() {
            [] => output,
            // Its chapters would end with that file.
            _ => covers.iter().fold(output.no_chapters(), |output, index| {
                output.map(cover_of.stream::<Video>(index.to_string()))
            }),
        };
        let streams = kept(false).chain(kept(true)).map(|index| &first.streams[index]);
        let output = with_requirements(output.copy_all(), &capacity, streams);
        Ok(Joined::Copied { list, output, dropped })
    }

    fn encoded(&self, because: Option<String>) -> Result<Joined, RecipeError> {
        let conform =
            self.conform.clone().map_or_else(|| self.like_the_first(), |conform| Ok(Some(conform)))?;
        let has_video = self.parts[0].1.video().is_some();
        let has_audio = self.parts.iter().any(|(_, probe)| probe.first(MediaKind::Audio).is_some());
        if !has_video && !has_audio {
            return Err(RecipeError::missing("parts[0]", "video or audio", "choose files with media"));
        }
        let conform = match conform {
            Some(conform) => conform,
            // For audio alone.
            None => Conform::new(2, 2, Ratio::from(1)),
        };
        let mut pads = Vec::new();
        for (index, (path, probe)) in self.parts.iter().enumerate() {
            let input = Input::new(path).probe(probe);
            if has_video {
                if probe.video().is_none() {
                    let parameter = format!("parts[{index}] ({path})");
                    return Err(RecipeError::missing(
                        parameter,
                        "video",
                        "remove it: the first part has video",
                    ));
                }
                pads.push(conform.video(&input.film())?.any());
            }
            if has_audio {
                let audio = match (probe.first(MediaKind::Audio), probe.duration()) {
                    (Some(_), _) => input.audio(),
                    (None, Some(duration)) => silence(duration),
                    (None, None) => {
                        let parameter = format!("parts[{index}] ({path})");
                        let hint =
                            "set the duration of its probed format, which is that of the inserted silence";
                        return Err(RecipeError::missing(parameter, "known duration", hint));
                    }
                };
                pads.push(conform.audio(&audio).any());
            }
        }
        let filter = Filter::new("concat")
            .opt("n", self.parts.len())
            .opt("v", usize::from(has_video))
            .opt("a", usize::from(has_audio));
        let kinds = [has_video.then_some(MediaKind::Video), has_audio.then_some(MediaKind::Audio)];
        let joined = filter.on(pads).pads(kinds.into_iter().flatten());
        let video = joined.iter().find_map(|stream| stream.typed::<Video>());
        let audio = joined.iter().find_map(|stream| stream.typed::<Audio>());
        Ok(Joined::Encoded { video, audio, because })
    }

    fn like_the_first(&self) -> Result<Option<Conform>, RecipeError> {
        let Some(video) = self.parts[0].1.video() else { return Ok(None) };
        let (Some((width, height)), Some(rate)) = (video.display_size(), video.steady_frame_rate()) else {
            let hint = "set the common properties with `conform`";
            return Err(RecipeError::missing("parts[0]", "known size and frame rate", hint));
        };
        let even_up = |size: u32| size.saturating_add(size % 2);
        let (width, height) =
            (even("parts[0].width", even_up(width))?, even("parts[0].height", even_up(height))?);
        Ok(Some(Conform::new(width, height, rate)))
    }
}

fn silence(duration: Duration) -> Stream<Audio> {
    Filter::new("anullsrc").source().audio().filter(Filter::new("atrim").opt("duration", duration))
}

/// Returns the text of a list for the concat demuxer, whatever characters the paths contain.
///
/// ```
/// use afmpeg_cmd::recipes::concat_list;
///
/// let list = concat_list(["one two.mp4"])?;
/// assert_eq!(list, "ffconcat version 1.0\nfile 'one two.mp4'\n");
/// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
/// ```
///
/// # Errors
///
/// A path is empty or contains a line break or a zero byte, which the format cannot represent.
pub fn concat_list<'a>(paths: impl IntoIterator<Item = &'a str>) -> Result<String, RecipeError> {
    timed_concat_list(paths.into_iter().map(|path| (path, None)))
}

/// As [`concat_list`], with the duration of each file instead of that in the file.
pub(crate) fn timed_concat_list<'a>(
    parts: impl IntoIterator<Item = (&'a str, Option<Time>)>,
) -> Result<String, RecipeError> {
    let mut list = String::from("ffconcat version 1.0\n");
    for (index, (path, duration)) in parts.into_iter().enumerate() {
        if path.is_empty() || path.contains(['\n', '\r', '\0']) {
            let expected = "a path without line breaks";
            return Err(RecipeError::new(format!("parts[{index}]"), format!("{path:?}"), expected));
        }
        // Between quotes, only the quote itself is special.
        list.push_str(&format!("file '{}'\n", path::file(path).replace('\'', r"'\''")));
        list.extend(duration.map(|duration| format!("duration {duration}\n")));
    }
    Ok(list)
}

/// Returns the path of a file in a list, as seen from outside of the list.
fn beside(list_path: &str, path: &str) -> String {
    match list_path.rsplit_once('/') {
        Some((folder, _)) if !path.starts_with('/') => format!("{folder}/{path}"),
        _ => path.to_owned(),
    }
}

/// Returns the first property in which packets of two files differ, with both values. Covers are not joined.
fn differs(one_probe: &Probe, other_probe: &Probe) -> Option<(String, String, String)> {
    fn joined(probe: &Probe) -> Vec<(usize, &probe::Stream)> {
        probe.streams.iter().enumerate().filter(|(_, stream)| !stream.is_attached_picture()).collect()
    }
    let (one, other) = (joined(one_probe), joined(other_probe));
    if one.len() != other.len() {
        return Some(("the number of streams".to_owned(), one.len().to_string(), other.len().to_string()));
    }
    let mut pairs = one.into_iter().zip(other);
    pairs.find_map(|((index, one), (other_index, other))| {
        if index != other_index {
            // Packets are joined by the index of their stream.
            return Some(("the index of a stream".to_owned(), index.to_string(), other_index.to_string()));
        }
        fn fact<T: ToString>(property: &str, value: Option<T>) -> (&str, String) {
            (property, value.map_or("unknown".to_owned(), |value| value.to_string()))
        }
        let facts = |probe: &Probe, stream: &probe::Stream| {
            let is_video = stream.kind() == Some(MediaKind::Video);
            [
                fact("kind", stream.kind()),
                fact("codec", stream.codec_name.clone()),
                fact("profile", stream.profile.clone()),
                fact("width", stream.width),
                fact("height", stream.height),
                fact("rotation", is_video.then(|| probe.rotation(stream).unwrap_or_default())),
                fact("pixel format", stream.pix_fmt.clone()),
                // Unknown counts as square.
                fact(
                    "sample aspect ratio",
                    is_video.then(|| stream.sample_aspect_ratio().unwrap_or(Ratio::from(1))),
                ),
                fact("frame rate", stream.base_frame_rate()),
                fact("time base", stream.time_base()),
                fact("sample rate", stream.sample_rate()),
                fact("number of channels", stream.channels),
                fact("channel layout", stream.channel_layout.clone()),
            ]
        };
        let differing = facts(one_probe, one)
            .into_iter()
            .zip(facts(other_probe, other))
            .find(|(one, other)| one.1 != other.1);
        let ((property, one), (_, other)) = differing?;
        Some((format!("the {property} of stream {index}"), one, other))
    })
}
