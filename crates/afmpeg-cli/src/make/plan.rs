//! The commands of a recipe.

use std::time::Duration;

use afmpeg::{
    Probe,
    cmd::{Command, Output, measure::Record},
};

/// The command that writes the output.
pub(crate) struct Plan {
    pub(crate) command: Command,
    /// The probes of the command's inputs.
    pub(crate) probes: Vec<Option<Probe>>,
    /// Text files to write before the command runs: their paths and contents.
    pub(crate) texts: Vec<(String, String)>,
    /// The duration of the output, if it does not follow from the command and the probes.
    pub(crate) duration: Option<Duration>,
    /// The paths of the outputs to describe, of all files that the command writes.
    described: Vec<String>,
    /// Facts that the user should see, such as streams that are left out.
    pub(crate) notes: Vec<String>,
}

impl Plan {
    /// A command with one input.
    pub(crate) fn new(probe: &Probe, outputs: impl IntoIterator<Item = Output>) -> Self {
        Self::of_inputs([Some(probe.clone())], outputs)
    }

    /// A command whose inputs have these probes.
    pub(crate) fn of_inputs(
        probes: impl IntoIterator<Item = Option<Probe>>,
        outputs: impl IntoIterator<Item = Output>,
    ) -> Self {
        let outputs: Vec<Output> = outputs.into_iter().collect();
        let dropped = outputs.iter().flat_map(Output::dropped);
        let notes = dropped.map(|stream| stream.to_string()).collect();
        let command = Command::new(outputs);
        let described = command.outputs.iter().map(|output| output.path.clone()).collect();
        let mut probes: Vec<Option<Probe>> = probes.into_iter().collect();
        probes.resize(command.inputs.len(), None);
        Self { command, probes, texts: Vec::new(), duration: None, described, notes }
    }

    /// Adds a text file.
    pub(crate) fn text(mut self, path: String, text: String) -> Self {
        self.texts.push((path, text));
        self
    }

    /// Sets the duration of the output.
    pub(crate) fn lasting(self, duration: Option<Duration>) -> Self {
        Self { duration, ..self }
    }

    /// Sets the files to describe, where a command writes more.
    pub(crate) fn describing(self, paths: impl IntoIterator<Item = String>) -> Self {
        Self { described: paths.into_iter().collect(), ..self }
    }

    pub(crate) fn note(mut self, note: String) -> Self {
        self.notes.push(note);
        self
    }

    /// Whether the file at this path is to be described.
    pub(crate) fn describes(&self, path: &str) -> bool {
        self.described.iter().any(|described| described == path)
    }
}

/// A command whose result the plan depends on.
pub(crate) struct Measurement {
    pub(crate) command: Command,
    /// The place of its result.
    pub(crate) result: ResultAt,
}

/// The place of a measurement.
pub(crate) enum ResultAt {
    /// A file that the command writes.
    File(String),
    /// The devices for measurements, as many as this.
    Devices(usize),
}

/// The result of a measurement.
pub(crate) enum Measured {
    File(Vec<u8>),
    Records(Vec<Record>),
}
