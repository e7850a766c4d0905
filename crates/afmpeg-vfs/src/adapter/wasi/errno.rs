use std::{fmt, io};

use crate::SymlinkLoop;

macro_rules! errno {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $c:literal;)+) => {
        /// An error number of WASI preview 1, as far as the file calls use them.
        ///
        /// ```
        /// use std::io;
        ///
        /// use afmpeg_vfs::adapter::wasi::Errno;
        ///
        /// let errno = Errno::of(&io::Error::from(io::ErrorKind::CrossesDevices));
        /// assert_eq!((errno, errno.raw()), (Errno::Xdev, 75));
        /// assert_eq!(errno.to_string(), "EXDEV");
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        #[repr(u16)]
        pub enum Errno {
            $($(#[$doc])* $name = $number,)+
        }

        impl Errno {
            /// Returns the number that the guest gets.
            pub const fn raw(self) -> u16 {
                self as u16
            }
        }

        impl fmt::Display for Errno {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self {
                    $(Errno::$name => $c,)+
                })
            }
        }
    };
}

errno! {
    /// Permission denied.
    Acces = 2, "EACCES";
    /// Try again.
    Again = 6, "EAGAIN";
    /// The descriptor does not exist, or does not permit the call.
    Badf = 8, "EBADF";
    /// The file is in use.
    Busy = 10, "EBUSY";
    /// The file exists.
    Exist = 20, "EEXIST";
    /// An address outside of the guest's memory.
    Fault = 21, "EFAULT";
    /// The file would exceed the largest length.
    Fbig = 22, "EFBIG";
    /// The name is not UTF-8.
    Ilseq = 25, "EILSEQ";
    /// Interrupted.
    Intr = 27, "EINTR";
    /// The arguments are invalid.
    Inval = 28, "EINVAL";
    /// The backend failed; the cause is in the fault log.
    Io = 29, "EIO";
    /// The path is a folder.
    Isdir = 31, "EISDIR";
    /// Too many symbolic links.
    Loop = 32, "ELOOP";
    /// Too many open descriptors.
    Mfile = 33, "EMFILE";
    /// Too many names of one file.
    Mlink = 34, "EMLINK";
    /// A name or path is too long.
    Nametoolong = 37, "ENAMETOOLONG";
    /// The file does not exist.
    Noent = 44, "ENOENT";
    /// Out of memory.
    Nomem = 48, "ENOMEM";
    /// The storage is full.
    Nospc = 51, "ENOSPC";
    /// The path is not a folder.
    Notdir = 54, "ENOTDIR";
    /// The folder is not empty.
    Notempty = 55, "ENOTEMPTY";
    /// The filesystem does not support the call.
    Notsup = 58, "ENOTSUP";
    /// The number is out of range.
    Overflow = 61, "EOVERFLOW";
    /// The call is never permitted.
    Perm = 63, "EPERM";
    /// The reader of the stream is gone.
    Pipe = 64, "EPIPE";
    /// The buffer is too small.
    Range = 68, "ERANGE";
    /// The filesystem is read-only.
    Rofs = 69, "EROFS";
    /// Streams have no offsets.
    Spipe = 70, "ESPIPE";
    /// The call timed out.
    Timedout = 73, "ETIMEDOUT";
    /// The file is being executed.
    Txtbsy = 74, "ETXTBSY";
    /// The two paths are on different filesystems.
    Xdev = 75, "EXDEV";
}

impl std::error::Error for Errno {}

impl Errno {
    /// Returns the number of POSIX for the kind of `error`; [`Errno::Io`] for other kinds.
    ///
    /// ```
    /// # use afmpeg_vfs::adapter::wasi::Errno;
    /// assert_eq!(Errno::of(&std::io::ErrorKind::ReadOnlyFilesystem.into()), Errno::Rofs);
    /// ```
    pub fn of(error: &io::Error) -> Self {
        use io::ErrorKind as E;
        match error.kind() {
            _ if SymlinkLoop::is(error) => Errno::Loop,
            E::NotFound => Errno::Noent,
            E::PermissionDenied => Errno::Acces,
            E::AlreadyExists => Errno::Exist,
            E::NotADirectory => Errno::Notdir,
            E::IsADirectory => Errno::Isdir,
            E::DirectoryNotEmpty => Errno::Notempty,
            E::ReadOnlyFilesystem => Errno::Rofs,
            E::StorageFull | E::QuotaExceeded => Errno::Nospc,
            E::FileTooLarge => Errno::Fbig,
            E::CrossesDevices => Errno::Xdev,
            E::InvalidFilename => Errno::Nametoolong,
            E::InvalidInput => Errno::Inval,
            E::TooManyLinks => Errno::Mlink,
            E::NotSeekable => Errno::Spipe,
            E::ResourceBusy => Errno::Busy,
            E::ExecutableFileBusy => Errno::Txtbsy,
            E::Unsupported => Errno::Notsup,
            E::OutOfMemory => Errno::Nomem,
            E::TimedOut => Errno::Timedout,
            E::BrokenPipe => Errno::Pipe,
            E::Interrupted => Errno::Intr,
            E::WouldBlock => Errno::Again,
            _ => Errno::Io,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_error_kind_has_a_number() {
        use io::ErrorKind as E;
        let pairs = [
            (E::NotFound, 44),
            (E::PermissionDenied, 2),
            (E::AlreadyExists, 20),
            (E::NotADirectory, 54),
            (E::IsADirectory, 31),
            (E::DirectoryNotEmpty, 55),
            (E::CrossesDevices, 75),
            (E::ReadOnlyFilesystem, 69),
            (E::StorageFull, 51),
            (E::InvalidFilename, 37),
            (E::ConnectionReset, 29),
        ];
        for (kind, number) in pairs {
            assert_eq!(Errno::of(&io::Error::from(kind)).raw(), number, "{kind:?}");
        }
        assert_eq!(Errno::of(&SymlinkLoop::new().into()).raw(), 32);
    }
}
