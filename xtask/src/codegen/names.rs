//! FFmpeg's names as Rust identifiers.

/// Keywords that are valid as raw identifiers.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro",
    "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait",
    "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Keywords that are not valid as raw identifiers.
const RESERVED: &[&str] = &["self", "Self", "super", "crate"];

/// Returns the name of a function, method or parameter.
pub(super) fn identifier(name: &str) -> String {
    let mut identifier: String = name
        .chars()
        .map(|character| if character.is_ascii_alphanumeric() { character } else { '_' })
        .collect();
    if identifier.starts_with(|first: char| first.is_ascii_digit()) {
        identifier.insert(0, '_');
    }
    if KEYWORDS.contains(&identifier.as_str()) {
        identifier.insert_str(0, "r#");
    } else if RESERVED.contains(&identifier.as_str()) {
        identifier.push('_');
    }
    identifier
}

/// Returns the name of a type or variant: `slide-left` becomes `SlideLeft`.
pub(super) fn type_name(name: &str) -> String {
    // `lr>l-r` is a difference, unlike `hip-hop`.
    let minus = if name.contains('>') { "_minus_" } else { "_" };
    let words = name.replace('>', "_to_").replace('+', "_plus_").replace('&', "_and_").replace('-', minus);
    let mut name = String::new();
    for word in
        words.split(|character: char| !character.is_ascii_alphanumeric()).filter(|word| !word.is_empty())
    {
        let is_digit =
            |character: Option<char>| character.is_some_and(|character| character.is_ascii_digit());
        if is_digit(word.chars().next()) && (name.is_empty() || is_digit(name.chars().last())) {
            name.push('_');
        }
        let is_upper = word.len() > 1 && word.bytes().all(|byte| !byte.is_ascii_lowercase());
        let word = if is_upper { word.to_ascii_lowercase() } else { word.to_owned() };
        name.push_str(&word[..1].to_ascii_uppercase());
        name.push_str(&word[1..]);
    }
    if RESERVED.contains(&name.as_str()) {
        name.push('_');
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_options_become_names_of_methods() {
        for (option, method) in [
            ("w", "w"),
            ("loop", "r#loop"),
            ("0m", "_0m"),
            ("soft-knee", "soft_knee"),
            ("self", "self_"),
            ("I", "I"),
        ] {
            assert_eq!(identifier(option), method);
        }
    }

    #[test]
    fn names_of_constants_become_names_of_variants() {
        for (constant, variant) in [
            ("slideleft", "Slideleft"),
            ("floyd_steinberg", "FloydSteinberg"),
            ("bt601-6-525", "Bt601_6_525"),
            ("240m", "_240m"),
            ("lr>l-r", "LrToLMinusR"),
            ("lr>l+r", "LrToLPlusR"),
            ("hip-hop", "HipHop"),
            ("r&b", "RAndB"),
            ("vocal booster", "VocalBooster"),
            ("MOTION_VECTORS", "MotionVectors"),
            ("RMS_level", "RmsLevel"),
            ("self", "Self_"),
        ] {
            assert_eq!(type_name(constant), variant);
        }
    }
}
