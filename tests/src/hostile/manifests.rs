//! Crafted manifests of DASH.

use super::{Case, crafted::OUTSIDE};

/// A file that does not exist.
const INITIALIZATION: &str = "init.m4s";

pub(super) fn all() -> Vec<Case> {
    let mut cases = vec![Case::of_file("xml of a billion laughs", "laughs.mpd", laughs())];
    for outside in OUTSIDE {
        let outside = outside.replace('"', "&quot;");
        let list = format!(
            "<SegmentList><Initialization sourceURL=\"{outside}\"/><SegmentURL media=\"{outside}\"/></SegmentList>"
        );
        let below =
            format!("<BaseURL>{outside}</BaseURL>{}", template(INITIALIZATION, "chunk-$Number%09d$.m4s"));
        for (by, segments) in
            [("list", list), ("template", template(&outside, &outside)), ("base address", below)]
        {
            let name = format!("a manifest with {outside} as {by}");
            cases.push(Case::of_file(name, "manifest.mpd", manifest(&segments)));
        }
        let entity = manifest("<BaseURL>&secret;</BaseURL>").replacen(
            "<MPD",
            &format!("<!DOCTYPE MPD [<!ENTITY secret SYSTEM \"{outside}\">]><MPD"),
            1,
        );
        cases.push(Case::of_file(format!("a manifest with the entity {outside}"), "manifest.mpd", entity));
    }
    for (name, media) in [
        ("without a name", ""),
        ("of itself", "manifest.mpd"),
        ("with a wide number", "$Number%0999999999d$.m4s"),
        ("with a format", "$Number%n%s$.m4s"),
        ("with many numbers", &"$Number$".repeat(100_000)),
    ] {
        let segments = template(INITIALIZATION, media);
        cases.push(Case::of_file(
            format!("a manifest with segments {name}"),
            "manifest.mpd",
            manifest(&segments),
        ));
    }
    let timeline = |entry: &str| {
        format!(
            "<SegmentTemplate media=\"$Time$.m4s\" timescale=\"1\"><SegmentTimeline>{entry}</SegmentTimeline></SegmentTemplate>"
        )
    };
    for (name, segments) in [
        ("a timeline that repeats for ever", timeline("<S t=\"0\" d=\"1\" r=\"2147483647\"/>")),
        ("a timeline of no duration", timeline("<S t=\"0\" d=\"0\" r=\"99999999\"/>")),
        ("a timeline with many entries", timeline(&"<S d=\"1\"/>".repeat(200_000))),
        (
            "a timescale of zero",
            template(INITIALIZATION, "a.m4s").replace("timescale=\"1\"", "timescale=\"0\""),
        ),
        ("very many representations", "</Representation><Representation id=\"1\">".repeat(20_000)),
        ("elements within elements", "<a>".repeat(100_000)),
    ] {
        cases.push(Case::of_file(format!("a manifest with {name}"), "manifest.mpd", manifest(&segments)));
    }
    let live =
        manifest(&template(INITIALIZATION, "$Number$.m4s")).replace("type=\"static\"", "type=\"dynamic\"");
    cases.push(Case::of_file("a manifest of a live stream", "manifest.mpd", live));
    cases
}

fn template(initialization: &str, media: &str) -> String {
    format!(
        "<SegmentTemplate initialization=\"{initialization}\" media=\"{media}\" duration=\"1\" timescale=\"1\"/>"
    )
}

fn manifest(segments: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" type=\"static\" \
        mediaPresentationDuration=\"PT3S\" availabilityStartTime=\"2026-01-01T00:00:00Z\"><Period>\
        <AdaptationSet contentType=\"video\"><Representation id=\"0\" bandwidth=\"1\">{segments}</Representation>\
        </AdaptationSet></Period></MPD>"
    )
}

fn laughs() -> String {
    let entities: String = (1..10)
        .map(|level| format!("<!ENTITY l{level} \"{}\">", format!("&l{};", level - 1).repeat(10)))
        .collect();
    format!("<?xml version=\"1.0\"?><!DOCTYPE MPD [<!ENTITY l0 \"ha\">{entities}]><MPD>&l9;</MPD>")
}
