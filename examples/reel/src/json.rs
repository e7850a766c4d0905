//! JSON with the place of every value, as [`At`](crate::At) wants it.

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

pub(crate) fn is(file: &str) -> bool {
    file.rsplit_once('.').is_some_and(|(_, ending)| ending.eq_ignore_ascii_case("json"))
}

/// The storyboard, or where and why it is none.
pub(crate) fn read(text: &str) -> Result<Storyboard, (Range<usize>, String)> {
    // What is JSON, and nothing that looks like it.
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
        (error.range().start..error.range().end, format!("it is no JSON: {}", error.kind()))
    })?;
    let value = parsed.value.ok_or((0..0, "there is nothing in it".to_owned()))?;
    Storyboard::deserialize(Json(value)).map_err(|error| (error.span.unwrap_or_default(), error.message))
}

/// What a value is not, and where it stands.
#[derive(Debug)]
struct Wrong {
    span: Option<Range<usize>>,
    message: String,
}

impl Wrong {
    /// Within a value there, if nobody knows better.
    fn within(self, span: &Range<usize>) -> Self {
        Self { span: self.span.or_else(|| Some(span.clone())), ..self }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Wrong {}

impl serde::de::Error for Wrong {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self { span: None, message: message.to_string() }
    }
}

/// A value.
struct Json<'t>(Value<'t>);

impl<'t> Json<'t> {
    fn span(&self) -> Range<usize> {
        let range = self.0.range();
        range.start..range.end
    }

    fn seed<T: DeserializeSeed<'t>>(self, seed: T) -> Result<T::Value, Wrong> {
        let span = self.span();
        seed.deserialize(self).map_err(|error| error.within(&span))
    }
}

impl<'de> IntoDeserializer<'de, Wrong> for Json<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Json<'de> {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
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
                    left => Err(Wrong::invalid_length(count, &format!("{} of them", count - left).as_str())),
                })
            }
            Value::Object(object) => {
                visitor.visit_map(Entries { rest: object.properties.into_iter(), value: None })
            }
        };
        read.map_err(|error| error.within(&span))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match self.0 {
            Value::NullKeyword(_) => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        if !is_spanned(name) {
            return self.deserialize_any(visitor);
        }
        let span = self.span();
        visitor.visit_map(SpannedDeserializer::new(self, span.clone())).map_err(|error| error.within(&span))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        let span = self.span();
        let read = match &self.0 {
            Value::StringLit(text) => visitor.visit_enum(text.value.as_ref().into_deserializer()),
            _ => Err(Wrong::invalid_type(Unexpected::Other("something else"), &"a string")),
        };
        read.map_err(|error| error.within(&span))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier ignored_any
    }
}

/// Values that say where they stand, whatever is found out behind them: that a text is no ratio.
struct Elements<'t>(vec::IntoIter<Value<'t>>);

impl<'de> SeqAccess<'de> for Elements<'de> {
    type Error = Wrong;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Wrong> {
        self.0.next().map(|value| Json(value).seed(seed)).transpose()
    }
}

/// The same with names.
struct Entries<'t> {
    rest: vec::IntoIter<ObjectProp<'t>>,
    value: Option<Value<'t>>,
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Wrong;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Wrong> {
        let Some(entry) = self.rest.next() else { return Ok(None) };
        let range = entry.name.range();
        self.value = Some(entry.value);
        let name = StrDeserializer::new(entry.name.as_str());
        seed.deserialize(name).map(Some).map_err(|error: Wrong| error.within(&(range.start..range.end)))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Wrong> {
        match self.value.take() {
            Some(value) => Json(value).seed(seed),
            None => Err(Wrong::custom("a value is wanted before its name")),
        }
    }
}

fn number_of<'de, V: Visitor<'de>>(text: &str, visitor: V) -> Result<V::Value, Wrong> {
    if let Ok(whole) = text.parse::<u64>() {
        return visitor.visit_u64(whole);
    }
    if let Ok(whole) = text.parse::<i64>() {
        return visitor.visit_i64(whole);
    }
    match text.parse::<f64>() {
        Ok(number) => visitor.visit_f64(number),
        Err(_) => Err(Wrong::invalid_type(Unexpected::Other(text), &"a number")),
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
        // Places are not printed.
        let without_places = |storyboard: &Storyboard| {
            let mut text = format!("{storyboard:?}");
            while let Some(start) = text.find("span: ") {
                let end = text[start..].find(',').unwrap_or(0) + start;
                text.replace_range(start..end, "");
            }
            text
        };
        assert_eq!(without_places(&json), without_places(&toml));
        let image = json.shots.get_ref()[0].get_ref().image.as_ref().unwrap();
        assert_eq!(&TEXT[image.span()], r#""a: \"b\" é.png""#);
    }

    #[test]
    fn what_is_wrong_is_told_where_it_stands() {
        for (written, instead, place, message) in [
            ("\"fps\": ", "\"fps\" ", "\"30000/1001\"", "no JSON"),
            ("\"out\": 2.5, ", "", "", ""),
            ("\"out\"", "\"oat\"", "\"oat\"", "unknown field `oat`"),
            ("\"out\": 2.5", "\"out\": \"2.5\"", "\"2.5\"", "invalid type"),
            ("\"out\": 2.5", "\"out\": -2.5", "-2.5", "between nothing and a day"),
            ("\"out\": 2.5", "\"out\": 1e999", "1e999", "between nothing and a day"),
            ("\"fit\": \"fit\"", "\"fit\": \"fat\"", "\"fat\"", "unknown variant"),
            ("\"fit\": \"fit\"", "\"fit\": 1", "1", "a string"),
            ("slideleft", "slidelift", "\"slidelift\"", "but \"slideleft\""),
            ("30000/1001", "30000/0", "\"30000/0\"", "no ratio"),
            ("320, 180", "320, 180, 1", "[320, 180, 1]", "invalid length"),
            ("320, 180", "320", "[320]", "invalid length"),
            ("320, 180", "0x140, 180", "0x140", "no JSON"),
            ("  \"size\": [320, 180],\n", "", "{\n  \"fps\"", "missing field `size`"),
            ("\"x\": 0, ", "\"x\": 0, \"x\": 1, ", "{ \"x\": 0, \"x\"", "duplicate field"),
            ("\"fit\" }", "\"fit\", }", ", }", "no JSON"),
            ("\"fit\" }", "\"fit\" } // the last", "// the", "no JSON"),
        ] {
            assert!(TEXT.contains(written), "{written}");
            let text = TEXT.replacen(written, instead, 1);
            match read(&text) {
                Ok(_) => assert_eq!(message, "", "{instead}"),
                Err((span, told)) => {
                    assert!(told.contains(message) && !message.is_empty(), "{instead}: {told}");
                    assert!(text[span.start..].starts_with(place), "{instead}: {}", &text[span.start..]);
                }
            }
        }
        assert!(read("").is_err() && read("[]").is_err() && read(&"[".repeat(100_000)).is_err());
    }
}
