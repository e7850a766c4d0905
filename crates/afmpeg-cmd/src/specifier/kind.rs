use crate::MediaKind;

/// Returns the kind that a stream specifier begins with. `V` is video without covers.
pub(crate) fn kind_of(specifier: &str) -> Option<MediaKind> {
    Some(match specifier.split(':').next()? {
        "v" | "V" => MediaKind::Video,
        "a" => MediaKind::Audio,
        "s" => MediaKind::Subtitle,
        "d" => MediaKind::Data,
        "t" => MediaKind::Attachment,
        _ => return None,
    })
}
