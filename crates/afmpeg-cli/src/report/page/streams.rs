//! The streams of a file.

use afmpeg_engine::{
    MediaKind, Ratio, Time,
    probe::{SideData, Stream},
};
use maud::{Markup, html};

use super::facts_list::{facts, tags};
use crate::report::{
    facts::{MediaFacts, PacketFacts},
    units,
};

pub(super) fn section(media: &MediaFacts) -> Markup {
    html! {
        div.streams {
            @for (stream, packets) in media.streams() { (card(media, stream, packets)) }
        }
    }
}

fn card(media: &MediaFacts, stream: &Stream, packets: &PacketFacts) -> Markup {
    let kind = stream.kind();
    let class = match kind {
        Some(MediaKind::Video) => "video",
        Some(MediaKind::Audio) => "audio",
        _ => "other",
    };
    let own: Vec<_> = match kind {
        Some(MediaKind::Video) => picture(media, stream),
        Some(MediaKind::Audio) => sound(stream),
        _ => vec![("Size", stream.size().map(pixels))],
    };
    html! {
        section class={ "stream " (class) } {
            h4 {
                span class={ "kind " (class) } { (name(stream)) }
                " #" (stream.index) " "
                span.summary { bdi { (summary(stream)) } }
            }
            (facts(common(stream).into_iter().chain(own).chain(timeline(stream, packets))))
            @if let Some(table) = tags(&stream.tags) {
                details {
                    summary { (units::counted(stream.tags.len() as u64, "tag")) }
                    (table)
                }
            }
        }
    }
}

fn name(stream: &Stream) -> &'static str {
    match stream.kind() {
        Some(MediaKind::Video) if stream.is_attached_picture() => "Cover",
        Some(MediaKind::Video) => "Video",
        Some(MediaKind::Audio) => "Audio",
        Some(MediaKind::Subtitle) => "Subtitles",
        Some(MediaKind::Data) => "Data",
        Some(MediaKind::Attachment) => "Attachment",
        None => "Unknown",
    }
}

