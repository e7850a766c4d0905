//! What is seen: shots of one size and rate, one after the other.

use std::time::Duration;

use afmpeg_cmd::{
    Input, Stream, Video,
    recipes::{Conform, Crossfaded, Fade, KenBurns, RecipeError, View, crossfade},
};

use crate::{
    At, Fit, Part, Shot, Storyboard,
    files::{self, Files, Need},
    mistake::Review,
    plan::guest_path,
};

/// The film without sound, and what sound needs of it.
#[derive(Debug)]
pub(crate) struct Film {
    pub(crate) picture: Crossfaded<Video>,
    pub(crate) shots: Vec<Shown>,
    pub(crate) fades: Vec<Fade>,
}

/// A shot of the film.
#[derive(Debug)]
pub(crate) struct Shown {
    /// The part of the clip that is shown, if it is one.
    pub(crate) clip: Option<Input>,
    pub(crate) duration: Duration,
}

/// The film, if nothing is wrong with it.
pub(crate) fn film(storyboard: &Storyboard, files: Option<&Files>, review: &mut Review<'_>) -> Option<Film> {
    frame(storyboard, review)?;
    let shots = storyboard.shots.get_ref();
    if shots.is_empty() {
        review.report(storyboard.shots.span(), "there is no shot", "add one: [[shots]]");
        return None;
    }
    let (mut made, mut shown) = (Vec::new(), Vec::new());
    for shot in shots {
        if let Some(duration) = length(shot, files, review) {
            let clip = clip(shot.get_ref(), duration);
            match video(storyboard, shot.get_ref(), clip.as_ref(), duration) {
                Ok(video) => {
                    made.push((video, duration));
                    shown.push(Shown { clip, duration });
                }
                Err(error) => report(shot, &error, review),
            }
        }
    }
    let fades = fades(shots, review);
    if made.len() != shots.len() {
        return None;
    }
    if !fades_fit(shots, &made, review) {
        return None;
    }
    match crossfade(&made, &fades) {
        Ok(picture) => Some(Film { picture, shots: shown, fades }),
        Err(error) => {
            review.report(storyboard.shots.span(), error.to_string(), "make the shots longer");
            None
        }
    }
}

fn frame(storyboard: &Storyboard, review: &mut Review<'_>) -> Option<()> {
    let (width, height) = *storyboard.size.get_ref();
    let fits = |side: u32| (16..=8192).contains(&side) && side.is_multiple_of(2);
    if !fits(width) || !fits(height) {
        let message = format!("pictures of {width}x{height} cannot be encoded");
        review.report(storyboard.size.span(), message, "give two even numbers from 16 to 8192");
        return None;
    }
    let rate = storyboard.fps.get_ref();
    if !(1.0..=240.0).contains(&rate.as_f64()) {
        let hint = "give a number from 1 to 240, or a ratio such as \"30000/1001\"";
        review.report(storyboard.fps.span(), format!("the film cannot have {rate} pictures a second"), hint);
        return None;
    }
    Some(())
}

/// How long a shot is, if nothing is wrong with it.
fn length(shot: &At<Shot>, files: Option<&Files>, review: &mut Review<'_>) -> Option<Duration> {
    let (span, shot) = (shot.span(), shot.get_ref());
    let told = shot.duration.as_ref().map(|duration| duration.get_ref().0);
    let length = match (&shot.image, &shot.clip) {
        (Some(image), None) => {
            let found = files::check(image, Need::Video, files, review);
            for time in [&shot.r#in, &shot.out].into_iter().flatten() {
                review.report(
                    time.span(),
                    "an image has no time to enter or leave it at",
                    "give it a `duration`",
                );
            }
            if told.is_none() {
                review.report(image.span(), "an image is seen for ever", "give it a `duration` in seconds");
            }
            found.map_or(files.is_none(), |_| true).then_some(told)?
        }
        (None, Some(clip)) => {
            let found = files::check(clip, Need::Video, files, review);
            if files.is_some() && found.is_none() {
                return None;
            }
            for part in [&shot.from, &shot.to].into_iter().flatten() {
                review.report(
                    part.span(),
                    "the camera moves only over images",
                    "use `image`, or leave it out",
                );
            }
            let start = shot.r#in.as_ref().map_or(Duration::ZERO, |time| time.get_ref().0);
            let end = match (&shot.out, told) {
                (Some(out), Some(_)) => {
                    review.report(
                        out.span(),
                        "both `out` and `duration` say where it ends",
                        "leave out one of them",
                    );
                    return None;
                }
                (Some(out), None) => Some((out.span(), out.get_ref().0)),
                (None, Some(told)) => shot.duration.as_ref().map(|time| (time.span(), start + told)),
                (None, None) => None,
            };
            let whole = found.and_then(|file| file.duration);
            match (end, whole) {
                (Some((place, end)), _) if end <= start => {
                    review.report(
                        place,
                        "the clip is left before it is entered",
                        "`in` and `out` count from the clip's beginning",
                    );
                    return None;
                }
                // Containers round to packets: a frame more or less is no mistake.
                (Some((place, end)), Some(whole)) if end > whole + Duration::from_millis(50) => {
                    let message = format!(
                        "the clip is {} s long, and left at {} s",
                        whole.as_secs_f64(),
                        end.as_secs_f64()
                    );
                    review.report(place, message, "end it earlier, or take a longer clip");
                    return None;
                }
                (Some((_, end)), _) => Some(end - start),
                (None, Some(whole)) if whole > start => Some(whole - start),
                (None, _) => {
                    let place = shot.r#in.as_ref().map_or(clip.span(), At::span);
                    review.report(
                        place,
                        "where the clip ends is not known",
                        "give it an `out` or a `duration`, in seconds",
                    );
                    return None;
                }
            }
        }
        _ => {
            review.report(span.clone(), "a shot is either an `image` or a `clip`", "give it one of them");
            None
        }
    }?;
    if length.is_zero() {
        let place = shot.duration.as_ref().map_or(span, At::span);
        review.report(place, "the shot takes no time", "give it a `duration` above 0");
        return None;
    }
    Some(length)
}

