//! The capabilities of a module.

use std::collections::{BTreeMap, BTreeSet};

use afmpeg_engine::{
    Capabilities, ComponentKind, MediaKind, Runtime, Tool,
    capabilities::{AvOption, ListOf, OptionFlag, OptionType, Value},
};
use afmpeg_vfs::MemFs;
use serde_json::Value as Json;

use crate::harness::{
    FULL_GPL, LEAN_LGPL, full, guest, has_every_case, lean, module_path, runtime, variants,
};

fn stdout(runtime: &Runtime, tool: Tool, args: &[&str]) -> String {
    let output = runtime.job(MemFs::new()).tool(tool).args(args.iter().copied()).run().unwrap();
    String::from_utf8_lossy(output.stdout()).into_owned()
}

/// Returns the second word of every line after the dashes in one of FFmpeg's tables.
fn listed(runtime: &Runtime, args: &[&str]) -> BTreeSet<String> {
    let text = stdout(runtime, Tool::Ffmpeg, &[&["-hide_banner"], args].concat());
    let rows: Vec<&str> =
        text.lines().skip_while(|line| !line.trim_start().starts_with("--")).skip(1).collect();
    rows.iter().filter_map(|line| line.split_whitespace().nth(1)).map(str::to_owned).collect()
}

fn set<'a>(names: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    names.into_iter().map(str::to_owned).collect()
}

#[test]
fn capabilities_have_exactly_the_components_that_ffmpeg_lists() {
    for module in variants() {
        let runtime = &module.runtime;
        let has = runtime.capabilities().unwrap();
        let names = |kind| set(has.names(kind));
        assert_eq!(names(ComponentKind::Encoder), listed(runtime, &["-encoders"]), "{}", module.name);
        assert_eq!(names(ComponentKind::Decoder), listed(runtime, &["-decoders"]), "{}", module.name);
        assert_eq!(names(ComponentKind::Filter), listed(runtime, &["-filters"]), "{}", module.name);
        assert_eq!(names(ComponentKind::PixelFormat), listed(runtime, &["-pix_fmts"]), "{}", module.name);
        // A format with several names is one row; a device has one more letter before its name.
        for (args, joined) in [
            (
                ["-muxers"],
                set(has
                    .muxers
                    .iter()
                    .map(|muxer| muxer.names.join(","))
                    .collect::<Vec<_>>()
                    .iter()
                    .map(String::as_str)),
            ),
            (
                ["-demuxers"],
                set(has
                    .demuxers
                    .iter()
                    .map(|demuxer| demuxer.names.join(","))
                    .collect::<Vec<_>>()
                    .iter()
                    .map(String::as_str)),
            ),
        ] {
            let text = stdout(runtime, Tool::Ffmpeg, &args);
            let rows = text.lines().skip_while(|line| !line.trim_start().starts_with("--")).skip(1);
            assert_eq!(joined, set(rows.filter_map(|row| row[4..].split_whitespace().next())), "{args:?}");
        }

        let after = |args: &str, title: &str| -> BTreeSet<String> {
            let text = stdout(runtime, Tool::Ffmpeg, &["-hide_banner", args]);
            let rows = text.lines().skip_while(|line| !line.starts_with(title)).skip(1);
            let rows = rows.take_while(|line| !line.is_empty() && !line.ends_with(':'));
            set(rows
                .filter_map(|row| row.split_whitespace().next())
                .filter(|name| !["NAME", "name"].contains(name)))
        };
        assert_eq!(names(ComponentKind::BitstreamFilter), after("-bsfs", "Bitstream filters:"));
        assert_eq!(names(ComponentKind::ChannelLayout), after("-layouts", "Standard channel layouts:"));
        let channels = set(has.channels.iter().map(|channel| channel.name.as_str()));
        assert_eq!(channels, after("-layouts", "Individual channels:"));
        let protocols = |is_included: fn(&afmpeg_engine::capabilities::Protocol) -> bool| {
            set(has
                .protocols
                .iter()
                .filter(|protocol| is_included(protocol))
                .map(|protocol| protocol.name.as_str()))
        };
        assert_eq!(protocols(|protocol| protocol.input), after("-protocols", "Input:"));
        assert_eq!(protocols(|protocol| protocol.output), after("-protocols", "Output:"));
        let formats = stdout(runtime, Tool::Ffmpeg, &["-hide_banner", "-sample_fmts"]);
        let formats: BTreeMap<&str, &str> =
            formats.lines().skip(1).filter_map(|row| row.trim().split_once(char::is_whitespace)).collect();
        assert_eq!(names(ComponentKind::SampleFormat), set(formats.keys().copied()));
        for format in &has.sample_formats {
            assert_eq!(formats[format.name.as_str()].trim(), format.bits.to_string(), "{}", format.name);
        }
    }
}

