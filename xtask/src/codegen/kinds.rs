use afmpeg_types::{Capabilities, MediaKind, capabilities::Pad};

/// Checks that afmpeg-cmd has a type for the streams of every pad.
pub(super) fn check(capabilities: &Capabilities) -> anyhow::Result<()> {
    for filter in &capabilities.filters {
        for pad in filter.inputs.iter().chain(&filter.outputs) {
            anyhow::ensure!(
                matches!(pad.kind, Some(MediaKind::Video | MediaKind::Audio)),
                "expected pads for video and audio, found {:?} of the filter {}",
                pad.kind,
                filter.name
            );
        }
    }
    Ok(())
}

/// Returns the name of the type of a pad's streams in afmpeg-cmd, which is that of the variant of `MediaKind`.
pub(super) fn type_of(pad: &Pad) -> &'static str {
    match pad.kind {
        Some(MediaKind::Audio) => "Audio",
        _ => "Video",
    }
}
