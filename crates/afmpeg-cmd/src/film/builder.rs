use std::time::Duration;

use super::{
    codec::{Checked, checked},
    commands::{EXACT, Encoded, Interval, Source},
    cuts::nearest,
    files::{FilmFile, Names, seen_from},
    plan::{Chunk, Expected, FilmPlan, OmittedStream},
    seam::{Cap, Seam},
    sounds::Sounds,
    timeline::{Key, Timeline},
    variant::Variant,
};
use crate::{
    Codec, MediaKind, Probe,
    containers::Container,
    recipes::{
        RecipeError,
        error::{even, nonzero_duration},
    },
};

/// The source of a film, its variants, and the target length of chunks: see the [module](super) for an example.
///
/// The film has the first video that is not an attached picture, and all audio. Other streams are in
/// [`FilmPlan::omitted`].
#[derive(Debug, Clone)]
pub struct Film<'a> {
    path: String,
    probe: &'a Probe,
    variants: Vec<Variant>,
    audio: Option<Codec>,
    seam: Seam,
    target: Target,
}

/// The target length or number of chunks.
#[derive(Debug, Clone, Copy)]
enum Target {
    Duration(Duration),
    Count(u64),
}

impl<'a> Film<'a> {
    /// A film of the source at this path, with ffprobe's output for it: its format, streams and packets. Of a packet,
    /// only the stream, the times, the duration and the flags are read, so a list of an hours-long film can be gathered
    /// with these alone.
    ///
    /// The defaults are audio in AAC, chunks of 30 seconds, and constant quality.
    pub fn new(path: impl Into<String>, probe: &'a Probe) -> Self {
        Self {
            path: path.into(),
            probe,
            variants: Vec::new(),
            audio: Some("aac".into()),
            seam: Seam::default(),
            target: Target::Duration(Duration::from_secs(30)),
        }
    }

    /// Adds a variant; a film has at least one.
    #[must_use]
    pub fn variant(mut self, variant: Variant) -> Self {
        self.variants.push(variant);
        self
    }

    /// Sets the audio encoder, or [`Codec::copy`].
    #[must_use]
    pub fn audio(self, codec: impl Into<Codec>) -> Self {
        Self { audio: Some(codec.into()), ..self }
    }

    /// Omits the audio.
    #[must_use]
    pub fn no_audio(self) -> Self {
        Self { audio: None, ..self }
    }

    /// Sets the policy for the seams between chunks.
    #[must_use]
    pub fn seam(self, seam: Seam) -> Self {
        Self { seam, ..self }
    }

    /// Sets the target duration of a chunk. Cuts are at the key frames nearest to even chunks, so chunks are longer if
    /// key frames are rare.
    #[must_use]
    pub fn chunk_duration(self, duration: Duration) -> Self {
        Self { target: Target::Duration(duration), ..self }
    }

    /// Sets the target number of chunks. There are fewer if key frames are rare.
    #[must_use]
    pub fn chunk_count(self, count: u64) -> Self {
        Self { target: Target::Count(count), ..self }
    }

