//! The exit codes of the tools.

use std::fmt;

/// The exit status of `ffmpeg` or `ffprobe`: the whole value that its `main` returned.
///
/// For most failures, FFmpeg returns a negative `AVERROR` from `main`. An operating system keeps only its low eight
/// bits.
///
/// ```
/// use afmpeg_engine::{AvError, ExitStatus};
///
/// let status = ExitStatus::from_code(-44);
/// assert_eq!(status.av_error().unwrap().name(), "ENOENT");
/// assert_eq!(status.low_byte(), 254);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ExitStatus {
    code: i32,
}

impl ExitStatus {
    /// Creates the status for a value returned by `main`.
    pub fn from_code(code: i32) -> Self {
        Self { code }
    }

    /// FFmpeg's internal status for a requested exit; its `main` turns it into 0.
    pub(crate) const EXIT_REQUESTED: Self = Self { code: tag(*b"EXIT") };

    /// Whether ffmpeg failed because more of a stream could not be decoded than `-max_error_rate` allows: its only
    /// status that is not an `AVERROR`.
    pub(crate) fn is_error_rate_exceeded(self) -> bool {
        self.code == 69
    }

    /// The value of ffmpeg's `main` after a graceful end by a signal.
    pub(crate) const INTERRUPTED: Self = Self { code: 255 };

    /// Returns the value of `main`.
    ///
    /// A negated `errno` has WASI's number: `ENOENT` is -44, where Linux would have -2.
    pub fn code(self) -> i32 {
        self.code
    }

    /// Whether the tool succeeded.
    pub fn is_success(self) -> bool {
        self.code == 0
    }

    /// Returns the FFmpeg error with this code, if there is one.
    pub fn av_error(self) -> Option<AvError> {
        AvError::from_code(self.code)
    }

    /// Returns the exit code that native FFmpeg would give to a Linux shell: the low byte, with an `errno` in
    /// Linux's numbers.
    pub fn low_byte(self) -> u8 {
        let code = match self.av_error() {
            Some(AvError(Meaning::Errno(errno))) => -errno.linux,
            _ => self.code,
        };
        code.to_le_bytes()[0]
    }
}

impl fmt::Display for ExitStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.av_error() {
            Some(error) => write!(f, "exit code {} ({})", self.low_byte(), error.name()),
            None if self.is_error_rate_exceeded() => {
                write!(f, "exit code {} (too much of the input cannot be decoded)", self.code)
            }
            None => write!(f, "exit code {}", self.code),
        }
    }
}

/// An FFmpeg error code (`libavutil/error.h`) by name.
///
/// ```
/// use afmpeg_engine::AvError;
///
/// let error = AvError::from_code(-0x41444E49).unwrap();
/// assert_eq!(error.name(), "AVERROR_INVALIDDATA");
/// assert_eq!(error.message(), "Invalid data found when processing input");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AvError(Meaning);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Errno(&'static Errno),
    Tag(&'static Tag),
}

#[derive(Debug, PartialEq, Eq)]
struct Errno {
    wasi: i32,
    linux: i32,
    name: &'static str,
    message: &'static str,
}

#[derive(Debug, PartialEq, Eq)]
struct Tag {
    code: i32,
    name: &'static str,
    message: &'static str,
}

impl AvError {
    /// Returns the error for a negative return value, if FFmpeg or WASI defines it.
    pub fn from_code(code: i32) -> Option<Self> {
        if let Some(tag) = TAGS.iter().find(|tag| tag.code == code) {
            return Some(Self(Meaning::Tag(tag)));
        }
        let errno = code.checked_neg()?;
        ERRNOS.iter().find(|entry| entry.wasi == errno).map(|errno| Self(Meaning::Errno(errno)))
    }

    /// Returns the error with this FFmpeg message, if there is one.
    pub(crate) fn from_message(message: &str) -> Option<Self> {
        let tags = TAGS.iter().map(|tag| Self(Meaning::Tag(tag)));
        let errnos = ERRNOS.iter().map(|errno| Self(Meaning::Errno(errno)));
        tags.chain(errnos).find(|error| error.message() == message)
    }

