//! Numbers and times on the command line that must be in a range.

use std::{num::ParseFloatError, time::Duration};

use afmpeg::cmd::Time;

use super::part::time;

/// Returns a parser of numbers in a range.
pub(crate) fn number(
    least: f64,
    most: f64,
) -> impl Fn(&str) -> Result<f64, String> + Clone + Send + Sync + 'static {
    move |text| {
        let found: Result<f64, ParseFloatError> = text.parse();
        // Not a number is in no range.
        found
            .ok()
            .filter(|number| (least..=most).contains(number))
            .ok_or_else(|| format!("expected a number from {least} to {most}"))
    }
}

/// Returns a parser of times up to `most`, in FFmpeg's syntax.
pub(crate) fn time_within(
    least: Duration,
    most: Duration,
) -> impl Fn(&str) -> Result<Duration, String> + Clone + Send + Sync + 'static {
    move |text| {
        let found = time(text)?;
        let expected = || format!("expected a time from {} s to {} s", Time::from(least), Time::from(most));
        if (least..=most).contains(&found) { Ok(found) } else { Err(expected()) }
    }
}

/// Reads a time in FFmpeg's syntax that is not zero.
pub(crate) fn time_above_zero(text: &str) -> Result<Duration, String> {
    let found = time(text)?;
    if found.is_zero() { Err("expected a time above 0 s".to_owned()) } else { Ok(found) }
}

/// Reads a size in pixels that every encoder supports.
pub(crate) fn even_pixels(text: &str) -> Result<u32, String> {
    let found = text.parse().ok().filter(|size: &u32| (2..=32766).contains(size) && size.is_multiple_of(2));
    found.ok_or_else(|| "expected an even number of pixels from 2 to 32766".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_outside_the_range_and_those_that_are_not_finite_are_refused() {
        let volume = number(-100.0, 100.0);
        assert_eq!(volume("-6.5"), Ok(-6.5));
        for refused in ["nan", "inf", "-inf", "101", "1e9", "", "loud"] {
            assert_eq!(volume(refused), Err("expected a number from -100 to 100".to_owned()), "{refused}");
        }
    }

    #[test]
    fn times_outside_the_range_are_refused_in_seconds() {
        let attack = time_within(Duration::from_micros(10), Duration::from_secs(2));
        assert_eq!(attack("20ms"), Ok(Duration::from_millis(20)));
        for refused in ["0", "3", "3000ms"] {
            assert_eq!(attack(refused), Err("expected a time from 0.00001 s to 2 s".to_owned()), "{refused}");
        }
        assert!(time_above_zero("0").is_err() && time_above_zero("0.5").is_ok());
        assert_eq!(even_pixels("360"), Ok(360));
        assert!(["0", "91", "40000", "-2", "x"].into_iter().all(|size| even_pixels(size).is_err()));
    }
}
