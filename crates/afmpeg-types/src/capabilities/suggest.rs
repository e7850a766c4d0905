//! Suggestions for misspelt names.

/// The shortest name that is searched for inside others, in bytes.
const SHORTEST_PART: usize = 3;

/// Returns the candidate most similar to `name`: up to a third of its letters may be wrong, or it may be part of the
/// candidate.
///
/// Two swapped letters count as one mistake; case, dashes and underscores are ignored.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain_name = plain(name);
    let letters = plain_name.chars().count();
    // A single letter must match.
    let mistakes = (letters / 3).max(1).min(letters.saturating_sub(1));
    let mut best: Option<((bool, usize, usize), &str)> = None;
    for candidate in candidates {
        let found = plain(candidate);
        let distance = strsim::osa_distance(&plain_name, &found);
        let is_part = plain_name.len() >= SHORTEST_PART && found.contains(&plain_name);
        if distance > mistakes && !is_part {
            continue;
        }
        // A tie goes to the most similar length, then to the first.
        let rank = (distance > mistakes, distance, candidate.len().abs_diff(name.len()));
        if best.as_ref().is_none_or(|(least, _)| rank < *least) {
            best = Some((rank, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
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
    fn dissimilar_names_find_nothing() {
        for name in ["transmogrify", "", "xyz", "zz"] {
            assert_eq!(meant_by(name), None, "{name}");
        }
    }
}
