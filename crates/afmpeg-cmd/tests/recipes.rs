//! Properties of recipes for any parameters.

use std::time::Duration;

use afmpeg_cmd::{
    Audio, Command, Filter, Input, Output, Ratio, Stream, Video,
    measure::Record,
    recipes::{
        Conform, ContactSheet, Corner, Duck, Fade, Fit, ForceStyle, Hls, KenBurns, Ladder, Loudness,
        MeasuredLoudness, RecipeError, RemoveSilence, Rendition, Silence, Sprites, StyleField, Text, ToneMap,
        View, concat_list, crossfade, crossfade_audio, fit, speed_audio, to_sdr,
    },
};
use proptest::prelude::*;

fn video() -> Stream<Video> {
    Input::new("a.mp4").video()
}

fn audio() -> Stream<Audio> {
    Input::new("a.mp4").audio()
}

fn parameter<T: std::fmt::Debug>(result: Result<T, RecipeError>) -> String {
    result.expect_err("a value out of range").parameter().to_owned()
}

/// Parses a path of a list as the concat demuxer does (`av_get_token` of `libavutil/avstring.c`).
fn token(text: &str) -> String {
    let (mut token, mut is_quoted, mut characters) = (String::new(), false, text.chars());
    while let Some(character) = characters.next() {
        match character {
            '\'' => is_quoted = !is_quoted,
            '\\' if !is_quoted => token.extend(characters.next()),
            other => token.push(other),
        }
    }
    token
}

