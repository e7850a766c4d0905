use crate::{Arg, DroppedStream, Input, MediaKind, Output, OutputStream, Probe, capacity::Capacity, probe};

/// The result of [`copy_all`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Copied {
    /// The output, with the copied streams.
    pub output: Output,
    /// The streams that are not copied.
    pub dropped: Vec<DroppedStream>,
}

/// Copies every stream of an input except those that the output's [container](crate::containers), by the extension of
/// its path, cannot hold: data such as a camera's timecodes, the fonts of a Matroska file, audio or subtitles in
/// another codec.
///
/// [`Output::copy_all`] does the same for inputs with a [probe](Input::probe).
///
/// Timecodes and chapters are also kept as metadata, if the output supports that. The side data of streams is kept:
/// light levels, rotation and, with `-strict unofficial` in MP4, Dolby Vision, stereoscopic and spherical video. MOV
/// cannot hold Dolby Vision.
///
/// ```
/// use afmpeg_cmd::{Command, Input, Probe, recipes::copy_all};
///
/// let json = r#"{ "streams": [
///     { "index": 0, "codec_type": "video", "codec_name": "h264" },
///     { "index": 1, "codec_type": "data", "codec_tag_string": "tmcd" }
/// ] }"#;
/// let probe: Probe = serde_json::from_str(json).unwrap();
/// let copied = copy_all(&Input::new("phone.mov"), &probe, "phone.mp4");
/// assert_eq!(copied.dropped[0].to_string(), "dropped stream 1 (data, tmcd): mp4 cannot hold it");
/// let command = Command::new([copied.output]);
/// assert_eq!(command.to_args().join(" "), "-i phone.mov -map 0 -map -0:1 -c copy phone.mp4");
/// ```
pub fn copy_all(input: &Input, probe: &Probe, path: impl Into<String>) -> Copied {
    let path = path.into();
    let (capacity, dropped) = capacity_for(probe, &path);
    let output = Output::new(path).stream(OutputStream::all_of(input, ""));
    let except = |index: usize| OutputStream::except(input, index.to_string());
    let output = dropped.iter().fold(output, |output, left| output.stream(except(left.stream)));
    let is_kept = |index: usize| dropped.iter().all(|left| left.stream != index);
    let kept = probe.streams.iter().enumerate().filter(|(index, _)| is_kept(*index));
    let output = with_requirements(output.copy_all(), &capacity, kept.map(|(_, stream)| stream));
    Copied { output, dropped }
}

/// Returns the capacity of an output after the streams of a file are added, and the streams that it cannot hold.
pub(super) fn capacity_for(probe: &Probe, path: &str) -> (Capacity, Vec<DroppedStream>) {
    let mut capacity = Capacity::of(None, path);
    let streams = probe.streams.iter().enumerate();
    let dropped = streams.filter_map(|(index, stream)| capacity.take(index, stream)).collect();
    (capacity, dropped)
}

/// Adds the bitstream filters and the option that copies of `streams`, in this order, need in the output.
pub(super) fn with_requirements<'a>(
    output: Output,
    capacity: &Capacity,
    streams: impl Iterator<Item = &'a probe::Stream> + Clone,
) -> Output {
    let is_unofficial = streams.clone().any(|stream| capacity.needs_unofficial(stream));
    let output = if is_unofficial { output.arg("strict", "unofficial") } else { output };
    let videos = streams.filter(|stream| stream.kind() == Some(MediaKind::Video)).enumerate();
    videos.fold(output, |output, (number, stream)| match capacity.bitstream_filter(stream) {
        Some(filter) => output.with(Arg::new("bsf", filter).on(format!("v:{number}"))),
        None => output,
    })
}