fn clip(shot: &Shot, duration: Duration) -> Option<Input> {
    let start = shot.r#in.as_ref().map_or(Duration::ZERO, |time| time.get_ref().0);
    let clip = shot.clip.as_ref()?;
    Some(Input::new(guest_path(clip.get_ref())).seek(start).duration(duration))
}

fn video(
    storyboard: &Storyboard,
    shot: &Shot,
    clip: Option<&Input>,
    duration: Duration,
) -> Result<Stream<Video>, RecipeError> {
    let (width, height) = *storyboard.size.get_ref();
    let fit = match shot.fit {
        Fit::Cover => afmpeg_cmd::recipes::Fit::Cover,
        Fit::Fit => afmpeg_cmd::recipes::Fit::Contain,
    };
    let rate = *storyboard.fps.get_ref();
    let alike = Conform::new(width, height, rate).fit(fit).background(storyboard.background.as_str());
    if let Some(clip) = clip {
        return alike.video(&clip.video());
    }
    let path = guest_path(shot.image.as_ref().map_or("", |image| image.get_ref()));
    if shot.from.is_none() && shot.to.is_none() {
        return alike.video(&Input::still(path, duration).video());
    }
    let view = |part: &Option<At<Part>>| part.as_ref().map_or(View::whole(), |part| part.get_ref().view());
    let way = KenBurns::new(view(&shot.from), view(&shot.to), duration).size(width, height).rate(rate);
    way.video(&Input::image(path).video())
}

/// A recipe's complaint, at what it is about.
fn report(shot: &At<Shot>, error: &RecipeError, review: &mut Review<'_>) {
    let of = |name: &str| error.parameter() == name || error.parameter().starts_with(&format!("{name}."));
    let part = [("from", &shot.get_ref().from), ("to", &shot.get_ref().to)]
        .into_iter()
        .find_map(|(name, part)| part.as_ref().filter(|_| of(name)));
    let place = part.map_or(shot.span(), At::span);
    review.report(place, error.to_string(), "a part lies within the image, whose sides are 1");
}

fn fades(shots: &[At<Shot>], review: &mut Review<'_>) -> Vec<Fade> {
    let Some((last, others)) = shots.split_last() else { return Vec::new() };
    if let Some(next) = &last.get_ref().next {
        review.report(next.span(), "nothing comes after the last shot", "leave out `next`, or add a shot");
    }
    let fade = |shot: &At<Shot>| match &shot.get_ref().next {
        Some(next) => Fade::new(next.get_ref().duration.get_ref().0).transition(next.get_ref().transition.0),
        None => Fade::cut(),
    };
    others.iter().map(fade).collect()
}

fn fades_fit(shots: &[At<Shot>], made: &[(Stream<Video>, Duration)], review: &mut Review<'_>) -> bool {
    let taken = |index: Option<usize>| {
        let next = index.and_then(|index| shots.get(index)).and_then(|shot| shot.get_ref().next.as_ref());
        next.map_or(Duration::ZERO, |next| next.get_ref().duration.get_ref().0)
    };
    let mut all_fit = true;
    for (index, (shot, (_, duration))) in shots.iter().zip(made).enumerate() {
        let fades = taken(index.checked_sub(1)) + taken(Some(index));
        if fades > *duration {
            all_fit = false;
            let shot_data = shot.get_ref();
            let place = shot_data.duration.as_ref().or(shot_data.out.as_ref()).map_or(shot.span(), At::span);
            let message = format!(
                "the shot is seen for {} s, and the fades at its ends take {} s",
                duration.as_secs_f64(),
                fades.as_secs_f64()
            );
            review.report(place, message, "make it longer, or the fades shorter");
        }
    }
    all_fit
}
