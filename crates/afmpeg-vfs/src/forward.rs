//! Forwarding of methods: a macro for wrappers, and the implementations for pointers.

use std::{any::Any, io, sync::Arc, time::SystemTime};

use bytes::Bytes;

use crate::{DirEntry, Metadata, OpenOptions, VFile, VPath, Vfs};

macro_rules! forward_pointer {
    ($pointer:ident) => {
        #[deny(clippy::missing_trait_methods)]
        impl<T: Vfs + ?Sized> Vfs for $pointer<T> {
            fn open(&self, path: &VPath, options: OpenOptions) -> io::Result<Box<dyn VFile>> {
                (**self).open(path, options)
            }
            fn metadata(&self, path: &VPath) -> io::Result<Metadata> {
                (**self).metadata(path)
            }
            fn read_dir(&self, path: &VPath) -> io::Result<Vec<DirEntry>> {
                (**self).read_dir(path)
            }
            fn symlink_metadata(&self, path: &VPath) -> io::Result<Metadata> {
                (**self).symlink_metadata(path)
            }
            fn create_dir(&self, path: &VPath) -> io::Result<()> {
                (**self).create_dir(path)
            }
            fn remove_file(&self, path: &VPath) -> io::Result<()> {
                (**self).remove_file(path)
            }
            fn remove_dir(&self, path: &VPath) -> io::Result<()> {
                (**self).remove_dir(path)
            }
            fn rename(&self, from: &VPath, to: &VPath) -> io::Result<()> {
                (**self).rename(from, to)
            }
            fn symlink(&self, target: &str, link: &VPath) -> io::Result<()> {
                (**self).symlink(target, link)
            }
            fn read_link(&self, path: &VPath) -> io::Result<String> {
                (**self).read_link(path)
            }
            fn hard_link(&self, original: &VPath, link: &VPath) -> io::Result<()> {
                (**self).hard_link(original, link)
            }
            fn set_times(
                &self,
                path: &VPath,
                accessed: Option<SystemTime>,
                modified: Option<SystemTime>,
            ) -> io::Result<()> {
                (**self).set_times(path, accessed, modified)
            }
            fn keeps_in_memory(&self, path: &VPath) -> bool {
                (**self).keeps_in_memory(path)
            }
            fn commit(&self) -> io::Result<()> {
                (**self).commit()
            }
        }

        #[deny(clippy::missing_trait_methods)]
        impl<T: VFile + ?Sized> VFile for $pointer<T> {
            fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
                (**self).read_at(buf, offset)
            }
            fn metadata(&self) -> io::Result<Metadata> {
                (**self).metadata()
            }
            fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
                (**self).write_at(bytes, offset)
            }
            fn append(&self, bytes: &[u8]) -> io::Result<u64> {
                (**self).append(bytes)
            }
            fn len(&self) -> io::Result<u64> {
                (**self).len()
            }
            fn is_empty(&self) -> io::Result<bool> {
                (**self).is_empty()
            }
            fn set_len(&self, len: u64) -> io::Result<()> {
                (**self).set_len(len)
            }
            fn replace(&self, contents: Bytes) -> io::Result<()> {
                (**self).replace(contents)
            }
            fn contents(&self) -> io::Result<Bytes> {
                (**self).contents()
            }
            fn sync(&self) -> io::Result<()> {
                (**self).sync()
            }
            fn close(&self) -> io::Result<()> {
                (**self).close()
            }
        }
    };
}

forward_pointer!(Arc);
forward_pointer!(Box);

/// Returns `fs` behind a pointer. An `Arc<dyn Vfs>` is returned unchanged, so that its clones remain the same
/// filesystem.
pub(crate) fn into_shared<V: Vfs>(fs: V) -> Arc<dyn Vfs> {
    let mut fs = Some(fs);
    let any: &mut dyn Any = &mut fs;
    if let Some(shared) = any.downcast_mut::<Option<Arc<dyn Vfs>>>().and_then(Option::take) {
        return shared;
    }
    match fs {
        Some(fs) => Arc::new(fs),
        None => unreachable!("the value is only taken from a shared pointer"),
    }
}

