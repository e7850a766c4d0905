//! Damage that decoding finds, and streams that cannot be decoded.

use afmpeg_engine::statistics::Damage;

use super::problem::{Problem, Section, stream_name};
use crate::report::{facts::MediaFacts, units, unread::Unread};

const FIX: &str = "Transfer or record the file again: parts of it are lost.";

pub(super) fn problems(media: &MediaFacts) -> Vec<Problem> {
    let mut found = Vec::new();
    for (stream, packets) in media.streams().filter(|(_, packets)| packets.corrupt > 0) {
        let (name, count) = (stream_name(stream), units::counted(packets.corrupt, "corrupt packet"));
        found.push(Problem::error(Section::Streams, format!("The {name} has {count}."), FIX));
    }
    if let Some(picture) = &media.picture {
        let result = picture.as_ref().map(|picture| picture.damage);
        let stream = media.video().map_or(0, |(stream, _)| stream.index);
        found.extend(of_result(Section::Frames, &format!("video stream #{stream}"), result));
    }
    for still in &media.stills {
        let name = if media.probe.is_image() { "image" } else { "cover" };
        let result = still.preview.as_ref().map(|_| None);
        found.extend(of_result(Section::Frames, &format!("{name} in stream #{}", still.stream), result));
    }
    for sound in &media.sound {
        let result = sound.levels.as_ref().map(|levels| levels.damage);
        found.extend(of_result(Section::Sound, &format!("audio stream #{}", sound.stream), result));
    }
    found
}

fn of_result(section: Section, name: &str, result: Result<Option<Damage>, &Unread>) -> Option<Problem> {
    match result {
        Ok(damage) => damage.map(|damage| {
            Problem::error(section, format!("The {name} was decoded with errors: {damage}."), FIX)
        }),
        Err(error) => {
            let fix = error.hint.as_deref().unwrap_or("play the file in another program to compare");
            Some(Problem::error(
                section,
                format!("The {name} cannot be decoded: {}.", error.message.trim_end_matches('.')),
                sentence(fix),
            ))
        }
    }
}

/// Makes a hint a sentence.
fn sentence(hint: &str) -> String {
    let mut letters = hint.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::facts::SoundFacts;

    #[test]
    fn stream_that_cannot_be_decoded_is_an_error_with_its_hint() {
        let error =
            Unread { message: "ffmpeg: no decoder".to_owned(), hint: Some("use the full module".to_owned()) };
        let sound = vec![SoundFacts { stream: 2, levels: Err(error) }];
        let media = MediaFacts { sound, ..MediaFacts::default() };
        let [problem] = &problems(&media)[..] else { panic!("{:?}", problems(&media)) };
        assert_eq!(problem.text, "The audio stream #2 cannot be decoded: ffmpeg: no decoder.");
        assert_eq!(problem.fix, "Use the full module.");
    }
}
