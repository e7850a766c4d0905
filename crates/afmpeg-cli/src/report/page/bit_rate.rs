//! The bit rate over time.

use std::time::Duration;

use afmpeg_engine::{MediaKind, Time};
use maud::{Markup, html};

use crate::report::{
    chart::{self, Chart, HEIGHT, WIDTH, number},
    columns::Columns,
    facts::MediaFacts,
    units,
};

/// The most columns of the chart.
const MOST_COLUMNS: usize = 240;

/// The shortest column, in seconds: shorter ones would show single frames.
const SHORTEST: f64 = 0.5;

/// The most seconds of a file whose peaks are shown.
const MOST_SECONDS: f64 = 1e6;

/// The kinds of streams, from the bottom of the stack.
const LAYERS: [(&str, &str); 3] = [("video", "Video"), ("audio", "Audio"), ("other", "Other")];

/// The bits in each column.
struct Rates {
    columns: Columns,
    /// The bits per second of each layer.
    layers: [Vec<f64>; 3],
    /// The bits of each second that has the most in its column, if columns are longer.
    peaks: Option<Vec<f64>>,
}

/// Returns the chart; nothing for a file without a duration.
pub(super) fn section(media: &MediaFacts) -> Option<Markup> {
    let duration = media.duration();
    let rates = rates(media, duration)?;
    let total = |column: usize| rates.layers.iter().map(|layer| layer[column]).sum::<f64>();
    let columns = rates.columns.count();
    let highest = (0..columns).map(total).chain(rates.peaks.iter().flatten().copied()).fold(0.0, f64::max);
    let scale = [units::bit_rate(highest), units::bit_rate(highest / 2.0), "0".to_owned()];
    let y = |rate: f64| HEIGHT * (1.0 - rate / highest.max(1.0));
    let mut base = vec![0.0; columns];
    let mut areas = Vec::new();
    for ((class, name), layer) in LAYERS.into_iter().zip(&rates.layers) {
        if layer.iter().all(|rate| *rate == 0.0) {
            continue;
        }
        let tops: Vec<f64> = base.iter().zip(layer).map(|(base, rate)| base + rate).collect();
        let band: Vec<_> = tops.iter().zip(&base).map(|(top, base)| Some((y(*top), y(*base)))).collect();
        areas.push((class, name, chart::band(rates.columns, &band)));
        base = tops;
    }
    let peaks = rates.peaks.as_ref().map(|peaks| {
        chart::line(rates.columns, &peaks.iter().map(|peak| Some(y(*peak))).collect::<Vec<_>>())
    });
    let width = WIDTH / columns as f64;
    let hint = |column: usize| {
        let at = units::duration(rates.columns.start(column));
        let peak = rates.peaks.as_ref().map(|peaks| format!(", at most {}", units::bit_rate(peaks[column])));
        format!("{at}: {}{}", units::bit_rate(total(column)), peak.unwrap_or_default())
    };
    let drawing = html! {
        @for (class, _, path) in &areas { path class=(class) d=(path) {} }
        @if let Some(path) = &peaks { path.line.peak d=(path) {} }
        @for column in 0..columns {
            rect.hit x=(number(column as f64 * width)) y="0" width=(number(width)) height=(number(HEIGHT)) {
                title { (hint(column)) }
            }
        }
    };
    let length = units::short(Time::from(rates.columns.start(1).min(duration)));
    let mean =
        media.packets.iter().map(|packets| packets.bytes).sum::<u64>() as f64 * 8.0 / duration.as_secs_f64();
    let label = format!(
        "Bit rate over time: {} on average, {} at most",
        units::bit_rate(mean),
        units::bit_rate(highest)
    );
    let chart = Chart { label: &label, scale: &scale, duration, drawing, is_low: false };
    Some(html! {
        p.numbers {
            span { "Average " b { (units::bit_rate(mean)) } }
            span { "Highest " b { (units::bit_rate(highest)) } @if peaks.is_some() { " in a second" } }
        }
        (chart.render())
        p.legend {
            @for (class, name, _) in &areas { span class={ "key " (class) } { (name) } }
            @if peaks.is_some() { span.key.peak { "Highest second" } }
            span.remark { "Each column is the average of " (length) "." }
        }
    })
}

fn rates(media: &MediaFacts, duration: Duration) -> Option<Rates> {
    let seconds = duration.as_secs_f64();
    let streams: Vec<_> = media.streams().filter(|(stream, _)| !stream.is_attached_picture()).collect();
    if media.probe.is_image() || seconds == 0.0 || streams.iter().all(|(_, packets)| packets.timed.len() < 2)
    {
        return None;
    }
    let columns = Columns::new(duration, whole(seconds / SHORTEST).clamp(1, MOST_COLUMNS));
    let of_column = seconds / columns.count() as f64;
    let has_peaks = of_column > 1.0 && seconds < MOST_SECONDS;
    let every_second = Columns::new(duration, whole(if has_peaks { seconds.ceil() } else { 1.0 }));
    let mut layers: [Vec<f64>; 3] = std::array::from_fn(|_| vec![0.0; columns.count()]);
    let mut bits = vec![0.0; every_second.count()];
    for (stream, packets) in streams {
        let layer = match stream.kind() {
            Some(MediaKind::Video) => 0,
            Some(MediaKind::Audio) => 1,
            _ => 2,
        };
        for packet in &packets.timed {
            let size = f64::from(packet.bytes) * 8.0;
            layers[layer][columns.of(packet.time)] += size / of_column;
            bits[every_second.of(packet.time)] += size;
        }
    }
    let peaks = has_peaks.then(|| {
        let mut peaks = vec![0.0_f64; columns.count()];
        for (second, bits) in bits.iter().enumerate() {
            let peak = &mut peaks[columns.of(every_second.start(second).into())];
            // The parts of the duration are slightly shorter than a second.
            *peak = peak.max(bits / (seconds / every_second.count() as f64));
        }
        peaks
    });
    Some(Rates { columns, layers, peaks })
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the values are limited")]
fn whole(number: f64) -> usize {
    number as usize
}
