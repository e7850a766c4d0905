//! JSON with the span of every value, for [`Spanned`](crate::Spanned).

use std::{fmt, ops::Range, vec};

use jsonc_parser::{
    ParseOptions,
    ast::{ObjectProp, Value},
    common::Ranged as _,
};
use serde::{
    Deserialize as _, Deserializer,
    de::{
        DeserializeSeed, Error as _, IntoDeserializer, MapAccess, SeqAccess, Unexpected, Visitor,
        value::StrDeserializer,
    },
    forward_to_deserialize_any,
};
use serde_spanned::de::{SpannedDeserializer, is_spanned};

use crate::Storyboard;

pub(crate) fn is_json(file: &str) -> bool {
    file.rsplit_once('.').is_some_and(|(_, ending)| ending.eq_ignore_ascii_case("json"))
}

/// Parses a storyboard, or returns the span and the text of the error.
pub(crate) fn read(text: &str) -> Result<Storyboard, (Range<usize>, String)> {
    // Strict JSON, with no extensions.
    let options = ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let parsed = jsonc_parser::parse_to_ast(text, &Default::default(), &options).map_err(|error| {
        (error.range().start..error.range().end, format!("invalid JSON: {}", error.kind()))
    })?;
    let value = parsed.value.ok_or((0..0, "the storyboard is empty".to_owned()))?;
    Storyboard::deserialize(Json(value)).map_err(|error| (error.span.unwrap_or_default(), error.message))
}

/// An error with the span of its value.
#[derive(Debug)]
struct ParseError {
    span: Option<Range<usize>>,
    message: String,
}

impl ParseError {
    /// Adds `span`, unless the error has one already.
    fn or_span(self, span: &Range<usize>) -> Self {
        Self { span: self.span.or_else(|| Some(span.clone())), ..self }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ParseError {}

impl serde::de::Error for ParseError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self { span: None, message: message.to_string() }
    }
}

/// A JSON value to deserialize.
struct Json<'t>(Value<'t>);

impl<'t> Json<'t> {
    fn span(&self) -> Range<usize> {
        let range = self.0.range();
        range.start..range.end
    }

    fn seed<T: DeserializeSeed<'t>>(self, seed: T) -> Result<T::Value, ParseError> {
        let span = self.span();
        seed.deserialize(self).map_err(|error| error.or_span(&span))
    }
}

