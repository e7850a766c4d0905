//! What is heard: a voice, and music that gives way to it.

use std::time::Duration;

use afmpeg_cmd::{
    Audio, Input, Ratio, Stream,
    filters::audio::{AfadeType, adelay, afade, alimiter, amix, apad, atrim, sidechaincompress, volume},
    recipes::Conform,
};

use crate::{
    At, Music, Storyboard, Voice,
    files::{self, Files, Need},
    mistake::Review,
    plan::guest_path,
};

/// Where the music begins to give way: -34 dB of full scale, above breath and below speech.
const THRESHOLD: f64 = 0.02;

/// The sound of a film that is so long. None if it is silent.
pub(crate) fn sound(
    storyboard: &Storyboard,
    length: Duration,
    files: Option<&Files>,
    review: &mut Review<'_>,
) -> Option<Stream<Audio>> {
    let voice = storyboard.voice.as_ref().map(|voice| self::voice(voice, length, files, review));
    let music = storyboard.music.as_ref().map(|music| {
        if let Some(duck) = &music.duck {
            if voice.is_none() {
                review.report(
                    duck.span(),
                    "there is no voice to give way to",
                    "add a [voice], or leave out `duck`",
                );
            }
            if !(1.0..=20.0).contains(duck.get_ref()) {
                let message = format!("music cannot give way by a ratio of {}", duck.get_ref());
                review.report(duck.span(), message, "give a number from 1 to 20");
            }
        }
        self::music(music, length, files, review)
    });
    let mixed = match (voice, music) {
        (None, None) => return None,
        (Some(one), None) | (None, Some(one)) => one,
        (Some(voice), Some(music)) => {
            let duck = storyboard.music.as_ref().and_then(|music| music.duck.as_ref());
            let music = match duck {
                // Quick to give way, slow to come back: pauses between words are not filled.
                Some(ratio) => sidechaincompress()
                    .threshold(THRESHOLD)
                    .ratio(*ratio.get_ref())
                    .attack(20)
                    .release(400)
                    .on(&music, &voice),
                None => music,
            };
            amix().normalize(false).on([voice, music])
        }
    };
    Some(mixed.filter(alimiter().limit(0.9).level(false)).filter(atrim().duration(length)))
}

fn voice(voice: &Voice, length: Duration, files: Option<&Files>, review: &mut Review<'_>) -> Stream<Audio> {
    let file = files::check(&voice.file, Need::Audio, files, review);
    if let Some(spoken) = file.and_then(|file| file.duration)
        && voice.at.0 + spoken > length + Duration::from_millis(50)
    {
        let message = format!(
            "the voice ends at {:.2} s, and the film at {:.2} s",
            (voice.at.0 + spoken).as_secs_f64(),
            length.as_secs_f64()
        );
        review.report(voice.file.span(), message, "make shots longer, or begin to speak earlier");
    }
    let heard = alike().audio(&Input::new(guest_path(voice.file.get_ref())).audio());
    let heard = heard.filter(volume().volume(factor(&voice.volume, review)));
    let heard = match voice.at.0.as_millis() {
        0 => heard,
        wait => heard.filter(adelay().delays(wait.to_string()).all(true)),
    };
    fill(&heard, length)
}

fn music(music: &Music, length: Duration, files: Option<&Files>, review: &mut Review<'_>) -> Stream<Audio> {
    files::check(&music.file, Need::Audio, files, review);
    let (fade_in, fade_out) = (music.fade_in.0, music.fade_out.0);
    if fade_in + fade_out > length {
        let message = format!(
            "the music's fades take {} s, and the film {} s",
            (fade_in + fade_out).as_secs_f64(),
            length.as_secs_f64()
        );
        review.report(music.file.span(), message, "make `fade_in` and `fade_out` shorter");
    }
    let input = Input::new(guest_path(music.file.get_ref())).repeat_for_ever().duration(length);
    let heard = alike().audio(&input.audio()).filter(volume().volume(factor(&music.volume, review)));
    let mut heard = fill(&heard, length);
    if !fade_in.is_zero() {
        heard = heard.filter(afade().r#type(AfadeType::In).duration(fade_in));
    }
    if !fade_out.is_zero() {
        let start = length.saturating_sub(fade_out);
        heard = heard.filter(afade().r#type(AfadeType::Out).start_time(start).duration(fade_out));
    }
    heard
}

/// Only its form of sound is used.
fn alike() -> Conform {
    Conform::new(2, 2, Ratio::from(1))
}

fn fill(sound: &Stream<Audio>, length: Duration) -> Stream<Audio> {
    sound.filter(apad().whole_dur(length)).filter(atrim().duration(length))
}

fn factor(written: &At<f64>, review: &mut Review<'_>) -> f64 {
    let factor = *written.get_ref();
    if !(0.0..=10.0).contains(&factor) {
        review.report(
            written.span(),
            format!("a volume cannot be {factor}"),
            "give a factor from 0 to 10; 1 changes nothing",
        );
    }
    factor
}
