//! The commands of a plan.

use super::{
    codec,
    plan::{Chunk, Join, Sound},
    seam::Cap,
    sounds::Sounds,
    timeline::{Key, Timeline, in_seconds},
    variant::Variant,
};
use crate::{
    Arg, Audio, Codec, Command, Filter, Input, Output, OutputStream, Probe, Stream, Time, Video,
    containers::Container,
    recipes::{RecipeError, colors, concat::timed_concat_list, shape},
};

/// The containers with an exact time base of choice.
pub(super) const EXACT: [&str; 2] = ["mp4", "mov"];

/// A source, as the commands read it.
pub(super) struct Source<'a> {
    pub(super) path: &'a str,
    pub(super) probe: &'a Probe,
    pub(super) timeline: Timeline,
    /// The audio of the film.
    pub(super) sounds: Option<Sounds>,
}

/// A variant with its checked encoder.
pub(super) struct Encoded<'a> {
    pub(super) variant: &'a Variant,
    pub(super) codec: Codec,
    pub(super) cap: Option<Cap>,
}

/// The frames of a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Interval {
    /// The key frame at its start; `None` for the first chunk.
    pub(super) key: Option<Key>,
    pub(super) start: i64,
    pub(super) last: i64,
    pub(super) end: i64,
    pub(super) frames: u64,
    /// Whether it is the last one.
    pub(super) is_last: bool,
}

impl Source<'_> {
    /// Returns the input; [`copying_times`] keeps its times.
    fn input(&self) -> Input {
        Input::new(self.path).probe(self.probe)
    }

    /// Returns the time in the source at which the film starts: that of its first frame or of its first sound.
    fn start(&self) -> Time {
        let video = self.timeline.time(self.timeline.frames.first().copied().unwrap_or_default());
        let audio = self.sounds.as_ref().and_then(|sounds| sounds.start);
        audio.map_or(video, |audio| audio.min(video))
    }

    pub(super) fn chunk(
        &self,
        index: usize,
        interval: Interval,
        variants: &[Encoded<'_>],
        paths: Vec<String>,
    ) -> Chunk {
        let Interval { start, last, end, frames, .. } = interval;
        let input = match interval.key.and_then(|key| key.seek) {
            // FFmpeg would drop frames before the seek by their times, which `trim` does exactly.
            Some(seek) => self.input().seek(seek).arg("seek_timestamp", 1).with(Arg::flag("noaccurate_seek")),
            None => self.input(),
        };
        let trim = Filter::new("trim").opt("start_pts", start);
        let trim = trim.arg_opt("end_pts", (!interval.is_last).then_some(end));
        let time_base = self.timeline.time_base;
        let source = input.stream::<Video>(self.timeline.stream.to_string());
        let trimmed = colors::read(&source).filter(trim);
        let outputs = variants.iter().zip(&paths).map(|(encoded, path)| {
            let codec = match encoded.cap {
                Some(cap) => codec::capped(encoded.codec.clone(), cap),
                None => encoded.codec.clone(),
            };
            let codec = codec.opt("fps_mode", "passthrough").opt("enc_time_base", time_base);
            Output::new(path.as_str())
                .video(self.filtered(&trimmed, encoded.variant), codec)
                .no_chapters()
                .arg("video_track_timescale", time_base.den())
                .arg("output_ts_offset", -self.timeline.time(start))
                // A track of time codes would be a second stream of the chunk.
                .arg("write_tmcd", 0)
        });
        let command = copying_times(Command::new(outputs));
        Chunk { index, start, last, end, frames, paths, command }
    }

    fn filtered(&self, video: &Stream<Video>, variant: &Variant) -> Stream<Video> {
        let filtered = video.filters(variant.filters.iter().cloned());
        match variant.height {
            Some(height) => filtered.filter(shape::high(height)),
            None => filtered,
        }
    }

    /// Returns the sound, if the film has any.
    pub(super) fn sound(&self, path: String, codec: &Codec) -> Option<Sound> {
        let sounds = self.sounds.as_ref().filter(|sounds| !sounds.streams.is_empty())?;
        let input = self.input();
        let output = Output::new(path.as_str()).no_chapters().arg("output_ts_offset", -self.start());
        let output = sounds.streams.iter().fold(output, |output, index| {
            output.audio(input.stream::<Audio>(index.to_string()), codec.clone())
        });
        Some(Sound { path, command: copying_times(Command::new([output])) })
    }

    /// Returns the join of chunks at these paths, as seen from the list, with their intervals.
    pub(super) fn join<'p>(
        &self,
        encoded: &Encoded<'_>,
        chunks: impl Iterator<Item = (&'p str, Interval)>,
        list_path: String,
        path: String,
        sound: Option<&Sound>,
    ) -> Result<Join, RecipeError> {
        let Timeline { time_base, .. } = self.timeline;
        let first = self.timeline.frames.first().copied().unwrap_or_default();
        // Sums of the durations are rounded once, not once for each chunk.
        let offset = |ticks: i64| in_seconds(ticks - first, time_base);
        let parts = chunks.map(|(path, chunk)| (path, Some(offset(chunk.end) - offset(chunk.start))));
        let list = timed_concat_list(parts)?;
        let chunks = Input::new(list_path.as_str()).format("concat").arg("safe", 0);
        let chunks = shifted(chunks, self.timeline.time(first) - self.start());
        let video = OutputStream::new(chunks.nth::<Video>(0)).codec(Codec::copy());
        // The concat demuxer drops the metadata of streams.
        let probed = &self.probe.streams[self.timeline.stream];
        let texts = [("language", probed.language()), ("title", probed.title())];
        let texts = texts.into_iter().filter_map(|(key, text)| Some((key, text?)));
        let video = texts.fold(video, |video, (key, text)| video.metadata(key, text));
        let output = Output::new(path.as_str()).stream(video);
        let output = match sound {
            Some(sound) => {
                let sound = Input::new(sound.path.as_str());
                output.stream(OutputStream::all_of(&sound, "a").codec(Codec::copy()))
            }
            None => output,
        };
        let source = shifted(self.input(), -self.start());
        let output = output.chapters(&source).metadata_from(&source);
        let output =
            if is_exact(&path) { output.arg("video_track_timescale", time_base.den()) } else { output };
        let command = copying_times(Command::new([output]));
        let Variant { name, max_bytes, .. } = encoded.variant;
        Ok(Join { variant: name.clone(), list_path, list, path, max_bytes: *max_bytes, command })
    }
}

/// Adds a time to all times of an input.
fn shifted(input: Input, time: Time) -> Input {
    if time == Time::ZERO { input } else { input.offset(time) }
}

/// Keeps the times of inputs, instead of counting from the start of each, and overwrites outputs.
fn copying_times(command: Command) -> Command {
    command.with(Arg::flag("copyts")).overwrite()
}

fn is_exact(path: &str) -> bool {
    let container = Container::of_path(path);
    container.is_some_and(|container| container.muxers().iter().any(|muxer| EXACT.contains(muxer)))
}
