//! The terminal at the standard input, which passes on each key while ffmpeg reads keys.

#[cfg(unix)]
pub(crate) use unix::Terminal;

#[cfg(unix)]
mod unix {
    use std::{
        io,
        os::fd::{AsFd as _, OwnedFd},
        sync::Arc,
    };

    use afmpeg_engine::{Job, TerminalMode};
    use rustix::{
        process::getpgrp,
        termios::{
            ControlModes, InputModes, LocalModes, OptionalActions, OutputModes, SpecialCodeIndex, Termios,
            isatty, tcgetattr, tcgetpgrp, tcsetattr,
        },
    };

    /// A terminal, restored on drop.
    pub(crate) struct Terminal(Arc<Restored>);

    struct Restored {
        terminal: OwnedFd,
        before: Termios,
    }

    impl Terminal {
        /// Returns the terminal at the standard input, if there is one with this program in the foreground.
        pub(crate) fn of_stdin() -> Option<Self> {
            if !isatty(io::stdin()) {
                return None;
            }
            let terminal = io::stdin().as_fd().try_clone_to_owned().ok()?;
            // A background process that changes its terminal is stopped.
            if tcgetpgrp(&terminal).ok()? != getpgrp() {
                return None;
            }
            let before = tcgetattr(&terminal).ok()?;
            Some(Self(Arc::new(Restored { terminal, before })))
        }

        /// Lets the tool of `job` set the mode of this terminal.
        pub(crate) fn give_to(&self, job: Job) -> Job {
            let restored = Arc::clone(&self.0);
            job.terminal(move |mode| restored.set(mode))
        }
    }

    impl Drop for Terminal {
        fn drop(&mut self) {
            self.0.set(TerminalMode::default());
        }
    }

    impl Restored {
        fn set(&self, mode: TerminalMode) {
            let changed =
                if mode.waits_for_line { self.before.clone() } else { self.key_by_key(mode.echoes) };
            // Nothing can be done about a failure here.
            let _ = tcsetattr(&self.terminal, OptionalActions::Now, &changed);
        }

        /// Returns FFmpeg's terminal settings: no line buffering. Ctrl-C still sends an interrupt.
        fn key_by_key(&self, echoes: bool) -> Termios {
            let mut mode = self.before.clone();
            mode.input_modes &= !(InputModes::IGNBRK
                | InputModes::BRKINT
                | InputModes::PARMRK
                | InputModes::ISTRIP
                | InputModes::INLCR
                | InputModes::IGNCR
                | InputModes::ICRNL
                | InputModes::IXON);
            mode.output_modes |= OutputModes::OPOST;
            mode.local_modes &= !(LocalModes::ECHONL | LocalModes::ICANON | LocalModes::IEXTEN);
            mode.local_modes.set(LocalModes::ECHO, echoes);
            mode.control_modes &= !(ControlModes::CSIZE | ControlModes::PARENB);
            mode.control_modes |= ControlModes::CS8;
            mode.special_codes[SpecialCodeIndex::VMIN] = 1;
            mode.special_codes[SpecialCodeIndex::VTIME] = 0;
            mode
        }
    }
}

/// A placeholder for other systems, where no keys are read.
#[cfg(not(unix))]
pub(crate) struct Terminal;

#[cfg(not(unix))]
impl Terminal {
    pub(crate) fn of_stdin() -> Option<Self> {
        None
    }

    pub(crate) fn give_to(&self, job: afmpeg_engine::Job) -> afmpeg_engine::Job {
        job
    }
}