#[test]
fn pixel_formats_are_as_ffprobe_describes_them() {
    let module = full();
    let has = module.runtime.capabilities().unwrap();
    let described: Json = serde_json::from_str(&stdout(
        &module.runtime,
        Tool::Ffprobe,
        &["-v", "error", "-show_pixel_formats", "-of", "json"],
    ))
    .unwrap();
    let described = described["pixel_formats"].as_array().unwrap();
    assert_eq!(described.len(), has.pixel_formats.len());
    for described in described {
        let format = has.pixel_format(described["name"].as_str().unwrap()).unwrap();
        let depths: Vec<u64> = format.components.iter().map(|component| component.depth.into()).collect();
        let components = described["components"].as_array().map_or(&[][..], Vec::as_slice);
        let described_depths: Vec<u64> =
            components.iter().map(|one| one["bit_depth"].as_u64().unwrap()).collect();
        assert_eq!(depths, described_depths, "{}", format.name);
        assert_eq!(
            u64::from(format.bits_per_pixel),
            described["bits_per_pixel"].as_u64().unwrap_or(0),
            "{}",
            format.name
        );
        for (flag, value) in described["flags"].as_object().unwrap() {
            assert_eq!(format.has(flag), value == 1, "{} {flag}", format.name);
        }
        if let Some(shift) = described["log2_chroma_w"].as_u64() {
            assert_eq!(u64::from(format.log2_chroma_w), shift, "{}", format.name);
        }
    }
}

/// The component that configure calls by this name, if the two names differ in more than punctuation.
fn name_of(in_configure: &str) -> &str {
    match in_configure {
        "libvpx_vp8" => "libvpx",
        "tscc" => "camtasia",
        "hosthttp" => "http",
        "hosthttps" => "https",
        name => name,
    }
}

