//! The picture of a film: shots of one size and rate, joined by transitions.

use std::time::Duration;

use afmpeg_cmd::{
    Input, Stream, Video,
    recipes::{Conform, Crossfaded, Fade, KenBurns, RecipeError, View, crossfade},
};

use crate::{
    Fit, Part, Shot, Spanned, Storyboard,
    files::{self, Files, Need},
    mistake::Review,
    plan::guest_path,
};

/// The film without sound, and the times that its sound follows.
#[derive(Debug)]
pub(crate) struct Film {
    pub(crate) picture: Crossfaded<Video>,
    pub(crate) shots: Vec<Segment>,
    pub(crate) fades: Vec<Fade>,
}

/// A shot of the film.
#[derive(Debug)]
pub(crate) struct Segment {
    /// The trimmed clip, or `None` for an image.
    pub(crate) clip: Option<Input>,
    pub(crate) duration: Duration,
}

/// Returns the film, or reports its mistakes.
pub(crate) fn film(storyboard: &Storyboard, files: Option<&Files>, review: &mut Review<'_>) -> Option<Film> {
    frame(storyboard, review)?;
    let shots = storyboard.shots.get_ref();
    if shots.is_empty() {
        review.report(storyboard.shots.span(), "the storyboard has no shots", "add one: [[shots]]");
        return None;
    }
    let (mut videos, mut segments) = (Vec::new(), Vec::new());
    for shot in shots {
        if let Some(duration) = length(shot, files, review) {
            let clip = clip(shot.get_ref(), duration);
            match video(storyboard, shot.get_ref(), clip.as_ref(), duration) {
                Ok(video) => {
                    videos.push((video, duration));
                    segments.push(Segment { clip, duration });
                }
                Err(error) => report(shot, &error, review),
            }
        }
    }
    let fades = fades(shots, review);
    if videos.len() != shots.len() {
        return None;
    }
    if !fades_fit(shots, &videos, review) {
        return None;
    }
    match crossfade(&videos, &fades) {
        Ok(picture) => Some(Film { picture, shots: segments, fades }),
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
        let message = format!("cannot encode frames of {width}x{height}");
        review.report(storyboard.size.span(), message, "use two even numbers from 16 to 8192");
        return None;
    }
    let rate = storyboard.fps.get_ref();
    if !(1.0..=240.0).contains(&rate.as_f64()) {
        let hint = "use a number from 1 to 240, or a ratio such as \"30000/1001\"";
        review.report(storyboard.fps.span(), format!("invalid frame rate {rate}"), hint);
        return None;
    }
    Some(())
}