proptest! {
    #[test]
    fn crossfaded_shots_have_the_sum_of_their_durations_minus_the_fades(
        fades in prop::collection::vec(0_u64..1_000, 0..8),
        more in prop::collection::vec(1_u64..3_000, 8),
    ) {
        let around = |index: usize| {
            let before = if index == 0 { 0 } else { fades[index - 1] };
            before + fades.get(index).copied().unwrap_or_default()
        };
        let durations: Vec<u64> = (0..=fades.len()).map(|index| around(index) + more[index]).collect();
        let shots: Vec<_> = durations.iter().map(|ms| (video(), Duration::from_millis(*ms))).collect();
        let sounds: Vec<_> = durations.iter().map(|ms| (audio(), Duration::from_millis(*ms))).collect();
        let between: Vec<Fade> = fades.iter().map(|ms| Fade::new(Duration::from_millis(*ms))).collect();
        let (film, sound) = (crossfade(&shots, &between).unwrap(), crossfade_audio(&sounds, &between).unwrap());
        let expected = durations.iter().sum::<u64>() - fades.iter().sum::<u64>();
        prop_assert_eq!(film.duration, Duration::from_millis(expected));
        prop_assert_eq!(&film.starts, &sound.starts);
        prop_assert!(film.starts.is_sorted());
        // The expected duration, with long enough inputs.
        let command = Command::new([Output::new("b.mp4").map(&film.stream)]);
        let known = vec![Some(Duration::from_secs(60)); command.inputs.len()];
        prop_assert_eq!(command.expected_duration(&known), Some(film.duration));
        prop_assert!(command.check().is_ok());
        let command = Command::new([Output::new("b.wav").map(&sound.stream)]);
        let known = vec![Some(Duration::from_secs(60)); command.inputs.len()];
        prop_assert_eq!(command.expected_duration(&known), Some(sound.duration));
    }

    #[test]
    fn tempos_are_in_range_and_multiply_to_the_factor(factor in 0.01_f64..100.0) {
        let command = Command::new([Output::new("b.wav").map(speed_audio(&audio(), factor).unwrap())]);
        let tempos: Vec<f64> =
            command.graph.nodes.iter().map(|node| node.filter.option("tempo").unwrap().parse().unwrap()).collect();
        prop_assert!(tempos.iter().all(|tempo| (0.5..=2.0).contains(tempo)), "{:?}", tempos);
        prop_assert!((tempos.iter().product::<f64>() / factor - 1.0).abs() < 1e-12, "{:?}", tempos);
    }

    #[test]
    fn remaining_spans_are_in_order_and_have_no_long_silence(
        times in prop::collection::vec(0_u64..10_000, 0..12),
        keep in 0_u64..400,
    ) {
        let mut times = times;
        times.sort_unstable();
        let ms = Duration::from_millis;
        let silences: Vec<Silence> = times
            .chunks_exact(2)
            .map(|pair| Silence { start: ms(pair[0]), end: Some(ms(pair[1])) })
            .collect();
        let left = RemoveSilence::new().keep(ms(keep)).remaining(&silences, ms(10_000));
        prop_assert!(left.iter().all(|(from, to)| from < to && *to <= ms(10_000)));
        prop_assert!(left.windows(2).all(|pair| pair[0].1 < pair[1].0));
        for silence in &silences {
            let kept: Duration = left
                .iter()
                .map(|(from, to)| {
                    (*to).min(silence.end.unwrap()).saturating_sub((*from).max(silence.start))
                })
                .sum();
            prop_assert!(kept <= ms(keep) || silence.end.unwrap() - silence.start <= ms(keep));
        }
        // Everything else remains.
        let silent: Duration = silences.iter().map(|silence| silence.end.unwrap() - silence.start).sum();
        let sum: Duration = left.iter().map(|(from, to)| *to - *from).sum();
        prop_assert!(sum >= ms(10_000) - silent);
    }

    #[test]
    fn sprites_cover_the_whole_time_and_lie_within_their_sheets(
        duration in 1_u64..100_000,
        interval in 500_u64..20_000,
        grid in (1_u32..6, 1_u32..6),
    ) {
        let ms = Duration::from_millis;
        let sprites = Sprites::new(ms(duration), ms(interval)).cell(64, 36).grid(grid.0, grid.1);
        let vtt = sprites.vtt("a.jpg").unwrap();
        let times: Vec<&str> = vtt.lines().filter(|line| line.contains("-->")).collect();
        prop_assert_eq!(times.len(), usize::try_from(sprites.count().unwrap()).unwrap());
        let ends: Vec<(&str, &str)> = times.iter().map(|line| line.split_once(" --> ").unwrap()).collect();
        prop_assert_eq!(ends[0].0, "00:00:00.000");
        prop_assert!(ends.windows(2).all(|pair| pair[0].1 == pair[1].0));
        let last: u64 = duration;
        let end = format!(
            "{:02}:{:02}:{:02}.{:03}", last / 3_600_000, last / 60_000 % 60, last / 1_000 % 60, last % 1_000
        );
        prop_assert_eq!(ends.last().unwrap().1, end);
        let mut seen = std::collections::HashSet::new();
        for place in vtt.lines().filter(|line| line.contains("#xywh=")) {
            prop_assert!(seen.insert(place), "duplicate {}", place);
            let numbers: Vec<u32> =
                place.split_once('=').unwrap().1.split(',').map(|number| number.parse().unwrap()).collect();
            prop_assert!(numbers[0] + 64 <= grid.0 * 64 && numbers[1] + 36 <= grid.1 * 36);
        }
    }

    #[test]
    fn paths_of_a_list_are_parsed_back(path in "[^\r\n\0]{1,20}") {
        let list = concat_list([path.as_str()]).unwrap();
        let line = list.lines().nth(1).unwrap();
        let read = token(line.strip_prefix("file ").unwrap());
        // A folder prevents reading the name as a protocol.
        prop_assert!(read == path || read == format!("./{path}"), "{read}");
    }

    #[test]
    fn style_has_exactly_the_fields_that_were_set(value in any::<String>()) {
        let style = ForceStyle::new().set(StyleField::FontName, value.as_str()).set(StyleField::FontSize, 20);
        if let Ok(value) = style.value() {
            let text = value.unwrap();
            prop_assert_eq!(text.as_str().split(',').count(), 2);
            prop_assert_eq!(text.as_str().matches('=').count(), 2);
        }
    }

    #[test]
    fn records_are_ordered_spans_or_refused(records in prop::collection::vec((any::<bool>(), -5.0_f64..50.0), 0..12)) {
        let detection = RemoveSilence::new().detect(&audio()).unwrap();
        let records = records.iter().enumerate().map(|(frame, (is_end, time))| {
            let key = if *is_end { "lavfi.silence_end" } else { "lavfi.silence_start" };
            Record::new(0, frame as u64, None, key, time.to_string())
        });
        let records: Vec<Record> = records.collect();
        if let Ok(spans) = detection.read(&records) {
            let open = spans.iter().filter(|span| span.end.is_none()).count();
            prop_assert_eq!(2 * spans.len() - open, records.len(), "no record is lost");
            prop_assert!(open <= 1 && spans.iter().all(|span| span.end.is_none_or(|end| end >= span.start)));
        }
    }

    #[test]
    fn truncated_loudness_is_refused(end in 0_usize..200) {
        let json = "{\n\t\"input_i\" : \"-27.61\",\n\t\"input_tp\" : \"-14.47\",\n\t\"input_lra\" : \"5.30\",\n\t\
                    \"input_thresh\" : \"-38.02\",\n\t\"normalization_type\" : \"dynamic\",\n\t\
                    \"target_offset\" : \"0.36\"\n}";
        let end = end.min(json.len());
        prop_assert_eq!(serde_json::from_str::<MeasuredLoudness>(&json[..end]).is_ok(), end == json.len());
    }
}

