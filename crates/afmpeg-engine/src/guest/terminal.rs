//! The terminal of a guest, for `tcgetattr` and `tcsetattr`.

use std::fmt;

use parking_lot::Mutex;
use wasmer_wasix::{WasiTtyState, os::tty::TtyBridge};

use crate::{TerminalMode, sinks::TerminalSink};

/// The standard input as a terminal, whose mode the caller sets.
pub(super) struct Terminal(Mutex<State>);

struct State {
    mode: TerminalMode,
    sink: TerminalSink,
}

impl Terminal {
    pub(super) fn new(sink: TerminalSink) -> Self {
        Self(Mutex::new(State { mode: TerminalMode::default(), sink }))
    }

    fn set(&self, mode: TerminalMode) {
        let state = &mut *self.0.lock();
        if state.mode != mode {
            state.mode = mode;
            (state.sink)(mode);
        }
    }
}

impl TtyBridge for Terminal {
    fn reset(&self) {
        self.set(TerminalMode::default());
    }

    fn tty_get(&self) -> WasiTtyState {
        let mode = self.0.lock().mode;
        WasiTtyState {
            stdin_tty: true,
            echo: mode.echoes,
            line_buffered: mode.waits_for_line,
            ..WasiTtyState::default()
        }
    }

    fn tty_set(&self, state: WasiTtyState) {
        self.set(TerminalMode { echoes: state.echo, waits_for_line: state.line_buffered });
    }
}

impl fmt::Debug for Terminal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Terminal").field(&self.0.lock().mode).finish()
    }
}
