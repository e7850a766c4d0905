//! Keys on the terminal: `q` ends ffmpeg in good order.

use std::ffi::OsString;

use afmpeg_engine::{CancelToken, Tool};

#[cfg(unix)]
pub(crate) use unix::Keys;

use crate::arguments;

/// Whether a tool with these arguments reads keys, if there is a terminal.
fn are_read(tool: Tool, arguments: &[OsString]) -> bool {
    tool == Tool::Ffmpeg && arguments::read_keys(arguments)
}

#[cfg(unix)]
mod unix {
    use std::{
        fs::File,
        io::{self, Read as _},
        os::fd::{AsFd as _, OwnedFd},
    };

    use rustix::{
        process::getpgrp,
        termios::{
            ControlModes, InputModes, LocalModes, OptionalActions, OutputModes, SpecialCodeIndex, Termios,
            isatty, tcgetattr, tcgetpgrp, tcsetattr,
        },
    };

    use super::{CancelToken, OsString, Tool, are_read};

    /// A terminal that gives each key at once, for as long as this is there.
    pub(crate) struct Keys {
        terminal: OwnedFd,
        before: Termios,
    }

    impl Keys {
        /// Reads keys if the tool does, and if the standard input is a terminal that this program is in front of.
        pub(crate) fn watch(tool: Tool, arguments: &[OsString], cancel: &CancelToken) -> Option<Self> {
            if !are_read(tool, arguments) || !isatty(io::stdin()) {
                return None;
            }
            let terminal = io::stdin().as_fd().try_clone_to_owned().ok()?;
            // Who changes a terminal from behind is stopped.
            if tcgetpgrp(&terminal).ok()? != getpgrp() {
                return None;
            }
            let before = tcgetattr(&terminal).ok()?;
            tcsetattr(&terminal, OptionalActions::Now, &key_by_key(before.clone())).ok()?;
            let keys = Self { terminal, before };
            let mut input = File::from(keys.terminal.try_clone().ok()?);
            let cancel = cancel.clone();
            std::thread::spawn(move || {
                let mut key = [0];
                while input.read(&mut key).is_ok_and(|read| read == 1) {
                    if key == *b"q" {
                        eprintln!("\n\n[q] command received. Exiting.\n");
                        cancel.finish();
                        return;
                    }
                }
            });
            Some(keys)
        }
    }

    impl Drop for Keys {
        fn drop(&mut self) {
            // Nothing is left to be done where this fails.
            let _ = tcsetattr(&self.terminal, OptionalActions::Now, &self.before);
        }
    }

    /// As FFmpeg sets its terminal: no echo, and no waiting for the end of a line. Interrupts are still made of keys.
    fn key_by_key(mut mode: Termios) -> Termios {
        mode.input_modes &= !(InputModes::IGNBRK
            | InputModes::BRKINT
            | InputModes::PARMRK
            | InputModes::ISTRIP
            | InputModes::INLCR
            | InputModes::IGNCR
            | InputModes::ICRNL
            | InputModes::IXON);
        mode.output_modes |= OutputModes::OPOST;
        mode.local_modes &=
            !(LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON | LocalModes::IEXTEN);
        mode.control_modes &= !(ControlModes::CSIZE | ControlModes::PARENB);
        mode.control_modes |= ControlModes::CS8;
        mode.special_codes[SpecialCodeIndex::VMIN] = 1;
        mode.special_codes[SpecialCodeIndex::VTIME] = 0;
        mode
    }
}

/// Elsewhere no keys are read.
#[cfg(not(unix))]
pub(crate) struct Keys;

#[cfg(not(unix))]
impl Keys {
    pub(crate) fn watch(tool: Tool, arguments: &[OsString], _: &CancelToken) -> Option<Self> {
        let _ = are_read(tool, arguments);
        None
    }
}
