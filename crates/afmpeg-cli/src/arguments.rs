//! Options among the tool's arguments that affect the command itself.

use std::ffi::{OsStr, OsString};

/// Returns the values of an option that may be repeated.
fn values<'a>(arguments: &'a [OsString], names: &'a [&str]) -> impl Iterator<Item = &'a OsStr> {
    arguments
        .windows(2)
        .filter(|pair| names.iter().any(|name| pair[0] == *name))
        .map(|pair| pair[1].as_os_str())
}

/// Returns whether these arguments turn FFmpeg's log off.
pub(crate) fn are_quiet(arguments: &[OsString]) -> bool {
    let level = values(arguments, &["-v", "-loglevel"]).last().and_then(OsStr::to_str);
    // `repeat+quiet` is a flag and a level.
    level.and_then(|level| level.rsplit('+').next()).is_some_and(|level| matches!(level, "quiet" | "-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        line.split_whitespace().map(OsString::from).collect()
    }

    #[test]
    fn last_level_decides_whether_the_log_is_quiet() {
        for quiet in ["-v quiet -i a b", "-i a -loglevel repeat+quiet b", "-v info -v -8"] {
            assert!(are_quiet(&words(quiet)), "{quiet}");
        }
        for loud in ["-i quiet b", "-v quiet -v info", "-v"] {
            assert!(!are_quiet(&words(loud)), "{loud}");
        }
    }
}
