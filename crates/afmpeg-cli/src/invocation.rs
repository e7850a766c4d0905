//! A tool with its arguments, on folders of the host and the standard streams of the command.

use std::{
    env,
    ffi::OsString,
    io::{self, Write},
    num::NonZero,
    path::{Path, PathBuf},
};

use afmpeg_engine::{CancelToken, Error, Limits, Output, ProgressWatch, Runtime, Tool};
use afmpeg_vfs::{MemFs, VPath, Vfs as _, VfsExt as _};

#[cfg(unix)]
use crate::handed;
use crate::{
    failure::Failure,
    folders::{self, Folder},
    interrupt::Interrupts,
    log_colors, output, stderr, stdin, system_fonts,
    terminal::Terminal,
    urls::Urls,
};

/// A run of a tool.
pub(crate) struct Invocation<'a> {
    pub(crate) tool: Tool,
    pub(crate) arguments: &'a [OsString],
    /// Options before `arguments`.
    pub(crate) added: Vec<&'static str>,
    pub(crate) folders: Vec<Folder>,
    /// Whether text without a font file has the fonts of this system.
    pub(crate) system_fonts: bool,
    pub(crate) current_dir: String,
    /// FFmpeg's `FFREPORT`, the only variable that a tool can have.
    pub(crate) report: Option<OsString>,
    /// The URLs that the tool may read.
    pub(crate) urls: Urls,
    pub(crate) limits: Limits,
    pub(crate) processors: Option<NonZero<usize>>,
    /// Whether ffmpeg reads keys from a terminal, and prompts there before it overwrites a file.
    pub(crate) terminal: Option<Terminal>,
    /// Whether the tool may write to the standard output. If not, the job fails when it does.
    pub(crate) has_stdout: bool,
    #[cfg(unix)]
    pub(crate) descriptors: handed::Descriptors,
}

/// The ending of a job that did not succeed.
pub(crate) enum Ending {
    Interrupted,
    Failed(Error),
    /// The tool left this file in a folder that ends with the job.
    LostFile(String),
    /// The folders cannot be used.
    NotStarted(Failure),
}

impl Invocation<'_> {
    /// Runs the tool to its end, and calls `start` when it starts.
    pub(crate) fn run(self, runtime: &Runtime, start: impl FnOnce(ProgressWatch)) -> Result<Output, Ending> {
        let (fonts, font_folders) =
            if self.system_fonts { system_fonts::beside(&self.folders) } else { Default::default() };
        let visible = [&fonts, self.folders.as_slice()].concat();
        // The engine gives a job its own /tmp only where there is none, not above a folder in it.
        let tmp = folders::lead_through(TMP, &visible).then(MemFs::new);
        let fs = match &tmp {
            Some(tmp) => folders::filesystem_with(&visible, TMP, tmp),
            None => folders::filesystem(&visible),
        };
        let fs = fs.map_err(Ending::NotStarted)?;
        let cancel = CancelToken::new();
        let mut job = runtime
            .job(fs.clone())
            .tool(self.tool)
            .args(self.added)
            .args_os(self.arguments)
            .current_dir(&self.current_dir)
            .font_folders(font_folders)
            .limits(self.limits)
            .cancel_token(&cancel)
            .stdout(standard_output(self.has_stdout))
            .stderr(|bytes| {
                stderr::print(bytes);
                Ok(())
            });
        if let Some(colors) = log_colors::of_stderr() {
            job = job.log_colors(colors);
        }
        if let Some(report) = self.report {
            job = job.env(REPORT, report.to_string_lossy());
        }
        if let Some(count) = self.processors {
            job = job.processors(count);
        }
        job = self.urls.give_to(stdin::give_to(job));
        #[cfg(unix)]
        {
            job = self.descriptors.give_to(job);
            let (arguments, folders) = (self.arguments, &self.folders);
            job = handed::give_named_pipes(job, self.tool, arguments, &fs, folders, &self.current_dir);
        }
        if let Some(terminal) = &self.terminal {
            job = terminal.give_to(job);
        }
        let interrupts = Interrupts::watch(&cancel, self.terminal.is_some());
        start(job.progress());
        let result = job.run();
        let was_interrupted = interrupts.received();
        let left = tmp.as_ref().and_then(file_in);
        match (result, left) {
            // Also after an interrupt, at which FFmpeg completes its outputs.
            (Ok(_), Some(left)) => Err(Ending::LostFile(format!("{TMP}{left}"))),
            (Ok(_) | Err(Error::Cancelled { .. } | Error::Exit(_)), _) if was_interrupted => {
                Err(Ending::Interrupted)
            }
            (Ok(output), None) => Ok(output),
            (Err(error), _) => Err(Ending::Failed(error)),
        }
    }
}

/// FFmpeg's environment variable for a log in a file.
pub(crate) const REPORT: &str = "FFREPORT";

/// The folder for temporary files.
const TMP: &str = "/tmp";

/// Returns the path of a file.
fn file_in(fs: &MemFs) -> Option<String> {
    let is_file = |path: &String| {
        VPath::new(path).is_ok_and(|path| fs.metadata(&path).is_ok_and(|found| found.is_file()))
    };
    fs.walk("/").ok()?.into_iter().find(is_file)
}

/// Returns the current folder of the command.
pub(crate) fn current_folder() -> Result<PathBuf, Failure> {
    env::current_dir().and_then(|here| here.canonicalize()).map_err(|error| {
        Failure::filesystem(
            format!("cannot use the current folder: {error}"),
            "change to a folder that exists",
        )
    })
}

/// Returns the guest's current folder: that of the command if the guest can access it, else its first folder.
pub(crate) fn current_dir_in(folders: &[Folder], here: &Path) -> String {
    folders
        .iter()
        .find_map(|folder| folder.guest_path_of(here))
        .or_else(|| folders.first().map(|folder| folder.guest().to_owned()))
        .unwrap_or_else(|| "/".to_owned())
}

/// Returns a writer to the standard output, which is opened at the first write: one that is closed, or that the tool may
/// not use, is an error only then.
fn standard_output(is_allowed: bool) -> impl FnMut(&[u8]) -> io::Result<()> + Send + Sync + 'static {
    let mut stdout = None;
    move |bytes| {
        if !is_allowed {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let stdout = match &mut stdout {
            Some(stdout) => stdout,
            none => none.insert(output::stdout()?),
        };
        stdout.write_all(bytes)?;
        stdout.flush()
    }
}