    /// Returns the C name: `ENOENT`, `AVERROR_INVALIDDATA`...
    pub fn name(self) -> &'static str {
        match self.0 {
            Meaning::Errno(errno) => errno.name,
            Meaning::Tag(tag) => tag.name,
        }
    }

    /// Returns FFmpeg's message, as `av_err2str` does.
    pub fn message(self) -> &'static str {
        match self.0 {
            Meaning::Errno(errno) => errno.message,
            Meaning::Tag(tag) => tag.message,
        }
    }
}

const fn tag(bytes: [u8; 4]) -> i32 {
    -i32::from_le_bytes(bytes)
}

const fn errno(wasi: i32, linux: i32, name: &'static str, message: &'static str) -> Errno {
    Errno { wasi, linux, name, message }
}

/// `libavutil/error.h`, FFmpeg 9.0.2.
#[rustfmt::skip]
const TAGS: &[Tag] = &[
    Tag { code: tag([0xF8, b'B', b'S', b'F']), name: "AVERROR_BSF_NOT_FOUND", message: "Bitstream filter not found" },
    Tag { code: tag(*b"BUG!"), name: "AVERROR_BUG", message: "Internal bug, should not have happened" },
    Tag { code: tag(*b"BUG "), name: "AVERROR_BUG2", message: "Internal bug, should not have happened" },
    Tag { code: tag(*b"BUFS"), name: "AVERROR_BUFFER_TOO_SMALL", message: "Buffer too small" },
    Tag { code: tag([0xF8, b'D', b'E', b'C']), name: "AVERROR_DECODER_NOT_FOUND", message: "Decoder not found" },
    Tag { code: tag([0xF8, b'D', b'E', b'M']), name: "AVERROR_DEMUXER_NOT_FOUND", message: "Demuxer not found" },
    Tag { code: tag([0xF8, b'E', b'N', b'C']), name: "AVERROR_ENCODER_NOT_FOUND", message: "Encoder not found" },
    Tag { code: tag(*b"EOF "), name: "AVERROR_EOF", message: "End of file" },
    Tag { code: tag(*b"EXIT"), name: "AVERROR_EXIT", message: "Immediate exit requested" },
    Tag { code: tag(*b"EXT "), name: "AVERROR_EXTERNAL", message: "Generic error in an external library" },
    Tag { code: tag([0xF8, b'F', b'I', b'L']), name: "AVERROR_FILTER_NOT_FOUND", message: "Filter not found" },
    Tag { code: -0x636e_6701, name: "AVERROR_INPUT_CHANGED", message: "Input changed" },
    Tag { code: tag(*b"INDA"), name: "AVERROR_INVALIDDATA", message: "Invalid data found when processing input" },
    Tag { code: tag([0xF8, b'M', b'U', b'X']), name: "AVERROR_MUXER_NOT_FOUND", message: "Muxer not found" },
    Tag { code: tag([0xF8, b'O', b'P', b'T']), name: "AVERROR_OPTION_NOT_FOUND", message: "Option not found" },
    Tag { code: -0x636e_6702, name: "AVERROR_OUTPUT_CHANGED", message: "Output changed" },
    Tag { code: tag(*b"PAWE"), name: "AVERROR_PATCHWELCOME", message: "Not yet implemented in FFmpeg, patches welcome" },
    Tag { code: tag([0xF8, b'P', b'R', b'O']), name: "AVERROR_PROTOCOL_NOT_FOUND", message: "Protocol not found" },
    Tag { code: tag([0xF8, b'S', b'T', b'R']), name: "AVERROR_STREAM_NOT_FOUND", message: "Stream not found" },
    Tag { code: tag(*b"UNKN"), name: "AVERROR_UNKNOWN", message: "Unknown error occurred" },
    Tag { code: -0x2bb2_afa8, name: "AVERROR_EXPERIMENTAL", message: "Experimental feature" },
];

