//! The table of components and of filter pads in `afmpeg-cmd`.

use std::collections::BTreeSet;

use afmpeg_types::{
    Capabilities, ComponentKind,
    capabilities::{Filter, Pad},
};

use super::kinds::type_of;

/// Returns the file of the table. `gpl` has the names of the components that only the gpl variant has.
pub(super) fn file(capabilities: &Capabilities, gpl: BTreeSet<String>) -> String {
    let mut text = "use super::filter_facts::{FilterFacts, Pad};
use crate::MediaKind::{Audio, Video};
"
    .to_owned();
    let names = |kind| capabilities.names(kind).into_iter().map(str::to_owned).collect();
    let lists: [(&str, Vec<String>); 6] = [
        ("ENCODERS", names(ComponentKind::Encoder)),
        ("DECODERS", names(ComponentKind::Decoder)),
        ("MUXERS", names(ComponentKind::Muxer)),
        ("DEMUXERS", names(ComponentKind::Demuxer)),
        ("BITSTREAM_FILTERS", names(ComponentKind::BitstreamFilter)),
        ("GPL", gpl.into_iter().collect()),
    ];
    for (name, mut list) in lists {
        list.sort();
        list.dedup();
        let list: Vec<String> = list.iter().map(|item| format!("{item:?}")).collect();
        text.push_str(&format!("\npub(super) static {name}: &[&str] = &[{}];\n", list.join(", ")));
    }
    let mut filters: Vec<&Filter> = capabilities.filters.iter().collect();
    filters.sort_by_key(|filter| filter.name.as_str());
    text.push_str("\npub(super) static FILTERS: &[FilterFacts] = &[\n");
    for filter in filters {
        text.push_str(&format!(
            "FilterFacts::new({:?}, {}, {}){}{}{},\n",
            filter.name,
            pads(&filter.inputs),
            pads(&filter.outputs),
            if filter.has_dynamic_inputs() { ".dynamic_inputs()" } else { "" },
            if filter.has_dynamic_outputs() { ".dynamic_outputs()" } else { "" },
            if filter.has_timeline() { ".timeline()" } else { "" },
        ));
    }
    text + "];\n"
}

fn pads(pads: &[Pad]) -> String {
    let pads: Vec<String> =
        pads.iter().map(|pad| format!("Pad::new({:?}, {})", pad.name, type_of(pad))).collect();
    format!("&[{}]", pads.join(", "))
}
