//! Conformance checks for any [`Vfs`]: the behaviour that programs rely on.
//!
//! ```
//! use afmpeg_vfs::{MemFs, conformance::Suite};
//!
//! Suite::new(MemFs::new).run();
//! ```
//!
//! A backend that lacks a feature is checked for refusing it:
//!
//! ```
//! use afmpeg_vfs::conformance::{Feature, Suite};
//! # use afmpeg_vfs::MemFs as YourFs;
//!
//! let suite = Suite::new(YourFs::new).without(Feature::HardLinks);
//! ```
//!
//! A read-only backend is filled with a [`Tree`] and checked by [`ReadOnlySuite`].
#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::panic,
    reason = "failed checks panic"
)]

mod check;
mod files;
mod links;
mod names;
mod outcome;
mod read_only;
mod refusals;
mod subject;
mod times;

use std::{
    any::Any,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::Arc,
};

use check::Check;
pub use check::Feature;
pub use read_only::{ReadOnlySuite, Tree};
use subject::Subject;

use crate::{OpenOptions, Vfs};

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
    files: contents_are_read_back_as_written,
        second_handle_sees_the_writes_of_the_first,
        write_in_the_middle_changes_nothing_else,
        gap_before_a_write_is_filled_with_zeros,
        file_can_be_truncated_and_extended,
        reads_at_and_past_the_end_return_zero_bytes,
        file_is_created_only_with_create,
        truncating_empties_the_file_for_every_handle,
        index_is_moved_to_the_front_through_a_second_handle,
        file_is_replaced_and_read_whole,
        appending_handle_writes_at_the_end_only,
        append_returns_its_offset,
        handles_respect_their_open_options,
        opening_requires_read_or_write_access,
        creating_needs_no_write_access,
        file_above_4_gib_is_sparse(SparseFiles),
        concurrent_jobs_are_independent;
    names: rename_replaces_a_file_and_keeps_its_open_handles,
        rename_moves_a_folder_with_its_contents,
        rename_refuses_invalid_targets,
        open_file_keeps_its_contents_through_a_rename,
        unlinked_file_stays_readable_while_it_is_open,
        folders_are_created_listed_and_removed,
        root_is_a_folder_and_cannot_be_removed,
        files_and_folders_are_not_interchangeable,
        unusual_names_are_valid;
    links: symlinks_are_followed_inside_and_never_lead_outside(Symlinks),
        hard_links_are_names_of_one_file(HardLinks, Inodes),
        symlink_can_have_two_names(HardLinks, Symlinks, Inodes),
        create_new_does_not_follow_a_link(Symlinks),
        create_follows_a_dangling_link(Symlinks),
        loop_of_links_is_reported_as_one(Symlinks);
    times: writes_update_the_modification_time(Times),
        times_are_set_and_stored(Times),
        inode_numbers_identify_files(Inodes);
);

/// The checks for a writable filesystem.
///
/// ```
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
    /// Creates a suite for the filesystems that `fresh` returns: an empty, independent one for each check.
    pub fn new<V: Vfs>(fresh: impl Fn() -> V + 'static) -> Self {
        Self { fresh: Box::new(move || Arc::new(fresh())), lacks: Vec::new() }
    }

    /// Skips the checks that need `feature`. Instead, the filesystem must refuse it with an error.
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
    /// At the end if checks have failed, with the name of each, the operation and the path, and the expected and the
    /// found result.
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

/// Runs every check on a fresh filesystem, and panics with all failures.
fn run_all<'a>(checks: impl Iterator<Item = &'a Check>, fresh: &dyn Fn() -> Arc<dyn Vfs>) {
    let mut ran = 0;
    let mut failed = Vec::new();
    for check in checks {
        ran += 1;
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| (check.run)(Subject(&*fresh())))) {
            failed.push(format!("{}: {}", check.name, message(&*panic)));
        }
    }
    assert!(failed.is_empty(), "{} of {ran} checks failed:\n{}", failed.len(), failed.join("\n"));
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("a panic without a message")
}

/// Runs `job` on `count` threads, with the number of each, and panics as the first that does.
fn in_parallel(count: u8, job: impl Fn(u8) + Sync) {
    let job = &job;
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..count).map(|number| scope.spawn(move || job(number))).collect();
        for thread in threads {
            thread.join().unwrap_or_else(|panic| resume_unwind(panic));
        }
    });
}

fn read() -> OpenOptions {
    OpenOptions::new().read(true)
}

fn write() -> OpenOptions {
    OpenOptions::new().read(true).write(true)
}
