use std::{collections::VecDeque, iter::FusedIterator, time::Duration};

use super::{
    arguments::{self, Colors, Entry, Input, Track},
    by_hand::{ByHand, Choice},
    picture::{Picture, PictureFormat, Shape},
    pipe::{Packet, Packets},
    selection::{Part, Selection},
    source::{Known, Source},
};
use crate::{Error, Result};

/// Before this, in microseconds, reading from the file's beginning costs less than finding a key frame.
const WORTH_SEEKING: i64 = 1_000_000;

/// How much earlier to begin, in microseconds, where the first attempt began too late: longer than most videos go
/// without a key frame.
const EARLIER: i64 = 10_000_000;

/// What was asked for.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) selection: Selection,
    pub(super) part: Part,
    pub(super) format: PictureFormat,
    pub(super) shape: Shape,
}

/// The pictures of a [`FrameRequest`](crate::FrameRequest), as they are decoded.
///
/// The guest decodes a few pictures ahead, and waits while nobody takes them; that time counts as the job's. The last
/// picture of the video is among them. A failure of the job is the last item; that there is no picture at a time is an
/// item as any other. Dropping this ends the job.
///
/// While the job waits for its reader it has no [slot](crate::RuntimeBuilder::slots), so that another job can run for every
/// picture. ffmpeg goes on after damage: [`fail_on_damage`](crate::Job::fail_on_damage) makes it the last item.
#[derive(Debug)]
#[must_use = "pictures are decoded as they are taken"]
pub struct Pictures {
    source: Source,
    wanted: Wanted,
    track: Track,
    colors: Option<Colors>,
    file_start: i64,
    duration: Option<Duration>,
    limit: u64,
    /// Nothing when all has been said but what was not found.
    packets: Option<Packets>,
    from: Entry,
    /// Where to begin next, if this beginning was too late.
    earlier: VecDeque<Entry>,
    /// Whether the first picture after a key frame has still to show that reading began early enough.
    is_unsure: bool,
    /// How many pictures have been passed on.
    number: usize,
    has_failed: bool,
    /// Chooses the pictures that are shown at the asked times, where ffmpeg cannot: it forgets the guesses that it made
    /// of a frame's time.
    by_hand: Option<ByHand>,
}

impl Pictures {
    pub(super) fn start(source: Source, known: Known, wanted: Wanted, limit: u64) -> Result<Self> {
        let first = wanted.selection.first(wanted.part);
        let mut attempts = VecDeque::new();
        // What FFmpeg guesses of times, it guesses from the beginning on.
        let may_seek = !known.is_untimed;
        if may_seek && first > WORTH_SEEKING {
            attempts.push_back(Entry::KeyFrame(first));
        }
        if may_seek && first > EARLIER + WORTH_SEEKING {
            attempts.push_back(Entry::KeyFrame(first - EARLIER));
        }
        attempts.push_back(Entry::Beginning);
        let by_time = matches!(wanted.selection, Selection::Times(_) | Selection::Interval(_));
        let mut pictures = Self {
            by_hand: (known.is_untimed && by_time).then(|| ByHand::new(&known)),
            track: known.track(),
            colors: known.colors(),
            file_start: known.file_start,
            duration: known.duration,
            source,
            wanted,
            limit,
            packets: None,
            from: Entry::Beginning,
            earlier: attempts,
            is_unsure: false,
            number: 0,
            has_failed: false,
        };
        pictures.begin()?;
        Ok(pictures)
    }

    /// Starts to decode at the next beginning.
    fn begin(&mut self) -> Result<()> {
        self.from = self.earlier.pop_front().unwrap_or(Entry::Beginning);
        self.is_unsure = self.from != Entry::Beginning;
        let Wanted { selection, part, format, shape } = &self.wanted;
        let (every, whole) = (Selection::Every, Part::default());
        let (selection, part) = if self.by_hand.is_some() { (&every, &whole) } else { (selection, part) };
        let job = self.source.job(|path| {
            let options = &self.source.input_options;
            let input = Input { options, path, track: self.track, from: self.from, colors: self.colors };
            arguments::pictures(&input, selection, *part, self.file_start, *format, *shape)
        });
        // Whether all of the old one is gone or not: it is cancelled.
        self.packets = None;
        self.packets = Some(Packets::start(job, &self.source.path.text, self.limit)?);
        Ok(())
    }

