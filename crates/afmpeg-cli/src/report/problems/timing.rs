//! Problems of timestamps: frame rates, gaps, starts and ends, key frames.

use afmpeg_engine::{MediaKind, Time, probe::Stream};

use super::problem::{Problem, Section, stream_name};
use crate::report::{
    facts::{MediaFacts, PacketFacts},
    frame_times::{FrameTimes, key_distances},
    units,
};

/// The seconds without a new frame that are a gap.
const GAP: f64 = 2.0;

/// The seconds between key frames from which a jump to a time is slow.
const FAR: f64 = 10.0;

/// The seconds by which the ends of streams may differ.
const END: f64 = 0.5;

/// The seconds by which the starts of streams may differ.
const START: f64 = 0.2;

/// The seconds before zero at which sound may start: codecs of audio begin with samples that are not played.
const PREROLL: f64 = 0.1;

const REMUX: &str = "-map 0 -c copy";

pub(super) fn problems(media: &MediaFacts) -> Vec<Problem> {
    let mut found = Vec::new();
    if media.probe.is_image() {
        return found;
    }
    for (stream, packets) in media.streams().filter(|(stream, _)| !stream.is_attached_picture()) {
        match stream.kind() {
            Some(MediaKind::Video) => {
                found.extend(timestamps(stream, packets));
                found.extend(frames(stream, packets));
                found.extend(key_frames(stream, packets));
            }
            Some(MediaKind::Audio) => found.extend(timestamps(stream, packets)),
            _ => {}
        }
    }
    found.extend(starts_and_ends(media));
    found
}

fn timestamps(stream: &Stream, packets: &PacketFacts) -> Vec<Problem> {
    let mut found = Vec::new();
    let name = stream_name(stream);
    if packets.backward > 0 {
        let (count, at) = (units::counted(packets.backward, "packet"), packets.first_backward);
        let at = at.map(|at| format!(", the first at {}", units::time(at))).unwrap_or_default();
        found.push(
            Problem::error(
                Section::BitRate,
                format!("The decoding times of the {name} go back or stand still at {count}{at}."),
                "Encode the file again, so that each frame gets a time of its own.",
            )
            .with_options("-map 0 -fps_mode cfr"),
        );
    }
    if packets.without_pts > 0 {
        let count = packets.count;
        found.push(Problem::note(
            Section::Streams,
            format!(
                "{} of {} of the {name} have no presentation time, so players guess it.",
                packets.without_pts,
                units::counted(count, "packet")
            ),
            "Encode the file into a container with presentation times, such as Matroska.",
        ));
    }
    let start = stream.start_time().unwrap_or_default().as_secs_f64();
    let earliest = if stream.kind() == Some(MediaKind::Audio) { -PREROLL } else { 0.0 };
    if start < earliest {
        let at = units::time(stream.start_time().unwrap_or_default());
        found.push(
            Problem::warning(
                Section::Streams,
                format!("The {name} starts at {at}, before zero, which some players cut off."),
                "Shift all times to zero, without encoding again.",
            )
            .with_options(format!("{REMUX} -avoid_negative_ts make_zero")),
        );
    }
    found
}

fn frames(stream: &Stream, packets: &PacketFacts) -> Vec<Problem> {
    let mut found = Vec::new();
    let name = stream_name(stream);
    let Some(times) = FrameTimes::of(packets, stream.time_base()) else { return found };
    if times.is_variable() {
        let problem = Problem::warning(
            Section::KeyFrames,
            format!(
                "The frame rate of the {name} varies: frames last from {} to {}, and {} of {} differ from the usual \
                 {}.",
                units::short(times.shortest),
                units::short(times.longest),
                times.uneven,
                times.count,
                units::short(times.usual)
            ),
            "Give it a constant rate before editing, where sound would drift from the picture.",
        );
        found.push(match stream.steady_frame_rate() {
            Some(rate) => problem.with_options(format!("-fps_mode cfr -r {rate}")),
            None => problem,
        });
    }
    if times.repeated > 0 {
        let count = u64::try_from(times.repeated).unwrap_or(u64::MAX);
        found.push(
            Problem::warning(
                Section::Streams,
                format!(
                    "{} of the {name} with the time of the frame before cannot be shown.",
                    units::counted(count, "frame")
                ),
                "Drop them, by encoding with a variable rate.",
            )
            .with_options("-fps_mode vfr"),
        );
    }
    let longest = times.longest.as_secs_f64();
    if longest > GAP && longest > 10.0 * times.usual.as_secs_f64() {
        found.push(Problem::warning(
            Section::BitRate,
            format!(
                "The {name} has no new frame for {} after {}.",
                units::short(times.longest),
                units::time(times.longest_at)
            ),
            "Compare with the original recording: the picture stands still there.",
        ));
    }
    found
}

