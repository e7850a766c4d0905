//! Detects files that need a component that the module lacks.
//!
//! FFmpeg reports such a file as damaged, since only the missing component recognises its format.

use afmpeg_vfs::{OpenOptions, VPath, Vfs};

use afmpeg_types::{Component, ComponentKind};

use crate::{module::Manifest, read_up_to::read_up_to};

/// The number of bytes read from a file: a playlist's keys are at its start.
const HEAD: usize = 16 << 10;

/// The component that a module must have to read the file at `path`, if the module has a manifest that does not list it.
pub(crate) fn needed_for(
    fs: &dyn Vfs,
    current_dir: &str,
    path: &str,
    manifest: Option<&Manifest>,
) -> Option<Component> {
    let path = path.strip_prefix("file:").unwrap_or(path);
    let absolute = if path.starts_with('/') { path.to_owned() } else { format!("{current_dir}/{path}") };
    let file = fs.open(&VPath::new(absolute).ok()?, OpenOptions::new().read(true)).ok()?;
    let component = needed_by(&read_up_to(&*file, 0, HEAD).ok()?)?;
    let has = manifest.and_then(|manifest| manifest.has(&component));
    (has == Some(false)).then_some(component)
}

/// Returns the component that a file with this start needs: the demuxer for a DASH manifest, the protocol that decrypts for
/// an encrypted HLS playlist.
fn needed_by(head: &[u8]) -> Option<Component> {
    let text = String::from_utf8_lossy(head);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if root_element(text) == Some("MPD") {
        return Some(Component::new(ComponentKind::Demuxer, "dash"));
    }
    let is_encrypted = |line: &str| {
        line.strip_prefix("#EXT-X-KEY:")
            .is_some_and(|key| key.split(',').any(|part| part.trim() == "METHOD=AES-128"))
    };
    if text.starts_with("#EXTM3U") && text.lines().any(is_encrypted) {
        return Some(Component::new(ComponentKind::Protocol, "crypto"));
    }
    None
}

/// Returns the name of an XML document's root element, without its namespace.
fn root_element(mut text: &str) -> Option<&str> {
    loop {
        text = text.trim_start().strip_prefix('<')?;
        let end = match text {
            _ if text.starts_with('?') => "?>",
            _ if text.starts_with("!--") => "-->",
            _ if text.starts_with('!') => ">",
            _ => break,
        };
        text = text.split_once(end)?.1;
    }
    let name = text.split(|letter: char| letter.is_whitespace() || matches!(letter, '>' | '/')).next()?;
    Some(name.rsplit(':').next().unwrap_or(name))
}

#[cfg(test)]
mod tests {
    use afmpeg_vfs::{MemFs, VfsExt as _};
    use serde_json::json;

    use super::*;

    #[test]
    fn component_is_needed_only_if_the_manifest_has_others() {
        let fs = MemFs::new();
        fs.write("/film.mpd", "<MPD/>").unwrap();
        let manifest = |demuxers: &[&str]| {
            Manifest::try_from(json!({"sha256": "0", "components": {"demuxer": demuxers}})).unwrap()
        };
        let needed = |manifest: Option<&Manifest>| needed_for(&fs, "/", "film.mpd", manifest);
        assert_eq!(needed(Some(&manifest(&["hls"]))), Some(Component::new(ComponentKind::Demuxer, "dash")));
        assert_eq!(needed(Some(&manifest(&["dash", "hls"]))), None);
        assert_eq!(needed(None), None);
    }

    #[test]
    fn formats_are_recognised_by_their_start() {
        let dash = Some(Component::new(ComponentKind::Demuxer, "dash"));
        let crypto = Some(Component::new(ComponentKind::Protocol, "crypto"));
        for (head, needed) in [
            (
                "\u{feff}<?xml version=\"1.0\"?>\n<!-- <a> -->\n<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\">",
                &dash,
            ),
            ("<m:MPD>", &dash),
            ("#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\n#EXTINF:1,\na.ts\n", &crypto),
            ("#EXTM3U\n#EXT-X-KEY:METHOD=NONE\n", &None),
            ("#EXTM3U\n#EXTINF:1,#EXT-X-KEY:METHOD=AES-128\na.ts\n", &None),
            ("<html><MPD>", &None),
            ("<svg", &None),
            ("<!-- <MPD>", &None),
            ("text <MPD>", &None),
            ("", &None),
        ] {
            assert_eq!(&needed_by(head.as_bytes()), needed, "{head}");
        }
    }
}
