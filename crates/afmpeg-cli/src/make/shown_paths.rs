//! The paths of the guest as the user typed them.

/// Pairs of a path in the guest and the path of the same file in the command line.
#[derive(Default)]
pub(crate) struct ShownPaths(Vec<(String, String)>);

impl ShownPaths {
    pub(crate) fn add(&mut self, guest: impl Into<String>, typed: impl Into<String>) {
        self.0.push((guest.into(), typed.into()));
        // A path comes before that of its folder.
        self.0.sort_by_key(|(guest, _)| std::cmp::Reverse(guest.len()));
    }

    /// Returns a message with the user's paths.
    pub(crate) fn in_text(&self, text: &str) -> String {
        let mut shown = String::new();
        let mut rest = text;
        while let Some(character) = rest.chars().next() {
            match self.0.iter().find(|(guest, _)| starts_with_path(rest, guest)) {
                Some((guest, typed)) => {
                    shown.push_str(typed);
                    rest = &rest[guest.len()..];
                }
                None => {
                    shown.push(character);
                    rest = &rest[character.len_utf8()..];
                }
            }
        }
        shown
    }
}

/// Whether a text starts with a path, and not with a longer name.
fn starts_with_path(text: &str, path: &str) -> bool {
    let is_name = |next: char| next.is_alphanumeric() || "._-".contains(next);
    text.strip_prefix(path).is_some_and(|behind| !behind.starts_with(is_name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_the_guest_become_those_of_the_command_line() {
        let mut paths = ShownPaths::default();
        paths.add("/films/.afmpeg-x", "out");
        paths.add("/films/.afmpeg-x/a.mp4", "out/a.mp4");
        paths.add("/films/b.mkv", "b.mkv");
        for (text, shown) in [
            ("cannot write '/films/.afmpeg-x/a.mp4'", "cannot write 'out/a.mp4'"),
            ("/films/.afmpeg-x/a.mp4/1.ts: full", "out/a.mp4/1.ts: full"),
            ("/films/.afmpeg-x/log", "out/log"),
            ("/films/b.mkv has no é", "b.mkv has no é"),
            ("/films/b.mkv.txt and /films/b.mkv-2", "/films/b.mkv.txt and /films/b.mkv-2"),
        ] {
            assert_eq!(paths.in_text(text), shown);
        }
    }
}
