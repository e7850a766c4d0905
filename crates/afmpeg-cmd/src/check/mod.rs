//! Finds every problem of a command at once, before FFmpeg reports the first.

mod capabilities;
mod hint;
mod option_names;
mod probes;
mod problem;
mod structure;

pub use problem::{Place, Problem, ProblemKind, Problems, Severity};

use crate::{Capabilities, Command, Probe};

impl Command {
    /// Returns every problem that is visible without the input files: errors, and likely mistakes.
    ///
    /// ```
    /// use afmpeg_cmd::{Codec, Command, Filter, Input, Output};
    ///
    /// let clip = Input::new("clip.mp4");
    /// let flipped = clip.video().filter(Filter::new("hflip"));
    /// let command = Command::new([Output::new("clip.mp4").video(&flipped, Codec::copy())]);
    /// let found: Vec<String> = command.problems().iter().map(ToString::to_string).collect();
    /// assert_eq!(
    ///     found,
    ///     [
    ///         "output 0 (clip.mp4): it is an input of the same command",
    ///         "stream 0 of output 0 (clip.mp4): filtered streams cannot be copied, since copied packets are not decoded",
    ///     ]
    /// );
    /// ```
    pub fn problems(&self) -> Vec<Problem> {
        self.with_structural(Vec::new())
    }

    /// Also checks against the probed inputs: that streams exist, that the [containers](crate::containers) hold the
    /// copied streams, and that the inputs of `xfade`, `concat` and the like match. `probes` is in the order of the
    /// inputs, `None` for an input that was not probed.
    ///
    /// ```
    /// use afmpeg_cmd::{Command, Filter, Input, Output, Probe};
    ///
    /// let (a, b) = (Input::new("a.mp4"), Input::new("b.mp4"));
    /// let joined = Filter::new("concat").on([a.video(), b.video()]).video();
    /// let command = Command::new([Output::new("c.mp4").map(&joined)]);
    /// let probes = [(1280, 720), (640, 480)].map(|(width, height)| {
    ///     let json = format!(r#"{{"streams":[{{"index": 0, "codec_type":"video","width":{width},"height":{height}}}]}}"#);
    ///     Some(serde_json::from_str::<Probe>(&json).unwrap())
    /// });
    /// assert_eq!(
    ///     command.problems_with_probes(&probes)[0].to_string(),
    ///     "node 0 (concat): its inputs differ in size: 1280x720 and 640x480"
    /// );
    /// ```
    pub fn problems_with_probes(&self, probes: &[Option<Probe>]) -> Vec<Problem> {
        self.with_structural(probes::problems(self, probes))
    }

    /// Also checks against the components of an FFmpeg: that filters, encoders and formats exist, that pads fit, that
    /// options exist and their values are within range.
    ///
    /// ```
    /// use afmpeg_cmd::{Capabilities, Command, Filter, Input, Output};
    ///
    /// // Of a module with a single filter: `Runtime::capabilities` of afmpeg-engine returns those of a real one.
    /// let mut capabilities = Capabilities::default();
    /// capabilities.filters = serde_json::from_str(r#"[{ "name": "hflip",
    ///     "inputs": [{ "name": "default", "type": "video" }], "outputs": [{ "name": "default", "type": "video" }]
    /// }]"#).unwrap();
    /// let flipped = Input::new("a.mp4").video().filter(Filter::new("hflop"));
    /// let command = Command::new([Output::new("b.mp4").map(&flipped)]);
    /// let problem = &command.problems_with_capabilities(&capabilities)[0];
    /// assert_eq!(problem.to_string(), "node 0 (hflop): the module has no filter \"hflop\"");
    /// assert!(problem.hint().starts_with("did you mean `hflip`?"));
    /// ```
    pub fn problems_with_capabilities(&self, capabilities: &Capabilities) -> Vec<Problem> {
        self.with_structural(capabilities::problems(self, capabilities))
    }

    /// Runs all checks, and returns each problem once.
    ///
    /// ```
    /// use afmpeg_cmd::{Capabilities, Command, Input, Output, Probe};
    ///
    /// let silent: Probe = serde_json::from_str(r#"{"streams":[{"index": 0, "codec_type":"video"}]}"#).unwrap();
    /// let film = Input::new("a.mp4");
    /// let command = Command::new([Output::new("b.mp4").audio(film.audio(), "aac")]);
    /// let problems = command.problems_with_capabilities_and_probes(&Capabilities::default(), &[Some(silent)]);
    /// assert_eq!(problems.len(), 2, "no such encoder, and no such stream");
    /// ```
    pub fn problems_with_capabilities_and_probes(
        &self,
        capabilities: &Capabilities,
        probes: &[Option<Probe>],
    ) -> Vec<Problem> {
        let mut more = capabilities::problems(self, capabilities);
        more.extend(probes::problems(self, probes));
        self.with_structural(more)
    }

    fn with_structural(&self, more: Vec<Problem>) -> Vec<Problem> {
        let mut found = structure::problems(self);
        found.extend(more);
        // Files and nodes in the order in which they are listed.
        found.sort_by_key(|problem| problem.place);
        found
    }

    /// Checks that the command can work, as far as is visible without its files.
    ///
    /// # Errors
    ///
    /// Every [problem](Command::problems) that makes FFmpeg fail; warnings pass.
    pub fn check(&self) -> Result<(), Problems> {
        Problems::of(self.problems())
    }
}
