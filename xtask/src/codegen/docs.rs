//! Doc comments: FFmpeg's own help texts, and the ranges and defaults in its tables.

use afmpeg_types::capabilities::{AvOption, Constant, OptionType, Value};

/// The width of a generated line.
const WIDTH: usize = 110;

/// The least number that counts as no limit or default, since it is the limit of a C type.
const ENDLESS: f64 = i32::MAX as f64;

const MICROS: i64 = 1_000_000;

/// Returns a doc comment in lines with this indentation.
pub(super) fn comment(text: &str, indent: usize) -> String {
    let margin = " ".repeat(indent);
    let mut lines = String::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && indent + "/// ".len() + line.len() + 1 + word.len() > WIDTH {
            lines.push_str(&format!("{margin}/// {line}\n"));
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines + &format!("{margin}/// {line}\n")
}

/// Returns a help text as a sentence, or the name if it is empty.
pub(super) fn sentence(help: &str, name: &str) -> String {
    let help = help.trim().trim_end_matches(['.', ' ', ',', ':', ';']);
    if help.is_empty() {
        return format!("`{name}`");
    }
    let mut text = String::new();
    let mut characters = help.chars();
    // A word is capitalized; a name or a formula is not.
    if let Some(first) = characters.next() {
        let is_word = help.chars().take_while(|character| character.is_alphabetic()).count() > 1;
        text.push(if is_word { first.to_ascii_uppercase() } else { first });
    }
    text.extend(characters);
    format!("{}.", escaped(&text))
}

/// Escapes Markdown.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        if matches!(character, '\\' | '[' | ']' | '<' | '>' | '*' | '`') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

/// Returns the help, values and default of an option.
pub(super) fn option(option: &AvOption) -> String {
    let mut text = sentence(option.help.as_deref().unwrap_or_default(), &option.name);
    if option.kind == OptionType::Flags && !option.constants.is_empty() {
        let names: Vec<String> =
            option.constants.iter().map(|constant| format!("`{}`", constant.name)).collect();
        text.push_str(&format!(" Flags: {}.", names.join(", ")));
    }
    if let [constant] = option.constants.as_slice()
        && option.kind != OptionType::Flags
    {
        text.push_str(&format!(" A number or `{}`.", constant.name));
    }
    let default = default(option).map(|value| format!("`{value}` by default"));
    match (range(option), default) {
        (Some(range), Some(default)) => text.push_str(&format!(" {range}, {default}.")),
        (Some(text_of_range), None) => text.push_str(&format!(" {text_of_range}.")),
        (None, Some(default)) => text.push_str(&format!(" {default}.")),
        (None, None) => {}
    }
    text
}

/// Returns the range, if it has limits.
fn range(option: &AvOption) -> Option<String> {
    use OptionType::{Double, Duration, Float, Int, Int64, Uint};

    let is_number = matches!(option.kind, Int | Int64 | Uint | Float | Double | Duration);
    let range = option.range.as_ref().filter(|_| is_number && option.constants.len() < 2)?;
    let end = |end: &Option<Value>| {
        let end = end.as_ref()?;
        let is_end =
            end.as_f64().is_some_and(|number| number.abs() < ENDLESS) || option.kind == OptionType::Duration;
        is_end.then(|| value(option, end))?
    };
    match (end(&range.min), end(&range.max)) {
        (Some(min), Some(max)) => Some(format!("From {min} to {max}")),
        (Some(min), None) => Some(format!("At least {min}")),
        (None, Some(max)) => Some(format!("At most {max}")),
        (None, None) => None,
    }
}

/// Returns the default, unless it means "not set".
fn default(option: &AvOption) -> Option<String> {
    let default = option.default.as_ref()?;
    if let (Value::Integer(bits), OptionType::Flags) = (default, option.kind) {
        return flags(*bits, &option.constants);
    }
    if let (Value::Integer(number), true) = (default, option.constants.len() > 1) {
        let constant = option.constants.iter().find(|constant| constant.value == *number)?;
        return Some(constant.name.clone());
    }
    if let Some(number) = default.as_f64() {
        let end = |end: &Option<Value>| end.as_ref().and_then(Value::as_f64);
        let (min, max) =
            option.range.as_ref().map_or((None, None), |range| (end(&range.min), end(&range.max)));
        let is_within = min.is_none_or(|min| number >= min) && max.is_none_or(|max| number <= max);
        let is_unset_time = option.kind == OptionType::Duration && number < 0.0;
        if !is_within || is_unset_time || (number.abs() >= ENDLESS && option.kind != OptionType::Duration) {
            return None;
        }
    }
    value(option, default)
}

/// Returns the names of the flags that are set in `bits`, if they have names.
fn flags(bits: i64, constants: &[Constant]) -> Option<String> {
    if let Some(constant) = constants.iter().find(|constant| constant.value == bits) {
        return Some(constant.name.clone());
    }
    let set = constants.iter().filter(|constant| constant.value != 0 && constant.value & !bits == 0);
    let all = set.clone().fold(0, |all, constant| all | constant.value);
    let names: Vec<&str> = set.map(|constant| constant.name.as_str()).collect();
    (all == bits && bits != 0).then(|| names.join("+"))
}

/// Returns the text of a value.
fn value(option: &AvOption, value: &Value) -> Option<String> {
    match (value, option.kind) {
        (Value::Integer(micros), OptionType::Duration) => {
            let furthest = i64::MAX / MICROS;
            (micros / MICROS > -furthest && micros / MICROS < furthest).then(|| seconds(*micros))
        }
        (Value::Integer(0), OptionType::Bool) => Some("false".to_owned()),
        (Value::Integer(1), OptionType::Bool) => Some("true".to_owned()),
        (Value::Integer(_), OptionType::Bool) => None,
        (Value::Integer(number), _) => Some(number.to_string()),
        (Value::Text(text), OptionType::Rational) if text.starts_with("0/") => None,
        (Value::Text(text), OptionType::Float | OptionType::Double) if text == "nan" => None,
        (Value::Text(text), _) => {
            (!text.is_empty() && !text.contains(['`', '\n', '\t'])).then(|| text.clone())
        }
        _ => value.as_f64().map(rounded),
    }
}

/// Rounds to six digits; FFmpeg stores more for fractions that are not decimal.
fn rounded(number: f64) -> String {
    let number: f64 = format!("{number:.5e}").parse().unwrap_or(number);
    if number != 0.0 && number.abs() < 1e-6 { format!("{number:e}") } else { number.to_string() }
}

/// Returns seconds without trailing zeros.
fn seconds(micros: i64) -> String {
    let (sign, micros) = (if micros < 0 { "-" } else { "" }, micros.unsigned_abs());
    let text = format!("{sign}{}.{:06}", micros / 1_000_000, micros % 1_000_000);
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "0" { text.to_owned() } else { format!("{text} s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doc(json: &str) -> String {
        let json = format!(r#"{{"name": "x", "help": "set x", "flags": [], {json}}}"#);
        option(&serde_json::from_str(&json).unwrap())
    }

    #[test]
    fn range_and_default_are_documented_unless_trivial() {
        for (json, text) in [
            (
                r#""type": "int", "range": {"min": 0, "max": 8}, "default": 2"#,
                "Set x. From 0 to 8, `2` by default.",
            ),
            (
                r#""type": "float", "range": {"min": 0.0, "max": 2147483647.0}, "default": 0.5"#,
                "Set x. At least 0, `0.5` by default.",
            ),
            (
                r#""type": "double", "range": {"min": 2.2250738585072014e-308, "max": null}, "default": 0.0980392156862745"#,
                "Set x. At least 2.22507e-308, `0.0980392` by default.",
            ),
            (r#""type": "bool", "range": {"min": 0, "max": 1}, "default": 1"#, "Set x. `true` by default."),
            (
                r#""type": "duration", "range": {"min": 0, "max": 60000000}, "default": 2500000"#,
                "Set x. From 0 to 60 s, `2.5 s` by default.",
            ),
            (r#""type": "string", "default": "iw/2""#, "Set x. `iw/2` by default."),
        ] {
            assert_eq!(doc(json), text);
        }
    }

    #[test]
    fn default_that_means_unset_is_omitted() {
        for json in [
            r#""type": "bool", "range": {"min": -1, "max": 1}, "default": -1"#,
            r#""type": "double", "range": {"min": null, "max": null}, "default": 1.7976931348623157e308"#,
            r#""type": "double", "range": {"min": null, "max": null}, "default": "nan""#,
            r#""type": "int64", "range": {"min": -9223372036854775808, "max": 9223372036854775807}, "default": -9223372036854775808"#,
            r#""type": "duration", "range": {"min": -9223372036854775808, "max": 9223372036854775807}, "default": 9223372036854775807"#,
            r#""type": "rational", "default": "0/1""#,
            r#""type": "string", "default": null"#,
            r#""type": "string", "default": """#,
        ] {
            assert_eq!(doc(json), "Set x.", "{json}");
        }
        let constants = r#""unit": "x", "constants": [{"name": "a", "value": 1}, {"name": "b", "value": 2}]"#;
        let json = |default: i64| {
            format!(r#""type": "int", "range": {{"min": 0, "max": 2}}, "default": {default}, {constants}"#)
        };
        assert_eq!(doc(&json(2)), "Set x. `b` by default.");
        assert_eq!(doc(&json(0)), "Set x.");
        let flags = format!(r#""type": "flags", "default": 3, {constants}"#);
        assert_eq!(doc(&flags), "Set x. Flags: `a`, `b`. `a+b` by default.");
    }

    #[test]
    fn text_is_escaped_and_wrapped() {
        assert_eq!(sentence("mode for <a> -> [b]*c", "m"), r"Mode for \<a\> -\> \[b\]\*c.");
        assert_eq!(sentence(" ", "m"), "`m`");
        let long = comment(&"word ".repeat(100), 8);
        assert!(
            long.lines().count() > 4
                && long.lines().all(|line| line.len() <= WIDTH && line.starts_with("        /// "))
        );
    }
}