/// Forwards groups of methods of [`Vfs`](crate::Vfs) or [`VFile`](crate::VFile) to a field, in a wrapper that implements
/// the other methods itself. [Wrapping a filesystem](crate::Vfs#wrapping-a-filesystem) has the reasons.
///
/// | in | group | methods |
/// |---|---|---|
/// | `Vfs` | `open` | `open` |
/// | | `stat` | `metadata`, `symlink_metadata`, `read_dir`, `read_link`, `keeps_in_memory` |
/// | | `names` | `create_dir`, `remove_file`, `remove_dir`, `rename`, `symlink`, `hard_link` |
/// | | `set_times` | `set_times` |
/// | | `commit` | `commit` |
/// | `VFile` | `read` | `read_at`, `contents` |
/// | | `write` | `write_at`, `append`, `replace` |
/// | | `len` | `metadata`, `len`, `is_empty` |
/// | | `set_len` | `set_len` |
/// | | `sync` | `sync`, `close` |
///
/// A method that a later version adds is in one of these groups.
///
/// ```
/// use std::{
///     io,
///     sync::atomic::{AtomicU64, Ordering},
/// };
///
/// use afmpeg_vfs::{MemFs, OpenOptions, VFile, VPath, Vfs, VfsExt as _};
///
/// /// Counts the files that are opened.
/// #[derive(Debug)]
/// struct Counted<V> {
///     inner: V,
///     opened: AtomicU64,
/// }
///
/// impl<V: Vfs> Vfs for Counted<V> {
///     afmpeg_vfs::forward!(inner: stat names set_times commit);
///
///     fn open(&self, path: &VPath, options: OpenOptions) -> io::Result<Box<dyn VFile>> {
///         self.opened.fetch_add(1, Ordering::Relaxed);
///         self.inner.open(path, options)
///     }
/// }
///
/// let fs = Counted { inner: MemFs::new(), opened: AtomicU64::new(0) };
/// fs.write("/a", "...").unwrap();
/// assert_eq!(fs.opened.into_inner(), 1);
/// ```
#[macro_export]
macro_rules! forward {
    ($field:tt: $($group:ident)+) => { $($crate::forward!(@$group $field);)+ };

    // Methods of a filesystem.
    (@open $field:tt) => {
        fn open(
            &self,
            path: &$crate::VPath,
            options: $crate::OpenOptions,
        ) -> ::std::io::Result<::std::boxed::Box<dyn $crate::VFile>> {
            $crate::Vfs::open(&self.$field, path, options)
        }
    };
    (@stat $field:tt) => {
        fn metadata(&self, path: &$crate::VPath) -> ::std::io::Result<$crate::Metadata> {
            $crate::Vfs::metadata(&self.$field, path)
        }
        fn symlink_metadata(&self, path: &$crate::VPath) -> ::std::io::Result<$crate::Metadata> {
            $crate::Vfs::symlink_metadata(&self.$field, path)
        }
        fn read_dir(&self, path: &$crate::VPath) -> ::std::io::Result<::std::vec::Vec<$crate::DirEntry>> {
            $crate::Vfs::read_dir(&self.$field, path)
        }
        fn read_link(&self, path: &$crate::VPath) -> ::std::io::Result<::std::string::String> {
            $crate::Vfs::read_link(&self.$field, path)
        }
        fn keeps_in_memory(&self, path: &$crate::VPath) -> bool {
            $crate::Vfs::keeps_in_memory(&self.$field, path)
        }
    };
    (@names $field:tt) => {
        fn create_dir(&self, path: &$crate::VPath) -> ::std::io::Result<()> {
            $crate::Vfs::create_dir(&self.$field, path)
        }
        fn remove_file(&self, path: &$crate::VPath) -> ::std::io::Result<()> {
            $crate::Vfs::remove_file(&self.$field, path)
        }
        fn remove_dir(&self, path: &$crate::VPath) -> ::std::io::Result<()> {
            $crate::Vfs::remove_dir(&self.$field, path)
        }
        fn rename(&self, from: &$crate::VPath, to: &$crate::VPath) -> ::std::io::Result<()> {
            $crate::Vfs::rename(&self.$field, from, to)
        }
        fn symlink(&self, target: &str, link: &$crate::VPath) -> ::std::io::Result<()> {
            $crate::Vfs::symlink(&self.$field, target, link)
        }
        fn hard_link(&self, original: &$crate::VPath, link: &$crate::VPath) -> ::std::io::Result<()> {
            $crate::Vfs::hard_link(&self.$field, original, link)
        }
    };
    (@set_times $field:tt) => {
        fn set_times(
            &self,
            path: &$crate::VPath,
            accessed: ::std::option::Option<::std::time::SystemTime>,
            modified: ::std::option::Option<::std::time::SystemTime>,
        ) -> ::std::io::Result<()> {
            $crate::Vfs::set_times(&self.$field, path, accessed, modified)
        }
    };
    (@commit $field:tt) => {
        fn commit(&self) -> ::std::io::Result<()> {
            $crate::Vfs::commit(&self.$field)
        }
    };

    // Methods of a file.
    (@read $field:tt) => {
        fn read_at(&self, buf: &mut [u8], offset: u64) -> ::std::io::Result<usize> {
            $crate::VFile::read_at(&self.$field, buf, offset)
        }
        fn contents(&self) -> ::std::io::Result<$crate::macro_support::Bytes> {
            $crate::VFile::contents(&self.$field)
        }
    };
    (@write $field:tt) => {
        fn write_at(&self, bytes: &[u8], offset: u64) -> ::std::io::Result<usize> {
            $crate::VFile::write_at(&self.$field, bytes, offset)
        }
        fn append(&self, bytes: &[u8]) -> ::std::io::Result<u64> {
            $crate::VFile::append(&self.$field, bytes)
        }
        fn replace(&self, contents: $crate::macro_support::Bytes) -> ::std::io::Result<()> {
            $crate::VFile::replace(&self.$field, contents)
        }
    };
    (@len $field:tt) => {
        fn metadata(&self) -> ::std::io::Result<$crate::Metadata> {
            $crate::VFile::metadata(&self.$field)
        }
        fn len(&self) -> ::std::io::Result<u64> {
            $crate::VFile::len(&self.$field)
        }
        fn is_empty(&self) -> ::std::io::Result<bool> {
            $crate::VFile::is_empty(&self.$field)
        }
    };
    (@set_len $field:tt) => {
        fn set_len(&self, len: u64) -> ::std::io::Result<()> {
            $crate::VFile::set_len(&self.$field, len)
        }
    };
    (@sync $field:tt) => {
        fn sync(&self) -> ::std::io::Result<()> {
            $crate::VFile::sync(&self.$field)
        }
        fn close(&self) -> ::std::io::Result<()> {
            $crate::VFile::close(&self.$field)
        }
    };
}
