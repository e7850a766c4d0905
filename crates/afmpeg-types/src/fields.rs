//! Untyped fields of ffprobe's JSON.
//!
//! ffprobe repeats a name in an object if a value has several parts: `maxscl` occurs three times in the side data of
//! HDR10+. A map would keep one of them.

use std::{fmt, ops::Index};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{MapAccess, SeqAccess, Visitor},
};
use serde_json::Number;

/// Names with values, in ffprobe's order; names may repeat.
///
/// ```
/// use afmpeg_types::{fields::FieldValue, probe::SideData};
///
/// let json = r#"{"side_data_type":"HDR Dynamic Metadata SMPTE2094-40 (HDR10+)","maxscl":"1/2","maxscl":"1/4"}"#;
/// let side_data: SideData = serde_json::from_str(json).unwrap();
/// let parts: Vec<_> = side_data.extra.all("maxscl").filter_map(FieldValue::as_str).collect();
/// assert_eq!(parts, ["1/2", "1/4"]);
/// assert_eq!(serde_json::to_string(&side_data).unwrap(), json);
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fields(Vec<(String, FieldValue)>);

/// The value of a field.
#[derive(Debug, Clone, PartialEq)]
#[allow(clippy::exhaustive_enums, reason = "JSON has no other values")]
pub enum FieldValue {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string.
    String(String),
    /// Several values.
    List(Vec<FieldValue>),
    /// More fields.
    Object(Fields),
}

impl Fields {
    /// Returns the first value with this name.
    pub fn get(&self, name: &str) -> Option<&FieldValue> {
        self.iter().find(|(found, _)| *found == name).map(|(_, value)| value)
    }

    /// Iterates over all values with this name, in order.
    ///
    /// ```
    /// use afmpeg_types::fields::{FieldValue, Fields};
    ///
    /// let fields: Fields = serde_json::from_str(r#"{"maxscl": "1/2", "average": "1/8", "maxscl": "1/4"}"#).unwrap();
    /// let values: Vec<_> = fields.all("maxscl").filter_map(FieldValue::as_str).collect();
    /// assert_eq!(values, ["1/2", "1/4"]);
    /// ```
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a FieldValue> {
        self.0.iter().filter(move |(found, _)| found == name).map(|(_, value)| value)
    }

    /// Iterates over the names and values, in order.
    ///
    /// ```
    /// use afmpeg_types::fields::Fields;
    ///
    /// let fields: Fields = serde_json::from_str(r#"{"codec": "h264", "level": 31}"#).unwrap();
    /// let numbers: Vec<_> = fields.iter().filter_map(|(name, value)| Some((name, value.as_i64()?))).collect();
    /// assert_eq!(numbers, [("level", 31)]);
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = (&str, &FieldValue)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Iterates over the names, in order and with repetitions.
    pub fn keys(&self) -> impl Iterator<Item = &String> {
        self.0.iter().map(|(name, _)| name)
    }

    /// Returns the number of fields.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no fields.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.0.retain(|(found, _)| found != name);
        self
    }

    #[doc(hidden)]
    pub fn push(&mut self, name: String, value: FieldValue) {
        self.0.push((name, value));
    }
}

/// Returns the first value with a name, or [`FieldValue::Null`] if there is none.
impl Index<&str> for Fields {
    type Output = FieldValue;

    fn index(&self, name: &str) -> &FieldValue {
        self.get(name).unwrap_or(&FieldValue::Null)
    }
}

/// Returns the value with a name in an object, or [`FieldValue::Null`] if there is none.
impl Index<&str> for FieldValue {
    type Output = FieldValue;

    fn index(&self, name: &str) -> &FieldValue {
        self.as_object().map_or(&FieldValue::Null, |fields| &fields[name])
    }
}

/// Returns the value at an index of a list, or [`FieldValue::Null`] if there is none.
impl Index<usize> for FieldValue {
    type Output = FieldValue;

    fn index(&self, index: usize) -> &FieldValue {
        self.as_list().and_then(|values| values.get(index)).unwrap_or(&FieldValue::Null)
    }
}

impl FieldValue {
    /// Returns the value as a whole number, if it is one.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Number(number) => number.as_i64(),
            _ => None,
        }
    }

    /// Returns the value as a number, if it is one.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Number(number) => number.as_f64(),
            _ => None,
        }
    }

    /// Returns the value as a string, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the value as a list, if it is one.
    pub fn as_list(&self) -> Option<&[FieldValue]> {
        match self {
            Self::List(values) => Some(values),
            _ => None,
        }
    }

    /// Returns the value as fields, if it is an object.
    pub fn as_object(&self) -> Option<&Fields> {
        match self {
            Self::Object(fields) => Some(fields),
            _ => None,
        }
    }
}

impl PartialEq<i64> for FieldValue {
    fn eq(&self, number: &i64) -> bool {
        self.as_i64() == Some(*number)
    }
}

impl PartialEq<&str> for FieldValue {
    fn eq(&self, text: &&str) -> bool {
        self.as_str() == Some(*text)
    }
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Fields, A::Error> {
                read_fields(map)
            }
        }

        deserializer.deserialize_map(Object)
    }
}

fn read_fields<'de, A: MapAccess<'de>>(mut map: A) -> Result<Fields, A::Error> {
    let mut fields = Fields::default();
    while let Some((name, value)) = map.next_entry()? {
        fields.push(name, value);
    }
    Ok(fields)
}

impl Serialize for FieldValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(number) => number.serialize(serializer),
            Self::String(text) => serializer.serialize_str(text),
            Self::List(values) => serializer.collect_seq(values),
            Self::Object(fields) => fields.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for FieldValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = FieldValue;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value of JSON")
            }

            fn visit_unit<E>(self) -> Result<FieldValue, E> {
                Ok(FieldValue::Null)
            }

            fn visit_bool<E>(self, value: bool) -> Result<FieldValue, E> {
                Ok(FieldValue::Bool(value))
            }

            fn visit_i64<E>(self, number: i64) -> Result<FieldValue, E> {
                Ok(FieldValue::Number(number.into()))
            }

            fn visit_u64<E>(self, number: u64) -> Result<FieldValue, E> {
                Ok(FieldValue::Number(number.into()))
            }

            fn visit_f64<E>(self, number: f64) -> Result<FieldValue, E> {
                Ok(Number::from_f64(number).map_or(FieldValue::Null, FieldValue::Number))
            }

            fn visit_str<E>(self, text: &str) -> Result<FieldValue, E> {
                Ok(FieldValue::String(text.to_owned()))
            }

            fn visit_string<E>(self, text: String) -> Result<FieldValue, E> {
                Ok(FieldValue::String(text))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<FieldValue, A::Error> {
                let mut list = Vec::new();
                while let Some(value) = values.next_element()? {
                    list.push(value);
                }
                Ok(FieldValue::List(list))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<FieldValue, A::Error> {
                read_fields(map).map(FieldValue::Object)
            }
        }

        deserializer.deserialize_any(Any)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_names_survive_at_every_depth() {
        let json = r#"{"z":1,"a":{"b":[{"c":"1"},{"c":"1","c":-2,"c":0.5}],"b":null},"z":true}"#;
        let fields: Fields = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&fields).unwrap(), json);
        assert_eq!((fields.len(), fields.all("z").count()), (3, 2));
        let inner = fields["a"]["b"][1].as_object().unwrap();
        assert_eq!(inner.all("c").nth(1).unwrap(), &-2);
        assert_eq!(fields["none"], FieldValue::Null);
    }
}