#[test]
fn errors_for_values_out_of_range_name_the_parameter() {
    let second = Duration::from_secs(1);
    assert_eq!(parameter(fit(&video(), 640, 0, Fit::Cover)), "height");
    assert_eq!(parameter(Conform::new(640, 360, Ratio::new(0, 1).unwrap()).video(&video())), "rate");
    assert_eq!(parameter(crossfade(&[], &[])), "shots");
    let shots = [(video(), second), (video(), second)];
    assert_eq!(parameter(crossfade(&shots, &[])), "the number of fades");
    assert_eq!(parameter(crossfade(&shots, &[Fade::new(2 * second)])), "shots[0].duration");
    assert_eq!(parameter(ContactSheet::new(Duration::ZERO, 2, 2).video(&video())), "duration");
    assert_eq!(parameter(ContactSheet::new(second, 70_000, 70_000).video(&video())), "rows");
    assert_eq!(parameter(Sprites::new(Duration::MAX, Duration::from_micros(1)).count()), "interval");
    assert_eq!(parameter(speed_audio(&audio(), f64::NAN)), "factor");
    assert_eq!(parameter(Text::new("", "a.ttf").on(&video())), "text");
    assert_eq!(parameter(Loudness::new().integrated(0.0).measure(audio(), "a.json")), "integrated");
    assert_eq!(parameter(Ladder::new(video(), []).videos()), "renditions");
    let same = [Rendition::new(720, 1), Rendition::new(720, 2)];
    assert_eq!(parameter(Ladder::new(video(), same).videos()), "renditions[1].name");
    let escape = [Rendition::new(720, 1).named("../a,b")];
    assert_eq!(parameter(Hls::new(Ladder::new(video(), escape), "hls").output()), "renditions[0].name");
    assert_eq!(parameter(concat_list(["a\nfile 'b'"])), "parts[0]");
    assert_eq!(parameter(Duck::new(second).ratio(21.0).on(&audio(), &audio())), "ratio");
    assert_eq!(parameter(Duck::new(second).attack(3 * second).on(&audio(), &audio())), "attack, in s");
}

#[test]
fn ducked_mix_has_its_duration_whatever_is_shorter() {
    let mix = Duck::new(Duration::from_secs(7)).on(&audio(), &Input::new("b.wav").audio()).unwrap();
    let command = Command::new([Output::new("c.wav").map(&mix)]);
    assert!(command.check().is_ok());
    for known in [[2, 9], [9, 2]] {
        let known = known.map(|seconds| Some(Duration::from_secs(seconds)));
        assert_eq!(command.expected_duration(&known), Some(Duration::from_secs(7)));
    }
}

#[test]
fn choices_of_recipes_are_read_from_json() {
    assert_eq!(serde_json::from_str::<Fit>("\"cover\"").unwrap(), Fit::Cover);
    assert_eq!(serde_json::to_string(&Corner::TopLeft).unwrap(), "\"top-left\"");
}

