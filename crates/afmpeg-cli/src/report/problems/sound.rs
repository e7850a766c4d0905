//! Problems of levels.

use super::problem::{Problem, Section};
use crate::report::{
    facts::{MediaFacts, SoundLevels},
    units::level,
};

/// The true peak in dBTP up to which encoders and players have room: EBU R 128.
const PEAK: f64 = -1.0;

/// The true peak in dBTP below which a stream is silent.
const SILENT: f64 = -60.0;

pub(super) fn problems(media: &MediaFacts) -> Vec<Problem> {
    let measured = media.sound.iter().filter_map(|sound| Some((sound.stream, sound.levels.as_ref().ok()?)));
    measured.filter_map(|(stream, levels)| of_levels(stream, levels)).collect()
}

fn of_levels(stream: i64, levels: &SoundLevels) -> Option<Problem> {
    let name = format!("audio stream #{stream}");
    let peak = level(levels.true_peak, "dBTP");
    if levels.true_peak < SILENT {
        return Some(Problem::warning(
            Section::Sound,
            format!("The {name} is silent: its peak is {peak}."),
            "Check the recording, or leave the stream out.",
        ));
    }
    if levels.true_peak > PEAK {
        let fix = "Lower its level before the next encoding.";
        let by = ((levels.true_peak - PEAK) * 10.0).ceil() / 10.0;
        let options = format!("-c:v copy -af volume=-{by:.1}dB");
        let text = |effect: &str| format!("The {name} has a true peak of {peak}, {effect}.");
        let problem = if levels.true_peak > 0.0 {
            Problem::warning(Section::Sound, text("above full scale: it clips"), fix)
        } else {
            Problem::note(
                Section::Sound,
                text("close to full scale: it may clip when it is encoded again"),
                fix,
            )
        };
        return Some(problem.with_options(options));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{facts::SoundFacts, problems::problem::Severity};

    #[test]
    fn peaks_above_full_scale_clip_and_peaks_of_silence_are_far_below() {
        for (true_peak, expected) in [
            (1.25, Some((Severity::Warning, "clips", Some("-c:v copy -af volume=-2.3dB")))),
            (-0.5, Some((Severity::Note, "may clip", Some("-c:v copy -af volume=-0.5dB")))),
            (-1.0, None),
            (-20.0, None),
            (-80.0, Some((Severity::Warning, "silent", None))),
            (f64::NEG_INFINITY, Some((Severity::Warning, "silent", None))),
        ] {
            let levels = Ok(SoundLevels { true_peak, ..SoundLevels::default() });
            let media = MediaFacts { sound: vec![SoundFacts { stream: 1, levels }], ..MediaFacts::default() };
            let found = problems(&media);
            let Some((severity, word, options)) = expected else {
                assert_eq!(found, [], "{true_peak}");
                continue;
            };
            let [problem] = &found[..] else { panic!("{found:?}") };
            assert_eq!((problem.severity, problem.options.as_deref()), (severity, options), "{true_peak}");
            assert!(problem.text.contains(word), "{problem:?}");
        }
    }
}
