//! Keys on the terminal: `q` lets ffmpeg finish its output and exit.

use std::ffi::OsString;

use afmpeg_engine::{CancelToken, Tool};

#[cfg(unix)]
pub(crate) use unix::Keys;

use crate::arguments;

/// Returns whether a tool with these arguments reads keys from a terminal.
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
    use crate::stderr;

    /// A terminal that passes each key on immediately, restored on drop.
    pub(crate) struct Keys {
        terminal: OwnedFd,
        before: Termios,
    }

    impl Keys {
        /// Reads keys if the tool does, and if the standard input is a terminal with this program in the foreground.
        pub(crate) fn watch(tool: Tool, arguments: &[OsString], cancel: &CancelToken) -> Option<Self> {
            if !are_read(tool, arguments) || !isatty(io::stdin()) {
                return None;
            }
            let terminal = io::stdin().as_fd().try_clone_to_owned().ok()?;
            // A background process that changes its terminal is stopped.
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
                        stderr::print("\n\n[q] command received. Exiting.\n\n");
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
            // Nothing can be done about a failure here.
            let _ = tcsetattr(&self.terminal, OptionalActions::Now, &self.before);
        }
    }

    /// Returns FFmpeg's terminal settings: no echo and no line buffering. Ctrl-C still sends an interrupt.
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

/// A placeholder for other systems, where no keys are read.
#[cfg(not(unix))]
pub(crate) struct Keys;

#[cfg(not(unix))]
impl Keys {
    pub(crate) fn watch(tool: Tool, arguments: &[OsString], _: &CancelToken) -> Option<Self> {
        let _ = are_read(tool, arguments);
        None
    }
}
