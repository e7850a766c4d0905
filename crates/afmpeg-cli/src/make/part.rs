//! A part of an input, by its times.

use std::time::Duration;

use afmpeg::cmd::{Input, Time};
use clap::Args;

use super::media::MediaFile;
use crate::failure::Failure;

#[derive(Debug, Args)]
pub(crate) struct Part {
    /// Start of the part, such as 90, 1:30 or 0:01:30.5. Default: the start of the file
    #[arg(long, value_name = "TIME", value_parser = time)]
    from: Option<Duration>,

    /// End of the part, as a time of the file. Default: the end of the file
    #[arg(long, value_name = "TIME", value_parser = time, conflicts_with = "duration")]
    to: Option<Duration>,

    /// Duration of the part, instead of its end
    #[arg(long, value_name = "TIME", value_parser = time)]
    duration: Option<Duration>,
}

/// Reads a time in FFmpeg's syntax.
pub(crate) fn time(text: &str) -> Result<Duration, String> {
    let time: Time = text.parse().map_err(|error: afmpeg::cmd::ParseTimeError| error.to_string())?;
    time.to_duration().ok_or_else(|| "expected a time that is not negative".to_owned())
}

impl Part {
    /// A part between two times of a file.
    pub(crate) fn between(from: Option<Duration>, to: Option<Duration>) -> Self {
        Self { from, to, duration: None }
    }

    /// Whether it is not the whole file.
    pub(crate) fn is_given(&self) -> bool {
        self.from.is_some() || self.to.is_some() || self.duration.is_some()
    }

    /// Returns the start, and the end unless it is that of the file.
    pub(crate) fn times(&self, file: &MediaFile) -> Result<(Duration, Option<Duration>), Failure> {
        let from = self.from.unwrap_or_default();
        let to = self.to.or_else(|| Some(from.saturating_add(self.duration?)));
        if let Some(end) = file.probe.duration().filter(|end| from >= *end && !from.is_zero()) {
            return Err(Failure::usage(
                format!("--from {} is not before the end of {}", Time::from(from), file.path),
                format!("choose a time before {}", Time::from(end)),
            ));
        }
        if let Some(to) = to.filter(|to| *to <= from) {
            return Err(Failure::usage(
                format!("the part from {} to {} is empty", Time::from(from), Time::from(to)),
                "choose an end after the start",
            ));
        }
        Ok((from, to))
    }

    /// Returns the part as the input of a command.
    pub(crate) fn of(&self, file: &MediaFile) -> Result<Input, Failure> {
        let (from, to) = self.times(file)?;
        let input = file.input();
        let input = if from.is_zero() { input } else { input.seek(from) };
        Ok(match to {
            Some(to) => input.to(to),
            None => input,
        })
    }
}
