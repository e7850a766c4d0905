//! Suggestions for misspelt names.

/// The shortest name that is searched for inside others, in bytes.
const SHORTEST_PART: usize = 3;

/// Returns the candidate most similar to `name`: up to a third of its letters may be wrong, or it may be part of the
/// candidate.
///
/// Two swapped letters count as one mistake; case, dashes and underscores are ignored. A tie goes to the candidate with the
/// most similar length; of those that are as long as `name`, to the one with the fewest letters that `name` lacks (`aac`
/// for `acc`, not `ac3`); then to the first.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain_name = plain(name);
    let letters = plain_name.chars().count();
    // A single letter must match.
    let mistakes = (letters / 3).max(1).min(letters.saturating_sub(1));
    let ranked = candidates.into_iter().filter_map(|candidate| {
        let found = plain(candidate);
        let distance = strsim::osa_distance(&plain_name, &found);
        let is_part = plain_name.len() >= SHORTEST_PART && found.contains(&plain_name);
        if distance > mistakes && !is_part {
            return None;
        }
        let length = candidate.len().abs_diff(name.len());
        let is_other = |letter: &char| length == 0 && !plain_name.contains(*letter);
        let rank = (distance > mistakes, distance, length, found.chars().filter(is_other).count());
        Some((rank, candidate))
    });
    ranked.min_by_key(|(rank, _)| *rank).map(|(_, candidate)| candidate)
}

fn plain(name: &str) -> String {
    name.chars().filter(|letter| !matches!(letter, '-' | '_')).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: &[&str] = &["vignette", "crop", "drop", "colorkey", "libfoo264", "libfoo265", "pad", "a"];

    fn meant_by(name: &str) -> Option<&'static str> {
        nearest(name, NAMES.iter().copied())
    }

    #[test]
    fn misspelt_names_find_the_intended_one() {
        assert_eq!(meant_by("vingette"), Some("vignette"));
        assert_eq!(meant_by("vignettes"), Some("vignette"));
        assert_eq!(meant_by("Color-Key"), Some("colorkey"));
        assert_eq!(meant_by("foo264"), Some("libfoo264"));
        assert_eq!(meant_by("corp"), Some("crop"));
    }

    #[test]
    fn equally_similar_names_with_other_letters_come_last() {
        let meant_by = |name| nearest(name, ["ac3", "aac", "alac", "flac"]);
        assert_eq!(meant_by("acc"), Some("aac"));
        assert_eq!(meant_by("aca"), Some("aac"));
        assert_eq!(meant_by("ca3"), Some("ac3"));
        assert_eq!(nearest("foo6", ["foo4", "foo5"]), Some("foo4"), "the first, if nothing else decides");
        // A missing letter may be any.
        assert_eq!(nearest("yuv42p", ["yuv420p", "yuv422p"]), Some("yuv420p"));
    }

    #[test]
    fn dissimilar_names_find_nothing() {
        for name in ["transmogrify", "", "xyz", "zz"] {
            assert_eq!(meant_by(name), None, "{name}");
        }
    }
}
