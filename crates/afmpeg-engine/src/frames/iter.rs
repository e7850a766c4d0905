use std::{collections::VecDeque, iter::FusedIterator, time::Duration};

use futures_util::Stream;

use super::{
    arguments::{self, Colors, Input, Track},
    entry::Entry,
    frame::{Dimensions, Frame, FrameFormat},
    frame_finder::{Choice, FrameFinder},
    pipe::{Packet, Packets},
    selection::{Part, Selection},
    source::{ProbedSource, Source},
};
use crate::{Error, MediaKind, Result, asynchronous};

/// The time in microseconds before which decoding from the start is cheaper than seeking to a key frame.
const WORTH_SEEKING: i64 = 1_000_000;

/// The step back in microseconds if the first attempt started too late: longer than most intervals of key frames.
const EARLIER: i64 = 10_000_000;

/// The frames to decode.
#[derive(Debug)]
pub(super) struct FrameSpec {
    pub(super) selection: Selection,
    pub(super) part: Part,
    pub(super) format: FrameFormat,
    pub(super) size: Dimensions,
}

/// The frames of a [`FrameRequest`](crate::FrameRequest), decoded while the caller reads them.
///
/// The guest decodes a few frames ahead and then waits for the reader; that time counts against the job's limits.
/// Every error but [`Error::NoFrame`] is the last item. Dropping the iterator cancels the job.
///
/// While the job waits for its reader it releases its [slot](crate::RuntimeBuilder::slots), so that the caller can run
/// another job for every frame. ffmpeg continues after damage in the input. With
/// [`fail_on_damage`](crate::Job::fail_on_damage), the damage is an error, and the last item.
#[derive(Debug)]
#[must_use = "frames are decoded while they are read"]
pub struct Frames {
    source: Source,
    spec: FrameSpec,
    track: Track,
    colors: Option<Colors>,
    file_start: i64,
    duration: Option<Duration>,
    limit: u64,
    /// None after the end of the video.
    packets: Option<Packets>,
    from: Entry,
    /// The earlier entries to try if this one was too late.
    earlier: VecDeque<Entry>,
    /// Whether no frame of this attempt has arrived.
    awaits_first: bool,
    /// The number of returned frames.
    number: usize,
    has_failed: bool,
    /// Selects the frames shown at the requested times if ffmpeg cannot, since it drops its guesses of frames' times.
    finder: Option<FrameFinder>,
}

impl Frames {
    pub(super) fn start(source: Source, probed: ProbedSource, spec: FrameSpec, limit: u64) -> Result<Self> {
        let first = spec.selection.first(spec.part);
        let mut attempts = VecDeque::new();
        // FFmpeg guesses missing times from the start of the file.
        let may_seek = !probed.is_untimed;
        if may_seek && first > WORTH_SEEKING {
            attempts.push_back(Entry::KeyFrame(first));
        }
        if may_seek && first > EARLIER + WORTH_SEEKING {
            attempts.push_back(Entry::KeyFrame(first - EARLIER));
        }
        attempts.push_back(Entry::Beginning);
        let by_time = matches!(spec.selection, Selection::Times(_) | Selection::Interval(_));
        let mut frames = Self {
            finder: (probed.is_untimed && by_time).then(|| FrameFinder::new(&probed)),
            track: probed.track(),
            colors: probed.colors(),
            file_start: probed.file_start,
            duration: probed.duration,
            source,
            spec,
            limit,
            packets: None,
            from: Entry::Beginning,
            earlier: attempts,
            awaits_first: true,
            number: 0,
            has_failed: false,
        };
        frames.begin()?;
        Ok(frames)
    }

    /// Returns the frames as a stream. A thread of the runtime reads one frame ahead. Dropping the stream cancels the
    /// job. See [`FrameRequest::run_async`](super::FrameRequest::run_async) for an example.
    pub fn into_stream(self) -> impl Stream<Item = Result<Frame>> + Send + Unpin + use<> {
        let (runtime, tokens) = (self.source.runtime.clone(), self.source.tokens.clone());
        asynchronous::stream(&runtime, tokens, self)
    }

    /// Starts to decode at the next entry.
    fn begin(&mut self) -> Result<()> {
        self.from = self.earlier.pop_front().unwrap_or(Entry::Beginning);
        self.awaits_first = true;
        let FrameSpec { selection, part, format, size } = &self.spec;
        let (every, whole) = (Selection::Every, Part::default());
        let (selection, part) = if self.finder.is_some() { (&every, &whole) } else { (selection, part) };
        let job = self.source.job(|path| {
            let options = &self.source.input_options;
            let input = Input { options, path, track: self.track, from: self.from, colors: self.colors };
            arguments::frames(&input, selection, *part, self.file_start, *format, *size)
        });
        // Cancels the previous job without waiting for its end.
        self.packets = None;
        self.packets = Some(Packets::start(job, &self.source.path.text, MediaKind::Video, self.limit)?);
        Ok(())
    }

