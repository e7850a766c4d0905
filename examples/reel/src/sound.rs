//! What is heard: a voice, music that gives way to it, and clips themselves.

use std::{ops::Range, time::Duration};

use afmpeg_cmd::{
    Audio, Input, Ratio, Stream,
    filters::{
        audio::{
            AfadeType, adelay, afade, alimiter, amix, apad, aresample, atrim, sidechaincompress, volume,
        },
        source::anullsrc,
    },
    recipes::{Conform, crossfade_audio},
};

use crate::{
    Music, Storyboard, Voice,
    files::{self, Files, Need},
    mistake::Review,
    picture::{Film, Shown},
    plan::guest_path,
};

/// Where the music begins to give way: -34 dB of full scale, above breath and below speech.
const THRESHOLD: f64 = 0.02;

/// The sound of a film. None if it is silent.
pub(crate) fn sound(
    storyboard: &Storyboard,
    film: &Film,
    files: Option<&Files>,
    review: &mut Review<'_>,
) -> Option<Stream<Audio>> {
    let length = film.picture.duration;
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
    let duck = storyboard.music.as_ref().and_then(|music| music.duck.as_ref());
    let music = match (music, &voice, duck) {
        // Quick to give way, slow to come back: pauses between words are not filled.
        (Some(music), Some(voice), Some(ratio)) => Some(
            sidechaincompress()
                .threshold(THRESHOLD)
                .ratio(*ratio.get_ref())
                .attack(20)
                .release(400)
                .on(&music, voice),
        ),
        (music, ..) => music,
    };
    let clips = clips(storyboard, film, files, review);
    let heard: Vec<Stream<Audio>> = [voice, music, clips].into_iter().flatten().collect();
    let mixed = match heard.as_slice() {
        [] => return None,
        [one] => one.clone(),
        _ => amix().normalize(false).on(&heard),
    };
    Some(mixed.filter(alimiter().limit(0.9).level(false)).filter(atrim().duration(length)))
}

/// The sound of the clips themselves, which fades as their pictures do. None if none is heard.
fn clips(
    storyboard: &Storyboard,
    film: &Film,
    files: Option<&Files>,
    review: &mut Review<'_>,
) -> Option<Stream<Audio>> {
    let mut is_heard = false;
    let mut sounds = Vec::new();
    for (shot, Shown { clip, duration }) in storyboard.shots.get_ref().iter().zip(&film.shots) {
        let written = shot.get_ref().sound.as_ref();
        let factor = written.map_or(0.0, |sound| factor(sound.get_ref().0, sound.span(), review));
        let own = match (written.filter(|_| factor > 0.0), clip, &shot.get_ref().clip) {
            (Some(sound), Some(input), Some(path)) => {
                if files::is_silent(path, files) {
                    let message = format!("{:?} has no sound", path.get_ref());
                    review.report(sound.span(), message, "leave `sound` out, or take a clip that has some");
                }
                Some(input.audio())
            }
            (Some(sound), ..) => {
                review.report(sound.span(), "an image has no sound", "leave `sound` out, or use a `clip`");
                None
            }
            (None, ..) => None,
        };
        let heard = match &own {
            Some(own) => {
                is_heard = true;
                // Where a clip's sound begins later than its pictures, it stays with them.
                let in_time = own.filter(aresample().r#async(1).first_pts(0));
                alike().audio(&in_time).filter(volume().volume(factor))
            }
            None => alike().audio(&anullsrc().stream()),
        };
        sounds.push((heard, *duration));
    }
    if !is_heard {
        return None;
    }
    // The pictures have been put together by the same times.
    crossfade_audio(&sounds, &film.fades).ok().map(|sound| sound.stream)
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
    let heard = heard.filter(volume().volume(factor(*voice.volume.get_ref(), voice.volume.span(), review)));
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
    let heard = alike().audio(&input.audio()).filter(volume().volume(factor(
        *music.volume.get_ref(),
        music.volume.span(),
        review,
    )));
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

fn factor(factor: f64, place: Range<usize>, review: &mut Review<'_>) -> f64 {
    if !(0.0..=10.0).contains(&factor) {
        let hint = "give a factor from 0 to 10; 1 changes nothing";
        review.report(place, format!("a volume cannot be {factor}"), hint);
    }
    factor
}
