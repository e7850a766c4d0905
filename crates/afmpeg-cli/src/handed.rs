//! Descriptors and named pipes that a command line passes to FFmpeg: descriptors that were open when the command
//! started, such as `pipe:3` and `/dev/fd/63` (a shell writes the latter for `<(...)`), and named pipes in its folders.
//!
//! Only names in the arguments themselves count: a descriptor named in a playlist or a list is not passed.

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

/// The prefixes of a descriptor's number.
const PREFIXES: [&str; 3] = ["pipe:", "/dev/fd/", "/proc/self/fd/"];

/// The last of the standard streams, which every job has.
const STDERR: u32 = 2;

/// The open descriptors that a command line names.
pub(crate) struct Descriptors(Vec<(u32, Stream)>);

enum Stream {
    /// Read at any offset.
    File(File),
    Input(File),
    Output(File),
}

impl Descriptors {
    /// Opens the descriptors that `arguments` name. Call this before the command opens a file, which would take a
    /// number.
    pub(crate) fn named_in(arguments: &[OsString]) -> Result<Self, Failure> {
        let numbers = numbers_in(arguments);
        // Find all open descriptors before reopening the first one. FFmpeg reports the closed ones.
        let open: Vec<(u32, Mode)> =
            numbers.into_iter().filter_map(|number| Some((number, Mode::of(number)?))).collect();
        let streams = open.into_iter().map(|(number, mode)| {
            let stream = Stream::open(number, mode).map_err(|error| {
                Failure::filesystem(
                    format!("cannot pass descriptor {number} to FFmpeg: {error}"),
                    "open a file or a pipe either for reading (`3< FILE`) or for writing (`4> FILE`)",
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

/// Returns the numbers of all descriptors named anywhere in the arguments, except the standard streams.
fn numbers_in(arguments: &[OsString]) -> BTreeSet<u32> {
    let mut numbers = BTreeSet::new();
    for (place, argument) in arguments.iter().enumerate() {
        let text = argument.to_string_lossy();
        for prefix in PREFIXES {
            for (offset, _) in text.match_indices(prefix) {
                let is_whole = !text[..offset].ends_with(|before: char| before.is_ascii_alphanumeric());
                let rest = &text[offset + prefix.len()..];
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

/// The open mode of a descriptor.
#[derive(Debug, Clone, Copy)]
struct Mode {
    /// `None` if the system does not report them.
    flags: Option<OFlags>,
    /// The offset in its file, in bytes.
    offset: u64,
}

impl Mode {
    /// Returns `None` for a closed descriptor.
    fn of(number: u32) -> Option<Self> {
        match std::fs::read_to_string(format!("/proc/self/fdinfo/{number}")) {
            Ok(text) => Some(Self::parse(&text)),
            Err(_) => std::fs::metadata(format!("/dev/fd/{number}"))
                .is_ok()
                .then_some(Self { flags: None, offset: 0 }),
        }
    }

    /// Parses Linux's `pos:\t0\nflags:\t0100001`.
    fn parse(text: &str) -> Self {
        let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        let flags = field("flags:").and_then(|flags| u32::from_str_radix(flags, 8).ok());
        Self {
            flags: flags.map(OFlags::from_bits_retain),
            offset: field("pos:").and_then(|offset| offset.parse().ok()).unwrap_or(0),
        }
    }
}

impl Stream {
    /// Reopens the file of a descriptor, since using a bare number is not safe.
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
            Err(io::Error::new(io::ErrorKind::Unsupported, "it is open for both reading and writing"))
        }
    }

    fn input(number: u32, mode: Mode) -> io::Result<Self> {
        let mut file = reopen(number, OpenOptions::new().read(true))?;
        if !file.metadata()?.is_file() {
            return Ok(Self::Input(file));
        }
        if mode.offset == 0 {
            return Ok(Self::File(file));
        }
        file.seek(SeekFrom::Start(mode.offset))?;
        Ok(Self::Input(file))
    }

    fn output(number: u32, mode: Mode, append: bool) -> io::Result<Self> {
        let mut file = reopen(number, OpenOptions::new().append(append).write(!append))?;
        if file.metadata()?.is_file() && !append {
            file.seek(SeekFrom::Start(mode.offset))?;
        }
        Ok(Self::Output(file))
    }
}

fn reopen(number: u32, options: &mut OpenOptions) -> io::Result<File> {
    // Without this, opening a named pipe whose other end is closed would block.
    let file =
        options.custom_flags(OFlags::NONBLOCK.bits().cast_signed()).open(format!("/dev/fd/{number}"))?;
    fcntl_setfl(&file, fcntl_getfl(&file)? - OFlags::NONBLOCK)?;
    Ok(file)
}

/// Connects `job` to the host's named pipes that its arguments name, in the folders it can access. A pipe is an input
/// after `-i` and for ffprobe.
pub(crate) fn give_named_pipes(
    mut job: Job,
    tool: Tool,
    arguments: &[OsString],
    fs: &dyn Vfs,
    folders: &[Folder],
    current_dir: &str,
) -> Job {
    let mut connected = BTreeSet::new();
    for (place, argument) in arguments.iter().enumerate() {
        let Some((guest, pipe)) = named_pipe(argument, fs, folders, current_dir) else { continue };
        if !connected.insert(guest.clone()) {
            continue;
        }
        let is_input =
            tool == Tool::Ffprobe || place.checked_sub(1).is_some_and(|before| arguments[before] == "-i");
        job = match (is_input, pipe.is_read_only) {
            (true, _) => job.input_stream(guest.as_str(), OpenedLater { path: pipe.host, file: None }),
            (false, false) => job.output_stream(guest.as_str(), writer(pipe.host)),
            // The folder itself refuses the write.
            (false, true) => job,
        };
    }
    job
}

/// A named pipe of the host.
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
    // Look in the job's filesystem first: a path that leads out of its folders is not one of its pipes.
    if fs.metadata(&guest).ok()?.file_type != FileType::CharDevice {
        return None;
    }
    let folder = folders.iter().filter(|folder| folder.host_path_of(&guest).is_some());
    let folder = folder.max_by_key(|folder| folder.guest().len())?;
    let host = folder.host_path_of(&guest)?;
    let is_pipe = std::fs::metadata(&host).ok()?.file_type().is_fifo();
    is_pipe.then(|| (guest, NamedPipe { host, is_read_only: folder.is_read_only() }))
}

/// A named pipe that is opened at its first read, and waits for a writer only then.
struct OpenedLater {
    path: PathBuf,
    file: Option<File>,
}

impl Read for OpenedLater {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(File::open(&self.path)?),
        };
        file.read(buf)
    }
}

/// Returns a writer to a named pipe, which is opened at the first write and waits for a reader only then.
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
    fn mode_of_a_descriptor_is_read_from_fdinfo() {
        let mode = Mode::parse("pos:\t120\nflags:\t0102001\nmnt_id:\t25\n");
        assert_eq!(mode.offset, 120);
        let flags = mode.flags.unwrap();
        assert_eq!(flags & OFlags::RWMODE, OFlags::WRONLY);
        assert!(flags.contains(OFlags::APPEND));
        assert_eq!(Mode::parse("nonsense").flags, None);
        assert!(Mode::of(999_999).is_none());
    }
}
