//! How much room a text has in its frame, as an expression of FFmpeg's.

/// What FFmpeg knows of the frame before it draws into it.
const OF_FRAME: &[&str] =
    &["w", "W", "main_w", "h", "H", "main_h", "dar", "sar", "hsub", "vsub", "PI", "E", "PHI"];

/// Functions whose value depends on nothing but what is given to them.
const FUNCTIONS: &[&str] = &[
    "abs", "between", "ceil", "clip", "eq", "floor", "gt", "gte", "if", "ifnot", "lt", "lte", "max", "min",
    "mod", "not", "pow", "round", "sqrt", "trunc",
];

/// How long a text may be along a side of the frame, whose length is `side`, where it begins at `place`. `own` are the
/// names of its own length. None where that cannot be told before it is drawn.
pub(super) fn behind(place: &str, side: &str, own: [&str; 2]) -> Option<String> {
    let words = words(place);
    let is_own = |word: &&str| own.contains(word);
    let is_moved = words.iter().any(|word| is_own(&word.text));
    let is_known = |word: &Word<'_>| match word.is_call {
        // What a function makes of the text's own length is no line.
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
        is_own(&word.text) && place[..word.at].trim_end().trim_end_matches('(').ends_with(['/', '^'])
    };
    if words.iter().any(is_divisor) {
        return None;
    }
    // It begins at a line over its length: where that is 0 and 1, there is all of the line to see.
    let with = |length: &str| {
        let mut text = String::new();
        let mut from = 0;
        for word in words.iter().filter(|word| is_own(&word.text)) {
            text.push_str(&place[from..word.at]);
            text.push_str(length);
            from = word.at + word.text.len();
        }
        text + &place[from..]
    };
    let (start, slope) = (with("0"), format!("(({})-({}))", with("1"), with("0")));
    // Its end is within the frame, and its beginning is.
    let until_end = format!("if(gt({slope},-0.999),({side}-({start}))/(1+{slope}),{side})");
    let until_start = format!("if(lt({slope},-0.001),({start})/(-{slope}),{side})");
    Some(format!("min({until_end},{until_start})"))
}

/// A name in an expression.
struct Word<'a> {
    text: &'a str,
    at: usize,
    is_call: bool,
}

/// The names in an expression; the letters of numbers (`1e3`, `10k`) are none.
fn words(expression: &str) -> Vec<Word<'_>> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '.';
    let mut found = Vec::new();
    let mut rest = expression;
    while let Some(start) = rest.find(is_part) {
        let text = &rest[start..];
        let text = &text[..text.find(|letter| !is_part(letter)).unwrap_or(text.len())];
        let at = expression.len() - rest.len() + start;
        rest = &expression[at + text.len()..];
        if text.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_') {
            found.push(Word { text, at, is_call: rest.trim_start().starts_with('(') });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::behind;

    #[test]
    fn room_is_known_where_the_place_depends_on_the_frame_alone() {
        let across = |place: &str| behind(place, "w", ["text_w", "tw"]);
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
    fn place_that_follows_the_texts_own_length_is_a_line_over_it() {
        assert_eq!(
            behind("w-tw-8", "w", ["text_w", "tw"]).unwrap(),
            "min(if(gt(((w-1-8)-(w-0-8)),-0.999),(w-(w-0-8))/(1+((w-1-8)-(w-0-8))),w),\
             if(lt(((w-1-8)-(w-0-8)),-0.001),(w-0-8)/(-((w-1-8)-(w-0-8))),w))"
        );
    }
}
