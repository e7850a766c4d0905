//! Captions, as a track of subtitles or drawn into the picture.

use std::{fmt::Write as _, time::Duration};

use afmpeg_cmd::{Stream, Video, recipes::Text};

use crate::{
    Captions, Spanned, Storyboard,
    files::{self, Files, Need},
    mistake::Review,
    plan::guest_path,
};

/// A caption with its start and end.
#[derive(Debug)]
pub(crate) struct Caption<'a> {
    pub(crate) text: &'a Spanned<String>,
    start: Duration,
    end: Duration,
}

/// Returns the captions, each from the start of its shot to the start of the next.
pub(crate) fn captions<'a>(
    storyboard: &'a Storyboard,
    starts: &[Duration],
    length: Duration,
    review: &mut Review<'_>,
) -> Vec<Caption<'a>> {
    let ends = starts.iter().skip(1).copied().chain([length]);
    let times = starts.iter().copied().zip(ends);
    let mut found = Vec::new();
    for (shot, (start, end)) in storyboard.shots.get_ref().iter().zip(times) {
        let Some(text) = &shot.get_ref().caption else { continue };
        if text.get_ref().trim().is_empty() || text.get_ref().contains('\0') {
            review.report(
                text.span(),
                "the caption is empty or contains a NUL",
                "write a text, or remove `caption`",
            );
        }
        found.push(Caption { text, start, end });
    }
    found
}

/// Returns the captions as WebVTT, which can represent all their characters.
pub(crate) fn webvtt(captions: &[Caption<'_>]) -> String {
    let mut vtt = "WEBVTT\n".to_owned();
    for Caption { text, start, end } in captions {
        let text = text.get_ref().replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        // An empty line ends a caption.
        let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        // Writing to a string cannot fail.
        let _ = write!(vtt, "\n{} --> {}\n{}\n", clock(*start), clock(*end), lines.join("\n"));
    }
    vtt
}

fn clock(time: Duration) -> String {
    let millis = time.as_millis();
    let (seconds, minutes, hours) = (millis / 1_000, millis / 60_000, millis / 3_600_000);
    format!("{hours:02}:{:02}:{:02}.{:03}", minutes % 60, seconds % 60, millis % 1_000)
}

/// Draws the captions into the film.
pub(crate) fn burn(
    storyboard: &Storyboard,
    film: Stream<Video>,
    captions: &[Caption<'_>],
    files: Option<&Files>,
    review: &mut Review<'_>,
) -> Stream<Video> {
    if storyboard.captions != Captions::Burn {
        return film;
    }
    let Some(first) = captions.first() else { return film };
    let Some(font) = &storyboard.font else {
        review.report(
            first.text.span(),
            "cannot draw captions without a font",
            "add `font`, a TTF or OTF file",
        );
        return film;
    };
    files::check(font, Need::Anything, files, review);
    let size = (storyboard.size.get_ref().1 / 18).max(8);
    captions.iter().fold(film, |film, Caption { text, start, end }| {
        let when = format!("gte(t,{})*lt(t,{})", start.as_secs_f64(), end.as_secs_f64());
        let text = Text::new(text.get_ref().as_str(), guest_path(font.get_ref()))
            .size(size)
            .background("black@0.5")
            .position("(w-text_w)/2", "h-text_h-h/12")
            .enable(when);
        // An error means an empty text, which has been reported.
        text.on(&film).unwrap_or(film)
    })
}