#[test]
fn module_has_the_components_of_its_manifest() {
    // `cargo xtask test` builds two of the modules, and `cargo xtask modules` all of them.
    let modules: &[&str] = if has_every_case() {
        &[FULL_GPL, "full-lgpl", "lean-gpl", LEAN_LGPL]
    } else {
        &[FULL_GPL, LEAN_LGPL]
    };
    for module in modules {
        let runtime = runtime(module);
        let has = runtime.capabilities().unwrap();
        let manifest = std::fs::read(module_path(module).with_extension("wasm.json")).unwrap();
        let manifest: Json = serde_json::from_slice(&manifest).unwrap();
        let strings = |list: &Json| -> Vec<String> {
            let list = list.as_array().map_or(&[][..], Vec::as_slice);
            list.iter().map(|name| name.as_str().unwrap().to_owned()).collect()
        };
        for (kind, in_manifest) in [
            (ComponentKind::Encoder, &["encoder"][..]),
            (ComponentKind::Decoder, &["decoder"]),
            (ComponentKind::Muxer, &["muxer"]),
            (ComponentKind::Demuxer, &["demuxer", "indev"]),
            (ComponentKind::BitstreamFilter, &["bsf"]),
            (ComponentKind::Filter, &["filter"]),
            (ComponentKind::Protocol, &["protocol"]),
        ] {
            let own: BTreeSet<String> =
                has.names(kind).iter().map(|name| name.replace(['-', '.'], "_")).collect();
            let listed: Vec<String> =
                in_manifest.iter().flat_map(|kind| strings(&manifest["components"][kind])).collect();
            let alike = listed.iter().filter(|name| own.contains(name_of(name))).count();
            match kind {
                // A format may have several names, and configure's is not always one of them.
                ComponentKind::Muxer => assert_eq!(has.muxers.len(), listed.len(), "{module}"),
                ComponentKind::Demuxer => assert_eq!(has.demuxers.len(), listed.len(), "{module}"),
                // Sources of some names are listed as filters, too.
                ComponentKind::Filter => assert_eq!(alike, listed.len(), "{module}"),
                ComponentKind::Protocol => {
                    assert_eq!((alike, own.len()), (listed.len(), listed.len()), "{module}");
                }
                _ => {
                    assert_eq!(own.len(), listed.len(), "{module} {kind:?}");
                    // Configure has other names for a few old codecs, such as `zero12v` for `012v`.
                    assert!(alike * 10 >= listed.len() * 9, "{module} {kind:?}: {own:?} and {listed:?}");
                }
            }
            for (library, facts) in manifest["libraries"].as_object().unwrap() {
                let provided = in_manifest.iter().flat_map(|kind| strings(&facts["provides"][kind]));
                // A lean module has a part of what the library provides.
                for name in provided.filter(|name| listed.contains(name)) {
                    assert!(own.contains(name_of(&name)), "{module} lacks {name} of {library}");
                }
            }
        }
        assert_eq!(has.ffmpeg, "9.0.2");
        assert_eq!(has.licence.starts_with("GPL"), module.ends_with("-gpl"));
        let options = strings(&manifest["configure"]["ffmpeg"]);
        let printed = stdout(&runtime, Tool::Ffmpeg, &["-hide_banner", "-buildconf"]);
        // It quotes words with a star for the shell.
        let printed = printed.replace('\'', "");
        let printed = printed.split_whitespace().filter(|word| word.starts_with("--"));
        assert_eq!(printed.collect::<Vec<_>>(), options);
    }
}

/// FFmpeg's own decoder of AV1 only hands pictures to graphics cards.
#[test]
fn decoder_that_cannot_decode_is_left_out() {
    let module = full();
    let decoders = module.runtime.capabilities().unwrap().names(ComponentKind::Decoder);
    assert!(decoders.contains(&"libdav1d") && !decoders.contains(&"av1"));
}

