/// How a terminal passes on keys: the settings of `termios` that a guest can read and change.
///
/// ```
/// use afmpeg_engine::TerminalMode;
///
/// let usual = TerminalMode::default();
/// assert!(usual.echoes && usual.waits_for_line);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TerminalMode {
    /// Whether the terminal shows typed characters (`ECHO`).
    pub echoes: bool,
    /// Whether it passes on characters when a line is complete (`ICANON`), instead of each one immediately.
    pub waits_for_line: bool,
}

impl Default for TerminalMode {
    /// Returns the mode of a terminal before a program changes it.
    fn default() -> Self {
        Self { echoes: true, waits_for_line: true }
    }
}
