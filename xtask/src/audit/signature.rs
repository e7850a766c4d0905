//! The types of functions in C, as clang prints them, and in WebAssembly.

use std::fmt;

/// The greatest depth of types in each other; deeper ones are not read.
const DEEPEST: usize = 16;

/// A value in WebAssembly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    I32,
    I64,
    F32,
    F64,
    /// A struct or union passed by value; its values in WebAssembly depend on its members.
    Record(String),
}

/// The type of a function in WebAssembly, which a call through the table checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Signature {
    parameters: Vec<Value>,
    result: Option<Value>,
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::I32 => f.write_str("i32"),
            Value::I64 => f.write_str("i64"),
            Value::F32 => f.write_str("f32"),
            Value::F64 => f.write_str("f64"),
            Value::Record(name) => f.write_str(name),
        }
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parameters: Vec<String> = self.parameters.iter().map(Value::to_string).collect();
        write!(f, "({})", parameters.join(", "))?;
        self.result.as_ref().map_or(Ok(()), |result| write!(f, " -> {result}"))
    }
}

impl Signature {
    /// Reads the type of a function, or of a pointer to one, as clang prints it in C: `int (*)(void *, long long)`.
    /// Returns `None` for other types and for functions without a prototype.
    pub(super) fn of(text: &str) -> Option<Self> {
        let (result, parameters) = split(text, DEEPEST)?;
        if parameters.trim().is_empty() {
            // A function without a prototype.
            return None;
        }
        let mut signature = Self { parameters: Vec::new(), result: None };
        match values(&result).as_slice() {
            [] => {}
            [value] => signature.result = Some(value.clone()),
            // A result of several values is written to memory; the caller passes its address.
            _ => signature.parameters.push(Value::I32),
        }
        for parameter in at_commas(&parameters) {
            signature.parameters.extend(values(parameter));
        }
        Some(signature)
    }
}

/// The type of the result and the list of the parameters.
fn split(text: &str, depth: usize) -> Option<(String, String)> {
    let text = without_attributes(text);
    let inner = text.strip_suffix(')')?;
    let depth = depth.checked_sub(1)?;
    let open = opening(inner)?;
    let (before, parameters) = (inner[..open].trim(), &inner[open + 1..]);
    let Some(declarator) = before.strip_suffix(')') else {
        return (!before.is_empty()).then(|| (before.to_owned(), parameters.to_owned()));
    };
    let open = opening(declarator)?;
    let (result, declarator) = (before[..open].trim(), declarator[open + 1..].trim());
    if declarator.strip_prefix(['*', '&', '^']).is_some_and(|rest| !rest.contains('(')) {
        return Some((result.to_owned(), parameters.to_owned()));
    }
    // A pointer to a function that returns a pointer to another one: `void (*(*)(int))(char)`.
    let declarator = declarator.strip_prefix('*')?.trim();
    let (_, parameters) = split(&format!("int {declarator}"), depth)?;
    Some(("void *".to_owned(), parameters))
}