#[test]
fn results_of_recipes_can_be_changed() {
    let ladder = Ladder::new(video(), [Rendition::new(360, 500_000)]).audio(audio());
    let hls =
        Hls::new(ladder, "hls").output().unwrap().metadata("title", "Film").arg("hls_base_url", "/cdn/");
    let args = Command::new([hls]).overwrite().to_args();
    assert!(args.windows(2).any(|pair| pair == ["-hls_base_url", "/cdn/"]), "{args:?}");
    let wide = fit(&video(), 1280, 720, Fit::Contain).unwrap().filter(Filter::new("hflip"));
    assert!(Command::new([Output::new("b.mp4").map(&wide)]).graph.to_string().ends_with("hflip@n3[v3]"));
}

#[test]
fn faded_shots_are_4_2_0_and_cut_shots_are_unchanged() {
    let second = Duration::from_secs(1);
    let shots = [(video(), second), (video(), second)];
    let pixels = |fade: Fade| {
        let film = crossfade(&shots, &[fade]).unwrap();
        let command = Command::new([Output::new("b.mp4").map(&film.stream)]);
        let last = &command.graph.nodes.last().unwrap().filter;
        (last.name.clone(), last.option("pix_fmts").map(str::to_owned))
    };
    let (name, formats) = pixels(Fade::new(second / 2));
    assert_eq!(name, "format");
    assert!(formats.unwrap().split('|').all(|format| format.contains("420p")));
    assert_eq!(pixels(Fade::cut()), ("concat".to_owned(), None));
}

#[test]
fn full_range_stills_become_limited_range() {
    let alike = Conform::new(640, 360, Ratio::from(25)).video(&video()).unwrap();
    let view = View { x: 0.0, y: 0.0, size: 0.5 };
    let moved = KenBurns::new(View::whole(), view, Duration::from_secs(1)).video(&video()).unwrap();
    for stream in [alike, moved] {
        let command = Command::new([Output::new("b.mp4").map(&stream)]);
        let mut formats = command.graph.nodes.iter().rev().filter(|node| node.filter.name == "format");
        assert_eq!(formats.next().unwrap().filter.option("color_ranges"), Some("tv"));
    }
}

#[test]
fn ladder_uses_yuv420p_by_default() {
    let pixels = |ladder: Ladder| {
        let output = ladder.outputs(|rendition| format!("{}.mp4", rendition.name())).unwrap();
        let words = Command::new(output).to_args();
        words.iter().position(|word| word == "-pix_fmt:v").map(|place| words[place + 1].clone())
    };
    let ladder = Ladder::new(video(), [Rendition::new(360, 800_000)]);
    assert_eq!(pixels(ladder.clone()).as_deref(), Some("yuv420p"));
    assert_eq!(pixels(ladder.video_codec("libx265".to_owned())), None);
}

#[test]
fn hls_has_subtitles_only_in_fmp4_and_one_per_rendition() {
    let ladder = || Ladder::new(video(), [Rendition::new(360, 800_000), Rendition::new(180, 200_000)]);
    let subtitle = Input::new("a.srt").subtitle();
    let hls = || Hls::new(ladder(), "hls").fmp4();
    let two = hls().subtitle(&subtitle, "de").subtitle(&subtitle, "en-US");
    let command = Command::new([two.output().unwrap()]);
    let codecs = command.outputs[0].streams.iter().map(|stream| stream.codec.as_deref().unwrap());
    assert_eq!(codecs.collect::<Vec<_>>(), ["libx264", "libx264", "webvtt", "webvtt"]);
    assert_eq!(parameter(two.subtitle(&subtitle, "fr").output()), "the number of subtitles");
    let syntax = hls().subtitle(&subtitle, "de,sgroup:x v:0");
    assert_eq!(parameter(syntax.output()), "subtitles[0].language");
    assert_eq!(parameter(Hls::new(ladder(), "hls").subtitle(&subtitle, "de").output()), "fmp4");
}

