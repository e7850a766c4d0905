use crate::{Arg, Input, LeftOut, Media, MediaKind, MediaStream, Output, OutputStream, left_out::Room};

/// All streams of an input that the output's format holds, copied as packets; see [`copy_all`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Copied {
    /// The streams that are copied.
    pub output: Output,
    /// The others, each of which prints as one line.
    pub left_out: Vec<LeftOut>,
}

/// Copies every stream of an input but those that the output's [container](crate::containers), by the ending of its path,
/// does not hold: data such as the timecodes of a camera, the fonts of a Matroska file, sound or subtitles of another
/// codec.
///
/// [`Output::copy_all`] does the same with inputs that [are known](Input::known).
///
/// Timecodes and chapters are kept as what the output has for them where they are metadata, too.
///
/// ```
/// use afmpeg_cmd::{Input, Job, Media, recipes::copy_all};
///
/// let json = r#"{ "streams": [
///     { "codec_type": "video", "codec_name": "h264" },
///     { "codec_type": "data", "codec_tag_string": "tmcd" }
/// ] }"#;
/// let media: Media = serde_json::from_str(json).unwrap();
/// let copied = copy_all(&Input::new("phone.mov"), &media, "phone.mp4");
/// assert_eq!(copied.left_out[0].to_string(), "stream 1 (data, tmcd) is left out: mp4 cannot hold it");
/// let job = Job::new([copied.output]);
/// assert_eq!(job.to_args().join(" "), "-i phone.mov -map 0 -map -0:1 -c copy phone.mp4");
/// ```
pub fn copy_all(input: &Input, media: &Media, path: impl Into<String>) -> Copied {
    let path = path.into();
    let (room, left_out) = room_for(media, &path);
    let output = Output::new(path).stream(OutputStream::all_of(input, ""));
    let except = |index: usize| OutputStream::except(input, index.to_string());
    let output = left_out.iter().fold(output, |output, left| output.stream(except(left.stream)));
    let is_kept = |index: usize| left_out.iter().all(|left| left.stream != index);
    let kept = media.streams.iter().enumerate().filter(|(index, _)| is_kept(*index));
    let output = with_bitstream_filters(output.copy_all(), &room, kept.map(|(_, stream)| stream));
    Copied { output, left_out }
}

/// The format of an output of this path with the streams of a file in it, and those that it does not hold.
pub(super) fn room_for(media: &Media, path: &str) -> (Room, Vec<LeftOut>) {
    let mut room = Room::of(None, path);
    let streams = media.streams.iter().enumerate();
    let left_out = streams.filter_map(|(index, stream)| room.take(index, stream)).collect();
    (room, left_out)
}

/// An output of copies of `streams`, in this order, with the bitstream filters that they need in it.
pub(super) fn with_bitstream_filters<'a>(
    output: Output,
    room: &Room,
    streams: impl Iterator<Item = &'a MediaStream>,
) -> Output {
    let videos = streams.filter(|stream| stream.kind == Some(MediaKind::Video)).enumerate();
    videos.fold(output, |output, (number, stream)| match room.bitstream_filter(stream) {
        Some(filter) => output.with(Arg::new("bsf", filter).on(format!("v:{number}"))),
        None => output,
    })
}
