use std::{fmt::Write as _, time::Duration};

use super::error::RecipeError;
use crate::Time;

/// Returns chapters as a text in FFmpeg's metadata format, whatever characters the titles contain. Each chapter lasts
/// until the next one, and the last until `end`.
///
/// Write the text to a file, and read it as an input for [`Output::chapters`](crate::Output::chapters).
///
/// ```
/// use std::time::Duration;
/// use afmpeg_cmd::{Command, Input, Output, recipes::chapters};
///
/// let minute = Duration::from_secs(60);
/// let text = chapters([(Duration::ZERO, "Intro"), (minute, "Q=A; more")], 5 * minute)?;
/// assert!(text.starts_with(";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000000\nSTART=0\nEND=60000000\ntitle=Intro\n"));
/// assert!(text.ends_with("title=Q\\=A\\; more\n"));
/// // Write `text` to chapters.txt, and run this.
/// let (talk, chapters) = (Input::new("talk.mp3"), Input::new("chapters.txt").format("ffmetadata"));
/// let command = Command::new([Output::new("talk.m4a").audio(talk.audio(), "aac").chapters(&chapters)]);
/// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
/// ```
///
/// # Errors
///
/// A chapter does not start after the previous one, or before `end`; a title contains a zero byte.
pub fn chapters<'a>(
    chapters: impl IntoIterator<Item = (Duration, &'a str)>,
    end: Duration,
) -> Result<String, RecipeError> {
    let chapters: Vec<(Duration, &str)> = chapters.into_iter().collect();
    let ends = chapters.iter().skip(1).map(|(start, _)| *start).chain([end]);
    let mut text = String::from(";FFMETADATA1\n");
    for (index, ((start, title), end)) in chapters.iter().zip(ends).enumerate() {
        let (start, end) = (Time::from(*start), Time::from(end));
        if start >= end {
            let expected = format!("a start before {end}");
            return Err(RecipeError::new(format!("chapters[{index}]"), start, expected));
        }
        if title.contains('\0') {
            let parameter = format!("chapters[{index}].title");
            return Err(RecipeError::new(parameter, format!("{title:?}"), "a text without zero bytes"));
        }
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "[CHAPTER]\nTIMEBASE=1/1000000\nSTART={}\nEND={}\ntitle={}",
            start.as_micros(),
            end.as_micros(),
            escaped(title)
        );
    }
    Ok(text)
}

/// Escapes a value for `libavformat/ffmetadec.c`.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        if matches!(character, '=' | ';' | '#' | '\\' | '\n') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_characters_of_titles_are_escaped() {
        assert_eq!(escaped("a=b;c#d\\e\nf"), "a\\=b\\;c\\#d\\\\e\\\nf");
    }

    #[test]
    fn chapters_must_be_in_order_and_before_the_end() {
        let second = Duration::from_secs(1);
        let error = chapters([(second, "a"), (second, "b")], 9 * second).unwrap_err();
        assert_eq!(error.to_string(), "chapters[0]: expected a start before 1, found 1");
        let error = chapters([(second, "a"), (2 * second, "b")], second).unwrap_err();
        assert_eq!(error.parameter(), "chapters[1]");
        assert_eq!(chapters([(second, "\0")], 2 * second).unwrap_err().parameter(), "chapters[0].title");
    }
}
