//! The space for a text in its frame, as an FFmpeg expression.

/// The properties of a frame that are defined before drawing.
const OF_FRAME: &[&str] =
    &["w", "W", "main_w", "h", "H", "main_h", "dar", "sar", "hsub", "vsub", "PI", "E", "PHI"];

/// Functions that depend only on their arguments.
const FUNCTIONS: &[&str] = &[
    "abs", "between", "ceil", "clip", "eq", "floor", "gt", "gte", "if", "ifnot", "lt", "lte", "max", "min",
    "mod", "not", "pow", "round", "sqrt", "trunc",
];

/// Returns the space for a text along a side of the frame with length `side`, from its start at `place`. `own` are the
/// names of the text's own length. `None` if it depends on other values.
pub(super) fn after(place: &str, side: &str, own: [&str; 2]) -> Option<String> {
    let words = words(place);
    let is_own = |word: &&str| own.contains(word);
    let is_moved = words.iter().any(|word| is_own(&word.text));
    let is_known = |word: &Word<'_>| match word.is_call {
        // A function of the text's own length is not linear.
        true => !is_moved && FUNCTIONS.contains(&word.text),
        false => is_own(&word.text) || OF_FRAME.contains(&word.text),
    };
    if place.trim().is_empty() || place.contains(';') || !words.iter().all(is_known) {
        return None;
    }
    if !is_moved {
        return Some(format!("({side}-({place}))"));
    }
    let is_divisor = |word: &Word<'_>| {
        is_own(&word.text) && place[..word.offset].trim_end().trim_end_matches('(').ends_with(['/', '^'])
    };
    if words.iter().any(is_divisor) {
        return None;
    }
    // The start is linear in the text's length: its values at 0 and 1 determine it.
    let with = |length: &str| {
        let mut text = String::new();
        let mut from = 0;
        for word in words.iter().filter(|word| is_own(&word.text)) {
            text.push_str(&place[from..word.offset]);
            text.push_str(length);
            from = word.offset + word.text.len();
        }
        text + &place[from..]
    };
    let (start, slope) = (with("0"), format!("(({})-({}))", with("1"), with("0")));
    // The end is within the frame, and so is the start.
    let until_end = format!("if(gt({slope},-0.999),({side}-({start}))/(1+{slope}),{side})");
    let until_start = format!("if(lt({slope},-0.001),({start})/(-{slope}),{side})");
    Some(format!("min({until_end},{until_start})"))
}

/// A name in an expression.
struct Word<'a> {
    text: &'a str,
    offset: usize,
    is_call: bool,
}

/// Returns the names in an expression, without the letters of numbers (`1e3`, `10k`).
fn words(expression: &str) -> Vec<Word<'_>> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '.';
    let mut found = Vec::new();
    let mut rest = expression;
    while let Some(start) = rest.find(is_part) {
        let text = &rest[start..];
        let text = &text[..text.find(|letter| !is_part(letter)).unwrap_or(text.len())];
        let offset = expression.len() - rest.len() + start;
        rest = &expression[offset + text.len()..];
        if text.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_') {
            found.push(Word { text, offset, is_call: rest.trim_start().starts_with('(') });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::after;

    #[test]
    fn space_is_known_where_the_place_depends_on_the_frame_alone() {
        let across = |place: &str| after(place, "w", ["text_w", "tw"]);
        assert_eq!(across("10"), Some("(w-(10))".to_owned()));
        assert_eq!(across("w/2 + 1e1"), Some("(w-(w/2 + 1e1))".to_owned()));
        assert_eq!(across("max(W/4, 20)"), Some("(w-(max(W/4, 20)))".to_owned()));
        for unknown in
            ["w-100*t", "n*2", "random(0)*w", "max(w-text_w,0)", "w/text_w", "w/(tw)", "text_h", "", "0;1"]
        {
            assert_eq!(across(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn space_at_a_place_that_depends_on_the_texts_own_length_is_linear() {
        assert_eq!(
            after("w-tw-8", "w", ["text_w", "tw"]).unwrap(),
            "min(if(gt(((w-1-8)-(w-0-8)),-0.999),(w-(w-0-8))/(1+((w-1-8)-(w-0-8))),w),\
             if(lt(((w-1-8)-(w-0-8)),-0.001),(w-0-8)/(-((w-1-8)-(w-0-8))),w))"
        );
    }
}