    fn picture(&self, packet: Packet) -> Result<Picture> {
        let Shape { width, height } = self.wanted.shape;
        let broken = |reason: String| Error::FrameOutput { path: self.source.path.text.clone(), reason };
        let asked = self.wanted.selection.asked(self.number, self.wanted.part);
        // Where pictures are asked for by time, the packet's own is a number.
        let own = packet.own.filter(|_| asked.is_none() || self.by_hand.is_some());
        let moment = packet.source.or(own).ok_or_else(|| {
            broken(
                "its pictures have no timestamps; give them some with `-framerate`, in another container"
                    .to_owned(),
            )
        })?;
        let expected = self.wanted.shape.rgba_bytes();
        if self.wanted.format == PictureFormat::Rgba && packet.data.len() as u64 != expected {
            let len = packet.data.len();
            return Err(broken(format!("a picture of {width}x{height} pixels came in {len} bytes")));
        }
        Ok(Picture {
            width,
            height,
            format: self.wanted.format,
            moment,
            time: moment.since(self.file_start),
            asked: asked.map(to_duration),
            data: packet.data.into(),
        })
    }

    /// What is to be said when the video has ended.
    fn after_end(&mut self) -> Option<Result<Picture>> {
        self.packets = None;
        let Selection::Times(times) = &self.wanted.selection else { return None };
        let asked = to_duration(*times.get(self.number)?);
        self.number += 1;
        Some(Err(Error::NoFrame { path: self.source.path.text.clone(), requested: asked, duration: self.duration }))
    }

    /// Whether the picture that is next in turn was not asked for any more.
    fn is_over(&self) -> bool {
        match &self.wanted.selection {
            Selection::Times(times) => self.number >= times.len(),
            selection @ Selection::Interval(_) => selection
                .asked(self.number, self.wanted.part)
                .is_some_and(|asked| self.wanted.part.is_over(asked)),
            Selection::Every | Selection::Scenes(_) => false,
        }
    }

    fn next_by_hand(&mut self) -> Option<Result<Picture>> {
        let asked = self.wanted.selection.asked(self.number, self.wanted.part)?;
        loop {
            match self.by_hand.as_mut()?.shown_at(asked) {
                Choice::Shown(mut picture) => {
                    picture.asked = Some(to_duration(asked));
                    self.number += 1;
                    return Some(Ok(picture));
                }
                Choice::Ended => return self.after_end(),
                Choice::Undecided => {}
            }
            let next = match self.packets.as_mut().and_then(Iterator::next) {
                Some(packet) => packet.and_then(|packet| self.picture(packet)).map(Some),
                None => Ok(None),
            };
            match next {
                Ok(next) => self.by_hand.as_mut()?.add(next),
                Err(error) => return self.fail(error),
            }
        }
    }

    fn fail(&mut self, error: Error) -> Option<Result<Picture>> {
        self.has_failed = true;
        self.packets = None;
        Some(Err(error))
    }
}

fn to_duration(micros: i64) -> Duration {
    Duration::from_micros(micros.unsigned_abs())
}

impl Iterator for Pictures {
    type Item = Result<Picture>;

    fn next(&mut self) -> Option<Result<Picture>> {
        if self.has_failed {
            return None;
        }
        loop {
            if self.is_over() {
                self.packets = None;
                return None;
            }
            if self.by_hand.is_some() {
                return self.next_by_hand();
            }
            let Some(packets) = &mut self.packets else { return self.after_end() };
            let packet = match packets.next() {
                Some(Ok(packet)) => packet,
                Some(Err(error)) => return self.fail(error),
                // Not one picture came after that key frame, so it may have been none.
                None if self.is_unsure => match self.begin() {
                    Ok(()) => continue,
                    Err(error) => return self.fail(error),
                },
                None => return self.after_end(),
            };
            let picture = match self.picture(packet) {
                Ok(picture) => picture,
                Err(error) => return self.fail(error),
            };
            let time = picture.time.as_micros();
            let by_time = picture.asked.is_some();
            if std::mem::take(&mut self.is_unsure) {
                if time > self.wanted.selection.first(self.wanted.part) {
                    match self.begin() {
                        Ok(()) => continue,
                        Err(error) => return self.fail(error),
                    }
                }
                // Of all pictures, that one may be the first that is wanted.
                if self.wanted.selection != Selection::Every {
                    continue;
                }
            }
            if !by_time {
                if self.wanted.part.is_over(time) {
                    self.packets = None;
                    return None;
                }
                if time < self.wanted.part.start {
                    continue;
                }
            }
            self.number += 1;
            return Some(Ok(picture));
        }
    }
}

impl FusedIterator for Pictures {}
