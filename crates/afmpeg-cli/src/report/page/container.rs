//! The container of a file, and its tags.

use maud::{Markup, html};

use super::facts_list::{facts, tags};
use crate::report::{
    facts::{IndexPlace, MediaFacts},
    units,
};

pub(super) fn section(media: &MediaFacts) -> Markup {
    let format = media.probe.format.as_ref();
    let index = media.index.map(|place| match place {
        IndexPlace::BeforeMedia => "before the media",
        IndexPlace::AfterMedia => "after the media",
    });
    let start = format.and_then(|format| format.start_time()).filter(|start| start.as_micros() != 0);
    let programs = media.probe.programs.len();
    html! {
        (facts([
            ("Format", format.and_then(|format| format.format_long_name.clone())),
            ("Demuxer", format.and_then(|format| format.format_name.clone())),
            ("Size", format.and_then(|format| format.size()).map(units::bytes)),
            ("Duration in the header", media.probe.duration().map(units::duration)),
            ("First time", start.map(units::time)),
            ("Index", index.map(str::to_owned)),
            ("Programs", (programs > 0).then(|| programs.to_string())),
        ]))
        @if let Some(table) = format.and_then(|format| tags(&format.tags)) { (table) }
    }
}
