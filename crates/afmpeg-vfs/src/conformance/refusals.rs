//! Refusal of missing features, without side effects.

use std::{io, time::SystemTime};

use super::check::{Check, Feature, path};
use crate::{Vfs, VfsExt as _};

pub(super) const CHECKS: &[Check] = &[
    Check { name: "refusals::symlinks_are_refused", needs: &[Feature::Symlinks], run: symlinks_are_refused },
    Check {
        name: "refusals::hard_links_are_refused",
        needs: &[Feature::HardLinks],
        run: hard_links_are_refused,
    },
    Check { name: "refusals::times_are_refused", needs: &[Feature::Times], run: times_are_refused },
];

#[track_caller]
fn assert_refused(result: io::Result<()>) {
    let kind = result.unwrap_err().kind();
    let refusals = [io::ErrorKind::Unsupported, io::ErrorKind::PermissionDenied];
    assert!(refusals.contains(&kind), "{kind:?} is not a refusal");
}

fn symlinks_are_refused(fs: &dyn Vfs) {
    fs.write("/a", "x").unwrap();
    assert_refused(fs.symlink("a", &path("/link")));
    assert_eq!(fs.walk("/").unwrap(), ["/a"]);
    fs.read_link(&path("/a")).unwrap_err();
}

fn hard_links_are_refused(fs: &dyn Vfs) {
    fs.write("/a", "x").unwrap();
    assert_refused(fs.hard_link(&path("/a"), &path("/link")));
    assert_eq!(fs.walk("/").unwrap(), ["/a"]);
}

fn times_are_refused(fs: &dyn Vfs) {
    fs.write("/a", "x").unwrap();
    assert_refused(fs.set_times(&path("/a"), None, Some(SystemTime::now())));
}
