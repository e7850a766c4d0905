use std::{borrow::Cow, collections::HashSet};

use crate::Capabilities;

/// Returns the names of all options of codecs, formats and protocols, which FFmpeg's command line accepts anywhere
/// (`opt_default`); `None` if the listing is an excerpt.
pub(super) fn option_names(capabilities: &Capabilities) -> Option<HashSet<Cow<'_, str>>> {
    let Capabilities { encoders, decoders, muxers, demuxers, protocols, generic, .. } = capabilities;
    let is_excerpt = encoders.is_empty()
        || decoders.is_empty()
        || muxers.is_empty()
        || demuxers.is_empty()
        || generic.codec.is_empty()
        || generic.format.is_empty();
    if is_excerpt {
        return None;
    }
    let listed = (encoders.iter().chain(decoders).map(|codec| &codec.options))
        .chain(muxers.iter().map(|muxer| &muxer.options))
        .chain(demuxers.iter().map(|demuxer| &demuxer.options))
        .chain(protocols.iter().map(|protocol| &protocol.options))
        .chain([&generic.codec, &generic.format, &generic.scaler, &generic.resampler]);
    let names = listed.flatten().map(|option| Cow::from(&option.name));
    // A letter before a generic codec option selects a kind of stream.
    let of_kinds = generic
        .codec
        .iter()
        .flat_map(|option| ["v", "a", "s"].map(|kind| Cow::from(format!("{kind}{}", option.name))));
    Some(names.chain(of_kinds).collect())
}
