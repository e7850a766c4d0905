//! Problems of the container: its index and its length.

use afmpeg_engine::Time;

use super::problem::{Problem, Section};
use crate::report::{
    facts::{IndexPlace, MediaFacts},
    units,
};

/// The seconds that a stream may end before the header's duration.
const SHORTER: f64 = 0.5;

pub(super) fn problems(media: &MediaFacts) -> Vec<Problem> {
    index(media).into_iter().chain(duration(media)).collect()
}

fn index(media: &MediaFacts) -> Option<Problem> {
    (media.index == Some(IndexPlace::AfterMedia)).then(|| {
        Problem::warning(
            Section::Container,
            "The index is at the end of the file, so a player has to fetch the end before it can start.",
            "Move the index to the front, without encoding again.",
        )
        .with_options("-map 0 -c copy -movflags +faststart")
    })
}

fn duration(media: &MediaFacts) -> Option<Problem> {
    let has_time =
        media.streams().any(|(stream, packets)| packets.count > 1 && !stream.is_attached_picture());
    if !has_time || media.probe.is_image() {
        return None;
    }
    let Some(header) = media.probe.duration().filter(|duration| !duration.is_zero()) else {
        return Some(
            Problem::warning(
                Section::Container,
                "The header has no duration, so players cannot show the length or jump to a time.",
                "Write the file again, without encoding again.",
            )
            .with_options("-map 0 -c copy"),
        );
    };
    let end = media.end_of_packets()?;
    let missing = Time::from(header) - end;
    // Formats without a duration in their header have FFmpeg's estimate, which is up to some percent off.
    let tolerance = SHORTER.max(0.05 * header.as_secs_f64());
    (missing.as_secs_f64() > tolerance).then(|| {
        Problem::error(
            Section::Container,
            format!(
                "The media ends at {}, but the header has a duration of {}: {} are missing.",
                units::time(end),
                units::duration(header),
                units::short(missing)
            ),
            "Transfer the file again: it is probably cut off.",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::facts::PacketFacts;

    fn media(duration: &str, end: &str) -> MediaFacts {
        let probe = format!(
            r#"{{"format": {{"format_name": "mov,mp4", "duration": "{duration}"}},
                "streams": [{{"index": 0, "codec_type": "audio"}}]}}"#
        );
        let end = end.parse().ok();
        MediaFacts {
            probe: serde_json::from_str(&probe).unwrap(),
            packets: vec![PacketFacts { count: 100, end, ..PacketFacts::default() }],
            ..MediaFacts::default()
        }
    }

    fn texts(media: &MediaFacts) -> Vec<String> {
        problems(media).into_iter().map(|problem| problem.text.replace('\u{a0}', " ")).collect()
    }

    #[test]
    fn index_at_the_end_is_a_problem_and_one_at_the_front_is_not() {
        let mut media = media("10", "10");
        media.index = Some(IndexPlace::BeforeMedia);
        assert_eq!(texts(&media), [""; 0]);
        media.index = Some(IndexPlace::AfterMedia);
        let [problem] = &problems(&media)[..] else { panic!("{:?}", problems(&media)) };
        assert!(problem.text.starts_with("The index is at the end"), "{problem:?}");
        assert!(problem.options.as_deref().unwrap().contains("faststart"));
    }

    #[test]
    fn media_that_ends_before_the_duration_of_the_header_is_cut_off() {
        assert_eq!(texts(&media("10", "9.6")), [""; 0]);
        assert_eq!(texts(&media("100", "96")), [""; 0], "an estimate may be off");
        let text =
            "The media ends at 0:00:04.000, but the header has a duration of 0:00:10.000: 6 s are missing.";
        assert_eq!(texts(&media("10", "4")), [text]);
    }

    #[test]
    fn header_without_a_duration_is_a_problem_unless_the_file_has_no_time() {
        let mut media = media("N/A", "10");
        assert!(texts(&media)[0].starts_with("The header has no duration"));
        media.packets[0].count = 1;
        assert_eq!(texts(&media), [""; 0]);
    }
}
