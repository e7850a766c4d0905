//! Looking up paths in the merged tree.

use std::io;

use super::{
    layers::Layers,
    names::{Found, Names, Place},
};
use crate::{
    VPath,
    path::check_found,
    resolve::{self, Tree, look_up},
};

/// The merged tree for a state of the names.
struct Merged<'a> {
    overlay: &'a Layers,
    names: &'a Names,
}

impl Tree for Merged<'_> {
    type Node = Found;

    fn root(&self) -> io::Result<Found> {
        Ok(Found::root())
    }

    fn look(&self, dir: &Found, name: &str) -> io::Result<Option<Found>> {
        self.overlay.look(self.names, dir, name)
    }

    fn link_text(&self, link: &Found) -> io::Result<String> {
        self.overlay.link_text(link)
    }

    fn check(&self, node: &Found) -> io::Result<()> {
        check_found(&node.path)
    }
}

impl Layers {
    /// Returns the node called `name` in a folder.
    pub(super) fn look(&self, names: &Names, dir: &Found, name: &str) -> io::Result<Option<Found>> {
        let path = dir.path.join(name)?;
        let upper = if dir.in_upper { look_up(&*self.upper, &path)? } else { None };
        let lower =
            if dir.is_lower_dir() && !names.is_hidden(&path) { look_up(&*self.lower, &path)? } else { None };
        Ok(upper.or(lower).map(|shown| Found { path, shown, in_upper: upper.is_some(), lower }))
    }

    pub(super) fn resolve(&self, names: &Names, path: &VPath, follow: bool) -> io::Result<Place> {
        resolve::resolve(&Merged { overlay: self, names }, path, follow)
    }

    pub(super) fn link_text(&self, found: &Found) -> io::Result<String> {
        if !found.shown.is_symlink() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        if found.in_upper { self.upper.read_link(&found.path) } else { self.lower.read_link(&found.path) }
    }
}
