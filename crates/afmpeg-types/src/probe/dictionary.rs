//! FFmpeg's dictionaries.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{MapAccess, Visitor},
};

use super::section::Field;

/// A dictionary: names with values in ffprobe's order, like FFmpeg's `AVDictionary`. Repeated names are kept.
///
/// Lookups ignore case, as FFmpeg's do.
///
/// ```
/// use afmpeg_types::Probe;
///
/// let probe = Probe::from_json(br#"{"format": {"tags": {"TITLE": "Winter", "artist": "A"}}}"#).unwrap();
/// let tags = probe.format.unwrap().tags;
/// assert_eq!(tags.get("title").map(String::as_str), Some("Winter"));
/// assert_eq!(tags.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["TITLE", "artist"]);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Dictionary<V>(Option<Vec<(String, V)>>);

/// Metadata: `title`, `language`, `creation_time`... Invalid UTF-8 becomes U+FFFD.
pub type Tags = Dictionary<String>;

/// The purposes of a stream, each 0 or 1: `default`, `forced`, `attached_pic`...
pub type Disposition = Dictionary<i64>;

impl<V> Dictionary<V> {
    /// Returns the first value with this name, ignoring case.
    pub fn get(&self, name: &str) -> Option<&V> {
        self.iter().find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Iterates over the names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &V)> {
        self.0.iter().flatten().map(|(name, value)| (name.as_str(), value))
    }

    /// Returns the number of entries.
    pub fn len(&self) -> usize {
        self.0.as_ref().map_or(0, Vec::len)
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether ffprobe printed the dictionary at all.
    pub fn is_present(&self) -> bool {
        self.0.is_some()
    }
}

impl Disposition {
    /// Whether the stream has this disposition.
    ///
    /// ```
    /// use afmpeg_types::probe::Stream;
    ///
    /// let stream: Stream = serde_json::from_str(r#"{"index": 0, "disposition": {"default": 1, "forced": 0}}"#).unwrap();
    /// assert!(stream.disposition.has("default") && !stream.disposition.has("forced"));
    /// ```
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| *value != 0)
    }
}

impl<V> Default for Dictionary<V> {
    fn default() -> Self {
        Self(None)
    }
}

impl<V> Field for Dictionary<V> {
    fn is_absent(&self) -> bool {
        !self.is_present()
    }
}

impl<V: Serialize> Serialize for Dictionary<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Dictionary<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs<V>(PhantomData<V>);

        impl<'de, V: Deserialize<'de>> Visitor<'de> for Pairs<V> {
            type Value = Dictionary<V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Dictionary(Some(pairs)))
            }
        }

        deserializer.deserialize_map(Pairs(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_repeated_names_survive() {
        let json = r#"{"z":"1","a":"2","z":"3"}"#;
        let tags: Tags = serde_json::from_str(json).unwrap();
        assert_eq!((tags.len(), tags.get("Z").map(String::as_str)), (3, Some("1")));
        assert_eq!(serde_json::to_string(&tags).unwrap(), json);
    }
}
