//! Checks that any [`Vfs`] can be put to, in one line each: what programs rely on without saying so.
//!
//! ```
//! use afmpeg_vfs::{MemFs, conformance::Suite};
//!
//! Suite::new(MemFs::new).run();
//! ```
//!
//! A backend that lacks something says so, and is then checked for refusing it:
//!
//! ```
//! use afmpeg_vfs::conformance::{Feature, Suite};
//! # use afmpeg_vfs::MemFs as YourFs;
//!
//! let suite = Suite::new(YourFs::new).without(Feature::HardLinks);
//! ```
//!
//! One that only reads is made to hold a [`Tree`], and asked for it back by [`ReadOnlySuite`].
#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::panic,
    reason = "checks fail by a panic"
)]

mod files;
mod links;
mod names;
mod read_only;
mod refusals;
mod times;

use std::{
    any::Any,
    fmt,
    io::{self, ErrorKind},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

pub use read_only::{ReadOnlySuite, Tree};

use crate::{OpenOptions, VFile, VPath, Vfs};

/// What a writable filesystem may lack. Everything else is asked of all of them.
///
/// ```
/// use afmpeg_vfs::conformance::Feature;
///
/// assert_eq!(Feature::HardLinks.to_string(), "hard links");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Feature {
    /// [`Vfs::symlink`]
    Symlinks,
    /// [`Vfs::hard_link`]
    HardLinks,
    /// [`Vfs::set_times`], and modification times that move with what is written.
    Times,
    /// Inode numbers: the same for as long as the file is there, through every name it has.
    Inodes,
    /// Files above 4 GiB whose holes cost nothing.
    SparseFiles,
}

impl Feature {
    /// All of them, in the order of the table in the crate's documentation.
    ///
    /// ```
    /// use afmpeg_vfs::conformance::Feature;
    ///
    /// assert!(Feature::ALL.contains(&Feature::Symlinks));
    /// ```
    pub const ALL: &'static [Feature] =
        &[Feature::Symlinks, Feature::HardLinks, Feature::Times, Feature::Inodes, Feature::SparseFiles];
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Feature::Symlinks => "symbolic links",
            Feature::HardLinks => "hard links",
            Feature::Times => "times",
            Feature::Inodes => "inodes",
            Feature::SparseFiles => "sparse files",
        })
    }
}

/// One behaviour, shown on a filesystem that is empty.
struct Check {
    name: &'static str,
    needs: &'static [Feature],
    run: fn(&dyn Vfs),
}

macro_rules! checks {
    ($($group:ident: $($name:ident $(($($feature:ident),+))?),+;)+) => {
        &[$($(Check {
            name: concat!(stringify!($group), "::", stringify!($name)),
            needs: &[$($(Feature::$feature),+)?],
            run: $group::$name,
        }),+),+]
    };
}

const CHECKS: &[Check] = checks!(
    files: contents_come_back_as_they_were_written,
        second_handle_sees_what_the_first_has_written_so_far,
        write_in_the_middle_changes_only_that,
        write_beyond_the_end_leaves_zeros_between,
        length_can_be_set_both_ways,
        reading_at_and_beyond_the_end_gives_nothing,
        file_is_made_only_when_asked_for,
        truncating_empties_the_file_for_every_handle,
        index_is_moved_to_the_front_through_a_second_handle,
        written_whole_and_read_whole,
        appending_handle_writes_at_the_end_only,
        append_tells_where_it_wrote,
        handles_do_only_what_they_were_opened_for,
        creating_needs_no_write_access,
        file_above_4_gib_is_sparse(SparseFiles),
        concurrent_jobs_do_not_disturb_each_other;
    names: rename_replaces_a_file_and_keeps_it_open_for_its_readers,
        rename_moves_a_folder_with_what_is_in_it,
        rename_refuses_what_does_not_fit,
        open_file_keeps_its_contents_through_a_rename,
        unlinked_file_stays_readable_while_it_is_open,
        folders_are_listed_made_and_removed,
        files_are_no_folders_and_folders_no_files,
        odd_names_are_names;
    links: symlinks_are_followed_inside_and_lead_nowhere_outside(Symlinks),
        hard_links_are_names_of_one_file(HardLinks, Inodes),
        symlink_can_have_two_names(HardLinks, Symlinks, Inodes),
        file_that_must_be_new_is_not_made_through_a_link(Symlinks),
        file_is_made_where_a_dangling_link_leads(Symlinks),
        loop_of_links_is_called_one(Symlinks);
    times: writing_moves_the_modification_time(Times),
        times_are_set_and_kept(Times),
        inode_tells_files_apart(Inodes);
);