fn key_frames(stream: &Stream, packets: &PacketFacts) -> Vec<Problem> {
    let mut found = Vec::new();
    let name = stream_name(stream);
    if packets.count > 0 && !packets.starts_with_key {
        found.push(Problem::warning(
            Section::KeyFrames,
            format!("The {name} does not start with a key frame, so its first frames cannot be shown."),
            "Cut the original at a key frame, or encode when cutting.",
        ));
    }
    let longest = key_distances(packets).into_iter().max_by_key(|distance| distance.length);
    if let Some(longest) = longest.filter(|longest| longest.length.as_secs_f64() > FAR) {
        found.push(
            Problem::warning(
                Section::KeyFrames,
                format!(
                    "The {name} has no key frame for {} after {}, so jumps to that part are slow.",
                    units::short(longest.length),
                    units::time(longest.start)
                ),
                "Encode with a key frame every two seconds.",
            )
            .with_options(r#"-force_key_frames "expr:gte(t,n_forced*2)""#),
        );
    }
    found
}

/// Compares the sound with the picture.
fn starts_and_ends(media: &MediaFacts) -> Vec<Problem> {
    let mut found = Vec::new();
    let Some((_, video)) = media.video() else { return found };
    let start = |packets: &PacketFacts| packets.timed.first().map(|first| first.time);
    for (stream, audio) in media.timed_streams(MediaKind::Audio) {
        let name = stream_name(stream);
        if let (Some(picture), Some(sound)) = (start(video), start(audio)) {
            let later = (sound - picture).as_secs_f64();
            if later.abs() > START {
                let (distance, order) = apart(sound, picture);
                found.push(Problem::warning(
                    Section::Streams,
                    format!("The {name} starts {distance} {order} the video."),
                    "Check that sound and picture match: some editors align their starts.",
                ));
            }
        }
        if let (Some(picture), Some(sound)) = (video.end, audio.end)
            && (sound - picture).as_secs_f64().abs() > END
        {
            let (distance, order) = apart(sound, picture);
            found.push(
                Problem::warning(
                    Section::Streams,
                    format!("The {name} ends {distance} {order} the video."),
                    "End both with the shorter one, if nothing is missing.",
                )
                .with_options(format!("{REMUX} -shortest")),
            );
        }
    }
    found
}

/// Returns the distance of two times, and the order of the first.
fn apart(one: Time, other: Time) -> (String, &'static str) {
    if one > other { (units::short(one - other), "after") } else { (units::short(other - one), "before") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{frame_times::tests::packets, problems::problem::Severity};

    const VIDEO: &str = r#"{"index": 0, "codec_type": "video", "time_base": "1/90000", "avg_frame_rate": "25/1",
        "r_frame_rate": "25/1", "start_time": "0.0"}"#;

    fn even(count: i64) -> Vec<i64> {
        (0..count).map(|frame| frame * 40_000).collect()
    }

    fn media(streams: &[&str], packets: Vec<PacketFacts>) -> MediaFacts {
        let probe = format!(r#"{{"streams": [{}]}}"#, streams.join(","));
        MediaFacts { probe: serde_json::from_str(&probe).unwrap(), packets, ..MediaFacts::default() }
    }

    fn found(streams: &[&str], packets: Vec<PacketFacts>) -> Vec<(Severity, String)> {
        let found = problems(&media(streams, packets)).into_iter();
        found.map(|problem| (problem.severity, problem.text.replace('\u{a0}', " "))).collect()
    }

    #[track_caller]
    fn assert_one(found: &[(Severity, String)], severity: Severity, text: &str) {
        let [(is, of)] = found else { panic!("{found:?}") };
        assert!((*is, of.contains(text)) == (severity, true), "{found:?}");
    }

    #[test]
    fn even_video_with_close_key_frames_has_no_problem() {
        assert_eq!(found(&[VIDEO], vec![packets(&even(100), 25)]), []);
    }

    #[test]
    fn varying_rate_is_a_warning_with_the_distances() {
        let times: Vec<i64> = (0..100).map(|frame| frame * 40_000 + frame % 2 * 10_000).collect();
        let text = "frames last from 30 ms to 50 ms, and 49 of 99 differ from the usual 50 ms";
        assert_one(&found(&[VIDEO], vec![packets(&times, 25)]), Severity::Warning, text);
    }

    #[test]
    fn gap_is_a_warning_with_its_time() {
        let mut times = even(100);
        times.iter_mut().skip(50).for_each(|time| *time += 3_000_000);
        let text = "has no new frame for 3.04 s after 0:00:01.960";
        assert_one(&found(&[VIDEO], vec![packets(&times, 25)]), Severity::Warning, text);
    }

    #[test]
    fn repeated_times_and_times_that_go_back_are_problems() {
        let mut times = even(300);
        times[10] = times[9];
        let text = "1 frame of the video stream #0 with the time of the frame before";
        assert_one(&found(&[VIDEO], vec![packets(&times, 25)]), Severity::Warning, text);
        let first_backward = "1.5".parse().ok();
        let back = PacketFacts { backward: 2, first_backward, ..packets(&even(100), 25) };
        let text = "go back or stand still at 2 packets, the first at 0:00:01.500";
        assert_one(&found(&[VIDEO], vec![back]), Severity::Error, text);
    }

    #[test]
    fn far_key_frames_and_a_start_without_one_are_warnings() {
        let text = "has no key frame for 12 s after 0:00:00.000";
        assert_one(&found(&[VIDEO], vec![packets(&even(300), 1000)]), Severity::Warning, text);
        let cut = PacketFacts { starts_with_key: false, ..packets(&even(100), 25) };
        assert_one(&found(&[VIDEO], vec![cut]), Severity::Warning, "does not start with a key frame");
    }

    #[test]
    fn sound_that_starts_or_ends_at_another_time_is_a_warning() {
        let audio = r#"{"index": 1, "codec_type": "audio", "start_time": "0.0"}"#;
        let sound = |from: usize| packets(&even(100)[from..], 1);
        assert_eq!(found(&[VIDEO, audio], vec![packets(&even(100), 25), sound(4)]), []);
        let late = found(&[VIDEO, audio], vec![packets(&even(100), 25), sound(10)]);
        assert_one(&late, Severity::Warning, "audio stream #1 starts 400 ms after the video");
        let short = found(&[VIDEO, audio], vec![packets(&even(100), 25), packets(&even(50), 1)]);
        assert_one(&short, Severity::Warning, "audio stream #1 ends 2 s before the video");
    }

    #[test]
    fn negative_start_is_a_warning_but_for_the_first_samples_of_a_codec() {
        let starts = |kind: &str, start: &str| {
            let stream = format!(r#"{{"index": 0, "codec_type": "{kind}", "start_time": "{start}"}}"#);
            found(&[&stream], vec![packets(&even(100), 1)])
        };
        assert_eq!(starts("audio", "-0.021"), []);
        assert_one(&starts("audio", "-0.5"), Severity::Warning, "starts at -0:00:00.500, before zero");
        assert_one(&starts("video", "-0.04"), Severity::Warning, "starts at -0:00:00.040, before zero");
    }

    #[test]
    fn packets_without_times_are_a_note() {
        let untimed = PacketFacts { without_pts: 100, ..packets(&even(100), 25) };
        assert_one(
            &found(&[VIDEO], vec![untimed]),
            Severity::Note,
            "100 of 100 packets of the video stream #0",
        );
    }
}
