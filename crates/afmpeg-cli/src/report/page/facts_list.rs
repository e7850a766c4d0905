//! Names and values.

use afmpeg_engine::probe::Tags;
use maud::{Markup, html};

/// Returns a list of the facts that have a value. Values can be texts from media.
pub(super) fn facts(facts: impl IntoIterator<Item = (&'static str, Option<String>)>) -> Markup {
    html! {
        dl.facts {
            @for (name, value) in facts {
                @if let Some(value) = value {
                    div { dt { (name) } dd { bdi { (value) } } }
                }
            }
        }
    }
}

/// Returns a table of metadata; nothing without any.
pub(super) fn tags(tags: &Tags) -> Option<Markup> {
    (!tags.is_empty()).then(|| {
        html! {
            table.tags {
                thead { tr { th scope="col" { "Tag" } th scope="col" { "Value" } } }
                tbody {
                    @for (name, value) in tags.iter() {
                        tr { th scope="row" { bdi { (name) } } td { bdi { (value) } } }
                    }
                }
            }
        }
    })
}
