//! Times before further attempts.

use std::time::Duration;

/// The longest time before an attempt.
const MAX: Duration = Duration::from_secs(120);

/// Returns the time before the attempt that follows `attempts` failed ones: `first`, doubled with each further one, and
/// up to a quarter more, so that jobs that failed together do not return together.
pub(crate) fn delay(first: Duration, attempts: u32) -> Duration {
    let delay = first.saturating_mul(1 << attempts.saturating_sub(1).min(16)).min(MAX);
    let random = getrandom::u32().map_or(0.0, |number| f64::from(number) / f64::from(u32::MAX));
    delay + delay.mul_f64(random / 4.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delay_doubles_up_to_its_limit() {
        for (attempts, seconds) in [(0, 1), (1, 1), (2, 2), (5, 16), (8, 120), (4_000_000_000, 120)] {
            let delay = delay(Duration::from_secs(1), attempts);
            let least = Duration::from_secs(seconds);
            assert!(delay >= least && delay <= least + least / 4, "{attempts}: {delay:?}");
        }
    }
}