/// Returns the duration of a shot, or reports its mistakes.
fn length(shot: &Spanned<Shot>, files: Option<&Files>, review: &mut Review<'_>) -> Option<Duration> {
    let (span, shot) = (shot.span(), shot.get_ref());
    let given = shot.duration.as_ref().map(|duration| duration.get_ref().0);
    let length = match (&shot.image, &shot.clip) {
        (Some(image), None) => {
            let found = files::check(image, Need::Video, files, review);
            for time in [&shot.r#in, &shot.out].into_iter().flatten() {
                review.report(time.span(), "an image has no `in` or `out`", "use `duration`");
            }
            if given.is_none() {
                review.report(image.span(), "an image needs a `duration`", "add `duration`, in seconds");
            }
            found.map_or(files.is_none(), |_| true).then_some(given)?
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
                    "use `image`, or remove `from` and `to`",
                );
            }
            let start = shot.r#in.as_ref().map_or(Duration::ZERO, |time| time.get_ref().0);
            let end = match (&shot.out, given) {
                (Some(out), Some(_)) => {
                    review.report(
                        out.span(),
                        "`out` and `duration` both set the end of the shot",
                        "remove one of them",
                    );
                    return None;
                }
                (Some(out), None) => Some((out.span(), out.get_ref().0)),
                (None, Some(given)) => shot.duration.as_ref().map(|time| (time.span(), start + given)),
                (None, None) => None,
            };
            let whole = found.and_then(|file| file.duration);
            match (end, whole) {
                (Some((place, end)), _) if end <= start => {
                    review.report(
                        place,
                        "the shot ends before it starts",
                        "set `out` after `in`: both count from the start of the clip",
                    );
                    return None;
                }
                // Containers round to packets, so allow about a frame more.
                (Some((place, end)), Some(whole)) if end > whole + Duration::from_millis(50) => {
                    let message = format!(
                        "the clip is {} s long, but the shot ends at {} s",
                        whole.as_secs_f64(),
                        end.as_secs_f64()
                    );
                    review.report(place, message, "end the shot earlier, or use a longer clip");
                    return None;
                }
                (Some((_, end)), _) => Some(end - start),
                (None, Some(whole)) if whole > start => Some(whole - start),
                (None, _) => {
                    let place = shot.r#in.as_ref().map_or(clip.span(), Spanned::span);
                    review.report(
                        place,
                        "the end of the clip is unknown",
                        "add `out` or `duration`, in seconds",
                    );
                    return None;
                }
            }
        }
        _ => {
            review.report(span.clone(), "a shot needs either an `image` or a `clip`", "set one of them");
            None
        }
    }?;
    if length.is_zero() {
        let place = shot.duration.as_ref().map_or(span, Spanned::span);
        review.report(place, "the shot has no duration", "use a `duration` above 0");
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
    let conform = Conform::new(width, height, rate).fit(fit).background(storyboard.background.as_str());
    if let Some(clip) = clip {
        return conform.video(&clip.video());
    }
    let path = guest_path(shot.image.as_ref().map_or("", |image| image.get_ref()));
    if shot.from.is_none() && shot.to.is_none() {
        return conform.video(&Input::still(path, duration).video());
    }
    let view =
        |part: &Option<Spanned<Part>>| part.as_ref().map_or(View::whole(), |part| part.get_ref().view());
    let movement = KenBurns::new(view(&shot.from), view(&shot.to), duration).size(width, height).rate(rate);
    movement.video(&Input::image(path).video())
}

/// Reports a recipe's error at the field that caused it.
fn report(shot: &Spanned<Shot>, error: &RecipeError, review: &mut Review<'_>) {
    let of = |name: &str| error.parameter() == name || error.parameter().starts_with(&format!("{name}."));
    let part = [("from", &shot.get_ref().from), ("to", &shot.get_ref().to)]
        .into_iter()
        .find_map(|(name, part)| part.as_ref().filter(|_| of(name)));
    let place = part.map_or(shot.span(), Spanned::span);
    review.report(place, error.to_string(), "keep the part inside the image, whose sides are 1");
}

fn fades(shots: &[Spanned<Shot>], review: &mut Review<'_>) -> Vec<Fade> {
    let Some((last, others)) = shots.split_last() else { return Vec::new() };
    if let Some(next) = &last.get_ref().next {
        review.report(next.span(), "the last shot has no next one", "remove `next`, or add a shot");
    }
    let fade = |shot: &Spanned<Shot>| match &shot.get_ref().next {
        Some(next) => Fade::new(next.get_ref().duration.get_ref().0).transition(next.get_ref().transition.0),
        None => Fade::cut(),
    };
    others.iter().map(fade).collect()
}

fn fades_fit(shots: &[Spanned<Shot>], videos: &[(Stream<Video>, Duration)], review: &mut Review<'_>) -> bool {
    let fade_length = |index: Option<usize>| {
        let next = index.and_then(|index| shots.get(index)).and_then(|shot| shot.get_ref().next.as_ref());
        next.map_or(Duration::ZERO, |next| next.get_ref().duration.get_ref().0)
    };
    let mut all_fit = true;
    for (index, (shot, (_, duration))) in shots.iter().zip(videos).enumerate() {
        let fades = fade_length(index.checked_sub(1)) + fade_length(Some(index));
        if fades > *duration {
            all_fit = false;
            let shot_data = shot.get_ref();
            let place =
                shot_data.duration.as_ref().or(shot_data.out.as_ref()).map_or(shot.span(), Spanned::span);
            let message = format!(
                "the shot takes {} s, but the fades at its ends take {} s",
                duration.as_secs_f64(),
                fades.as_secs_f64()
            );
            review.report(place, message, "make the shot longer, or the fades shorter");
        }
    }
    all_fit
}
