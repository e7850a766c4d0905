//! The problems of a file, found in its facts alone.

mod container;
mod decoding;
mod problem;
mod shape;
mod sound;
mod timing;

pub(crate) use problem::{Problem, Severity};

use super::facts::MediaFacts;

/// Returns the problems of a file, the worst first.
pub(crate) fn problems(media: &MediaFacts) -> Vec<Problem> {
    let mut found = decoding::problems(media);
    found.extend(container::problems(media));
    found.extend(timing::problems(media));
    found.extend(shape::problems(media));
    found.extend(sound::problems(media));
    found.sort_by_key(|problem| problem.severity);
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::facts::PacketFacts;

    #[test]
    fn worst_problems_are_first_and_a_sound_file_has_none() {
        let probe = r#"{"format": {"format_name": "matroska,webm", "duration": "1.0"}, "streams": [
            {"index": 0, "codec_type": "audio", "start_time": "0.0"}]}"#;
        let mut media = MediaFacts {
            probe: serde_json::from_str(probe).unwrap(),
            packets: vec![PacketFacts { count: 50, end: "1".parse().ok(), ..PacketFacts::default() }],
            ..MediaFacts::default()
        };
        assert_eq!(problems(&media), []);
        media.packets[0].corrupt = 1;
        media.packets[0].without_pts = 50;
        let severities: Vec<Severity> = problems(&media).iter().map(|problem| problem.severity).collect();
        assert_eq!(severities, [Severity::Error, Severity::Note]);
    }
}