impl<'de> IntoDeserializer<'de, ParseError> for Json<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Json<'de> {
    type Error = ParseError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ParseError> {
        let span = self.span();
        let read = match self.0 {
            Value::StringLit(text) => visitor.visit_str(&text.value),
            Value::NumberLit(number) => number_of(number.value, visitor),
            Value::BooleanLit(boolean) => visitor.visit_bool(boolean.value),
            Value::NullKeyword(_) => visitor.visit_unit(),
            Value::Array(array) => {
                let count = array.elements.len();
                let mut elements = Elements(array.elements.into_iter());
                visitor.visit_seq(&mut elements).and_then(|read| match elements.0.len() {
                    0 => Ok(read),
                    left => {
                        Err(ParseError::invalid_length(count, &format!("{} elements", count - left).as_str()))
                    }
                })
            }
            Value::Object(object) => {
                visitor.visit_map(Entries { rest: object.properties.into_iter(), value: None })
            }
        };
        read.map_err(|error| error.or_span(&span))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ParseError> {
        match self.0 {
            Value::NullKeyword(_) => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ParseError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ParseError> {
        if !is_spanned(name) {
            return self.deserialize_any(visitor);
        }
        let span = self.span();
        visitor.visit_map(SpannedDeserializer::new(self, span.clone())).map_err(|error| error.or_span(&span))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ParseError> {
        let span = self.span();
        let read = match &self.0 {
            Value::StringLit(text) => visitor.visit_enum(text.value.as_ref().into_deserializer()),
            _ => Err(ParseError::invalid_type(Unexpected::Other("something else"), &"a string")),
        };
        read.map_err(|error| error.or_span(&span))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier ignored_any
    }
}

/// The elements of an array, whose errors have a span even when they are found after parsing, as for a ratio.
struct Elements<'t>(vec::IntoIter<Value<'t>>);

impl<'de> SeqAccess<'de> for Elements<'de> {
    type Error = ParseError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, ParseError> {
        self.0.next().map(|value| Json(value).seed(seed)).transpose()
    }
}

/// The entries of an object, likewise.
struct Entries<'t> {
    rest: vec::IntoIter<ObjectProp<'t>>,
    value: Option<Value<'t>>,
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = ParseError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, ParseError> {
        let Some(entry) = self.rest.next() else { return Ok(None) };
        let range = entry.name.range();
        self.value = Some(entry.value);
        let name = StrDeserializer::new(entry.name.as_str());
        seed.deserialize(name).map(Some).map_err(|error: ParseError| error.or_span(&(range.start..range.end)))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, ParseError> {
        match self.value.take() {
            Some(value) => Json(value).seed(seed),
            None => Err(ParseError::custom("expected a name before its value")),
        }
    }
}

fn number_of<'de, V: Visitor<'de>>(text: &str, visitor: V) -> Result<V::Value, ParseError> {
    if let Ok(whole) = text.parse::<u64>() {
        return visitor.visit_u64(whole);
    }
    if let Ok(whole) = text.parse::<i64>() {
        return visitor.visit_i64(whole);
    }
    match text.parse::<f64>() {
        Ok(number) => visitor.visit_f64(number),
        Err(_) => Err(ParseError::invalid_type(Unexpected::Other(text), &"a number")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
{
  "size": [320, 180],
  "fps": "30000/1001",
  "captions": "burn",
  "font": null,
  "shots": [
    { "image": "a: \"b\" é.png", "duration": 2, "from": { "x": 0, "y": 0.25, "size": 5e-1 },
      "next": { "transition": "slideleft", "duration": 0.5 } },
    { "clip": "b.mp4", "in": 1, "out": 2.5, "fit": "fit" }
  ],
  "music": { "file": "c.mp3", "volume": -0 }
}
"#;

    #[test]
    fn storyboard_is_the_same_as_in_toml() {
        let toml = r#"
            size = [320, 180]
            fps = "30000/1001"
            captions = "burn"
            [[shots]]
            image = "a: \"b\" é.png"
            duration = 2
            from = { x = 0, y = 0.25, size = 0.5 }
            next = { transition = "slideleft", duration = 0.5 }
            [[shots]]
            clip = "b.mp4"
            in = 1
            out = 2.5
            fit = "fit"
            [music]
            file = "c.mp3"
            volume = 0
        "#;
        let (json, toml) = (read(TEXT).unwrap(), toml::from_str::<Storyboard>(toml).unwrap());
        // Spans differ between the formats.
        let without_spans = |storyboard: &Storyboard| {
            let mut text = format!("{storyboard:?}");
            while let Some(start) = text.find("span: ") {
                let end = text[start..].find(',').unwrap_or(0) + start;
                text.replace_range(start..end, "");
            }
            text
        };
        assert_eq!(without_spans(&json), without_spans(&toml));
        let image = json.shots.get_ref()[0].get_ref().image.as_ref().unwrap();
        assert_eq!(&TEXT[image.span()], r#""a: \"b\" é.png""#);
    }

    #[test]
    fn errors_have_the_span_of_their_value() {
        for (old, new, place, message) in [
            ("\"fps\": ", "\"fps\" ", "\"30000/1001\"", "invalid JSON"),
            ("\"out\": 2.5, ", "", "", ""),
            ("\"out\"", "\"oat\"", "\"oat\"", "unknown field `oat`"),
            ("\"out\": 2.5", "\"out\": \"2.5\"", "\"2.5\"", "invalid type"),
            ("\"out\": 2.5", "\"out\": -2.5", "-2.5", "expected a time"),
            ("\"out\": 2.5", "\"out\": 1e999", "1e999", "expected a time"),
            ("\"fit\": \"fit\"", "\"fit\": \"fat\"", "\"fat\"", "unknown variant"),
            ("\"fit\": \"fit\"", "\"fit\": 1", "1", "a string"),
            ("slideleft", "slidelift", "\"slidelift\"", "did you mean \"slideleft\"?"),
            ("30000/1001", "30000/0", "\"30000/0\"", "expected a ratio"),
            ("320, 180", "320, 180, 1", "[320, 180, 1]", "invalid length"),
            ("320, 180", "320", "[320]", "invalid length"),
            ("320, 180", "0x140, 180", "0x140", "invalid JSON"),
            ("  \"size\": [320, 180],\n", "", "{\n  \"fps\"", "missing field `size`"),
            ("\"x\": 0, ", "\"x\": 0, \"x\": 1, ", "{ \"x\": 0, \"x\"", "duplicate field"),
            ("\"fit\" }", "\"fit\", }", ", }", "invalid JSON"),
            ("\"fit\" }", "\"fit\" } // the last", "// the", "invalid JSON"),
        ] {
            assert!(TEXT.contains(old), "{old}");
            let text = TEXT.replacen(old, new, 1);
            match read(&text) {
                Ok(_) => assert_eq!(message, "", "{new}"),
                Err((span, error)) => {
                    assert!(error.contains(message) && !message.is_empty(), "{new}: {error}");
                    assert!(text[span.start..].starts_with(place), "{new}: {}", &text[span.start..]);
                }
            }
        }
        assert!(read("").is_err() && read("[]").is_err() && read(&"[".repeat(100_000)).is_err());
    }
}
