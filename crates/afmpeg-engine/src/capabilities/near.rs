//! What was meant by a misspelt name.

/// A name of fewer letters is too short to be found inside of another.
const SHORTEST_PART: usize = 3;

/// The candidate that is nearest to `name`, if one is near: a third of the letters may be wrong, or the name may be
/// part of the candidate's.
///
/// Letters that changed places count as one mistake, and so does nothing that is only a matter of case or of dashes.
pub(crate) fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = plain(name);
    let letters = wanted.chars().count();
    // Of a single letter, one mistake leaves nothing.
    let mistakes = (letters / 3).max(1).min(letters.saturating_sub(1));
    let mut best: Option<((bool, usize, usize), &str)> = None;
    for candidate in candidates {
        let found = plain(candidate);
        let distance = strsim::osa_distance(&wanted, &found);
        let is_part = wanted.len() >= SHORTEST_PART && found.contains(&wanted);
        if distance > mistakes && !is_part {
            continue;
        }
        // Of equals, the one of nearly the same length, then the first.
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
    fn misspelt_names_find_what_was_meant() {
        assert_eq!(meant_by("vingette"), Some("vignette"));
        assert_eq!(meant_by("vignettes"), Some("vignette"));
        assert_eq!(meant_by("Color-Key"), Some("colorkey"));
        assert_eq!(meant_by("foo264"), Some("libfoo264"));
        assert_eq!(meant_by("corp"), Some("crop"));
    }

    #[test]
    fn what_is_nothing_like_them_finds_nothing() {
        for name in ["transmogrify", "", "xyz", "zz"] {
            assert_eq!(meant_by(name), None, "{name}");
        }
    }
}
