//! The states of jobs, as text, JSON and bars.

use std::collections::HashMap;

use afmpeg_fleet::{FilmPhase, FilmState, Identity, JobState, Phase};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};

use crate::bar::Bar;

/// The resolution of a bar.
const STEPS: u64 = 1000;

/// Returns a state as JSON.
pub(super) fn json(identity: Identity, state: &JobState) -> Value {
    json!({ "identity": identity, "state": state })
}

/// Returns the state of a film as JSON.
pub(super) fn film_json(identity: Identity, state: &FilmState) -> Value {
    json!({ "identity": identity, "film": state })
}

/// Returns the state of a film as a line of text.
pub(super) fn film_line(state: &FilmState) -> String {
    let outputs: Vec<&str> = state.outputs.iter().map(|url| url.as_str()).collect();
    let outputs = outputs.join(" ");
    let jobs = format!("{outputs} ({} of {} jobs are done)", state.done.len(), state.parts + state.joins);
    match &state.phase {
        FilmPhase::Encoding => format!("encoding    {jobs}"),
        FilmPhase::Joining => format!("joining     {jobs}"),
        FilmPhase::Done => format!("done        {outputs}"),
        FilmPhase::Failed { failure, .. } => format!("failed      {outputs}: {}", failure.message),
        FilmPhase::Cancelled => format!("cancelled   {outputs}"),
        _ => jobs,
    }
}

/// Returns a state as a line of text.
pub(super) fn line(state: &JobState) -> String {
    let outputs: Vec<&str> = state.outputs.iter().map(|url| url.as_str()).collect();
    let outputs = outputs.join(" ");
    match &state.phase {
        Phase::Submitting => format!("submitting  {outputs}"),
        Phase::Queued => match &state.last_failure {
            Some(failure) => {
                format!("queued      {outputs} (attempt {}: {})", state.attempts, failure.message)
            }
            None => format!("queued      {outputs}"),
        },
        Phase::Running { worker, progress, .. } => {
            let fraction = progress.fraction.map(|fraction| format!(" {:.0} %", fraction * 100.0));
            format!("running     {outputs} on {worker}{}", fraction.unwrap_or_default())
        }
        Phase::Committing { worker, .. } => format!("storing     {outputs} on {worker}"),
        Phase::Done { elapsed, .. } => format!("done        {outputs} in {:.1} s", elapsed.as_secs_f64()),
        Phase::Failed { failure, .. } => format!("failed      {outputs}: {}", failure.message),
        Phase::Cancelled => format!("cancelled   {outputs}"),
        _ => outputs,
    }
}

/// Shows the state of one job on a bar.
pub(super) fn on_bar(bar: &Bar, state: &JobState) {
    if let Phase::Running { progress, .. } = &state.phase
        && let Some(fraction) = progress.fraction
    {
        bar.show_fraction(fraction);
    }
}

/// A bar for each job that runs, on a terminal.
pub(super) struct Bars {
    all: MultiProgress,
    jobs: HashMap<Identity, ProgressBar>,
}

impl Bars {
    pub(super) fn new(is_hidden: bool) -> Self {
        let target = if is_hidden { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        Self { all: MultiProgress::with_draw_target(target), jobs: HashMap::new() }
    }

    /// Shows the state of a job: on a bar while it runs, and as a line when it has ended.
    pub(super) fn show(&mut self, identity: Identity, state: &JobState) {
        let Phase::Running { progress, .. } = &state.phase else {
            if let Some(bar) = self.jobs.remove(&identity) {
                bar.finish_and_clear();
                self.all.remove(&bar);
                // Without a terminal, the caller prints all states at the end.
                let _ = self.all.println(line(state));
            }
            return;
        };
        let all = &self.all;
        let bar = self.jobs.entry(identity).or_insert_with(|| {
            let bar = all.add(ProgressBar::new(STEPS));
            if let Ok(style) = ProgressStyle::with_template("{elapsed:>4} {bar:32} {percent:>3}% {msg}") {
                bar.set_style(style);
            }
            bar
        });
        bar.set_position(steps(progress.fraction.unwrap_or_default()));
        bar.set_message(line(state));
    }
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a fraction is from 0 to 1"
)]
fn steps(fraction: f64) -> u64 {
    (fraction * STEPS as f64) as u64
}
