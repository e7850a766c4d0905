//! The colours of FFmpeg's log on the standard error.

use std::{
    env,
    ffi::{OsStr, OsString},
    io::{self, IsTerminal as _},
};

use afmpeg_engine::LogColors;

/// Returns the colours that FFmpeg chooses by its environment and the standard error. `NO_COLOR`, which FFmpeg does not
/// have, turns them off as on other programs.
pub(crate) fn of_stderr() -> Option<LogColors> {
    choose(|name| env::var_os(name), io::stderr().is_terminal())
}

/// As `check_color_terminal` of `libavutil/log.c`.
fn choose(variable: impl Fn(&str) -> Option<OsString>, is_terminal: bool) -> Option<LogColors> {
    let terminal = variable("TERM");
    let is_on = variable("AV_LOG_FORCE_COLOR").is_some()
        || is_terminal && terminal.is_some() && variable("NO_COLOR").is_none_or(|value| value.is_empty());
    if !is_on || variable("AV_LOG_FORCE_NOCOLOR").is_some() {
        return None;
    }
    let has_palette = |name: &OsStr| name.to_string_lossy().contains("256color");
    let is_palette =
        variable("AV_LOG_FORCE_256COLOR").is_some() || terminal.is_some_and(|name| has_palette(&name));
    Some(if is_palette { LogColors::Ansi256 } else { LogColors::Ansi16 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_those_of_the_terminal_unless_the_environment_chooses_others() {
        let with = |variables: &[(&str, &str)], is_terminal: bool| {
            let find = |name: &str| variables.iter().find(|(own, _)| *own == name);
            choose(|name| find(name).map(|(_, value)| value.into()), is_terminal)
        };
        let (ansi16, ansi256) = (Some(LogColors::Ansi16), Some(LogColors::Ansi256));
        assert_eq!(with(&[("TERM", "xterm")], true), ansi16);
        assert_eq!(with(&[("TERM", "xterm-256color")], true), ansi256);
        assert_eq!(with(&[("TERM", "xterm"), ("AV_LOG_FORCE_256COLOR", "1")], true), ansi256);
        assert_eq!(with(&[("AV_LOG_FORCE_COLOR", "1")], false), ansi16);
        assert_eq!(with(&[("AV_LOG_FORCE_COLOR", "1"), ("NO_COLOR", "1")], false), ansi16);
        assert_eq!(with(&[("TERM", "xterm"), ("NO_COLOR", "")], true), ansi16);
        for off in [
            (&[("TERM", "xterm")] as &[_], false),
            (&[], true),
            (&[("TERM", "xterm"), ("NO_COLOR", "1")], true),
            (&[("AV_LOG_FORCE_COLOR", "1"), ("AV_LOG_FORCE_NOCOLOR", "1")], true),
        ] {
            assert_eq!(with(off.0, off.1), None, "{off:?}");
        }
    }
}
