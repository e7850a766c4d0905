//! Implementations for pointers, which forward every method, including those with a default.

use std::{any::Any, io, sync::Arc, time::SystemTime};

use bytes::Bytes;

use crate::{DirEntry, Metadata, OpenOptions, VFile, VPath, Vfs};

macro_rules! forward {
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

forward!(Arc);
forward!(Box);

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

/// Forwards groups of methods of [`Vfs`] and [`VFile`] to a field, for wrappers that do not change them.
macro_rules! pass_on {
    ($field:ident: $($method:ident)+) => { $($crate::forward::pass_on!(@$method $field);)+ };

    // Methods of a filesystem.
    (@stat $field:ident) => {
        fn metadata(&self, path: &$crate::VPath) -> std::io::Result<$crate::Metadata> {
            self.$field.metadata(path)
        }
        fn symlink_metadata(&self, path: &$crate::VPath) -> std::io::Result<$crate::Metadata> {
            self.$field.symlink_metadata(path)
        }
        fn read_dir(&self, path: &$crate::VPath) -> std::io::Result<Vec<$crate::DirEntry>> {
            self.$field.read_dir(path)
        }
        fn read_link(&self, path: &$crate::VPath) -> std::io::Result<String> {
            self.$field.read_link(path)
        }
        fn keeps_in_memory(&self, path: &$crate::VPath) -> bool {
            self.$field.keeps_in_memory(path)
        }
    };
    (@names $field:ident) => {
        fn create_dir(&self, path: &$crate::VPath) -> std::io::Result<()> {
            self.$field.create_dir(path)
        }
        fn remove_file(&self, path: &$crate::VPath) -> std::io::Result<()> {
            self.$field.remove_file(path)
        }
        fn remove_dir(&self, path: &$crate::VPath) -> std::io::Result<()> {
            self.$field.remove_dir(path)
        }
        fn rename(&self, from: &$crate::VPath, to: &$crate::VPath) -> std::io::Result<()> {
            self.$field.rename(from, to)
        }
        fn symlink(&self, target: &str, link: &$crate::VPath) -> std::io::Result<()> {
            self.$field.symlink(target, link)
        }
        fn hard_link(&self, original: &$crate::VPath, link: &$crate::VPath) -> std::io::Result<()> {
            self.$field.hard_link(original, link)
        }
    };
    (@set_times $field:ident) => {
        fn set_times(
            &self,
            path: &$crate::VPath,
            accessed: Option<std::time::SystemTime>,
            modified: Option<std::time::SystemTime>,
        ) -> std::io::Result<()> {
            self.$field.set_times(path, accessed, modified)
        }
    };
    (@commit $field:ident) => {
        fn commit(&self) -> std::io::Result<()> {
            self.$field.commit()
        }
    };

    // Methods of a file.
    (@read $field:ident) => {
        fn read_at(&self, buf: &mut [u8], offset: u64) -> std::io::Result<usize> {
            self.$field.read_at(buf, offset)
        }
        fn contents(&self) -> std::io::Result<bytes::Bytes> {
            self.$field.contents()
        }
    };
    (@len $field:ident) => {
        fn metadata(&self) -> std::io::Result<$crate::Metadata> {
            self.$field.metadata()
        }
        fn len(&self) -> std::io::Result<u64> {
            self.$field.len()
        }
        fn is_empty(&self) -> std::io::Result<bool> {
            self.$field.is_empty()
        }
    };
    (@set_len $field:ident) => {
        fn set_len(&self, len: u64) -> std::io::Result<()> {
            self.$field.set_len(len)
        }
    };
    (@sync $field:ident) => {
        fn sync(&self) -> std::io::Result<()> {
            self.$field.sync()
        }
        fn close(&self) -> std::io::Result<()> {
            self.$field.close()
        }
    };
}

pub(crate) use pass_on;