/// The errnos of WASI preview 1 that a media job can meet, with Linux's numbers for them.
#[rustfmt::skip]
const ERRNOS: &[Errno] = &[
    errno(1, 7, "E2BIG", "Argument list too long"),
    errno(2, 13, "EACCES", "Permission denied"),
    errno(6, 11, "EAGAIN", "Resource temporarily unavailable"),
    errno(8, 9, "EBADF", "Bad file descriptor"),
    errno(10, 16, "EBUSY", "Device or resource busy"),
    errno(11, 125, "ECANCELED", "Operation canceled"),
    errno(18, 33, "EDOM", "Numerical argument out of domain"),
    errno(19, 122, "EDQUOT", "Disk quota exceeded"),
    errno(20, 17, "EEXIST", "File exists"),
    errno(21, 14, "EFAULT", "Bad address"),
    errno(22, 27, "EFBIG", "File too large"),
    errno(25, 84, "EILSEQ", "Illegal byte sequence"),
    errno(27, 4, "EINTR", "Interrupted system call"),
    errno(28, 22, "EINVAL", "Invalid argument"),
    errno(29, 5, "EIO", "I/O error"),
    errno(31, 21, "EISDIR", "Is a directory"),
    errno(32, 40, "ELOOP", "Too many levels of symbolic links"),
    errno(33, 24, "EMFILE", "Too many open files"),
    errno(37, 36, "ENAMETOOLONG", "File name too long"),
    errno(41, 23, "ENFILE", "Too many open files in system"),
    errno(43, 19, "ENODEV", "No such device"),
    errno(44, 2, "ENOENT", "No such file or directory"),
    errno(48, 12, "ENOMEM", "Out of memory"),
    errno(51, 28, "ENOSPC", "No space left on device"),
    errno(52, 38, "ENOSYS", "Function not implemented"),
    errno(54, 20, "ENOTDIR", "Not a directory"),
    errno(55, 39, "ENOTEMPTY", "Directory not empty"),
    errno(58, 95, "ENOTSUP", "Operation not supported"),
    errno(59, 25, "ENOTTY", "Not a tty"),
    errno(60, 6, "ENXIO", "No such device or address"),
    errno(61, 75, "EOVERFLOW", "Value too large for defined data type"),
    errno(63, 1, "EPERM", "Operation not permitted"),
    errno(64, 32, "EPIPE", "Broken pipe"),
    errno(65, 71, "EPROTO", "Protocol error"),
    errno(66, 93, "EPROTONOSUPPORT", "Protocol not supported"),
    errno(68, 34, "ERANGE", "Result not representable"),
    errno(69, 30, "EROFS", "Read-only file system"),
    errno(70, 29, "ESPIPE", "Invalid seek"),
    errno(73, 110, "ETIMEDOUT", "Operation timed out"),
    errno(75, 18, "EXDEV", "Cross-device link"),
    errno(76, 1, "ENOTCAPABLE", "Capabilities insufficient"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn low_byte_is_the_exit_code_of_native_ffmpeg() {
        // Measured with FFmpeg 9.0.2 on Linux: missing input 254, unknown option 8, bad argument 234.
        assert_eq!(ExitStatus::from_code(-44).low_byte(), 254);
        assert_eq!(ExitStatus::from_code(tag([0xF8, b'O', b'P', b'T'])).low_byte(), 8);
        assert_eq!(ExitStatus::from_code(-28).low_byte(), 234);
        assert_eq!(ExitStatus::from_code(1).low_byte(), 1);
        assert_eq!(ExitStatus::from_code(255).low_byte(), 255);
    }

    #[test]
    fn undefined_codes_have_no_name() {
        assert_eq!(AvError::from_code(0), None);
        assert_eq!(AvError::from_code(1), None);
        assert_eq!(AvError::from_code(i32::MIN), None);
    }
}
