//! Gaps in numbered sequences of images.
//!
//! FFmpeg searches for the last image of a sequence in steps, and silently treats some gaps as its end.

use afmpeg_vfs::{FileStats, VPath, Vfs};

/// An input such as `frames/f%03d.png`.
#[derive(Debug, PartialEq, Eq)]
struct Sequence {
    folder: VPath,
    before: String,
    /// The minimum number of digits.
    digits: usize,
    after: String,
}

/// Returns the number of `inputs` that are sequences read up to a missing number although images with higher numbers exist.
/// `read` has the job's operations on each file.
pub(crate) fn gaps(fs: &dyn Vfs, inputs: &[&str], current_dir: &str, read: &[(VPath, FileStats)]) -> u32 {
    let sequences = inputs.iter().filter_map(|input| Sequence::of(input, current_dir));
    let with_gap = sequences.filter(|sequence| sequence.has_gap(fs, read)).count();
    u32::try_from(with_gap).unwrap_or(u32::MAX)
}

impl Sequence {
    fn of(input: &str, current_dir: &str) -> Option<Self> {
        let path = input.strip_prefix("file:").unwrap_or(input);
        let path = VPath::new(current_dir).ok()?.join(path).ok()?;
        let (before, rest) = path.file_name()?.split_once('%')?;
        let (digits, after) = rest.split_once('d')?;
        let folder = path.parent()?;
        // FFmpeg treats a name with several numbers or an escaped percent sign as a plain name.
        if after.contains('%')
            || folder.as_str().contains('%')
            || digits.bytes().any(|byte| !byte.is_ascii_digit())
        {
            return None;
        }
        let digits = if digits.is_empty() { 0 } else { digits.parse().ok()? };
        // No file name is longer.
        (digits <= 255).then(|| Self { folder, before: before.to_owned(), digits, after: after.to_owned() })
    }

    fn name(&self, number: u64) -> String {
        let Self { before, digits, after, .. } = self;
        format!("{before}{number:0digits$}{after}")
    }

    fn number(&self, name: &str) -> Option<u64> {
        let digits = name.strip_prefix(&self.before)?.strip_suffix(&self.after)?;
        digits.parse().ok().filter(|number| self.name(*number) == name)
    }

    fn has_gap(&self, fs: &dyn Vfs, read: &[(VPath, FileStats)]) -> bool {
        let own = read.iter().filter(|(path, stats)| {
            stats.reads > 0 && path.parent().is_some_and(|folder| folder == self.folder)
        });
        let Some(last) = own.filter_map(|(path, _)| self.number(path.file_name()?)).max() else {
            return false;
        };
        let next = last.checked_add(1).and_then(|next| self.folder.join(self.name(next)).ok());
        if next.is_none_or(|next| fs.metadata(&next).is_ok()) {
            return false;
        }
        let listed = fs.read_dir(&self.folder).unwrap_or_default();
        listed.iter().filter_map(|entry| self.number(&entry.name)).any(|number| number > last)
    }
}

#[cfg(test)]
mod tests {
    use afmpeg_vfs::{MemFs, Observe, VfsExt as _};

    use super::*;

    /// Whether `input` has a gap in a folder with the files `existing`, of which those in `read` were read.
    fn has_gap(input: &str, existing: &[&str], read: &[&str]) -> bool {
        let fs = Observe::new(MemFs::new());
        fs.create_dir_all("/in").unwrap();
        for name in existing {
            fs.write(format!("/in/{name}"), "image").unwrap();
        }
        for name in read {
            fs.read(format!("/in/{name}")).unwrap();
        }
        gaps(&fs, &[input], "/in", &fs.stats()) == 1
    }

    #[test]
    fn sequence_that_continues_after_a_missing_number_has_a_gap() {
        let existing = ["f1.png", "f2.png", "f4.png", "f10.png", "f003.png"];
        assert!(has_gap("f%d.png", &existing, &["f1.png", "f2.png"]));
        assert!(has_gap("/in/f%d.png", &existing, &["f4.png"]));
        assert!(has_gap("file:./f%01d.png", &existing, &["f2.png"]));
        // Not read up to the gap, or without images after it.
        assert!(!has_gap("f%d.png", &existing, &["f1.png"]));
        assert!(!has_gap("f%d.png", &existing, &["f10.png"]));
        assert!(!has_gap("f%d.png", &existing, &[]));
        // Other names, and other digits.
        assert!(!has_gap("f%03d.png", &existing, &["f003.png"]));
        assert!(!has_gap("g%d.png", &existing, &["f2.png"]));
        assert!(has_gap("f%03d.png", &["f009.png", "f1000.png", "f11.png"], &["f009.png"]));
    }

    #[test]
    fn names_without_a_pattern_are_not_sequences() {
        for name in ["f.png", "f%d%d.png", "f%%d.png", "f%s.png", "%d/f.png", "/", "f%-3d.png", "f%999d.png"]
        {
            assert_eq!(Sequence::of(name, "/in"), None, "{name}");
        }
        assert!(Sequence::of("f%03d.png", "/in").is_some());
    }
}
