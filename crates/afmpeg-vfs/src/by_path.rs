//! What is known of paths, so that a folder's are side by side.

use std::{collections::BTreeMap, ops::Bound};

use crate::VPath;

#[cfg(test)]
thread_local! {
    /// How many entries renames have looked at.
    pub(crate) static LOOKED_AT: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// A map by path. A rename costs what it moves, however much else is known: a guest may rename in a loop.
#[derive(Debug, Clone)]
pub(crate) struct ByPath<T>(BTreeMap<VPath, T>);

impl<T> Default for ByPath<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

#[allow(dead_code, reason = "each feature needs some of them")]
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

    pub(crate) fn or_insert_with(&mut self, path: &VPath, make: impl FnOnce() -> T) -> &mut T {
        self.0.entry(path.clone()).or_insert_with(make)
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &T> {
        self.0.values()
    }

    pub(crate) fn insert(&mut self, path: VPath, what: T) -> Option<T> {
        self.0.insert(path, what)
    }

    pub(crate) fn remove(&mut self, path: &VPath) -> Option<T> {
        self.0.remove(path)
    }

    pub(crate) fn paths(&self) -> impl Iterator<Item = &VPath> {
        self.0.keys()
    }

    /// What is known of `folder` and of what is below it.
    pub(crate) fn at_and_below(&self, folder: &VPath) -> impl Iterator<Item = (&VPath, &T)> {
        // The character after `/` is `0`: nothing that is below the folder is beyond it.
        let stem = folder.as_str().trim_end_matches('/');
        let (start, end) = (format!("{stem}/"), format!("{stem}0"));
        let below = self.0.range::<str, _>((Bound::Excluded(start.as_str()), Bound::Excluded(end.as_str())));
        let found = self.0.get_key_value(folder).into_iter().chain(below);
        #[cfg(test)]
        let found = found.inspect(|_| LOOKED_AT.set(LOOKED_AT.get() + 1));
        found
    }

    /// Takes out what is known of `from` and of what is below it; each comes with the path it has after a rename of
    /// `from` to `to`.
    pub(crate) fn take_moved(&mut self, from: &VPath, to: &VPath) -> Vec<(VPath, T)> {
        let paths: Vec<VPath> = self.at_and_below(from).map(|(path, _)| path.clone()).collect();
        let moved = |path: VPath| Some((moved(&path, from, to)?, self.0.remove(&path)?));
        paths.into_iter().filter_map(moved).collect()
    }

    /// Follows a rename. What was known of the new paths is replaced.
    pub(crate) fn rename(&mut self, from: &VPath, to: &VPath) {
        let moved = self.take_moved(from, to);
        self.0.extend(moved);
    }
}

/// Where `path` is after a rename of `from`; none if it is not that or below it.
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

        /// The judge looks at every path.
        #[test]
        fn rename_moves_what_is_at_and_below_a_path(
            names in prop::collection::vec("(/[ab0./-]{1,2}){0,3}", 0..12),
            renames in prop::collection::vec(("(/[ab0-]{1,2}){0,2}", "(/[ab0-]{1,2}){0,2}"), 1..6),
        ) {
            let mut known = ByPath::default();
            let mut judge = BTreeMap::new();
            for (number, name) in names.iter().enumerate() {
                known.insert(path(name), number);
                judge.insert(path(name), number);
            }
            for (from, to) in renames {
                let (from, to) = (path(&from), path(&to));
                known.rename(&from, &to);
                let (moving, staying): (Vec<_>, Vec<_>) =
                    judge.into_iter().partition(|(path, _): &(VPath, usize)| path.starts_with(&from));
                judge = staying.into_iter().collect();
                judge.extend(moving.into_iter().map(|(path, number)| (moved(&path, &from, &to).unwrap(), number)));
                prop_assert_eq!(known.0.iter().collect::<Vec<_>>(), judge.iter().collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn renames_look_at_what_they_move_and_at_nothing_else() {
        const FILES: usize = 100_000;
        let mut known = ByPath::default();
        for number in 0..FILES {
            known.insert(path(&format!("/out/{}/{number}", number % 100)), ());
        }
        LOOKED_AT.set(0);
        for number in 0..FILES {
            let from = path(&format!("/out/{}/{number}", number % 100));
            known.rename(&from, &path(&format!("/out/{}/{number}.ts", number % 100)));
        }
        assert_eq!(LOOKED_AT.get(), FILES);
        known.rename(&path("/out/7"), &path("/seven"));
        known.rename(&path("/none"), &path("/out"));
        assert_eq!((LOOKED_AT.get(), known.len()), (FILES + FILES / 100, FILES));
    }
}
