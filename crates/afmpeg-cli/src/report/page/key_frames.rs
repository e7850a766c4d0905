//! The distances of frames and of key frames.

use afmpeg_engine::{Time, probe::Stream};
use maud::{Markup, html};

use crate::report::{
    chart::{self, Chart, HEIGHT, WIDTH, number},
    columns::{Columns, Range},
    facts::{MediaFacts, PacketFacts},
    frame_times::{FrameTimes, KeyDistance, key_distances},
    units,
};

/// The most key frames that are drawn one by one.
const MOST_BARS: usize = 120;

/// Returns the chart of the first video; nothing for a file without a film.
pub(super) fn section(media: &MediaFacts) -> Option<Markup> {
    let (stream, packets) = media.video().filter(|_| !media.probe.is_image())?;
    let distances = key_distances(packets);
    if packets.count < 2 || distances.is_empty() || media.duration().is_zero() {
        return None;
    }
    let times = FrameTimes::of(packets, stream.time_base());
    Some(html! {
        (numbers(stream, packets, &distances, times))
        @if distances.len() == packets.timed.len() {
            p.remark { "Every frame is a key frame, so a player can start at each." }
        } @else if distances.len() == 1 {
            p.remark { "There is one key frame, so a player has to decode from there to reach any time." }
        } @else {
            (bars(media, &distances))
        }
    })
}

fn numbers(
    stream: &Stream,
    packets: &PacketFacts,
    distances: &[KeyDistance],
    times: Option<FrameTimes>,
) -> Markup {
    let lengths = || distances.iter().map(|distance| distance.length);
    let (shortest, longest) = (lengths().min().unwrap_or_default(), lengths().max().unwrap_or_default());
    let is_alone = distances.len() == packets.timed.len();
    html! {
        p.numbers {
            span { "Frames " b { (packets.count) } }
            @if let Some(rate) = stream.frame_rate() {
                span { "Rate " b { (units::rounded_to(rate.as_f64(), 3)) "\u{a0}fps" } }
            }
            @if let Some(times) = times {
                span {
                    "Frame length "
                    b { (units::short(times.usual)) }
                    @if times.is_variable() {
                        ", varies from " b { (units::short(times.shortest)) } " to " b { (units::short(times.longest)) }
                    }
                }
            }
            @if !is_alone {
                span { "Key frames " b { (distances.len()) } }
                span {
                    "Key-frame distance "
                    b { (units::short(shortest)) }
                    @if shortest != longest { " to " b { (units::short(longest)) } }
                }
            }
        }
    }
}

fn bars(media: &MediaFacts, distances: &[KeyDistance]) -> Markup {
    let duration = media.duration();
    let longest = distances.iter().map(|distance| distance.length.as_secs_f64()).fold(0.0, f64::max);
    let height = |length: f64| HEIGHT * length / longest.max(1e-6);
    let x = |time: Time| (time.as_secs_f64() / duration.as_secs_f64()).clamp(0.0, 1.0) * WIDTH;
    let is_binned = distances.len() > MOST_BARS;
    let drawing = if is_binned {
        let columns = Columns::new(duration, MOST_BARS);
        let values = distances.iter().flat_map(|KeyDistance { start, length }| {
            let spanned = columns.of(*start)..=columns.of(*start + *length - Time::from_micros(1));
            spanned.map(|column| (column, length.as_secs_f64()))
        });
        let ranges = columns.ranges(values);
        let band = |of: fn(&Range) -> f64| -> String {
            let tops = ranges.iter().map(|range| {
                let top = HEIGHT - height(of(range.as_ref()?));
                Some((top, HEIGHT))
            });
            chart::band(columns, &tops.collect::<Vec<_>>())
        };
        html! {
            path.video.faint d=(band(|range| range.max)) {}
            path.video d=(band(|range| range.min)) {}
        }
    } else {
        html! {
            @for KeyDistance { start, length } in distances {
                rect.video.bar x=(number(x(*start))) width=(number(x(*start + *length) - x(*start)))
                    y=(number(HEIGHT - height(length.as_secs_f64()))) height=(number(height(length.as_secs_f64()))) {
                    title { (units::time(*start)) ": " (units::short(*length)) " to the next key frame" }
                }
            }
        }
    };
    let longest = units::short(Time::from_micros(micros(longest)));
    let label = format!("Distances between key frames over time: {longest} at most");
    let scale = [longest, "0".to_owned()];
    let chart = Chart { label: &label, scale: &scale, duration, drawing, is_low: true };
    html! {
        (chart.render())
        p.legend {
            @if is_binned {
                span.remark {
                    "Of " (distances.len()) " key frames: each column has the shortest distance, "
                    "and lighter the longest."
                }
            } @else {
                span.remark { "Each bar begins at a key frame and ends at the next; the higher, the farther." }
            }
        }
    }
}

#[allow(clippy::cast_possible_truncation, reason = "a length in seconds of a time in microseconds")]
fn micros(seconds: f64) -> i64 {
    (seconds * 1e6).round() as i64
}