#[test]
fn options_have_ffmpegs_own_numbers() {
    let module = full();
    let has = module.runtime.capabilities().unwrap();

    let fade = has.filter("fade").unwrap();
    let frames = fade.options.get("nb_frames").unwrap();
    assert_eq!((frames.kind, &frames.default), (OptionType::Int, &Some(Value::Integer(25))));
    let range = frames.range.clone().unwrap();
    assert_eq!((range.min, range.max), (Some(Value::Integer(1)), Some(Value::Integer(i32::MAX.into()))));
    assert_eq!(fade.options.get("n").unwrap().alias_of.as_deref(), Some("nb_frames"));
    assert!(fade.has_timeline() && !fade.has_dynamic_inputs());

    let x264 = has.encoder("libx264").unwrap();
    assert_eq!((x264.codec.as_str(), x264.kind), ("h264", Some(MediaKind::Video)));
    assert!(x264.pixel_formats.as_ref().unwrap().iter().any(|format| format == "yuv420p"));
    let crf = x264.options.get("crf").unwrap();
    assert_eq!((crf.kind, &crf.default), (OptionType::Float, &Some(Value::Real(-1.0))));
    // FFmpeg's limit is the largest number of the type, so there is none.
    let range = crf.range.clone().unwrap();
    assert_eq!((range.min, range.max), (Some(Value::Real(-1.0)), None));

    let bitrate = has.generic.codec.get("b").unwrap();
    assert_eq!(bitrate.range.as_ref().unwrap().max, Some(Value::Integer(i64::MAX)));
    assert!(bitrate.has(OptionFlag::Encoding));

    let movflags = has.muxer("mp4").unwrap().options.get("movflags").unwrap();
    assert_eq!(movflags.kind, OptionType::Flags);
    let faststart = movflags.constant("faststart").unwrap();
    assert_eq!(faststart.value.count_ones(), 1);
    assert!(faststart.help.as_ref().unwrap().contains("moov"));

    // The filter passes options on to the scaler.
    let flags = has.filter("scale").unwrap().options.get("sws_flags").unwrap();
    assert_eq!(flags.class.as_deref(), Some("SWScaler"));
    assert!(flags.constant("lanczos").is_some());

    let overlay = has.filter("overlay").unwrap();
    let pads: Vec<&str> = overlay.inputs.iter().map(|pad| pad.name.as_str()).collect();
    assert_eq!(pads, ["main", "overlay"]);
    assert_eq!(overlay.options.get("ts_sync_mode").unwrap().class.as_deref(), Some("framesync"));
    assert!(has.filter("concat").unwrap().has_dynamic_inputs());
    assert!(has.decoder("aac").is_some() && has.demuxer("m4a").unwrap().is("mp4"));
    assert!(has.muxer("mp4").unwrap().codecs.iter().any(|codec| codec == "h264"));
    assert!(
        has.bitstream_filter("h264_mp4toannexb")
            .unwrap()
            .codecs
            .as_ref()
            .unwrap()
            .contains(&"h264".to_owned())
    );
    let rates = has.filter("aformat").unwrap().options.get("sample_rates").unwrap();
    let ListOf { min, max, separator, .. } = rates.list.as_ref().unwrap();
    assert_eq!((rates.kind, *min, *max, separator.as_str()), (OptionType::Int, 0, None, "|"));
}

/// An option as printed by FFmpeg's `-h`.
struct PrintedOption<'a> {
    name: &'a str,
    kind: &'a str,
    range: Option<(&'a str, &'a str)>,
    default: Option<&'a str>,
}

fn printed_option(row: &str) -> Option<PrintedOption<'_>> {
    let rest =
        row.strip_prefix("  ").filter(|rest| !rest.starts_with("   "))?.trim_start().trim_start_matches('-');
    let (name, rest) = rest.split_once(char::is_whitespace)?;
    let (kind, _) = rest.trim_start().strip_prefix('<')?.split_once('>')?;
    let range = rest.rsplit_once(" (from ").and_then(|(_, rest)| rest.split_once(')')?.0.split_once(" to "));
    let default = rest.rsplit_once(" (default ").map(|(_, rest)| rest.strip_suffix(')').unwrap_or(rest));
    Some(PrintedOption { name, kind, range, default })
}

/// Parses a number, or FFmpeg's name for a limit of a type.
fn number(text: &str) -> Option<f64> {
    Some(match text {
        "INT_MAX" => i32::MAX.into(),
        "INT_MIN" => i32::MIN.into(),
        "UINT32_MAX" => u32::MAX.into(),
        "I64_MAX" => i64::MAX as f64,
        "I64_MIN" => i64::MIN as f64,
        "UINT64_MAX" => u64::MAX as f64,
        "FLT_MAX" | "-FLT_MAX" | "DBL_MAX" | "-DBL_MAX" => return None,
        "FLT_MIN" => f32::MIN_POSITIVE.into(),
        "-FLT_MIN" => -f64::from(f32::MIN_POSITIVE),
        "DBL_MIN" => f64::MIN_POSITIVE,
        "-DBL_MIN" => -f64::MIN_POSITIVE,
        other => other.parse().ok()?,
    })
}

