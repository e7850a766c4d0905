//! What is wrong with a command, all of it at once, before FFmpeg says the first of it.

mod media;
mod module;
mod problem;
mod structure;

pub use problem::{Place, Problem, ProblemKind, Problems, Severity};

use crate::{Job, Media, Module};

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
        self.and_those_of_its_structure(Vec::new())
    }

    /// The same, and what can be told when inputs have been looked at: that the streams are there, that the
    /// [containers](crate::containers) hold what is copied into them, and that what `xfade`, `concat` and the like put
    /// together fits together. `media` is in the order of the inputs; nothing for
    /// one that nobody has looked at.
    ///
    /// ```
    /// use afmpeg_cmd::{Filter, Input, Job, Media, Output};
    ///
    /// let (a, b) = (Input::new("a.mp4"), Input::new("b.mp4"));
    /// let joined = Filter::new("concat").on([a.video(), b.video()]).video();
    /// let job = Job::new([Output::new("c.mp4").map(&joined)]);
    /// let media = [(1280, 720), (640, 480)].map(|(width, height)| {
    ///     let json = format!(r#"{{"streams":[{{"codec_type":"video","width":{width},"height":{height}}}]}}"#);
    ///     Some(serde_json::from_str::<Media>(&json).unwrap())
    /// });
    /// assert_eq!(
    ///     job.problems_with_media(&media)[0].to_string(),
    ///     "node 0 (concat): its inputs differ in their size: 1280x720 and 640x480"
    /// );
    /// ```
    pub fn problems_with_media(&self, media: &[Option<Media>]) -> Vec<Problem> {
        self.and_those_of_its_structure(media::problems(self, media))
    }

    /// The problems of [`problems`](Job::problems), and what can be told when it is known what FFmpeg has: that filters,
    /// encoders and formats are there, that pads fit, that options exist and their values are within their ranges.
    /// See [`Module`] for an example.
    pub fn problems_with_module(&self, module: &Module) -> Vec<Problem> {
        self.and_those_of_its_structure(module::problems(self, module))
    }

    /// All of them, each once: what to show to people who wrote the command.
    ///
    /// ```
    /// use afmpeg_cmd::{Input, Job, Media, Module, Output};
    ///
    /// let module: Module = serde_json::from_str(r#"{"filters":[],"encoders":[],"muxers":[],"demuxers":[]}"#).unwrap();
    /// let silent: Media = serde_json::from_str(r#"{"streams":[{"codec_type":"video"}]}"#).unwrap();
    /// let film = Input::new("a.mp4");
    /// let job = Job::new([Output::new("b.mp4").audio(film.audio(), "aac")]);
    /// let problems = job.problems_with_module_and_media(&module, &[Some(silent)]);
    /// assert_eq!(problems.len(), 2, "no such encoder, and no such stream");
    /// ```
    pub fn problems_with_module_and_media(&self, module: &Module, media: &[Option<Media>]) -> Vec<Problem> {
        let mut more = module::problems(self, module);
        more.extend(media::problems(self, media));
        self.and_those_of_its_structure(more)
    }

    fn and_those_of_its_structure(&self, more: Vec<Problem>) -> Vec<Problem> {
        let mut found = structure::problems(self);
        found.extend(more);
        // The order in which people look: files and nodes as they are listed.
        found.sort_by_key(|problem| problem.place);
        found
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
