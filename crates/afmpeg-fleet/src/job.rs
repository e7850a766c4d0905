use std::{collections::BTreeMap, num::NonZero};

use afmpeg_engine::JobSpec;
use afmpeg_vfs::VPath;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{
    error::{Error, Result},
    identity::Identity,
    part::FilmPart,
};

/// A job of a fleet: arguments, the objects that it reads and writes, and the module that runs it.
///
/// FFmpeg sees the inputs at their paths and may write the outputs at theirs, and nothing else of any store. Relative
/// paths in arguments start at the job's [`current_dir`](JobSpec::current_dir), by default `/`.
///
/// ```
/// use afmpeg_engine::JobSpec;
/// use afmpeg_fleet::FleetJob;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let module = "1d".repeat(32);
/// let job = FleetJob::new(JobSpec::new(["-i", "in.mov", "-c:v", "libx264", "out.mp4"]), module)
///     .input("in.mov", "s3://media/talks/7.mov".parse()?)
///     .output("out.mp4", "s3://media/talks/7.mp4".parse()?);
/// assert_eq!(job.outputs["out.mp4"].as_str(), "s3://media/talks/7.mp4");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct FleetJob {
    /// The tool, its arguments, limits and other settings. Without [`processors`](JobSpec::processors), the job detects
    /// one processor: the outputs of many encoders depend on the number, so that of the worker must not decide it.
    pub spec: JobSpec,
    /// The SHA-256 of the module, in hexadecimal digits: only workers with this module run the job.
    pub module: String,
    /// The objects to read, by their paths in the job.
    pub inputs: BTreeMap<String, Input>,
    /// The locations of the outputs, by their paths in the job. A URL that ends in `/` is a folder: every file that the
    /// job writes below that path is stored below the URL.
    pub outputs: BTreeMap<String, Url>,
    /// Whether objects that exist at the locations of outputs are replaced. Default: false.
    #[serde(default)]
    pub overwrite: bool,
    /// The place of the job in a film. Default: `None`.
    #[serde(default)]
    pub film: Option<FilmPart>,
}

/// An object that a job reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Input {
    /// The location.
    pub url: Url,
    /// The version. Default (`None`): the one that the store has when the job is submitted.
    #[serde(default)]
    pub version: Option<Version>,
}

/// The version of an object in a store. A job whose input has another version when it runs fails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Version {
    /// The entity tag.
    pub e_tag: Option<String>,
    /// The version of a store that keeps old ones.
    pub version: Option<String>,
    /// The length in bytes.
    pub bytes: u64,
}

impl FleetJob {
    /// Creates a job without inputs and outputs for workers with the module of this SHA-256, which
    /// [`Runtime::module_sha256`](afmpeg_engine::Runtime::module_sha256) returns.
    pub fn new(spec: JobSpec, module: impl Into<String>) -> Self {
        let (inputs, outputs) = (BTreeMap::new(), BTreeMap::new());
        Self { spec, module: module.into(), inputs, outputs, overwrite: false, film: None }
    }

    /// Adds the object at `url`, which the job reads at `path`.
    #[must_use]
    pub fn input(mut self, path: impl Into<String>, url: Url) -> Self {
        self.inputs.insert(path.into(), Input { url, version: None });
        self
    }

    /// Adds an output that the job writes at `path`, to be stored at `url`.
    #[must_use]
    pub fn output(mut self, path: impl Into<String>, url: Url) -> Self {
        self.outputs.insert(path.into(), url);
        self
    }

    /// Replaces objects that exist at the locations of outputs.
    #[must_use]
    pub fn overwrite(mut self) -> Self {
        self.overwrite = true;
        self
    }

    /// Returns the identity of the job, once its inputs have versions and its number of processors is set, as in a
    /// submitted job.
    ///
    /// Two jobs with the same identity have the same tool, arguments, environment, number of processors, seed, time of
    /// day, versions of inputs, locations of outputs, and module. Limits, the expected duration and
    /// [`overwrite`](Self::overwrite) are not part of it.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidJob`] for a job that has not been submitted.
    pub fn identity(&self) -> Result<Identity> {
        let unpinned = self.inputs.iter().find(|(_, input)| input.version.is_none());
        if let Some((path, _)) = unpinned {
            return Err(Error::invalid(format!("the input {path}"), "its version is not known"));
        }
        if self.spec.processors.is_none() {
            return Err(Error::invalid("the job", "its number of processors is not set"));
        }
        let mut spec = self.spec.clone();
        (spec.limits, spec.expected_duration) = (None, None);
        let parts = (1, spec, &self.module, &self.inputs, &self.outputs);
        let bytes =
            serde_json::to_vec(&parts).map_err(|error| Error::invalid("the job", error.to_string()))?;
        Ok(Identity::of(&bytes))
    }

