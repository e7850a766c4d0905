//! What is wrong with a command, all of it at once, before FFmpeg says the first of it.

mod problem;
mod structure;

pub use problem::{Place, Problem, ProblemKind, Problems, Severity};

use crate::Job;

impl Job {
    /// Everything about the command that can be told without its files: what fails, and what is likely not meant.
    ///
    /// ```
    /// use afmpeg_cmd::{Codec, Filter, Input, Job, Output};
    ///
    /// let clip = Input::new("clip.mp4");
    /// let flipped = clip.video().filter(Filter::new("hflip"));
    /// let job = Job::new([Output::new("clip.mp4").video(&flipped, Codec::copy())]);
    /// let found: Vec<String> = job.problems().iter().map(ToString::to_string).collect();
    /// assert_eq!(
    ///     found,
    ///     [
    ///         "output 0 (clip.mp4): it is an input of the same command",
    ///         "stream 0 of output 0 (clip.mp4): it comes out of a filter, and packets that are copied are not decoded",
    ///     ]
    /// );
    /// ```
    pub fn problems(&self) -> Vec<Problem> {
        structure::problems(self)
    }

    /// Whether the command can work, as far as can be told without its files.
    ///
    /// # Errors
    ///
    /// Every [problem](Job::problems) that makes FFmpeg fail; what is only unlikely to be meant passes.
    pub fn check(&self) -> Result<(), Problems> {
        Problems::of(self.problems())
    }
}
