//! Gathers the facts of a file, in a job for its packets and one for each kind of measurement.

use std::{collections::BTreeMap, fs::File, path::Path, sync::Arc};

use afmpeg_engine::{Capabilities, Limits, MediaKind, Probe, Runtime, probe::Frame};

use super::{
    boxes,
    facts::{IndexPlace, MediaFacts, PacketFacts, PixelFacts},
    packets,
    picture::{self, Film},
    sound::{self, MOST_STREAMS, Track},
    steps::Steps,
    stills,
};
use crate::{failure::Failure, media_file::MediaFile};

/// The packets from which the first frame of a stream is decoded: some codecs output it only after a few.
const FIRST_PACKETS: &str = "%+#16";

pub(super) fn gather(runtime: &Runtime, path: &Path, steps: Steps<'_>) -> Result<MediaFacts, Failure> {
    let file = MediaFile::open(path)?;
    // A long film takes hours to decode. The user can interrupt the command.
    let limits = Limits::default().wall_time(None);
    let bar = steps.bar("reading packets");
    let (probe, packets) = packets::list(runtime, &file, limits.clone())?;
    let mut media = MediaFacts {
        pixel_formats: pixel_formats(runtime.capabilities()?, &probe),
        first_frame: first_frame(runtime, &file, &probe, &limits),
        index: index_place(&file, &probe),
        stills: stills::preview(runtime, &file, &probe, &limits),
        probe,
        packets,
        ..MediaFacts::default()
    };
    drop(bar);
    media.picture = media.video().filter(|_| !media.probe.is_image()).map(|(stream, packets)| {
        let duration = packets.end.and_then(|end| end.to_duration()).unwrap_or_default();
        let film = Film { probe: &media.probe, stream, duration, packets: packets.count };
        picture::measure(runtime, &file, &film, limits.clone(), &steps.bar("measuring the video"))
    });
    let tracks = media.timed_streams(MediaKind::Audio).take(MOST_STREAMS);
    let tracks: Vec<Track<'_>> = tracks.map(|(stream, packets)| track(stream, packets)).collect();
    if !tracks.is_empty() {
        let bar = steps.bar("measuring the sound");
        media.sound = sound::measure(runtime, &file, &tracks, &limits, &bar);
    }
    Ok(media)
}

fn track<'a>(stream: &'a afmpeg_engine::probe::Stream, packets: &PacketFacts) -> Track<'a> {
    let start = packets.timed.first().map_or_else(Default::default, |first| first.time);
    let duration = packets.end.and_then(|end| (end - start).to_duration());
    Track { stream, duration: duration.unwrap_or_default() }
}

/// Decodes the first frame of the first video. Its side data is that of its codec, which the stream may lack. A video
/// that cannot be decoded has none: its measurement reports the error.
fn first_frame(runtime: &Runtime, file: &MediaFile, probe: &Probe, limits: &Limits) -> Option<Frame> {
    let index = probe.video()?.index;
    let request = runtime.probe_request(Arc::clone(&file.fs), &file.path).streams(&index.to_string());
    let limits = limits.clone();
    let request = request.configure_job(move |job| job.limits(limits.clone()));
    let probe = request.frames().intervals(FIRST_PACKETS).run().ok()?;
    probe.frames.into_vec().into_iter().next()
}

/// Returns the properties of the pixel formats of a file's streams.
fn pixel_formats(capabilities: &Capabilities, probe: &Probe) -> BTreeMap<String, PixelFacts> {
    let names = probe.streams.iter().filter_map(|stream| stream.pix_fmt.as_deref());
    let formats = names.filter_map(|name| {
        let format = capabilities.pixel_format(name)?;
        let shared = [format.log2_chroma_w, format.log2_chroma_h].map(|log2| 1_u32 << log2.min(8));
        let facts = PixelFacts { shared: shared.into(), depth: format.depth(), is_rgb: format.has("rgb") };
        Some((name.to_owned(), facts))
    });
    formats.collect()
}

/// Returns the place of an MP4's index. If the host's file cannot be read, FFmpeg has already failed.
fn index_place(file: &MediaFile, probe: &Probe) -> Option<IndexPlace> {
    probe.format.as_ref().filter(|format| format.is("mov"))?;
    boxes::index_place(File::open(&file.host).ok()?).ok()?
}
