//! The parts of ffprobe's JSON, each present only if it was requested and the file has it.

use std::ops::{Deref, DerefMut};

use serde::{Deserialize, Serialize};

/// A list in ffprobe's output. ffprobe prints a requested list even if it is empty.
///
/// It derefs to a slice; [`Section::is_present`] distinguishes an empty list from one that was not requested.
///
/// ```
/// use afmpeg_types::Probe;
///
/// let probe = Probe::from_json(br#"{"chapters": []}"#).unwrap();
/// assert!(probe.chapters.is_present() && probe.chapters.is_empty());
/// assert!(!probe.packets.is_present() && probe.packets.is_empty());
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Section<T>(Option<Vec<T>>);

impl<T> Section<T> {
    /// Whether ffprobe printed the list.
    pub fn is_present(&self) -> bool {
        self.0.is_some()
    }

    /// Returns the items by value: none if the list was not printed.
    pub fn into_vec(self) -> Vec<T> {
        self.0.unwrap_or_default()
    }
}

impl<T> Default for Section<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Deref for Section<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        self.0.as_deref().unwrap_or_default()
    }
}

impl<T> DerefMut for Section<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        self.0.as_deref_mut().unwrap_or_default()
    }
}

impl<'a, T> IntoIterator for &'a Section<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T> IntoIterator for Section<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.into_vec().into_iter()
    }
}

impl<T> From<Vec<T>> for Section<T> {
    fn from(items: Vec<T>) -> Self {
        Self(Some(items))
    }
}

/// A field that may be absent in ffprobe's output, and is then not serialized.
pub(super) trait Field {
    fn is_absent(&self) -> bool;
}

impl<T> Field for Option<T> {
    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T> Field for Section<T> {
    fn is_absent(&self) -> bool {
        !self.is_present()
    }
}

/// Declares an object in ffprobe's output: every field except `@required` ones may be absent, and undeclared fields are
/// kept in `extra`.
macro_rules! object {
    (
        $(#[$meta:meta])*
        $name:ident {
            $(@required { $($(#[$required_meta:meta])* $required:ident: $required_type:ty,)* })?
            $($(#[$field_meta:meta])* $field:ident: $type:ty,)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
        #[non_exhaustive]
        pub struct $name {
            $($($(#[$required_meta])* pub $required: $required_type,)*)?
            $(
                $(#[$field_meta])*
                #[serde(default, skip_serializing_if = "crate::probe::section::Field::is_absent")]
                pub $field: $type,
            )*
            /// All other fields.
            #[serde(flatten)]
            pub extra: crate::fields::Fields,
        }
    };
}

pub(super) use object;