/// Returns whether two numbers are equal to six digits, the precision of `-h`.
fn near(ours: Option<f64>, theirs: Option<f64>) -> bool {
    match (ours, theirs) {
        (Some(ours), Some(theirs)) => (ours - theirs).abs() <= theirs.abs() * 1e-5,
        (ours, theirs) => ours == theirs,
    }
}

fn number_of_seconds(text: &str) -> Option<f64> {
    text.parse().ok()
}

fn compare(component: &str, option: &AvOption, printed: &PrintedOption<'_>) {
    let name = format!("{component}.{}", printed.name);
    let kind = serde_json::to_value(option.kind).unwrap();
    let theirs = match printed.kind.trim_start_matches('[').split(']').next().unwrap_or_default() {
        "boolean" => "bool",
        "unsigned" => "uint",
        "pix_fmt" => "pixel_format",
        "sample_fmt" => "sample_format",
        "unsigned int" => "uint",
        other => other,
    };
    assert_eq!(kind, theirs, "{name}");
    assert_eq!(option.list.is_some(), printed.kind.starts_with('['), "{name}");
    if let Some((min, max)) = printed.range {
        let range = option.range.as_ref().unwrap_or_else(|| panic!("{name} has no range"));
        let number_of = |value: &Option<Value>| value.as_ref().and_then(Value::as_f64);
        assert!(near(number_of(&range.min), number(min)), "{name}: {range:?}, not from {min}");
        assert!(near(number_of(&range.max), number(max)), "{name}: {range:?}, not to {max}");
    }
    let (Some(theirs), Some(ours)) = (printed.default, &option.default) else { return };
    match ours {
        Value::Text(text) if option.kind != OptionType::Rational => {
            assert_eq!(theirs.trim_matches('"'), text, "{name}");
        }
        _ if matches!(option.kind, OptionType::Double | OptionType::Float) => {
            // Limits that a double cannot represent are printed by name.
            if let Some(theirs) = number(theirs) {
                assert!(near(ours.as_f64(), Some(theirs)), "{name}: {ours}, not {theirs}");
            }
        }
        // Printed in seconds, or in hours, minutes and seconds.
        Value::Integer(number) if option.kind == OptionType::Duration => {
            let seconds =
                theirs.split(':').try_fold(0.0, |sum, part| Some(sum * 60.0 + number_of_seconds(part)?));
            assert!(
                seconds.is_none_or(|seconds| near(Some(*number as f64), Some(seconds * 1e6))),
                "{name}: {theirs}"
            );
        }
        Value::Integer(number) if theirs.parse::<i64>().is_ok() => {
            assert_eq!(theirs.parse(), Ok(*number), "{name}");
        }
        Value::Integer(number) if option.constants.iter().any(|one| one.name == theirs) => {
            assert_eq!(
                option.constants.iter().find(|one| one.name == theirs).unwrap().value,
                *number,
                "{name}"
            );
        }
        Value::Integer(number) if option.kind == OptionType::Bool => {
            let words = [(-1, "auto"), (0, "false"), (1, "true")];
            assert!(words.contains(&(*number, theirs)), "{name}: {number}, not {theirs}");
        }
        _ => {}
    }
}

/// Returns the output of `-h` for a component, from the native ffmpeg of `AFMPEG_NATIVE` or else the module's own.
fn help(runtime: &Runtime, topic: &str) -> String {
    let args = ["-hide_banner", "-h", topic];
    match std::env::var_os("AFMPEG_NATIVE") {
        Some(native) => {
            let output = std::process::Command::new(native).args(args).output().unwrap();
            String::from_utf8_lossy(&output.stdout).into_owned()
        }
        None => stdout(runtime, Tool::Ffmpeg, &args),
    }
}

