//! The sound of a film: a voice, music ducked under it, and the sound of the clips.

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
    picture::{Film, Segment},
    plan::guest_path,
};

/// The level of the voice that ducks the music: -34 dBFS, above breath and below speech.
const THRESHOLD: f64 = 0.02;

/// Returns the sound of a film, or `None` if it is silent.
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
                review.report(duck.span(), "`duck` needs a voice", "add a [voice], or remove `duck`");
            }
            if !(1.0..=20.0).contains(duck.get_ref()) {
                let message = format!("invalid ratio {} for `duck`", duck.get_ref());
                review.report(duck.span(), message, "use a number from 1 to 20");
            }
        }
        self::music(music, length, files, review)
    });
    let duck = storyboard.music.as_ref().and_then(|music| music.duck.as_ref());
    let music = match (music, &voice, duck) {
        // A fast attack and a slow release, so that the music does not swell between words.
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
    let parts: Vec<Stream<Audio>> = [voice, music, clips].into_iter().flatten().collect();
    let mixed = match parts.as_slice() {
        [] => return None,
        [one] => one.clone(),
        _ => amix().normalize(false).on(&parts),
    };
    Some(mixed.filter(alimiter().limit(0.9).level(false)).filter(atrim().duration(length)))
}

/// Returns the sound of the clips, crossfaded like their pictures, or `None` if all are silent.
fn clips(
    storyboard: &Storyboard,
    film: &Film,
    files: Option<&Files>,
    review: &mut Review<'_>,
) -> Option<Stream<Audio>> {
    let mut any_sound = false;
    let mut sounds = Vec::new();
    for (shot, Segment { clip, duration }) in storyboard.shots.get_ref().iter().zip(&film.shots) {
        let volume_of_clip = shot.get_ref().sound.as_ref();
        let factor = volume_of_clip.map_or(0.0, |sound| factor(sound.get_ref().0, sound.span(), review));
        let own = match (volume_of_clip.filter(|_| factor > 0.0), clip, &shot.get_ref().clip) {
            (Some(sound), Some(input), Some(path)) => {
                if files::is_silent(path, files) {
                    let message = format!("{:?} has no sound", path.get_ref());
                    review.report(sound.span(), message, "remove `sound`, or use a clip with sound");
                }
                Some(input.audio())
            }
            (Some(sound), ..) => {
                review.report(sound.span(), "an image has no sound", "remove `sound`, or use a `clip`");
                None
            }
            (None, ..) => None,
        };
        let sound = match &own {
            Some(own) => {
                any_sound = true;
                // Pad a clip's sound that starts later than its pictures, to keep it in sync.
                let synced = own.filter(aresample().r#async(1).first_pts(0));
                conform().audio(&synced).filter(volume().volume(factor))
            }
            None => conform().audio(&anullsrc().stream()),
        };
        sounds.push((sound, *duration));
    }
    if !any_sound {
        return None;
    }
    // This cannot fail: the pictures were joined with the same durations and fades.
    crossfade_audio(&sounds, &film.fades).ok().map(|sound| sound.stream)
}

fn voice(voice: &Voice, length: Duration, files: Option<&Files>, review: &mut Review<'_>) -> Stream<Audio> {
    let file = files::check(&voice.file, Need::Audio, files, review);
    if let Some(duration) = file.and_then(|file| file.duration)
        && voice.at.0 + duration > length + Duration::from_millis(50)
    {
        let message = format!(
            "the voice ends at {:.2} s, but the film at {:.2} s",
            (voice.at.0 + duration).as_secs_f64(),
            length.as_secs_f64()
        );
        review.report(voice.file.span(), message, "make shots longer, or start the voice earlier");
    }
    let sound = conform().audio(&Input::new(guest_path(voice.file.get_ref())).audio());
    let sound = sound.filter(volume().volume(factor(*voice.volume.get_ref(), voice.volume.span(), review)));
    let sound = match voice.at.0.as_millis() {
        0 => sound,
        delay => sound.filter(adelay().delays(delay.to_string()).all(true)),
    };
    fill(&sound, length)
}

fn music(music: &Music, length: Duration, files: Option<&Files>, review: &mut Review<'_>) -> Stream<Audio> {
    files::check(&music.file, Need::Audio, files, review);
    let (fade_in, fade_out) = (music.fade_in.0, music.fade_out.0);
    if fade_in + fade_out > length {
        let message = format!(
            "the music's fades take {} s, but the film only {} s",
            (fade_in + fade_out).as_secs_f64(),
            length.as_secs_f64()
        );
        review.report(music.file.span(), message, "make `fade_in` and `fade_out` shorter");
    }
    let input = Input::new(guest_path(music.file.get_ref())).repeat_for_ever().duration(length);
    let sound = conform().audio(&input.audio()).filter(volume().volume(factor(
        *music.volume.get_ref(),
        music.volume.span(),
        review,
    )));
    let mut sound = fill(&sound, length);
    if !fade_in.is_zero() {
        sound = sound.filter(afade().r#type(AfadeType::In).duration(fade_in));
    }
    if !fade_out.is_zero() {
        let start = length.saturating_sub(fade_out);
        sound = sound.filter(afade().r#type(AfadeType::Out).start_time(start).duration(fade_out));
    }
    sound
}

/// The common sample format of all sounds; only the audio part of `Conform` is used.
fn conform() -> Conform {
    Conform::new(2, 2, Ratio::from(1))
}

fn fill(sound: &Stream<Audio>, length: Duration) -> Stream<Audio> {
    sound.filter(apad().whole_dur(length)).filter(atrim().duration(length))
}

fn factor(factor: f64, place: Range<usize>, review: &mut Review<'_>) -> f64 {
    if !(0.0..=10.0).contains(&factor) {
        let hint = "use a factor from 0 to 10; 1 keeps the volume";
        review.report(place, format!("invalid volume {factor}"), hint);
    }
    factor
}
