//! The waveform and the loudness of each audio stream.

use std::time::Duration;

use maud::{Markup, html};

use crate::report::{
    chart::{self, Chart, HEIGHT, number},
    columns::{Columns, Range},
    facts::{MediaFacts, SoundFacts, SoundLevels},
    units::{self, level},
};

/// The columns of a waveform.
const COLUMNS: usize = 500;

/// The columns of a loudness curve.
const POINTS: usize = 300;

/// The loudness in LUFS at the bottom of the chart.
const LOWEST: f64 = -60.0;

/// Returns the charts; nothing for a file without measured sound.
pub(super) fn section(media: &MediaFacts) -> Option<Markup> {
    let measured: Vec<_> =
        media.sound.iter().filter_map(|sound| Some((sound, sound.levels.as_ref().ok()?))).collect();
    let streams = media.timed_streams(afmpeg_engine::MediaKind::Audio).count();
    let left_out = streams.saturating_sub(media.sound.len());
    (!measured.is_empty()).then(|| {
        html! {
            @for (sound, levels) in &measured { (of_stream(media, sound, levels)) }
            @if left_out > 0 {
                p.remark { "The first " (media.sound.len()) " of " (streams) " audio streams are measured." }
            }
        }
    })
}

fn of_stream(media: &MediaFacts, sound: &SoundFacts, levels: &SoundLevels) -> Markup {
    let stream = media.probe.streams.iter().find(|stream| stream.index == sound.stream);
    let words = [
        stream.and_then(|stream| stream.language()).filter(|language| *language != "und"),
        stream.and_then(|stream| stream.title()),
    ];
    let duration = media.duration();
    html! {
        h4 {
            "Audio stream #" (sound.stream)
            @for word in words.into_iter().flatten() { " · " bdi { (word) } }
        }
        p.numbers {
            @match levels.integrated {
                Some(loudness) => span { "Loudness " b { (level(loudness, "LUFS")) } },
                None => span { "Loudness " b { "not measurable" } },
            }
            span { "Range " b { (level(levels.range, "LU")) } }
            span { "True peak " b { (level(levels.true_peak, "dBTP")) } }
        }
        @if !duration.is_zero() && !levels.waveform.is_empty() {
            (waveform(sound, levels, duration))
            @if levels.integrated.is_some() { (loudness(sound, levels, duration)) }
        }
    }
}

fn waveform(sound: &SoundFacts, levels: &SoundLevels, duration: Duration) -> Markup {
    let columns = Columns::new(duration, COLUMNS.min(levels.waveform.len()));
    let waves = || levels.waveform.iter().map(|wave| (columns.of(wave.time), wave));
    let lowest = columns.ranges(waves().map(|(column, wave)| (column, wave.min)));
    let highest = columns.ranges(waves().map(|(column, wave)| (column, wave.max)));
    let middle = columns.ranges(waves().map(|(column, wave)| (column, wave.rms)));
    let y = |value: f64| HEIGHT * (1.0 - value.clamp(-1.0, 1.0)) / 2.0;
    let peaks: Vec<_> = lowest
        .iter()
        .zip(&highest)
        .map(|(low, high)| Some((y(high.as_ref()?.max), y(low.as_ref()?.min))))
        .collect();
    let means: Vec<_> = middle.iter().map(|range| range.map(|Range { max, .. }| (y(max), y(-max)))).collect();
    let drawing = html! {
        path.audio.faint d=(chart::band(columns, &peaks)) {}
        path.audio d=(chart::band(columns, &means)) {}
        path.line.grid d={ "M0 " (number(HEIGHT / 2.0)) "H1000" } {}
    };
    let label =
        format!("Waveform of audio stream #{}: true peak {}", sound.stream, level(levels.true_peak, "dBTP"));
    let scale = ["1".to_owned(), "0".to_owned(), "−1".to_owned()];
    html! {
        (Chart { label: &label, scale: &scale, duration, drawing, is_low: true }.render())
        p.legend {
            span.key.audio.faint { "Peaks of all channels" }
            span.key.audio { "Mean (RMS)" }
        }
    }
}

fn loudness(sound: &SoundFacts, levels: &SoundLevels, duration: Duration) -> Markup {
    let columns = Columns::new(duration, POINTS.min(levels.loudness.len()));
    let points = || levels.loudness.iter().map(|point| (columns.of(point.time), point));
    let momentary = columns.ranges(points().map(|(column, point)| (column, point.momentary)));
    let short_term = columns.ranges(points().map(|(column, point)| (column, point.short_term)));
    let y = |value: f64| HEIGHT * (value / LOWEST).clamp(0.0, 1.0);
    let band: Vec<_> =
        momentary.iter().map(|range| range.map(|Range { min, max }| (y(max), y(min)))).collect();
    let bottoms: Vec<_> = band.iter().map(|range| range.map(|(top, _)| (top, HEIGHT))).collect();
    let curve: Vec<_> = short_term.iter().map(|range| range.map(|Range { max, .. }| y(max))).collect();
    let drawing = html! {
        path.line.grid d={ "M0 " (number(HEIGHT / 3.0)) "H1000M0 " (number(HEIGHT * 2.0 / 3.0)) "H1000" } {}
        path.audio.faint d=(chart::band(columns, &bottoms)) {}
        path.line.curve d=(chart::line(columns, &curve)) {}
        @if let Some(integrated) = levels.integrated {
            path.line.whole d={ "M0 " (number(y(integrated))) "H1000" } {}
        }
    };
    let integrated = level(levels.integrated.unwrap_or(f64::NEG_INFINITY), "LUFS");
    let label =
        format!("Loudness of audio stream #{} over time: {integrated} for the whole stream", sound.stream);
    let scale = ["0", "−20", "−40", "−60"].map(str::to_owned);
    html! {
        (Chart { label: &label, scale: &scale, duration, drawing, is_low: false }.render())
        p.legend {
            span.key.audio.faint { "Momentary (400\u{a0}ms)" }
            span.key.curve { "Short-term (3\u{a0}s)" }
            span.key.whole { "Whole stream" }
            span.remark {
                "In LUFS."
                @if levels.loudness.len() > POINTS {
                    " Each column has the highest of "
                    (units::short(afmpeg_engine::Time::from(columns.start(1))))
                    "."
                }
            }
        }
    }
}
