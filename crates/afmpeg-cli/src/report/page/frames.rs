//! Frames of the video, and the events on its timeline.

use std::time::Duration;

use afmpeg::cmd::measure::Span;
use afmpeg_engine::Time;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use maud::{Markup, html};

use crate::report::{
    chart::{self, HEIGHT, WIDTH, number},
    columns::Columns,
    facts::{MediaFacts, PictureFacts, StillFacts, Strip},
    units,
};

/// The most marks of one kind: more would touch each other.
const MOST_MARKS: usize = 500;

/// Returns the frames and events; nothing for a file without pictures and events.
pub(super) fn section(media: &MediaFacts, anchor: &str) -> Option<Markup> {
    let picture = media.picture.as_ref().and_then(|picture| picture.as_ref().ok());
    let lanes = lanes(media, picture);
    if picture.is_none() && media.stills.is_empty() && lanes.is_empty() {
        return None;
    }
    let covers = media.probe.streams.iter().filter(|stream| stream.is_attached_picture()).count();
    let left_out = if media.probe.is_image() { 0 } else { covers.saturating_sub(media.stills.len()) };
    Some(html! {
        @if let Some(picture) = picture {
            @if media.timed_streams(afmpeg_engine::MediaKind::Video).count() > 1 {
                p.remark { "Of the first video stream, #" (picture.stream) "." }
            }
            (strip(&picture.strip, anchor))
        }
        @if !media.stills.is_empty() {
            div.stills { @for image in &media.stills { (still(media, image)) } }
        }
        @if left_out > 0 { p.remark { "The first " (media.stills.len()) " of " (covers) " covers are shown." } }
        @if !lanes.is_empty() {
            div.lanes {
                @for lane in &lanes {
                    div.lane {
                        span.name { (lane.name) }
                        (chart::svg(&lane.label, &lane.drawing))
                    }
                }
                (chart::axis(media.duration()))
            }
        }
    })
}

/// The frames of a strip, each a part of one image.
fn strip(strip: &Strip, anchor: &str) -> Markup {
    let (width, height) = strip.cell;
    let sheet = format!("{anchor}-strip");
    let whole = u64::from(width) * strip.times.len() as u64;
    html! {
        svg.sheet width="0" height="0" aria-hidden="true" {
            defs {
                image id=(sheet) width=(whole) height=(height) preserveAspectRatio="none"
                    href={ "data:image/jpeg;base64," (BASE64_STANDARD.encode(&strip.jpeg)) } {}
            }
        }
        div.strip {
            @for (number, time) in (0_u64..).zip(&strip.times) {
                figure {
                    svg role="img" aria-label={ "Frame at " (units::duration(*time)) }
                        viewBox={ (number * u64::from(width)) " 0 " (width) " " (height) } {
                        use href={ "#" (sheet) } {}
                    }
                    figcaption { (units::duration(*time)) }
                }
            }
        }
    }
}

fn still(media: &MediaFacts, still: &StillFacts) -> Markup {
    let stream = media.probe.streams.iter().find(|stream| stream.index == still.stream);
    let name = if media.probe.is_image() { "Image" } else { "Cover" };
    html! {
        figure {
            @match &still.preview {
                Ok(preview) => {
                    img src={ "data:image/png;base64," (BASE64_STANDARD.encode(&preview.png)) }
                        width=(preview.size.0) height=(preview.size.1)
                        alt={ (name) " of stream #" (still.stream) };
                }
                Err(error) => p.failed { (name) " cannot be decoded: " bdi { (error.message) } },
            }
            figcaption {
                (name) ", stream #" (still.stream)
                @if let Some(title) = stream.and_then(|stream| stream.title()) { ": " bdi { (title) } }
            }
        }
    }
}

/// Events of one kind on the timeline.
struct Lane {
    name: String,
    label: String,
    drawing: Markup,
}

fn lanes(media: &MediaFacts, picture: Option<&PictureFacts>) -> Vec<Lane> {
    let duration = media.duration();
    let mut lanes = Vec::new();
    if duration.is_zero() || media.probe.is_image() {
        return lanes;
    }
    let mut add = |name: String, what: &str, class: &str, spans: &[(Duration, Duration)]| {
        if !spans.is_empty() {
            let label = format!("{name}: {}", units::counted(spans.len() as u64, what));
            lanes.push(Lane { name, label, drawing: marks(duration, class, spans) });
        }
    };
    let start = media.probe.format.as_ref().and_then(|format| format.start_time()).unwrap_or_default();
    let chapters: Vec<_> = media
        .probe
        .chapters
        .iter()
        .filter_map(|chapter| {
            let from_start = |time: Option<Time>| Some((time? - start).to_duration().unwrap_or_default());
            Some((from_start(chapter.start_time())?, from_start(chapter.end_time())?))
        })
        .collect();
    add("Chapters".to_owned(), "chapter", "chapter", &chapters);
    let of_spans = |spans: &[Span]| -> Vec<(Duration, Duration)> {
        spans.iter().map(|span| (span.start, span.end.unwrap_or(duration))).collect()
    };
    if let Some(picture) = picture {
        let scenes = picture.scenes.iter().filter_map(|time| time.to_duration());
        let scenes: Vec<_> = scenes.map(|time| (time, time)).collect();
        let name = format!("Scene changes ({})", scenes.len());
        add(name, "scene change", "scene", &scenes);
        add("Black picture".to_owned(), "part", "black", &of_spans(&picture.black));
        add("No motion".to_owned(), "part", "frozen", &of_spans(&picture.frozen));
    }
    for sound in &media.sound {
        if let Ok(levels) = &sound.levels {
            add(format!("Silence in #{}", sound.stream), "part", "silent", &of_spans(&levels.silences));
        }
    }
    lanes
}

/// Draws spans; those without a length are lines.
fn marks(duration: Duration, class: &str, spans: &[(Duration, Duration)]) -> Markup {
    let x = |time: Duration| (time.as_secs_f64() / duration.as_secs_f64()).min(1.0) * WIDTH;
    let columns = Columns::new(duration, MOST_MARKS);
    let mut last = None;
    // A line in the column of the one before would cover it.
    let mut is_apart = |time: Duration| {
        let column = Some(columns.of(time.into()));
        std::mem::replace(&mut last, column) != column
    };
    html! {
        @for (start, end) in spans {
            @if end > start {
                rect class={ "span " (class) } x=(number(x(*start))) y="0"
                    width=(number((x(*end) - x(*start)).max(0.5))) height=(number(HEIGHT)) {
                    title { (units::duration(*start)) " to " (units::duration(*end)) }
                }
            } @else if is_apart(*start) {
                path class={ "line mark " (class) } d={ "M" (number(x(*start))) " 0V" (number(HEIGHT)) } {
                    title { (units::duration(*start)) }
                }
            }
        }
    }
}
