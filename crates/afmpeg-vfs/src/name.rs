//! Conversion of names between bytes, as the operating system and C have them, and text.

use std::borrow::Cow;

/// The base of the characters that represent bytes outside of valid UTF-8. They are private-use characters at the end
/// of Unicode, which no font or program is known to use.
const ESCAPES: u32 = 0x0010_FE00;

fn escape(byte: u8) -> char {
    char::from_u32(ESCAPES + u32::from(byte)).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// Returns the byte that a character represents. Only bytes outside of ASCII are escaped.
fn escaped(character: char) -> Option<u8> {
    u8::try_from(u32::from(character).checked_sub(ESCAPES)?).ok().filter(|byte| !byte.is_ascii())
}

/// See [`VPath::text_of`](crate::VPath::text_of).
pub(crate) fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = str::from_utf8(bytes)
        && !text.chars().any(|character| escaped(character).is_some())
    {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            if escaped(character).is_some() {
                // Otherwise it would be converted back to one byte.
                text.extend(character.encode_utf8(&mut [0; 4]).bytes().map(escape));
            } else {
                text.push(character);
            }
        }
        text.extend(chunk.invalid().iter().copied().map(escape));
    }
    Cow::Owned(text)
}

/// See [`VPath::bytes_of`](crate::VPath::bytes_of).
pub(crate) fn bytes_of(text: &str) -> Cow<'_, [u8]> {
    if !text.chars().any(|character| escaped(character).is_some()) {
        return Cow::Borrowed(text.as_bytes());
    }
    let mut bytes = Vec::with_capacity(text.len());
    for character in text.chars() {
        match escaped(character) {
            Some(byte) => bytes.push(byte),
            None => bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    Cow::Owned(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn valid_text_is_unchanged() {
        for text in ["", "clip.mp4", "фильм 🎬.mkv"] {
            assert_eq!(text_of(text.as_bytes()), text);
            assert_eq!(&*bytes_of(text), text.as_bytes());
        }
    }

    #[test]
    fn escape_character_in_a_name_is_converted_back_to_itself() {
        let odd = escape(0xE4).to_string();
        assert_eq!(&*bytes_of(&text_of(odd.as_bytes())), odd.as_bytes());
    }

    proptest! {
        #[test]
        fn bytes_become_text_and_the_same_bytes_again(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let text = text_of(&bytes).into_owned();
            prop_assert_eq!(&*bytes_of(&text), &bytes[..]);
            // No ASCII byte is added or removed, so both forms have the same components.
            let slashes = bytes.iter().filter(|byte| **byte == b'/').count();
            prop_assert_eq!(text.matches('/').count(), slashes);
        }
    }
}
