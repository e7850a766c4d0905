//! Problems of the form of a picture: its size, shape, fields and colours.

use afmpeg_engine::{
    MediaKind, Ratio,
    probe::{Frame, SideData, Stream},
};

use super::problem::{Problem, Section, stream_name};
use crate::report::facts::MediaFacts;

pub(super) fn problems(media: &MediaFacts) -> Vec<Problem> {
    let videos = media.timed_streams(MediaKind::Video).map(|(stream, _)| stream);
    // A photo may have any size and colour.
    let mut found: Vec<Problem> =
        videos.filter(|_| !media.probe.is_image()).flat_map(|stream| of_video(media, stream)).collect();
    let has_sound = media.probe.audio().is_some();
    if !has_sound && media.picture.is_some() && media.packets.iter().any(|packets| packets.count > 1) {
        let is_animation = media.probe.format.as_ref().is_some_and(|format| {
            ["gif", "apng", "webp_anim", "jpegxl_anim"].into_iter().any(|name| format.is(name))
        });
        if !is_animation {
            found.push(Problem::note(
                Section::Streams,
                "The film has no sound.",
                "Check that it was meant to be silent.",
            ));
        }
    }
    found
}

fn of_video(media: &MediaFacts, stream: &Stream) -> Vec<Problem> {
    [
        odd_size(media, stream),
        pixels(stream),
        rotation(media, stream),
        fields(media, stream),
        colors(media, stream),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn odd_size(media: &MediaFacts, stream: &Stream) -> Option<Problem> {
    let (width, height) = stream.size()?;
    let (columns, rows) = media.pixel_formats.get(stream.pix_fmt.as_deref()?)?.shared;
    if width.is_multiple_of(columns) && height.is_multiple_of(rows) {
        return None;
    }
    let name = stream_name(stream);
    let problem = Problem::warning(
        Section::Streams,
        format!(
            "The {name} has {width}x{height} pixels, of which each block of {columns}x{rows} shares a colour: many \
             encoders and players refuse such an odd size."
        ),
        "Crop it to a multiple of these.",
    );
    Some(problem.with_options(format!(r#"-vf "crop=iw-mod(iw\,{columns}):ih-mod(ih\,{rows})""#)))
}

fn pixels(stream: &Stream) -> Option<Problem> {
    let ratio = stream.sample_aspect_ratio().filter(|ratio| *ratio != Ratio::from(1))?;
    let ((width, height), shown) = (stream.size()?, stream.display_size()?);
    let problem = Problem::note(
        Section::Streams,
        format!(
            "The {} has pixels that are not square ({}:{}): {width}x{height} is shown as {}x{}.",
            stream_name(stream),
            ratio.num(),
            ratio.den(),
            shown.0,
            shown.1
        ),
        "Scale it to square pixels for the web and for editors.",
    );
    Some(problem.with_options(r#"-vf "scale=trunc(iw*sar/2)*2:ih,setsar=1""#))
}

fn rotation(media: &MediaFacts, stream: &Stream) -> Option<Problem> {
    let degrees = media.side_data(stream).find_map(SideData::rotation).filter(|degrees| *degrees != 0)?;
    Some(Problem::note(
        Section::Streams,
        format!(
            "The {} is stored unrotated, and has to be turned clockwise by {degrees}° to be shown.",
            stream_name(stream)
        ),
        "Encode it again if a program shows it turned: FFmpeg then stores it upright.",
    ))
}

fn fields(media: &MediaFacts, stream: &Stream) -> Option<Problem> {
    let is_frame = |frame: &&Frame| frame.stream_index == Some(stream.index);
    let is_woven =
        media.first_frame.iter().find(is_frame).is_some_and(|frame| frame.interlaced_frame == Some(1));
    let has_fields = matches!(stream.field_order.as_deref(), Some("tt" | "bb" | "tb" | "bt"));
    (is_woven || has_fields).then(|| {
        Problem::warning(
            Section::Streams,
            format!("The {} is interlaced, so moving edges have combs on screens.", stream_name(stream)),
            "Deinterlace it.",
        )
        .with_options("-vf bwdif")
    })
}

fn colors(media: &MediaFacts, stream: &Stream) -> Option<Problem> {
    let known = |tag: &'static str, of_stream: &Option<String>| {
        let of_frame = media.first_frame.as_ref().filter(|frame| frame.stream_index == Some(stream.index));
        let of_frame = of_frame.and_then(|frame| match tag {
            "transfer" => frame.color_transfer.clone(),
            "primaries" => frame.color_primaries.clone(),
            _ => frame.color_space.clone(),
        });
        of_stream.clone().or(of_frame).filter(|name| name != "unknown")
    };
    let transfer = known("transfer", &stream.color_transfer);
    let primaries = known("primaries", &stream.color_primaries);
    let matrix = known("matrix", &stream.color_space);
    let name = stream_name(stream);
    let has_metadata = media.side_data(stream).any(|data| {
        data.mastering_display().is_some()
            || data.content_light_level().is_some()
            || data.dolby_vision_profile().is_some()
    });
    let (is_pq, is_hlg) =
        (transfer.as_deref() == Some("smpte2084"), transfer.as_deref() == Some("arib-std-b67"));
    let tag = "Tag it with the values of its recording.";
    if is_pq && !has_metadata {
        return Some(Problem::warning(
            Section::Streams,
            format!(
                "The {name} is HDR (PQ) without the metadata of its mastering display and its light level, so each \
                 screen maps it to its own brightness by guess."
            ),
            "Add the metadata when encoding, for example with x265's options master-display and max-cll.",
        ));
    }
    if (is_pq || is_hlg) && (primaries.is_none() || matrix.is_none()) {
        return Some(Problem::warning(
            Section::Streams,
            format!(
                "The {name} is HDR, but has no tag for its primaries or its matrix: players guess its colours."
            ),
            tag,
        ));
    }
    if primaries.as_deref() == Some("bt2020") && transfer.is_none() {
        return Some(Problem::warning(
            Section::Streams,
            format!(
                "The {name} has the primaries of BT.2020, but no tag for its transfer function: it may be HDR."
            ),
            tag,
        ));
    }
    let format = media.pixel_formats.get(stream.pix_fmt.as_deref()?)?;
    if format.is_rgb || primaries.is_some() || transfer.is_some() || matrix.is_some() {
        return None;
    }
    let (width, height) = stream.size()?;
    if format.depth > 8 {
        let text =
            format!("The {name} has {} bits and no tags for its colours: it may be HDR.", format.depth);
        return Some(Problem::warning(Section::Streams, text, tag));
    }
    // Smaller video has been without tags since the time of standard definition, and players agree on its colours.
    (width >= 1280 || height > 576).then(|| {
        let text = format!("The {name} has no tags for its colours; most players assume BT.709.");
        Problem::note(Section::Streams, text, tag)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::facts::{PacketFacts, PixelFacts};

    /// A video of this size with these other properties, in yuv420p of this depth.
    fn media(properties: &str, depth: u8) -> MediaFacts {
        let probe = format!(
            r#"{{"streams": [{{"index": 0, "codec_type": "video", "pix_fmt": "x", {properties}}},
                {{"index": 1, "codec_type": "audio"}}]}}"#
        );
        let pixels = PixelFacts { shared: (2, 2), depth, is_rgb: false };
        MediaFacts {
            probe: serde_json::from_str(&probe).unwrap(),
            packets: vec![PacketFacts::default(); 2],
            pixel_formats: [("x".to_owned(), pixels)].into(),
            ..MediaFacts::default()
        }
    }

    const SMALL: &str = r#""width": 640, "height": 360"#;
    const TAGGED: &str = r#""color_transfer": "bt709", "color_primaries": "bt709", "color_space": "bt709""#;

    #[track_caller]
    fn assert_found(properties: &str, depth: u8, expected: Option<&str>) {
        let found = problems(&media(properties, depth));
        match (&found[..], expected) {
            ([], None) => {}
            ([problem], Some(text)) if problem.text.contains(text) => {}
            _ => panic!("{properties}: {found:?}"),
        }
    }

    #[test]
    fn sizes_are_odd_if_they_split_a_block_of_colour() {
        assert_found(SMALL, 8, None);
        assert_found(r#""width": 641, "height": 360"#, 8, Some("has 641x360 pixels"));
        assert_found(r#""width": 640, "height": 361"#, 8, Some("has 640x361 pixels"));
        let mut full = media(r#""width": 641, "height": 361"#, 8);
        full.pixel_formats.insert("x".to_owned(), PixelFacts { shared: (1, 1), depth: 8, is_rgb: false });
        assert_eq!(problems(&full), []);
    }

    #[test]
    fn pixels_fields_and_rotation_are_reported() {
        let pal = r#""width": 720, "height": 576, "sample_aspect_ratio": "64:45""#;
        assert_found(pal, 8, Some("not square (64:45): 720x576 is shown as 1024x576"));
        assert_found(&format!(r#"{SMALL}, "field_order": "tt""#), 8, Some("is interlaced"));
        assert_found(&format!(r#"{SMALL}, "field_order": "progressive""#), 8, None);
        let matrix = r#""side_data_list": [{"side_data_type": "Display Matrix", "rotation": -90}]"#;
        assert_found(&format!("{SMALL}, {matrix}"), 8, Some("turned clockwise by 90°"));
    }

    #[test]
    fn colours_are_a_problem_if_players_guess_them() {
        let light = r#""side_data_list": [{"side_data_type": "Content light level metadata",
            "max_content": 1000, "max_average": 400}]"#;
        let pq = r#""color_transfer": "smpte2084", "color_primaries": "bt2020", "color_space": "bt2020nc""#;
        let hlg = pq.replace("smpte2084", "arib-std-b67");
        for (properties, depth, expected) in [
            (TAGGED.to_owned(), 8, None),
            (TAGGED.to_owned(), 10, None),
            (pq.to_owned(), 10, Some("is HDR (PQ) without the metadata")),
            (format!("{pq}, {light}"), 10, None),
            // HLG has no metadata.
            (hlg, 10, None),
            (r#""color_transfer": "arib-std-b67""#.to_owned(), 10, Some("no tag for its primaries")),
            (r#""color_primaries": "bt2020""#.to_owned(), 8, Some("no tag for its transfer function")),
            (r#""level": 1"#.to_owned(), 10, Some("has 10 bits and no tags")),
            (r#""level": 1"#.to_owned(), 8, None),
        ] {
            assert_found(&format!("{SMALL}, {properties}"), depth, expected);
        }
        assert_found(r#""width": 1280, "height": 720"#, 8, Some("most players assume BT.709"));
    }
}
