//! Refusal of missing features, without side effects.

use std::{io::ErrorKind, time::SystemTime};

use super::{
    Subject,
    check::{Check, Feature},
};

pub(super) const CHECKS: &[Check] = &[
    Check { name: "refusals::symlinks_are_refused", needs: &[Feature::Symlinks], run: symlinks_are_refused },
    Check {
        name: "refusals::hard_links_are_refused",
        needs: &[Feature::HardLinks],
        run: hard_links_are_refused,
    },
    Check { name: "refusals::times_are_refused", needs: &[Feature::Times], run: times_are_refused },
];

const REFUSALS: &[ErrorKind] = &[ErrorKind::Unsupported, ErrorKind::PermissionDenied];

fn symlinks_are_refused(fs: Subject<'_>) {
    fs.write("/a", "x").ok();
    fs.symlink("a", "/link").fails_with_one_of(REFUSALS);
    fs.walk().returns(["/a"]);
    fs.read_link("/a").fails();
}

fn hard_links_are_refused(fs: Subject<'_>) {
    fs.write("/a", "x").ok();
    fs.hard_link("/a", "/link").fails_with_one_of(REFUSALS);
    fs.walk().returns(["/a"]);
}

fn times_are_refused(fs: Subject<'_>) {
    fs.write("/a", "x").ok();
    fs.set_times("/a", None, Some(SystemTime::now())).fails_with_one_of(REFUSALS);
}