    /// Whether the first frame must still prove that decoding started early enough.
    fn is_unsure(&self) -> bool {
        self.awaits_first && self.from != Entry::Beginning
    }

    fn frame(&self, packet: Packet) -> Result<Frame> {
        let Dimensions { width, height } = self.spec.size;
        let broken = |reason: String| Error::FrameOutput { path: self.source.path.text.clone(), reason };
        let requested = self.spec.selection.requested(self.number, self.spec.part);
        // The packet's own timestamp is a number if frames are requested by time.
        let own = packet.own.filter(|_| requested.is_none() || self.finder.is_some());
        let timestamp = packet.source.or(own).ok_or_else(|| {
            broken(
                "its frames have no timestamps; add them with `-framerate`, in another container".to_owned(),
            )
        })?;
        let expected = self.spec.size.rgba_bytes();
        if self.spec.format == FrameFormat::Rgba && packet.data.len() as u64 != expected {
            let len = packet.data.len();
            return Err(broken(format!(
                "expected {expected} bytes for a frame of {width}x{height} pixels, found {len}"
            )));
        }
        Ok(Frame {
            width,
            height,
            format: self.spec.format,
            timestamp,
            time: timestamp.since(self.file_start),
            requested: requested.map(to_duration),
            data: packet.data.into(),
        })
    }

    /// Returns the error for the next requested time after the end of the video.
    fn after_end(&mut self) -> Option<Result<Frame>> {
        self.packets = None;
        let Selection::Times(times) = &self.spec.selection else { return None };
        let requested = to_duration(*times.get(self.number)?);
        self.number += 1;
        Some(Err(Error::NoFrame { path: self.source.path.text.clone(), requested, duration: self.duration }))
    }

    /// Whether all requested frames were returned.
    fn is_over(&self) -> bool {
        match &self.spec.selection {
            Selection::Times(times) => self.number >= times.len(),
            selection @ Selection::Interval(_) => selection
                .requested(self.number, self.spec.part)
                .is_some_and(|requested| self.spec.part.is_over(requested)),
            Selection::Every | Selection::Scenes(_) => false,
        }
    }

    fn next_found(&mut self) -> Option<Result<Frame>> {
        let requested = self.spec.selection.requested(self.number, self.spec.part)?;
        loop {
            match self.finder.as_mut()?.shown_at(requested) {
                Choice::Shown(mut frame) => {
                    frame.requested = Some(to_duration(requested));
                    self.number += 1;
                    return Some(Ok(frame));
                }
                Choice::Ended => return self.after_end(),
                Choice::Undecided => {}
            }
            let next = match self.packets.as_mut().and_then(Iterator::next) {
                Some(packet) => packet.and_then(|packet| self.frame(packet)).map(Some),
                None => Ok(None),
            };
            match next {
                Ok(next) => self.finder.as_mut()?.add(next),
                Err(error) => return self.fail(error),
            }
        }
    }

    fn fail(&mut self, error: Error) -> Option<Result<Frame>> {
        self.has_failed = true;
        self.packets = None;
        Some(Err(error))
    }
}

fn to_duration(micros: i64) -> Duration {
    Duration::from_micros(micros.unsigned_abs())
}

impl Iterator for Frames {
    type Item = Result<Frame>;

    fn next(&mut self) -> Option<Result<Frame>> {
        if self.has_failed {
            return None;
        }
        loop {
            if self.is_over() {
                self.packets = None;
                return None;
            }
            if self.finder.is_some() {
                return self.next_found();
            }
            let Some(packets) = &mut self.packets else { return self.after_end() };
            let packet = match packets.next() {
                Some(Ok(packet)) => packet,
                // Without a frame after it, the entry may not have been a key frame. That is an error for several graphs.
                Some(Err(Error::Exit(_))) | None if self.is_unsure() => match self.begin() {
                    Ok(()) => continue,
                    Err(error) => return self.fail(error),
                },
                Some(Err(error)) => return self.fail(error),
                None => return self.after_end(),
            };
            let frame = match self.frame(packet) {
                Ok(frame) => frame,
                Err(error) => return self.fail(error),
            };
            let time = frame.time.as_micros();
            let by_time = frame.requested.is_some();
            if self.is_unsure() && time > self.spec.selection.first(self.spec.part) {
                match self.begin() {
                    Ok(()) => continue,
                    Err(error) => return self.fail(error),
                }
            }
            if std::mem::take(&mut self.awaits_first) && self.spec.selection.adds_first(self.from) {
                continue;
            }
            if !by_time {
                if self.spec.part.is_over(time) {
                    self.packets = None;
                    return None;
                }
                if time < self.spec.part.start {
                    continue;
                }
            }
            self.number += 1;
            return Some(Ok(frame));
        }
    }
}

impl FusedIterator for Frames {}
