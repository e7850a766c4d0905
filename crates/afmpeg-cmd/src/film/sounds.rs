use super::timeline::in_seconds;
use crate::{MediaKind, Probe, Time, probe};

/// The audio of a source.
#[derive(Debug)]
pub(super) struct Sounds {
    /// The indices of the audio streams in the source.
    pub(super) streams: Vec<usize>,
    /// The start of the audio that starts first, if there is any.
    pub(super) start: Option<Time>,
    /// The duration of each, if its packets have times.
    pub(super) durations: Vec<Option<Time>>,
}

impl Sounds {
    pub(super) fn of(source: &Probe) -> Self {
        let is_audio = |(_, stream): &(usize, &probe::Stream)| stream.kind() == Some(MediaKind::Audio);
        let audio: Vec<_> = source.streams.iter().enumerate().filter(is_audio).collect();
        Self {
            streams: audio.iter().map(|(index, _)| *index).collect(),
            start: audio.iter().filter_map(|(_, stream)| audio_span(source, stream).map(|span| span.0)).min(),
            durations: audio.iter().map(|(_, stream)| audio_duration(source, stream)).collect(),
        }
    }
}

/// Returns the duration of an audio stream.
pub(super) fn audio_duration(file: &Probe, stream: &probe::Stream) -> Option<Time> {
    audio_span(file, stream).map(|(start, end)| end - start)
}

/// Returns the start and the end of an audio stream. The start is that of the first sample after the padding of its
/// encoder.
fn audio_span(file: &Probe, stream: &probe::Stream) -> Option<(Time, Time)> {
    let base = stream.time_base()?;
    let of_stream = || file.packets.iter().filter(|packet| packet.stream_index == Some(stream.index));
    let start = stream.start_pts.or_else(|| of_stream().find_map(|packet| packet.pts))?;
    let end = of_stream().filter_map(|packet| packet.pts?.checked_add(packet.duration?)).max()?;
    Some((in_seconds(start, base), in_seconds(end, base)))
}