    /// Returns the plan, with the paths that `path` returns for its files.
    ///
    /// # Errors
    ///
    /// - The probe has no video, no packets, no format, or no key frame; a packet has no time, times go back, or two
    ///   frames have the same time. The source is an image or VP8, whose hidden frames are packets, or its format is
    ///   not MP4, MOV, Matroska, WebM, MPEG-TS, NUT, FLV or MXF, or its time base is below a microsecond.
    /// - There is no variant; the name of a variant is empty, not unique, or contains characters other than letters,
    ///   digits, `-` and `_`; a height is odd or zero.
    /// - An encoder is not in the list of [`Variant::new`], its options contradict the [`Seam`] or change the times of
    ///   frames, or a size is missing, too small, or not for this policy.
    /// - The target number of chunks or their duration is zero.
    /// - Two files have the same path; a chunk is not in MP4 or MOV; a container does not hold the codec; a list and
    ///   its chunks are not both relative, or both absolute.
    pub fn plan(&self, path: impl Fn(FilmFile<'_>) -> String) -> Result<FilmPlan, RecipeError> {
        let encoders = self.encoders()?;
        let timeline = Timeline::of(self.probe)?;
        let intervals = self.intervals(&timeline)?;
        let variants = self.encoded(&encoders, &timeline, &intervals)?;
        let sounds = self.audio.as_ref().map(|_| Sounds::of(self.probe));
        let source = Source { path: &self.path, probe: self.probe, timeline, sounds };

        let mut names = Names::new(path, &self.path);
        let mut chunks: Vec<Chunk> = Vec::with_capacity(intervals.len());
        for (index, interval) in intervals.iter().enumerate() {
            let paths = self.variants.iter().zip(&encoders).map(|(variant, encoder)| {
                names.holding(FilmFile::Chunk { variant: &variant.name, index }, encoder.codec_name, &EXACT)
            });
            let paths = paths.collect::<Result<_, _>>()?;
            chunks.push(source.chunk(index, *interval, &variants, paths));
        }
        let sound = match &self.audio {
            Some(codec) if self.probe.audio().is_some() => {
                let path = names.of(FilmFile::Sound)?;
                self.check_copied(codec, &path)?;
                source.sound(path, codec)
            }
            _ => None,
        };
        let mut joins = Vec::with_capacity(variants.len());
        for (number, (encoded, encoder)) in variants.iter().zip(&encoders).enumerate() {
            let variant = encoded.variant.name.as_str();
            let film = names.holding(FilmFile::Film { variant }, encoder.codec_name, &[])?;
            if let Some(codec) = self.audio.as_ref().filter(|_| sound.is_some()) {
                self.check_copied(codec, &film)?;
            }
            let list = names.of(FilmFile::List { variant })?;
            let seen = chunks.iter().map(|chunk| {
                let path = &chunk.paths[number];
                seen_from(&list, path).ok_or_else(|| {
                    let expected = format!("a path that can be named from that of the chunk {path:?}");
                    RecipeError::new(
                        format!("the path of the list of {variant}"),
                        format!("{list:?}"),
                        expected,
                    )
                })
            });
            let seen = seen.collect::<Result<Vec<String>, _>>()?;
            let parts = seen.iter().map(String::as_str).zip(intervals.iter().copied());
            joins.push(source.join(encoded, parts, list.clone(), film, sound.as_ref())?);
        }
        Ok(FilmPlan {
            source: self.path.clone(),
            seam: self.seam,
            time_base: source.timeline.time_base,
            expected: Expected {
                frames: source.timeline.frames.len() as u64,
                duration: source.timeline.duration,
                audio: source.sounds.as_ref().map(|sounds| sounds.durations.clone()).unwrap_or_default(),
            },
            omitted: self.omitted(&source),
            undecodable_frames: source.timeline.undecodable,
            chunks,
            sound,
            joins,
        })
    }

    /// Returns the checked encoder of each variant.
    fn encoders(&self) -> Result<Vec<Checked>, RecipeError> {
        if self.variants.is_empty() {
            return Err(RecipeError::new("variants", "none", "one or more"));
        }
        let mut encoders = Vec::with_capacity(self.variants.len());
        for (index, variant) in self.variants.iter().enumerate() {
            let name = &variant.name;
            let is_plain = |character: char| character.is_ascii_alphanumeric() || "-_".contains(character);
            let is_taken = self.variants[..index].iter().any(|other| other.name == *name);
            if name.is_empty() || !name.chars().all(is_plain) || is_taken {
                let expected = "a unique name of letters, digits, - and _";
                return Err(RecipeError::new(
                    format!("variants[{index}].name"),
                    format!("{name:?}"),
                    expected,
                ));
            }
            if let Some(height) = variant.height {
                even(&format!("the height of {name}"), height)?;
            }
            match (self.seam, variant.max_bytes) {
                (Seam::Capped, None) => {
                    let hint = "set it with `max_bytes`, or use `Seam::ConstantQuality`";
                    return Err(RecipeError::missing(format!("variant {name}"), "size", hint));
                }
                (Seam::ConstantQuality, Some(bytes)) => {
                    let expected = "none with `Seam::ConstantQuality`: use `Seam::Capped`";
                    return Err(RecipeError::new(format!("the size of {name}"), bytes, expected));
                }
                _ => {}
            }
            encoders.push(checked(&variant.codec, name, self.seam, variant.max_bytes.is_some())?);
        }
        Ok(encoders)
    }

    /// Returns the frames of each chunk.
    fn intervals(&self, timeline: &Timeline) -> Result<Vec<Interval>, RecipeError> {
        let start = timeline.frames.first().copied().unwrap_or(timeline.end);
        let target = match self.target {
            Target::Count(0) => return Err(RecipeError::new("chunk_count", 0, "at least 1")),
            Target::Count(count) => count,
            Target::Duration(duration) => {
                let length = nonzero_duration("chunk_duration", duration)?.as_micros();
                let total = timeline.time(timeline.end) - timeline.time(start);
                let total = total.to_duration().unwrap_or_default().as_micros();
                u64::try_from((total + length / 2) / length).unwrap_or(u64::MAX)
            }
        };
        let target = if self.seam == Seam::Serial { 1 } else { target };
        let times: Vec<i64> = timeline.keys.iter().map(|key| key.time).collect();
        let cuts = nearest(&times, start, timeline.end, target);
        let keys = std::iter::once(None).chain(cuts.iter().map(|cut| Some(timeline.keys[*cut])));
        let ends = cuts.iter().map(|cut| Some(times[*cut])).chain([None]);
        let frames_before = |time: i64| timeline.frames.partition_point(|frame| *frame < time);
        let interval = |(key, next): (Option<_>, Option<i64>)| {
            let start = key.map_or(start, |key: Key| key.time);
            let end = next.unwrap_or(timeline.end);
            let frames = &timeline.frames[frames_before(start)..frames_before(end)];
            let last = frames.last().copied().unwrap_or(start);
            Interval { key, start, last, end, frames: frames.len() as u64, is_last: next.is_none() }
        };
        Ok(keys.zip(ends).map(interval).collect())
    }

    /// Returns the variants with their encoders and rates.
    fn encoded<'v>(
        &'v self,
        encoders: &[Checked],
        timeline: &Timeline,
        intervals: &[Interval],
    ) -> Result<Vec<Encoded<'v>>, RecipeError> {
        let durations = || intervals.iter().map(|chunk| chunk.end.saturating_sub(chunk.start));
        let (total, shortest) = (durations().sum(), durations().min().unwrap_or(1));
        let pairs = self.variants.iter().zip(encoders);
        let encoded = pairs.map(|(variant, encoder)| {
            let cap = match variant.max_bytes {
                Some(bytes) => match Cap::of(bytes, total, shortest, timeline.time_base) {
                    Some(cap) => Some(cap),
                    None => {
                        let parameter = format!("the size of {}", variant.name);
                        return Err(RecipeError::new(parameter, bytes, "at least a bit per second"));
                    }
                },
                None => None,
            };
            Ok(Encoded { variant, codec: encoder.codec.clone(), cap })
        });
        encoded.collect()
    }

    /// Refuses a copy of audio that a file cannot hold.
    fn check_copied(&self, codec: &Codec, path: &str) -> Result<(), RecipeError> {
        let container = Container::of_path(path).filter(|_| codec.name() == Some("copy"));
        let audio = self.probe.streams.iter().filter(|stream| stream.kind() == Some(MediaKind::Audio));
        for stream in audio {
            if container.is_some_and(|container| !container.holds(stream)) {
                let found = stream.codec_name.as_deref().unwrap_or("unknown");
                let expected = format!("a codec that {path:?} holds, or an encoder");
                return Err(RecipeError::new(format!("audio stream {}", stream.index), found, expected));
            }
        }
        Ok(())
    }

    fn omitted(&self, source: &Source<'_>) -> Vec<OmittedStream> {
        let kept = source.sounds.as_ref().map(|sounds| sounds.streams.as_slice()).unwrap_or_default();
        let is_kept = |index: &usize| *index == source.timeline.stream || kept.contains(index);
        let streams = self.probe.streams.iter().enumerate().filter(|(index, _)| !is_kept(index));
        streams
            .map(|(stream, found)| OmittedStream {
                stream,
                kind: found.kind(),
                codec: found.codec_name.clone(),
            })
            .collect()
    }
}
