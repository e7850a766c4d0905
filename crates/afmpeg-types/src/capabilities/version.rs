use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// The version of the format that this version of afmpeg reads and writes.
pub(super) const FORMAT: u32 = 1;

/// The version of a document's format. It is the first field of a document, so that another version is refused as such
/// and not for a field that it lacks.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct FormatVersion;

impl Serialize for FormatVersion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        FORMAT.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for FormatVersion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u32::deserialize(deserializer)? {
            FORMAT => Ok(Self),
            found => Err(D::Error::custom(format_args!("expected the format {FORMAT}, found {found}"))),
        }
    }
}
