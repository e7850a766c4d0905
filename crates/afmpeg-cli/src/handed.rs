//! What a command line hands to FFmpeg beside folders: descriptors that were open when the command started, as `pipe:3`
//! and `/dev/fd/63` name them (a shell writes the latter for `<(...)`), and named pipes.
//!
//! Only what the arguments themselves name is handed over. A playlist or a list that names a descriptor gets none.

use std::{
    collections::BTreeSet,
    ffi::{OsStr, OsString},
    fs::{File, OpenOptions},
    io::{self, Read, Seek as _, SeekFrom, Write as _},
    os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _},
    path::PathBuf,
};

use afmpeg_engine::{Job, Tool};
use afmpeg_vfs::{FileType, HostFile, VPath, Vfs};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};

use crate::{failure::Failure, folders::Folder};

/// The words before a descriptor's number.
const NAMES: [&str; 3] = ["pipe:", "/dev/fd/", "/proc/self/fd/"];

/// The last of the standard streams, which a job has in any case.
const STDERR: u32 = 2;

/// The descriptors that a command line hands over.
pub(crate) struct Descriptors(Vec<(u32, Stream)>);

enum Stream {
    /// It is read at any place.
    File(File),
    Input(File),
    Output(File),
}

impl Descriptors {
    /// Opens those that `arguments` name. To be called before the command opens anything itself, which takes numbers.
    pub(crate) fn named_in(arguments: &[OsString]) -> Result<Self, Failure> {
        let numbers = numbers_in(arguments);
        // Which are open is looked up before the first is opened anew. FFmpeg says what it makes of the others.
        let open: Vec<(u32, Mode)> =
            numbers.into_iter().filter_map(|number| Some((number, Mode::of(number)?))).collect();
        let streams = open.into_iter().map(|(number, mode)| {
            let stream = Stream::open(number, mode).map_err(|error| {
                Failure::filesystem(
                    format!("cannot hand descriptor {number} to FFmpeg: {error}"),
                    "it must be a file or a pipe, open to read (`3< FILE`) or to write (`4> FILE`)",
                )
            })?;
            Ok((number, stream))
        });
        streams.collect::<Result<Vec<_>, Failure>>().map(Self)
    }

    pub(crate) fn give_to(self, job: Job) -> Job {
        self.0.into_iter().fold(job, |job, (number, stream)| {
            let path = format!("/dev/fd/{number}");
            match stream {
                Stream::File(file) => job.input_file(path, HostFile::reader(file)),
                Stream::Input(file) => job.input_stream(path, file),
                Stream::Output(mut file) => job.output_stream(path, move |bytes| file.write_all(bytes)),
            }
        })
    }
}

/// The numbers of descriptors that arguments name, wherever in them, but those of the standard streams.
fn numbers_in(arguments: &[OsString]) -> BTreeSet<u32> {
    let mut numbers = BTreeSet::new();
    for (place, argument) in arguments.iter().enumerate() {
        let text = argument.to_string_lossy();
        for name in NAMES {
            for (at, _) in text.match_indices(name) {
                let is_whole = !text[..at].ends_with(|before: char| before.is_ascii_alphanumeric());
                let rest = &text[at + name.len()..];
                let digits =
                    rest.len() - rest.trim_start_matches(|letter: char| letter.is_ascii_digit()).len();
                numbers.extend(rest[..digits].parse::<u32>().ok().filter(|_| is_whole));
            }
        }
        if argument == "-fd" {
            numbers.extend(arguments.get(place + 1).and_then(|number| number.to_str()?.parse::<u32>().ok()));
        }
    }
    numbers.retain(|number| *number > STDERR);
    numbers
}

/// How a descriptor was opened.
#[derive(Debug, Clone, Copy)]
struct Mode {
    /// None where the system does not tell.
    flags: Option<OFlags>,
    /// Where it is in its file, in bytes.
    position: u64,
}

impl Mode {
    /// None where it is not open.
    fn of(number: u32) -> Option<Self> {
        match std::fs::read_to_string(format!("/proc/self/fdinfo/{number}")) {
            Ok(text) => Some(Self::parse(&text)),
            Err(_) => std::fs::metadata(format!("/dev/fd/{number}"))
                .is_ok()
                .then_some(Self { flags: None, position: 0 }),
        }
    }

    /// Reads Linux's `pos:\t0\nflags:\t0100001`.
    fn parse(text: &str) -> Self {
        let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        let flags = field("flags:").and_then(|flags| u32::from_str_radix(flags, 8).ok());
        Self {
            flags: flags.map(OFlags::from_bits_retain),
            position: field("pos:").and_then(|position| position.parse().ok()).unwrap_or(0),
        }
    }
}

impl Stream {
    /// Opens what a descriptor stands for anew, since a number alone is no safe way to it.
    fn open(number: u32, mode: Mode) -> io::Result<Self> {
        let Some(flags) = mode.flags else {
            return Self::input(number, mode).or_else(|_| Self::output(number, mode, false));
        };
        let access = flags & OFlags::RWMODE;
        if access == OFlags::RDONLY {
            Self::input(number, mode)
        } else if access == OFlags::WRONLY {
            Self::output(number, mode, flags.contains(OFlags::APPEND))
        } else {
            Err(io::Error::new(io::ErrorKind::Unsupported, "it is open both to read and to write"))
        }
    }