#[test]
fn options_match_the_help_of_ffmpeg() {
    let module = full();
    let has = module.runtime.capabilities().unwrap();
    let all = |kind: &'static str| -> Vec<(&'static str, &str, &[AvOption])> {
        match kind {
            "filter" => has.filters.iter().map(|one| (kind, one.name.as_str(), &*one.options)).collect(),
            "encoder" => has.encoders.iter().map(|one| (kind, one.name.as_str(), &*one.options)).collect(),
            "decoder" => has.decoders.iter().map(|one| (kind, one.name.as_str(), &*one.options)).collect(),
            "muxer" => has.muxers.iter().map(|one| (kind, one.names[0].as_str(), &*one.options)).collect(),
            "demuxer" => {
                has.demuxers.iter().map(|one| (kind, one.names[0].as_str(), &*one.options)).collect()
            }
            "bsf" => {
                has.bitstream_filters.iter().map(|one| (kind, one.name.as_str(), &*one.options)).collect()
            }
            _ => has.protocols.iter().map(|one| (kind, one.name.as_str(), &*one.options)).collect(),
        }
    };
    let usual =
        ["scale", "overlay", "xfade", "loudnorm", "fade", "aresample", "libx264", "aac", "mp4", "mov", "hls"];
    let mut compared = 0;
    for kind in ["filter", "encoder", "decoder", "muxer", "demuxer", "bsf", "protocol"] {
        let all = all(kind).into_iter().filter(|(_, _, options)| !options.is_empty());
        for (index, (kind, name, options)) in all.enumerate() {
            // Compare the usual components and a sample of the rest: all of them take a minute.
            if index % 8 != 0 && !usual.contains(&name) {
                continue;
            }
            let page = help(&module.runtime, &format!("{kind}={name}"));
            let mut ours: Vec<&AvOption> = options.iter().collect();
            for printed in page.lines().filter_map(printed_option) {
                // An option passed on to another class can have the name of one of the component.
                let index = ours.iter().position(|option| option.name == printed.name);
                let index = index.unwrap_or_else(|| panic!("{kind} {name} has no option {}", printed.name));
                compare(name, ours.remove(index), &printed);
                compared += 1;
            }
        }
    }
    assert!(compared > 900, "{compared} options");
}

#[test]
fn nearest_name_corrects_a_misspelt_one() {
    let module = lean();
    let has = module.runtime.capabilities().unwrap();
    assert_eq!(has.nearest(ComponentKind::Encoder, "openh264"), Some("libopenh264"));
    assert_eq!(has.nearest(ComponentKind::Filter, "sacle"), Some("scale"));
    assert_eq!(has.nearest(ComponentKind::Filter, "photosynthesis"), None);
    assert_eq!(has.filter("scale").unwrap().options.nearest("widht"), Some("width"));
}

#[test]
fn document_is_parsed_without_loss() {
    let module = full();
    let printed = stdout(&module.runtime, Tool::Capabilities, &[]);
    let typed = Capabilities::from_json(printed.as_bytes()).unwrap();
    let printed: Json = serde_json::from_str(&printed).unwrap();
    assert_eq!(
        without_empty_constants(serde_json::to_value(&typed).unwrap()),
        without_empty_constants(printed)
    );
    let again = Capabilities::from_json(&serde_json::to_vec(&typed).unwrap()).unwrap();
    assert!(again == typed, "every number is the same after a way through JSON");
    // The types cover every option type and flag of the document.
    for option in typed.filters.iter().flat_map(|filter| &filter.options).chain(&typed.generic.codec) {
        assert!(option.kind != OptionType::Unknown && !option.has(OptionFlag::Unknown), "{}", option.name);
    }
}

/// Removes empty lists of constants, which the document may also leave out.
fn without_empty_constants(json: Json) -> Json {
    match json {
        Json::Array(items) => items.into_iter().map(without_empty_constants).collect(),
        Json::Object(fields) => fields
            .into_iter()
            .filter(|(name, value)| name != "constants" || value != &Json::Array(Vec::new()))
            .map(|(name, value)| (name, without_empty_constants(value)))
            .collect(),
        other => other,
    }
}

#[test]
fn capabilities_of_a_program_other_than_ffmpeg_are_an_error() {
    assert!(guest("sjlj").capabilities().is_err());
}