    /// Fixes the number of processors, and refuses jobs that no worker can run.
    pub(crate) fn check(&mut self) -> Result<()> {
        self.spec.processors.get_or_insert(NonZero::<usize>::MIN);
        if self.module.len() != 64 || !self.module.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(Error::invalid("the module", "it is not a SHA-256 of 64 hexadecimal digits"));
        }
        self.module.make_ascii_lowercase();
        let mut seen: Vec<(VPath, &String)> = Vec::new();
        for path in self.inputs.keys().chain(self.outputs.keys()) {
            let found = self.path(path)?;
            if found.is_root() {
                return Err(Error::invalid(format!("the path {path:?}"), "it is the root"));
            }
            if let Some((_, other)) =
                seen.iter().find(|(other, _)| found.starts_with(other) || other.starts_with(&found))
            {
                let reason = format!("{other:?} is at, above or below it");
                return Err(Error::invalid(format!("the path {path:?}"), reason));
            }
            seen.push((found, path));
        }
        let mut urls: Vec<&Url> = self.outputs.values().collect();
        urls.sort();
        match urls
            .windows(2)
            .find(|pair| pair[1].as_str().starts_with(pair[0].as_str()) && overlaps(pair[0], pair[1]))
        {
            Some(pair) => {
                Err(Error::invalid(format!("the output {}", pair[1]), format!("it overlaps {}", pair[0])))
            }
            None => Ok(()),
        }
    }

    /// Returns the absolute path of a file of the job.
    pub(crate) fn path(&self, path: &str) -> Result<VPath> {
        let found = VPath::new(&self.spec.current_dir).and_then(|folder| folder.join(path));
        found.map_err(|error| Error::invalid(format!("the path {path:?}"), error.to_string()))
    }
}

/// Whether the location `longer` is `location`, or below it.
fn overlaps(location: &Url, longer: &Url) -> bool {
    location == longer || location.as_str().ends_with('/')
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use afmpeg_engine::Limits;

    use super::*;

    fn url(text: &str) -> Url {
        text.parse().unwrap()
    }

    fn job() -> FleetJob {
        let mut job = FleetJob::new(JobSpec::new(["-i", "in", "out"]), "ab".repeat(32))
            .input("in", url("memory:///in"))
            .output("out", url("memory:///out"));
        job.check().unwrap();
        let version = Version { e_tag: Some("1".to_owned()), version: None, bytes: 7 };
        job.inputs.values_mut().for_each(|input| input.version = Some(version.clone()));
        job
    }

    #[test]
    fn identity_depends_on_what_decides_the_outputs_and_on_nothing_else() {
        let identity = |change: &dyn Fn(&mut FleetJob)| {
            let mut job = job();
            change(&mut job);
            job.identity().unwrap()
        };
        let original = identity(&|_| {});
        let same: [&dyn Fn(&mut FleetJob); 3] = [
            &|job| job.spec.limits = Some(Limits::none()),
            &|job| job.spec.expected_duration = Some(Duration::from_secs(1)),
            &|job| job.overwrite = true,
        ];
        assert!(same.iter().all(|change| identity(change) == original));
        let different: [&dyn Fn(&mut FleetJob); 8] = [
            &|job| job.spec.args.push(String::new()),
            &|job| job.spec.tool = afmpeg_engine::Tool::Ffprobe,
            &|job| job.spec.seed = Some(0),
            &|job| job.spec.processors = NonZero::new(2),
            &|job| job.module = "cd".repeat(32),
            &|job| job.inputs.get_mut("in").unwrap().version.as_mut().unwrap().e_tag = Some("2".to_owned()),
            &|job| job.inputs.get_mut("in").unwrap().url = url("memory:///other"),
            &|job| drop(job.outputs.insert("out".to_owned(), url("memory:///other"))),
        ];
        let mut found: Vec<Identity> =
            different.iter().map(|change| identity(change)).chain([original]).collect();
        found.sort();
        found.dedup();
        assert_eq!(found.len(), 9);
        let json = serde_json::to_string(&job()).unwrap();
        assert_eq!(serde_json::from_str::<FleetJob>(&json).unwrap().identity().unwrap(), original);
    }

    #[test]
    fn job_without_versions_has_no_identity() {
        let mut job = job();
        job.inputs.get_mut("in").unwrap().version = None;
        assert!(job.identity().unwrap_err().to_string().contains("the input in"));
    }

    #[test]
    fn overlapping_paths_and_locations_are_refused() {
        let refused = |job: FleetJob| job.clone().check().unwrap_err().to_string();
        assert!(refused(job().output("/in", url("memory:///b"))).contains("/in"));
        assert!(refused(job().output("out/b", url("memory:///b"))).contains("out/b"));
        assert!(refused(job().output("b", url("memory:///out"))).contains("memory:///out"));
        assert!(
            refused(job().output("b", url("memory:///f/")).output("c", url("memory:///f/c"))).contains("f/c")
        );
        assert!(refused(job().output("..", url("memory:///b"))).contains(".."));
        let mut other = job();
        other.module = "12".to_owned();
        assert!(refused(other).contains("SHA-256"));
        assert!(job().output("b", url("memory:///outer")).check().is_ok());
    }
}