    fn input(number: u32, mode: Mode) -> io::Result<Self> {
        let mut file = open_anew(number, OpenOptions::new().read(true))?;
        if !file.metadata()?.is_file() {
            return Ok(Self::Input(file));
        }
        if mode.position == 0 {
            return Ok(Self::File(file));
        }
        file.seek(SeekFrom::Start(mode.position))?;
        Ok(Self::Input(file))
    }

    fn output(number: u32, mode: Mode, append: bool) -> io::Result<Self> {
        let mut file = open_anew(number, OpenOptions::new().append(append).write(!append))?;
        if file.metadata()?.is_file() && !append {
            file.seek(SeekFrom::Start(mode.position))?;
        }
        Ok(Self::Output(file))
    }
}

fn open_anew(number: u32, how: &mut OpenOptions) -> io::Result<File> {
    // A named pipe whose other end has gone would keep the command waiting.
    let file = how.custom_flags(OFlags::NONBLOCK.bits().cast_signed()).open(format!("/dev/fd/{number}"))?;
    fcntl_setfl(&file, fcntl_getfl(&file)? - OFlags::NONBLOCK)?;
    Ok(file)
}

/// Lets `job` read or write the named pipes of this machine that its arguments name, in the folders that it sees. An
/// input stands behind `-i`, or is ffprobe's.
pub(crate) fn give_named_pipes(
    mut job: Job,
    tool: Tool,
    arguments: &[OsString],
    fs: &dyn Vfs,
    folders: &[Folder],
    current_dir: &str,
) -> Job {
    let mut known = BTreeSet::new();
    for (place, argument) in arguments.iter().enumerate() {
        let Some((guest, pipe)) = named_pipe(argument, fs, folders, current_dir) else { continue };
        if !known.insert(guest.clone()) {
            continue;
        }
        let is_input =
            tool == Tool::Ffprobe || place.checked_sub(1).is_some_and(|before| arguments[before] == "-i");
        job = match (is_input, pipe.is_read_only) {
            (true, _) => job.input_stream(guest.as_str(), OpenedLater { path: pipe.host, file: None }),
            (false, false) => job.output_stream(guest.as_str(), writer(pipe.host)),
            // The folder itself refuses it.
            (false, true) => job,
        };
    }
    job
}

/// A named pipe of this machine.
struct NamedPipe {
    host: PathBuf,
    is_read_only: bool,
}

fn named_pipe(
    argument: &OsStr,
    fs: &dyn Vfs,
    folders: &[Folder],
    current_dir: &str,
) -> Option<(VPath, NamedPipe)> {
    let text = VPath::text_of(argument.as_encoded_bytes());
    let text = text.strip_prefix("file:").unwrap_or(&text);
    let guest = VPath::new(current_dir).ok()?.join(text).ok()?;
    // The job's own filesystem comes first: a path that leads out of its folders names no pipe.
    if fs.metadata(&guest).ok()?.file_type != FileType::CharDevice {
        return None;
    }
    let folder = folders.iter().filter(|folder| folder.host_path_of(&guest).is_some());
    let folder = folder.max_by_key(|folder| folder.guest().len())?;
    let host = folder.host_path_of(&guest)?;
    let is_pipe = std::fs::metadata(&host).ok()?.file_type().is_fifo();
    is_pipe.then(|| (guest, NamedPipe { host, is_read_only: folder.is_read_only() }))
}

/// A named pipe that waits for its writer when it is first read, as a pipe does that is opened to read.
struct OpenedLater {
    path: PathBuf,
    file: Option<File>,
}

impl Read for OpenedLater {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(File::open(&self.path)?),
        };
        file.read(into)
    }
}

/// Writes to a named pipe, which waits for its reader when it is first written.
fn writer(path: PathBuf) -> impl FnMut(&[u8]) -> io::Result<()> + Send + Sync + 'static {
    let mut file = None;
    move |bytes| {
        let file: &mut File = match &mut file {
            Some(file) => file,
            none => none.insert(OpenOptions::new().write(true).open(&path)?),
        };
        file.write_all(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(line: &str) -> Vec<u32> {
        let words: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
        numbers_in(&words).into_iter().collect()
    }

    #[test]
    fn descriptors_are_found_wherever_arguments_name_them() {
        assert_eq!(numbers("-i pipe:3 -i /dev/fd/63 -f tee [f=mpegts]pipe:4|b.ts"), [3, 4, 63]);
        assert_eq!(numbers("-fd 5 -i fd: -i file:/proc/self/fd/11 -i concat:pipe:6"), [5, 6, 11]);
        for line in ["-i pipe: -", "pipe:0 pipe:1 /dev/fd/2 -fd 2", "mypipe:4 pipe:x pipe:-3", "-t 4 -fd"] {
            assert_eq!(numbers(line), [0; 0], "{line}");
        }
    }

    #[test]
    fn mode_of_a_descriptor_is_what_the_system_says() {
        let mode = Mode::parse("pos:\t120\nflags:\t0102001\nmnt_id:\t25\n");
        assert_eq!(mode.position, 120);
        let flags = mode.flags.unwrap();
        assert_eq!(flags & OFlags::RWMODE, OFlags::WRONLY);
        assert!(flags.contains(OFlags::APPEND));
        assert_eq!(Mode::parse("nonsense").flags, None);
        assert!(Mode::of(999_999).is_none());
    }
}
