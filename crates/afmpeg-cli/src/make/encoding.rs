//! The encoders of an output.

use afmpeg::{
    cmd::{
        self, Audio, Codec, DroppedStream, Filter, Input, MediaKind, Output, OutputStream, Subtitle, Video,
        containers::Container, recipes,
    },
    probe::Stream,
};

use super::{
    media::{Media, MediaFile},
    plan::Plan,
};

/// Returns the encoder of video in the format of the output: the first of H.264, VP9 and MPEG-4 that the format holds
/// and the module encodes, or else FFmpeg's choice.
pub(crate) fn video(media: &Media<'_>, stream: Option<&Stream>) -> Codec {
    let container = Container::of_path(&media.output);
    let holds =
        |codec: &str| container.is_some_and(|container| container.holds_codec(MediaKind::Video, codec));
    if holds("h264")
        && let Some(codec) = h264(media, stream)
    {
        return codec;
    }
    if holds("vp9") && media.has_encoder("libvpx-vp9") {
        // A quality instead of a rate.
        return Codec::new("libvpx-vp9").opt("crf", 32).opt("b", 0).opt("cpu-used", 4);
    }
    if holds("mpeg4") && media.has_encoder("mpeg4") {
        return Codec::new("mpeg4").opt("q", 3);
    }
    Codec::by_format()
}

/// Returns a video with its encoder, and a note if it has another size. H.264 that all players support has even sizes: of
/// an odd one, the last row or column of pixels is cut off.
pub(crate) fn encoded(
    media: &Media<'_>,
    video: &cmd::Stream<Video>,
    source: &Stream,
) -> (OutputStream, Option<String>) {
    let codec = self::video(media, Some(source));
    let is_even = matches!(codec.name(), Some("libx264" | "libopenh264"));
    let odd = source.upright_size().filter(|(width, height)| is_even && (width | height) % 2 == 1);
    let Some((width, height)) = odd else { return (OutputStream::new(video).codec(codec), None) };
    let even = [width, height].map(|size| size / 2 * 2);
    let crop =
        Filter::new("crop").opt("w", "trunc(iw/2)*2").opt("h", "trunc(ih/2)*2").opt("x", 0).opt("y", 0);
    let note = format!("cut {width}x{height} to {}x{}: H.264 has even sizes", even[0], even[1]);
    (OutputStream::new(video.filter(crop)).codec(codec), Some(note))
}

/// Returns an encoder of H.264 in the format that all players support.
pub(crate) fn h264(media: &Media<'_>, stream: Option<&Stream>) -> Option<Codec> {
    if media.has_encoder("libx264") {
        return Some(Codec::new("libx264").opt("pix_fmt", "yuv420p"));
    }
    let codec = media.has_encoder("libopenh264").then(|| Codec::new("libopenh264"))?;
    // It has no constant quality, and its default rate is that of small video.
    let size = stream.and_then(Stream::size);
    Some(match size {
        Some((width, height)) => codec.opt("b", (u64::from(width) * u64::from(height) * 3).max(500_000)),
        None => codec,
    })
}

/// Returns the encoder of audio in the format of the output: that of the source's codec, or else AAC, Opus or FLAC, or
/// else FFmpeg's choice.
pub(crate) fn audio(media: &Media<'_>, stream: Option<&Stream>) -> Codec {
    let own = stream.and_then(|stream| stream.codec_name.as_deref());
    let mut candidates = own.into_iter().chain(["aac", "opus", "flac"]);
    let usable =
        candidates.find(|codec| is_for_audio(&media.output, codec) && media.has_encoder(encoder_of(codec)));
    let codec = usable.map_or_else(Codec::by_format, |codec| Codec::new(encoder_of(codec)));
    // The same codec has at least the same rate, so that the result is not worse than it must be.
    let is_own = own.is_some_and(|own| codec.name() == Some(encoder_of(own)) && is_lossy(own));
    match stream.and_then(Stream::bit_rate).filter(|_| is_own) {
        Some(rate) => codec.opt("b", rate),
        None => codec,
    }
}

/// Whether a file of this name usually has audio of this codec. Some formats are for PCM, although they can hold more.
pub(crate) fn is_for_audio(path: &str, codec: &str) -> bool {
    let Some(container) = Container::of_path(path) else { return false };
    let is_for_pcm =
        container.endings().iter().any(|ending| matches!(*ending, "wav" | "aiff" | "au" | "caf"));
    container.holds_codec(MediaKind::Audio, codec) && (codec.starts_with("pcm_") || !is_for_pcm)
}

fn encoder_of(codec: &str) -> &str {
    match codec {
        "mp3" => "libmp3lame",
        "opus" => "libopus",
        "vorbis" => "libvorbis",
        codec => codec,
    }
}

fn is_lossy(codec: &str) -> bool {
    matches!(codec, "aac" | "mp3" | "opus" | "vorbis" | "ac3" | "eac3")
}

/// The fate of a stream in the output.
pub(crate) enum Change {
    Copy,
    Replace(OutputStream),
    /// With the note about it.
    LeaveOut(String),
}

/// Returns the command that writes a new stream in place of the stream of this index, and copies of all others that the
/// format holds.
pub(crate) fn replacing(file: &MediaFile, input: &Input, index: i64, new: OutputStream, path: &str) -> Plan {
    let (output, notes) = rewritten(file, input, path, |stream, lost| match lost {
        _ if stream.index == index => Change::Replace(new.clone()),
        Some(lost) => Change::LeaveOut(lost.to_string()),
        None => Change::Copy,
    });
    notes.into_iter().fold(Plan::new(&file.probe, [output]), Plan::note)
}

/// Returns the command that writes a changed video in place of its source, encoded as [`encoded`] does.
pub(crate) fn replacing_video(
    media: &Media<'_>,
    file: &MediaFile,
    input: &Input,
    source: &Stream,
    video: &cmd::Stream<Video>,
) -> Plan {
    let (video, note) = encoded(media, video, source);
    let plan = replacing(file, input, source.index, video, &media.output);
    note.into_iter().fold(plan, Plan::note)
}

/// Returns an output with the streams of a file, and notes. `change` decides about each stream; its second argument is
/// given for those that the format cannot hold.
pub(crate) fn rewritten(
    file: &MediaFile,
    input: &Input,
    path: &str,
    change: impl Fn(&Stream, Option<&DroppedStream>) -> Change,
) -> (Output, Vec<String>) {
    let dropped = recipes::copy_all(input, &file.probe, path).dropped;
    let mut output = Output::new(path);
    let mut notes = Vec::new();
    for (place, stream) in file.probe.streams.iter().enumerate() {
        let specifier = stream.index.to_string();
        let lost = dropped.iter().find(|lost| lost.stream == place);
        output = match (change(stream, lost), stream.kind()) {
            (Change::Replace(new), _) => output.stream(new),
            (Change::LeaveOut(note), _) => {
                notes.push(note);
                output
            }
            (Change::Copy, Some(MediaKind::Video)) => output.copy(input.stream::<Video>(specifier)),
            (Change::Copy, Some(MediaKind::Audio)) => output.copy(input.stream::<Audio>(specifier)),
            (Change::Copy, Some(MediaKind::Subtitle)) => output.copy(input.stream::<Subtitle>(specifier)),
            _ => output.stream(OutputStream::all_of(input, specifier).codec(Codec::copy())),
        };
    }
    (output, notes)
}