/// The offset of the parenthesis that opens the one that closes right after `text`.
fn opening(text: &str) -> Option<usize> {
    let mut depth = 0;
    for (offset, letter) in text.char_indices().rev() {
        match letter {
            ')' => depth += 1,
            '(' if depth == 0 => return Some(offset),
            '(' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn without_attributes(text: &str) -> &str {
    let mut text = text.trim();
    loop {
        let shorter = text.find(" __attribute__((").map_or(text, |offset| text[..offset].trim_end());
        let shorter = ["noexcept", "const", "&", "volatile"]
            .iter()
            .fold(shorter, |text, word| text.strip_suffix(word).unwrap_or(text).trim_end());
        if shorter == text {
            return text;
        }
        text = shorter;
    }
}

/// The parts between the commas outside parentheses and angle brackets.
fn at_commas(text: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0, 0);
    for (offset, letter) in text.char_indices() {
        match letter {
            '(' | '<' => depth += 1,
            ')' | '>' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&text[start..offset]);
                start = offset + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

/// The values of a type in WebAssembly: none, one, or two.
fn values(text: &str) -> Vec<Value> {
    let text = text.trim();
    // The address of the variable arguments.
    if text == "..." {
        return vec![Value::I32];
    }
    if text.contains(['*', '&', '[', '^', '(']) {
        return vec![Value::I32];
    }
    let words: Vec<&str> = text
        .split_whitespace()
        .filter(|word| !matches!(*word, "const" | "volatile" | "restrict" | "register" | "_Atomic"))
        .collect();
    let long = words.iter().filter(|word| **word == "long").count();
    match words.as_slice() {
        ["void"] => Vec::new(),
        ["float"] => vec![Value::F32],
        ["double"] => vec![Value::F64],
        ["long", "double"] | ["__int128" | "__float128"] | [_, "__int128"] => vec![Value::I64, Value::I64],
        ["struct" | "union" | "class", ..] => vec![Value::Record(words.join(" "))],
        ["enum", ..] => vec![Value::I32],
        words if long == 2 || words == ["int64_t"] || words == ["uint64_t"] => vec![Value::I64],
        words if words.iter().all(|word| is_word_of_32_bits(word)) => vec![Value::I32],
        words => vec![Value::Record(words.join(" "))],
    }
}

/// Whether a word is part of the name of a type of at most 32 bits. clang prints some typedefs by their names.
fn is_word_of_32_bits(word: &str) -> bool {
    const WORDS: &[&str] = &[
        "char",
        "short",
        "int",
        "long",
        "signed",
        "unsigned",
        "bool",
        "_Bool",
        "wchar_t",
        "char8_t",
        "char16_t",
        "char32_t",
        "size_t",
        "ssize_t",
        "ptrdiff_t",
        "__size_t",
        "__ptrdiff_t",
        "__builtin_va_list",
        "va_list",
        "__va_list",
        "std::nullptr_t",
    ];
    WORDS.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_type(text: &str, signature: &str) {
        assert_eq!(
            Signature::of(text).map(|signature| signature.to_string()).as_deref(),
            Some(signature),
            "{text}"
        );
    }

    #[test]
    fn functions_and_pointers_to_them_have_the_values_of_their_types() {
        assert_type("void (void)", "()");
        assert_type("void (*)(struct S *)", "(i32)");
        assert_type("void *(*)(void *)", "(i32) -> i32");
        assert_type("int (*const)(const char *restrict, unsigned long, enum E)", "(i32, i32, i32) -> i32");
        assert_type(
            "long long (struct S *, unsigned long long, float, double)",
            "(i32, i64, f32, f64) -> i64",
        );
        assert_type("void (*)(int, const char *, ...)", "(i32, i32, i32)");
        assert_type("void (*)(int (*)(char, long long), short[4])", "(i32, i32)");
        assert_type("void (void) __attribute__((noreturn))", "()");
        assert_type("void (int) noexcept", "(i32)");
    }

    #[test]
    fn function_that_returns_a_function_is_read_from_the_inside() {
        assert_type("void (*(*)(int, double))(char)", "(i32, f64) -> i32");
        assert_type("void (*(int))(char)", "(i32) -> i32");
    }

    #[test]
    fn large_results_are_written_to_memory() {
        assert_type("long double (int)", "(i32, i32)");
    }

    #[test]
    fn structs_passed_by_value_are_distinguished_by_name() {
        assert_type("struct A (struct B, union C *)", "(struct B, i32) -> struct A");
        assert_type("void (std::pair<int, long long>)", "(std::pair<int, long long>)");
    }

    #[test]
    fn other_types_are_none() {
        for text in ["void *", "int", "", "void ()", ")", "()", "(*)(", "int)", "struct S"] {
            assert_eq!(Signature::of(text), None, "{text}");
        }
    }
}
