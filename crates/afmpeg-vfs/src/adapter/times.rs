//! Conversion of times to and from nanoseconds since 1970.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Returns 0 for `None`, and for times before 1970.
pub(super) fn nanoseconds(time: Option<SystemTime>) -> u64 {
    let since_epoch = time.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    since_epoch.and_then(|since| u64::try_from(since.as_nanos()).ok()).unwrap_or(0)
}

pub(super) fn system_time(nanoseconds: u64) -> SystemTime {
    UNIX_EPOCH.checked_add(Duration::from_nanos(nanoseconds)).unwrap_or(UNIX_EPOCH)
}
