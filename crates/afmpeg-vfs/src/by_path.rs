//! A map by path in which the entries of a folder are adjacent.

use std::{collections::BTreeMap, ops::Bound};

use crate::VPath;

#[cfg(test)]
thread_local! {
    /// How many entries renames have visited.
    pub(crate) static LOOKED_AT: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// A map by path. The cost of a rename depends only on the entries that it moves: a guest may rename in a loop.
#[derive(Debug, Clone)]
pub(crate) struct ByPath<T>(BTreeMap<VPath, T>);

impl<T> Default for ByPath<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

#[allow(dead_code, reason = "each feature uses some of them")]
impl<T> ByPath<T> {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn get(&self, path: &VPath) -> Option<&T> {
        self.0.get(path)
    }

    pub(crate) fn get_mut(&mut self, path: &VPath) -> Option<&mut T> {
        self.0.get_mut(path)
    }

    pub(crate) fn or_default(&mut self, path: &VPath) -> &mut T
    where
        T: Default,
    {
        self.0.entry(path.clone()).or_default()
    }

    pub(crate) fn insert(&mut self, path: VPath, value: T) -> Option<T> {
        self.0.insert(path, value)
    }

    pub(crate) fn remove(&mut self, path: &VPath) -> Option<T> {
        self.0.remove(path)
    }

    pub(crate) fn paths(&self) -> impl Iterator<Item = &VPath> {
        self.0.keys()
    }

    /// Returns the entries at and below `folder`.
    pub(crate) fn at_and_below(&self, folder: &VPath) -> impl Iterator<Item = (&VPath, &T)> {
        // The character after `/` is `0`: the range holds every path below the folder, and no other.
        let stem = folder.as_str().trim_end_matches('/');
        let (start, end) = (format!("{stem}/"), format!("{stem}0"));
        let below = self.0.range::<str, _>((Bound::Excluded(start.as_str()), Bound::Excluded(end.as_str())));
        let found = self.0.get_key_value(folder).into_iter().chain(below);
        #[cfg(test)]
        let found = found.inspect(|_| LOOKED_AT.set(LOOKED_AT.get() + 1));
        found
    }

    /// Removes the entries at and below `from`, and returns them with their paths after a rename of `from` to `to`.
    pub(crate) fn take_moved(&mut self, from: &VPath, to: &VPath) -> Vec<(VPath, T)> {
        let paths: Vec<VPath> = self.at_and_below(from).map(|(path, _)| path.clone()).collect();
        let moved = |path: VPath| Some((moved(&path, from, to)?, self.0.remove(&path)?));
        paths.into_iter().filter_map(moved).collect()
    }

    /// Moves entries along with a rename. Entries of the new paths are replaced.
    pub(crate) fn rename(&mut self, from: &VPath, to: &VPath) {
        let moved = self.take_moved(from, to);
        self.0.extend(moved);
    }
}

/// Returns `path` after a rename of `from` to `to`; `None` if it is not at or below `from`.
pub(crate) fn moved(path: &VPath, from: &VPath, to: &VPath) -> Option<VPath> {
    let below = path.strip_prefix(from)?;
    if below.is_empty() { Some(to.clone()) } else { to.join(below).ok() }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn path(text: &str) -> VPath {
        VPath::new(text).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        /// The reference implementation visits every path.
        #[test]
        fn rename_moves_entries_at_and_below_a_path(
            names in prop::collection::vec("(/[ab0./-]{1,2}){0,3}", 0..12),
            renames in prop::collection::vec(("(/[ab0-]{1,2}){0,2}", "(/[ab0-]{1,2}){0,2}"), 1..6),
        ) {
            let mut map = ByPath::default();
            let mut judge = BTreeMap::new();
            for (number, name) in names.iter().enumerate() {
                map.insert(path(name), number);
                judge.insert(path(name), number);
            }
            for (from, to) in renames {
                let (from, to) = (path(&from), path(&to));
                map.rename(&from, &to);
                let (moving, staying): (Vec<_>, Vec<_>) =
                    judge.into_iter().partition(|(path, _): &(VPath, usize)| path.starts_with(&from));
                judge = staying.into_iter().collect();
                judge.extend(moving.into_iter().map(|(path, number)| (moved(&path, &from, &to).unwrap(), number)));
                prop_assert_eq!(map.0.iter().collect::<Vec<_>>(), judge.iter().collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn renames_visit_only_the_entries_that_they_move() {
        const FILES: usize = 100_000;
        let mut map = ByPath::default();
        for number in 0..FILES {
            map.insert(path(&format!("/out/{}/{number}", number % 100)), ());
        }
        LOOKED_AT.set(0);
        for number in 0..FILES {
            let from = path(&format!("/out/{}/{number}", number % 100));
            map.rename(&from, &path(&format!("/out/{}/{number}.ts", number % 100)));
        }
        assert_eq!(LOOKED_AT.get(), FILES);
        map.rename(&path("/out/7"), &path("/seven"));
        map.rename(&path("/none"), &path("/out"));
        assert_eq!((LOOKED_AT.get(), map.len()), (FILES + FILES / 100, FILES));
    }
}