/// Returns the codec and the most important properties of a stream.
pub(super) fn summary(stream: &Stream) -> String {
    let rate = stream.frame_rate().filter(|_| stream.is_video()).map(fps);
    let sound = stream.sample_rate().map(hertz);
    let parts = [
        Some(stream.codec_name.clone().unwrap_or_else(|| "unknown codec".to_owned())),
        stream.size().map(pixels),
        rate,
        sound,
        layout(stream),
        stream.language().filter(|language| *language != "und").map(str::to_owned),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

type Facts = Vec<(&'static str, Option<String>)>;

fn common(stream: &Stream) -> Facts {
    let set =
        stream.disposition.iter().filter(|(_, value)| **value != 0).map(|(name, _)| name.replace('_', " "));
    let set: Vec<String> = set.collect();
    vec![
        ("Codec", stream.codec_long_name.clone().or(stream.codec_name.clone())),
        ("Profile", stream.profile.clone()),
        ("Disposition", (!set.is_empty()).then(|| set.join(", "))),
    ]
}

fn picture(media: &MediaFacts, stream: &Stream) -> Facts {
    let shown = stream.display_size().filter(|shown| Some(*shown) != stream.size());
    let aspect = stream.display_aspect_ratio().map(|ratio| format!("{}:{}", ratio.num(), ratio.den()));
    let base = stream.base_frame_rate().filter(|base| Some(*base) != stream.frame_rate());
    let rotation = media.side_data(stream).find_map(SideData::rotation).filter(|degrees| *degrees != 0);
    let frame = media.first_frame.as_ref().filter(|frame| frame.stream_index == Some(stream.index));
    let tag = |of_stream: &Option<String>, of_frame: Option<&Option<String>>| {
        let known = |tag: &Option<String>| tag.clone().filter(|name| name != "unknown");
        known(of_stream).or_else(|| of_frame.and_then(known)).unwrap_or_else(|| "untagged".to_owned())
    };
    let colors = [
        tag(&stream.color_primaries, frame.map(|frame| &frame.color_primaries)) + " primaries",
        tag(&stream.color_transfer, frame.map(|frame| &frame.color_transfer)) + " transfer",
        tag(&stream.color_space, frame.map(|frame| &frame.color_space)) + " matrix",
    ];
    let is_untagged = colors.iter().all(|tag| tag.starts_with("untagged"));
    let range = stream.color_range.as_deref().map(|range| match range {
        "tv" => "limited".to_owned(),
        "pc" => "full".to_owned(),
        other => other.to_owned(),
    });
    let mut facts = vec![
        ("Size", stream.size().map(pixels)),
        ("Shown as", shown.map(pixels)),
        ("Aspect ratio", aspect),
        ("Frame rate", stream.frame_rate().map(fps)),
        ("Finest rate", base.map(fps)),
        ("Rotation", rotation.map(|degrees| format!("{degrees}° clockwise"))),
        ("Pixel format", stream.pix_fmt.clone()),
        ("Colours", Some(if is_untagged { "untagged".to_owned() } else { colors.join(", ") })),
        ("Range", range),
        ("Fields", stream.field_order.clone().filter(|order| order != "unknown")),
    ];
    // The codec and the container may both have them.
    for fact in media.side_data(stream).filter_map(high_range) {
        if !facts.contains(&fact) {
            facts.push(fact);
        }
    }
    facts
}

/// Returns the metadata of HDR.
fn high_range(data: &SideData) -> Option<(&'static str, Option<String>)> {
    if let Some(display) = data.mastering_display() {
        let nits =
            |ratio: Option<Ratio>| ratio.map_or("?".to_owned(), |ratio| units::rounded_to(ratio.as_f64(), 4));
        let text = format!("{} to {} cd/m²", nits(display.min_luminance), nits(display.max_luminance));
        return Some(("Mastering display", Some(text)));
    }
    if let Some(light) = data.content_light_level() {
        let text = format!("MaxCLL {}, MaxFALL {} cd/m²", light.max_content, light.max_average);
        return Some(("Light level", Some(text)));
    }
    data.dolby_vision_profile().map(|profile| ("Dolby Vision", Some(format!("profile {profile}"))))
}

fn sound(stream: &Stream) -> Facts {
    let bits = stream.bits_per_sample.filter(|bits| *bits > 0).map(|bits| bits.to_string());
    vec![
        ("Sample rate", stream.sample_rate().map(hertz)),
        ("Channels", layout(stream)),
        ("Sample format", stream.sample_fmt.clone()),
        ("Bits", bits.or(stream.bits_per_raw_sample.clone())),
    ]
}

fn timeline(stream: &Stream, packets: &PacketFacts) -> Facts {
    let first = packets.timed.first().map(|packet| packet.time);
    let length = first.zip(packets.end).and_then(|(first, end)| (end - first).to_duration());
    let length = length.filter(|length| !length.is_zero() && !stream.is_attached_picture());
    let rate = length.map(|length| packets.bytes as f64 * 8.0 / length.as_secs_f64());
    let has_time = length.is_some();
    let time = |time: Option<Time>| time.filter(|_| has_time).map(units::time);
    vec![
        ("Start", time(first)),
        ("Length", length.map(units::duration)),
        ("Bit rate", rate.map(units::bit_rate)),
        ("Data", (packets.count > 0).then(|| units::bytes(packets.bytes))),
        ("Packets", Some(packets.count.to_string())),
        ("Time base", stream.time_base().map(|unit| format!("{unit} s"))),
    ]
}

fn pixels((width, height): (u32, u32)) -> String {
    format!("{width}×{height}")
}

fn fps(rate: Ratio) -> String {
    format!("{}\u{a0}fps", units::rounded_to(rate.as_f64(), 3))
}

fn hertz(rate: u32) -> String {
    format!("{}\u{a0}kHz", units::rounded_to(f64::from(rate) / 1000.0, 3))
}

fn layout(stream: &Stream) -> Option<String> {
    let count = || stream.channels.and_then(|count| u64::try_from(count).ok());
    stream.channel_layout.clone().or_else(|| Some(units::counted(count()?, "channel")))
}
