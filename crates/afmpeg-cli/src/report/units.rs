//! Numbers with their units, for people.

use std::time::Duration;

use afmpeg_engine::Time;

/// Keeps a number and its unit in one line.
const SPACE: char = '\u{a0}';

/// Returns a text with a blank between each number and its unit.
pub(crate) fn plain(text: &str) -> String {
    text.replace(SPACE, " ")
}

/// Hours, minutes, seconds and milliseconds: `0:01:02.345`.
pub(crate) fn time(time: Time) -> String {
    let sign = if time.as_micros() < 0 { "-" } else { "" };
    let millis = (time.as_micros().unsigned_abs() + 500) / 1000;
    let (seconds, millis) = (millis / 1000, millis % 1000);
    format!("{sign}{}:{:02}:{:02}.{millis:03}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// As [`time`].
pub(crate) fn duration(duration: Duration) -> String {
    time(Time::from(duration))
}

/// A short time: `33.4 ms`, `2.50 s`, and from a minute on as [`time`].
pub(crate) fn short(length: Time) -> String {
    let seconds = length.as_secs_f64();
    match seconds.abs() {
        0.0..0.9995 => format!("{}{SPACE}ms", rounded(seconds * 1000.0)),
        0.9995..60.0 => format!("{}{SPACE}s", rounded(seconds)),
        _ => time(length),
    }
}

/// Bytes: `512 B`, `1.01 MiB`.
pub(crate) fn bytes(count: u64) -> String {
    if count < 1024 {
        return format!("{count}{SPACE}B");
    }
    scaled(count as f64, 1024.0, ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"])
}

/// Bits per second: `128 kbit/s`, `1.59 Mbit/s`.
pub(crate) fn bit_rate(bits: f64) -> String {
    scaled(bits, 1000.0, ["kbit/s", "Mbit/s", "Gbit/s", "Tbit/s", "Pbit/s", "Ebit/s"])
}

/// A number in the first unit of which there are less than `factor`. The first unit is `factor`.
fn scaled(number: f64, factor: f64, units: [&str; 6]) -> String {
    let mut number = number / factor;
    let mut units = units.into_iter();
    let mut unit = units.next().unwrap_or_default();
    for next in units {
        // 999.6 would be rounded to 1000.
        if number < factor - 0.5 {
            break;
        }
        number /= factor;
        unit = next;
    }
    format!("{}{SPACE}{unit}", rounded(number))
}

/// A number with three significant digits; whole numbers have no decimals.
pub(crate) fn rounded(number: f64) -> String {
    let decimals = match number.abs() {
        0.0..9.995 => 2,
        9.995..99.95 => 1,
        _ => 0,
    };
    let text = format!("{number:.decimals$}");
    match text.split_once('.') {
        Some((whole, decimals)) if decimals.bytes().all(|digit| digit == b'0') => whole.to_owned(),
        _ => text,
    }
}

/// A number with this many decimals at most: `25`, `29.97`.
pub(crate) fn rounded_to(number: f64, decimals: usize) -> String {
    let text = format!("{number:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// A level: `-23.0 LUFS`.
pub(crate) fn level(value: f64, unit: &str) -> String {
    if value == f64::NEG_INFINITY {
        format!("−∞{SPACE}{unit}")
    } else {
        format!("{value:.1}{SPACE}{unit}").replace('-', "−")
    }
}

/// A count with a noun: `1 frame`, `2 frames`.
pub(crate) fn counted(count: u64, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count}{SPACE}{noun}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_hours_minutes_and_milliseconds() {
        for (micros, text) in [
            (0, "0:00:00.000"),
            (5_312_000, "0:00:05.312"),
            (59_999_600, "0:01:00.000"),
            (3_661_000_499, "1:01:01.000"),
            (360_000_000_000, "100:00:00.000"),
            (-21_333, "-0:00:00.021"),
        ] {
            assert_eq!(time(Time::from_micros(micros)), text);
        }
    }

    #[test]
    fn sizes_and_rates_have_three_digits() {
        for (count, text) in
            [(0, "0 B"), (1023, "1023 B"), (1024, "1 KiB"), (1_055_736, "1.01 MiB"), (1_048_300, "1 MiB")]
        {
            assert_eq!(bytes(count).replace(SPACE, " "), text);
        }
        for (bits, text) in [
            (0.0, "0 kbit/s"),
            (640.0, "0.64 kbit/s"),
            (128_000.0, "128 kbit/s"),
            (999_700.0, "1 Mbit/s"),
            (1_589_963.0, "1.59 Mbit/s"),
            (25e9, "25 Gbit/s"),
        ] {
            assert_eq!(bit_rate(bits).replace(SPACE, " "), text);
        }
        for (micros, text) in
            [(33_367, "33.4 ms"), (40_000, "40 ms"), (1_000_000, "1 s"), (90_000_000, "0:01:30.000")]
        {
            assert_eq!(short(Time::from_micros(micros)).replace(SPACE, " "), text);
        }
    }

    #[test]
    fn levels_have_a_sign_and_a_unit() {
        let plain = |value: f64| level(value, "LUFS").replace(SPACE, " ");
        assert_eq!((plain(-23.04).as_str(), plain(f64::NEG_INFINITY).as_str()), ("−23.0 LUFS", "−∞ LUFS"));
        assert_eq!(
            (counted(1, "frame"), counted(0, "frame")),
            ("1\u{a0}frame".into(), "0\u{a0}frames".into())
        );
    }
}
