//! Measures a video, and takes frames of it, while it is decoded once.

use std::{sync::Arc, time::Duration};

use afmpeg::cmd::{Command, Input, Video, measure::Measuring, recipes::ContactSheet};
use afmpeg_engine::{
    Limits, Probe, Runtime, Tool,
    probe::{Stream, is_quarter_turn},
};
use afmpeg_vfs::{MemFs, Mount, VPath, VfsExt as _};

use super::{
    facts::{PictureFacts, Strip},
    records::Reading,
    unread::Unread,
};
use crate::{bar::Bar, media_file::MediaFile};

/// The most frames of the strip.
const MOST_CELLS: u32 = 12;

/// The size in pixels that a frame of the strip fits into.
const CELL: (f64, f64) = (256.0, 192.0);

/// The difference between frames, from 0 to 100, that begins a scene: FFmpeg's default.
const SCENE: f64 = 10.0;

/// The share of black pixels in a black frame: FFmpeg's default.
const BLACK: f64 = 0.98;

/// The noise in dB that a picture without change may have: FFmpeg's default.
const NOISE: f64 = -60.0;

/// The shortest black part.
const SHORTEST_BLACK: Duration = Duration::from_secs(1);

/// The shortest part without change.
const SHORTEST_FROZEN: Duration = Duration::from_secs(2);

/// The video to measure.
pub(super) struct Film<'a> {
    pub(super) probe: &'a Probe,
    pub(super) stream: &'a Stream,
    pub(super) duration: Duration,
    /// The number of its packets.
    pub(super) packets: u64,
}

/// Decodes a video from start to end.
pub(super) fn measure(
    runtime: &Runtime,
    file: &MediaFile,
    film: &Film<'_>,
    limits: Limits,
    bar: &Bar,
) -> Result<PictureFacts, Unread> {
    // The filesystem of the file is read-only. This folder must not hide the file's own.
    let folder = if file.path.starts_with("/strip/") { "/frames" } else { "/strip" };
    let path = format!("{folder}/strip.jpg");
    let memory = MemFs::new();
    let fs = Mount::new(Arc::clone(&file.fs)).mount(VPath::new(folder)?, memory.clone());

    let video = Input::new(&file.path).probe(film.probe).stream::<Video>(film.stream.index.to_string());
    let mut measuring = Measuring::new();
    let mut scenes = Reading::of_frames(measuring.streams(), measuring.scenes(&video, SCENE)?);
    let mut black = Reading::of_spans(measuring.streams(), measuring.black(&video, BLACK, SHORTEST_BLACK)?);
    let mut frozen =
        Reading::of_spans(measuring.streams(), measuring.freeze(&video, NOISE, SHORTEST_FROZEN)?);

    let count = u32::try_from(film.packets).unwrap_or(u32::MAX).clamp(1, MOST_CELLS);
    let cell = cell(film.stream, film.probe.rotation(film.stream));
    // A single frame may have no duration.
    let duration = film.duration.max(Duration::from_millis(1));
    let strip = ContactSheet::new(duration, count, 1).cell(cell.0, cell.1).output(&video, &path)?;

    let command = Command::new([measuring.output(), strip]);
    let job = runtime.job(fs).args(Tool::Ffmpeg.unattended_args().iter().copied()).args(&command);
    let damage = bar.during(job.limits(limits).expected_duration(duration), |job| {
        let mut found = job.measurements(measuring.streams())?;
        for record in found.by_ref() {
            let record = record?;
            scenes.add(&record)?;
            black.add(&record)?;
            frozen.add(&record)?;
        }
        Ok::<_, Unread>(found.output().and_then(|output| output.statistics().damage()))
    })?;
    Ok(PictureFacts {
        stream: film.stream.index,
        scenes: scenes.end()?.into_iter().filter_map(|scene| scene.time).collect(),
        black: black.end()?,
        frozen: frozen.end()?,
        strip: Strip {
            jpeg: memory.read("/strip.jpg")?.to_vec(),
            cell,
            // Each frame is that of the middle of its share of the time.
            times: (0..count).map(|number| duration * (2 * number + 1) / (2 * count)).collect(),
        },
        damage,
    })
}

/// Returns the size of a frame of the strip, in even numbers of pixels.
fn cell(stream: &Stream, rotation: Option<u16>) -> (u32, u32) {
    let (width, height) = stream.display_size().unwrap_or((16, 9));
    // The stream's own rotation is part of its display size; that of a frame is not.
    let is_turned = is_quarter_turn(rotation) != is_quarter_turn(stream.rotation());
    let (width, height) = if is_turned { (height, width) } else { (width, height) };
    let (width, height) = (f64::from(width), f64::from(height));
    let scale = (CELL.0 / width).min(CELL.1 / height);
    (even(width * scale), even(height * scale))
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the value is at most 256")]
fn even(pixels: f64) -> u32 {
    ((pixels / 2.0).round() as u32 * 2).max(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_the_strip_have_the_shape_of_the_film() {
        let of = |json: &str| cell(&serde_json::from_str::<Stream>(json).unwrap(), None);
        assert_eq!(of(r#"{"index": 0, "width": 1920, "height": 1080}"#), (256, 144));
        assert_eq!(of(r#"{"index": 0, "width": 1080, "height": 1920}"#), (108, 192));
        assert_eq!(
            of(r#"{"index": 0, "width": 720, "height": 576, "sample_aspect_ratio": "64:45"}"#),
            (256, 144)
        );
        assert_eq!(of(r#"{"index": 0, "width": 10000, "height": 1}"#), (256, 2));
        assert_eq!(of(r#"{"index": 0}"#), (256, 144));
        let upright: Stream = serde_json::from_str(r#"{"index": 0, "width": 1920, "height": 1080}"#).unwrap();
        assert_eq!(cell(&upright, Some(90)), (108, 192));
    }
}