/// The checks for a filesystem that can be written to.
///
/// ```
/// use std::sync::Arc;
///
/// use afmpeg_vfs::{MemFs, Mount, conformance::Suite};
///
/// Suite::new(|| Mount::new(MemFs::new())).run();
/// ```
#[must_use = "a suite checks nothing until it is run"]
pub struct Suite {
    fresh: Box<dyn Fn() -> Arc<dyn Vfs>>,
    lacks: Vec<Feature>,
}

impl Suite {
    /// Checks what `fresh` makes: for every check a filesystem that is empty and that nobody else uses.
    pub fn new<V: Vfs>(fresh: impl Fn() -> V + 'static) -> Self {
        Self { fresh: Box::new(move || Arc::new(fresh())), lacks: Vec::new() }
    }

    /// Leaves out what needs `feature`. Instead, the filesystem must refuse it with an error, and not pretend.
    ///
    /// ```no_run
    /// # use afmpeg_vfs::{MemFs, conformance::{Feature, Suite}};
    /// Suite::new(MemFs::new).without(Feature::Symlinks).without(Feature::HardLinks).run();
    /// ```
    pub fn without(mut self, feature: Feature) -> Self {
        self.lacks.push(feature);
        self
    }

    /// Runs every check.
    ///
    /// # Panics
    ///
    /// At the end, if any of them failed: with the name of each, and what it found.
    ///
    /// ```should_panic
    /// # use afmpeg_vfs::{MemFs, ReadOnly, conformance::Suite};
    /// Suite::new(|| ReadOnly::new(MemFs::new())).run();
    /// ```
    pub fn run(&self) {
        let supported =
            CHECKS.iter().filter(|check| !check.needs.iter().any(|need| self.lacks.contains(need)));
        let refused =
            refusals::CHECKS.iter().filter(|check| check.needs.iter().any(|need| self.lacks.contains(need)));
        run_all(supported.chain(refused), &self.fresh);
    }
}

impl fmt::Debug for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Suite").field("lacks", &self.lacks).finish_non_exhaustive()
    }
}

/// Runs every check, each on a filesystem of its own, and fails with all that failed.
fn run_all<'a>(checks: impl Iterator<Item = &'a Check>, fresh: &dyn Fn() -> Arc<dyn Vfs>) {
    let mut ran = 0;
    let mut failed = Vec::new();
    for check in checks {
        ran += 1;
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| (check.run)(&*fresh()))) {
            failed.push(format!("{}: {}", check.name, message(&*panic)));
        }
    }
    assert!(failed.is_empty(), "{} of {ran} checks failed:\n{}", failed.len(), failed.join("\n"));
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("a panic without a message")
}

fn path(text: &str) -> VPath {
    VPath::new(text).unwrap()
}

fn open(fs: &dyn Vfs, name: &str, options: OpenOptions) -> io::Result<Box<dyn VFile>> {
    fs.open(&path(name), options)
}

fn read() -> OpenOptions {
    OpenOptions::new().read(true)
}

fn write() -> OpenOptions {
    OpenOptions::new().read(true).write(true)
}

#[track_caller]
fn assert_kind<T: fmt::Debug>(result: io::Result<T>, kind: ErrorKind) {
    assert_eq!(result.unwrap_err().kind(), kind);
}

fn all(file: &dyn VFile) -> Vec<u8> {
    file.contents().unwrap().to_vec()
}