/// Converts a video with these fields in its probe, and returns the graph.
fn sdr(fields: &str, tone_map: ToneMap) -> Result<String, RecipeError> {
    let size = r#""index": 0, "codec_type": "video", "pix_fmt": "yuv420p10le", "width": 64, "height": 36"#;
    let probe = serde_json::from_str(&format!("{{ \"streams\": [{{ {size}{fields} }}] }}"))
        .expect("the JSON of a probe");
    let video = to_sdr(&Input::new("a.mp4").probe(&probe).video(), tone_map)?;
    let command = Command::new([Output::new("b.mp4").map(&video)]);
    let minute = Some(Duration::from_mins(1));
    assert_eq!(command.expected_duration(&[minute]), minute, "{tone_map:?}");
    Ok(command.graph.to_string())
}

#[test]
fn conversion_to_sdr_depends_on_the_facts_of_the_probe() {
    let bt2020 = r#", "color_primaries": "bt2020", "color_space": "bt2020nc""#;
    for unchanged in [
        r#", "color_transfer": "bt709", "color_primaries": "bt709", "color_space": "bt709""#.to_owned(),
        format!(r#"{bt2020}, "color_transfer": "bt2020-10""#),
    ] {
        assert_eq!(sdr(&unchanged, ToneMap::Scale).unwrap(), "", "{unchanged}");
    }
    let untagged = sdr("", ToneMap::Scale).unwrap();
    assert!(untagged.contains("colorspace=smpte170m") && !untagged.contains("scale"), "{untagged}");
    let untagged = sdr(r#", "color_transfer": "smpte2084""#, ToneMap::Scale).unwrap();
    assert!(untagged.contains("colorspace=bt2020nc") && untagged.contains("in_primaries=bt2020"));
    let untagged = sdr(r#", "color_transfer": "arib-std-b67""#, ToneMap::Zscale).unwrap();
    assert!(untagged.contains("colorspace=bt2020nc") && untagged.contains("primariesin=bt2020"));

    assert_eq!(parameter(to_sdr(&video(), ToneMap::Scale)), "a.mp4");
    let error = sdr(bt2020, ToneMap::Scale).unwrap_err().to_string();
    assert!(error.contains("has no transfer function"), "{error}");
}

#[test]
fn dolby_vision_becomes_sdr_by_its_base_layer_only() {
    let hdr = r#", "color_primaries": "bt2020", "color_space": "bt2020nc", "color_transfer": "smpte2084""#;
    let dolby = |profile: i64, base: i64| {
        let record = r#""side_data_type": "DOVI configuration record""#;
        let numbers = format!(r#""dv_profile": {profile}, "dv_bl_signal_compatibility_id": {base}"#);
        sdr(&format!(r#"{hdr}, "side_data_list": [{{ {record}, {numbers} }}]"#), ToneMap::Scale)
    };
    for (profile, base) in [(8, 1), (8, 4), (7, 6)] {
        assert!(dolby(profile, base).unwrap().contains("out_transfer=bt709"), "{profile}.{base}");
    }
    for profile in [5, 10] {
        let error = dolby(profile, 0).unwrap_err().to_string();
        assert!(error.contains(&format!("Dolby Vision profile {profile}")), "{error}");
    }
}

#[test]
fn tones_are_mapped_from_the_peak_luminance_of_the_probe() {
    let (pq, hlg) = (r#", "color_transfer": "smpte2084""#, r#", "color_transfer": "arib-std-b67""#);
    let light = |nits: u32| {
        let name = r#""side_data_type": "Content light level metadata""#;
        format!(r#"{{ {name}, "max_content": {nits}, "max_average": 100 }}"#)
    };
    let display = r#"{ "side_data_type": "Mastering display metadata", "max_luminance": "20300000/10000" }"#;
    // The peak as a multiple of 203 cd/m².
    for (transfer, side_data, peak) in [
        (pq, format!("{}, {display}", light(812)), "4"),
        (pq, format!("{}, {display}", light(0)), "10"),
        (pq, light(100), "1"),
        (pq, String::new(), "49.26108374384236"),
        (hlg, display.to_owned(), "4.926108374384237"),
    ] {
        let graph = sdr(&format!(r#"{transfer}, "side_data_list": [{side_data}]"#), ToneMap::Zscale).unwrap();
        assert!(graph.contains(&format!(":peak={peak}:")), "{peak}: {graph}");
    }
}
