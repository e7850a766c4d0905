//! The options of `ffmpeg` itself: their scope, and whether they have a value. Options of codecs and formats, of which
//! there are hundreds that depend on the build, are not listed: each has a value, and belongs to the next file.

use std::{borrow::Cow, collections::HashMap, sync::LazyLock};

use super::error::Problem;

/// The scope of an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    Global,
    Input,
    Output,
    File,
}

/// The value of an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
    Value,
    /// No value; a prefix of `no` disables the option.
    Switch,
    Nothing,
}

const OPTIONS: &[(Scope, Takes, &str)] = &[
    (
        Scope::Global,
        Takes::Switch,
        "auto_conversion_filters benchmark benchmark_all copy_unknown copyts debug_ts dump hex hide_banner \
         ignore_unknown n print_graphs recast_media start_at_zero stats stdin xerror y",
    ),
    (Scope::Global, Takes::Nothing, "report vstats"),
    (
        Scope::Global,
        Takes::Value,
        "abort_on copytb cpucount cpuflags dts_delta_threshold dts_error_threshold filter_buffered_frames \
         filter_complex filter_complex_threads filter_hw_device filter_threads frame_drop_threshold init_hw_device \
         lavfi loglevel max_alloc max_error_rate print_graphs_file print_graphs_format progress qsv_device sdp_file \
         stats_period timelimit v vaapi_device vstats_file vstats_version",
    ),
    (
        Scope::Input,
        Takes::Switch,
        "accurate_seek autorotate display_hflip display_vflip find_stream_info fix_sub_duration re",
    ),
    (
        Scope::Input,
        Takes::Value,
        "apply_cropping canvas_size content_light discard display_rotation drop_changed dump_attachment \
         guess_layout_max hwaccel hwaccel_device hwaccel_output_format isync itsoffset itsscale mastering_display \
         readrate readrate_catchup readrate_initial_burst reinit_filter seek_timestamp sseof stream_loop",
    ),
    (Scope::Output, Takes::Switch, "autoscale copyinkf fix_sub_duration_heartbeat force_fps shortest"),
    (
        Scope::Output,
        Takes::Value,
        "ab af aframes apad apre aq aspect atag attach b bits_per_raw_sample chroma_intra_matrix copypriorss dframes \
         disposition enc_time_base filter force_key_frames fpre fps_mode fpsmax frames fs inter_matrix intra_matrix map \
         map_chapters map_metadata max_muxing_queue_size metadata muxdelay muxing_queue_data_threshold muxpreload pass \
         passlogfile pre profile program q qscale rc_override shortest_buf_duration spre stag stats_enc_post \
         stats_enc_post_fmt stats_enc_pre stats_enc_pre_fmt stats_mux_pre stats_mux_pre_fmt stream_group streamid \
         target time_base timecode timestamp vf vframes vpre",
    ),
    (Scope::File, Takes::Switch, "an bitexact dn sn vn"),
    (
        Scope::File,
        Takes::Value,
        "ac acodec ar bsf c ch_layout channel_layout codec dcodec f pix_fmt r s sample_fmt scodec ss t tag \
         thread_queue_size to vcodec vtag",
    ),
];

/// Options that print information and exit.
const INFORMATION: &str = "L license h ? help -help version buildconf formats muxers demuxers devices codecs decoders \
                      encoders bsfs protocols filters pix_fmts layouts sample_fmts dispositions colors sources sinks \
                      hwaccels";

/// Options that FFmpeg has removed, and their replacements. Some had no value, and would take the next word as one.
const REMOVED: &[(&str, &str)] = &[
    ("absf", "write -bsf:a"),
    ("deinterlace", "use the filter yadif"),
    ("filter_complex_script", "write -/filter_complex"),
    ("filter_script", "write -/filter"),
    ("intra", "write -g 1, which makes every frame a key frame"),
    ("loop_input", "write -loop 1 before the input"),
    ("map_channel", "use the filters pan or channelsplit"),
    ("map_meta_data", "write -map_metadata"),
    ("newaudio", "map every stream: -map 0:a:0 -map 0:a:0"),
    ("psnr", "write -flags:v +psnr"),
    ("qphist", "remove it"),
    ("sameq", "choose a quality: -q:v or -crf"),
    ("top", "use the filter setfield"),
    ("vbsf", "write -bsf:v"),
    ("vol", "use the filter volume"),
    ("vsync", "write -fps_mode passthrough, cfr, vfr or auto before the output"),
];

/// Aliases of options: the name, and the streams that they apply to.
const SHORT: &[(&str, &str, Option<&str>)] = &[
    ("ab", "b", Some("a")),
    ("acodec", "c", Some("a")),
    ("af", "filter", Some("a")),
    ("aframes", "frames", Some("a")),
    ("aq", "q", Some("a")),
    ("atag", "tag", Some("a")),
    ("ch_layout", "channel_layout", None),
    ("codec", "c", None),
    ("dcodec", "c", Some("d")),
    ("dframes", "frames", Some("d")),
    ("lavfi", "filter_complex", None),
    ("scodec", "c", Some("s")),
    ("stag", "tag", Some("s")),
    ("v", "loglevel", None),
    ("vcodec", "c", Some("v")),
    ("vf", "filter", Some("v")),
    ("vframes", "frames", Some("v")),
    ("vtag", "tag", Some("v")),
];

/// Options that apply to video by default.
const FOR_VIDEO: &[&str] = &["b", "profile", "qscale"];

/// Options whose specifier does not select streams.
const NOT_OF_STREAMS: &[&str] = &["map_metadata", "program", "stream_group"];

static BY_NAME: LazyLock<HashMap<&str, (Scope, Takes)>> = LazyLock::new(|| {
    let each = OPTIONS.iter().map(|(scope, takes, names)| (names, (*scope, *takes)));
    each.flat_map(|(names, entry)| names.split_whitespace().map(move |name| (name, entry))).collect()
});

/// The least similarity of a name to be a misspelt switch. This refuses a command, so it is stricter than a suggestion. The
/// most similar codec option is `debug`: 0.925.
const NEAR: f64 = 0.93;

/// Whether `ffmpeg` itself has an option of this name, without its dash.
pub(crate) fn is_own(name: &str) -> bool {
    let name = name.strip_prefix('/').unwrap_or(name);
    let off =
        || matches!(name.strip_prefix("no").and_then(|name| BY_NAME.get(name)), Some((_, Takes::Switch)));
    BY_NAME.contains_key(name) || off() || INFORMATION.split_whitespace().any(|query| query == name)
}

/// Returns the names of `ffmpeg`'s own options.
pub(crate) fn own_names<'a>() -> impl Iterator<Item = &'a str> {
    BY_NAME.keys().copied()
}

/// Returns the most similar option without a value.
fn near_switch(name: &str) -> Option<&'static str> {
    let switches = BY_NAME.iter().filter(|(_, (_, takes))| *takes != Takes::Value);
    let likeness = |(switch, _): (&&'static str, _)| (strsim::jaro_winkler(name, switch), *switch);
    let near = switches.map(likeness).filter(|(likeness, _)| *likeness >= NEAR);
    near.max_by(|(a, left), (b, right)| a.total_cmp(b).then_with(|| right.cmp(left)))
        .map(|(_, switch)| switch)
}

/// An option of a command line, under its usual name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) specifier: Option<&'a str>,
    /// `None` for options of codecs and formats.
    pub(super) scope: Option<Scope>,
    pub(super) has_value: bool,
}

impl<'a> Name<'a> {
    /// Parses a word without its dash.
    pub(super) fn of(word: &'a str) -> Result<Self, Problem> {
        let (name, specifier) = match word.split_once(':') {
            Some((name, specifier)) => (name, Some(specifier)),
            None => (word, None),
        };
        if INFORMATION.split_whitespace().any(|query| query == name) {
            return Err(Problem::new("it only prints information", "remove it from the command"));
        }
        if name == "dec" {
            return Err(Problem::new(
                "a command cannot have loopback decoders",
                "decode in a second command",
            ));
        }
        if let Some((_, instead)) = REMOVED.iter().find(|(gone, _)| *gone == name) {
            return Err(Problem::new("FFmpeg has removed this option", *instead));
        }
        if let Some(whole) = name.strip_prefix('/') {
            // The file contains its value.
            let Some((scope, Takes::Value)) = BY_NAME.get(whole) else {
                return Err(Problem::new("it cannot read its value from a file", "write the value itself"));
            };
            let (whole, specifier) = usual(whole, specifier)?;
            let name = Cow::Owned(format!("/{whole}"));
            return Ok(Self { name, specifier, scope: Some(*scope), has_value: true });
        }
        if let Some((scope, takes)) = BY_NAME.get(name) {
            let (name, specifier) = usual(name, specifier)?;
            let name = Cow::Borrowed(name);
            return Ok(Self { name, specifier, scope: Some(*scope), has_value: *takes == Takes::Value });
        }
        let off = name.strip_prefix("no").and_then(|name| BY_NAME.get(name));
        if let Some((scope, Takes::Switch)) = off {
            return Ok(Self { name: Cow::Borrowed(name), specifier, scope: Some(*scope), has_value: false });
        }
        let is_letter = |character: char| character.is_ascii_alphabetic();
        let is_name = |character: char| character.is_ascii_alphanumeric() || "_-.".contains(character);
        // It may begin with a digit, as in 8x8dct, unless it is a number or a file.
        let is_odd =
            || name.chars().all(|character| character.is_ascii_alphanumeric()) && name.contains(is_letter);
        if !(name.starts_with(is_letter) && name.chars().all(is_name) || is_odd()) {
            return Err(Problem::new("not an option", "write -- before a file name that begins with a dash"));
        }
        Ok(Self { name: Cow::Borrowed(name), specifier, scope: None, has_value: true })
    }

    /// Returns the switch that it resembles, unless it is an option of `ffmpeg` itself.
    pub(super) fn misspelt(&self) -> Option<&'static str> {
        if self.scope.is_none() { near_switch(&self.name) } else { None }
    }

    /// Returns an error if an option follows instead of a value. A single dash is not an option: it clears flags.
    pub(super) fn takes_an_option(&self, value: &str) -> Option<Problem> {
        let option = value.strip_prefix('-').filter(|_| self.scope.is_none())?;
        if let Some(switch) = self.misspelt().filter(|_| option == "i" || is_own(option)) {
            let problem = format!("not an option of ffmpeg itself, and followed by {value}");
            return Some(Problem::new(problem, format!("write -{switch}, which has no value")));
        }
        let hint = "add a value: every option of a codec or format has one";
        (option == "i").then(|| Problem::new("expected a value, found -i", hint))
    }

    /// Whether its specifier selects streams.
    pub(super) fn is_of_streams(&self) -> bool {
        !NOT_OF_STREAMS.contains(&self.name.as_ref())
    }
}

fn usual<'a>(name: &'a str, specifier: Option<&'a str>) -> Result<(&'a str, Option<&'a str>), Problem> {
    if let Some((_, usual, streams)) = SHORT.iter().find(|(short, ..)| *short == name) {
        return match (specifier, streams) {
            (Some(specifier), Some(_)) => {
                let problem = format!("-{name} applies to streams of one kind, and has a specifier");
                Err(Problem::new(problem, format!("write -{usual}:{specifier}")))
            }
            (specifier, None) => Ok((usual, specifier)),
            (None, streams) => Ok((usual, *streams)),
        };
    }
    let specifier = specifier.or(FOR_VIDEO.contains(&name).then_some("v"));
    Ok((if name == "qscale" { "q" } else { name }, specifier))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(word: &str) -> (String, Option<&str>, bool) {
        let name = Name::of(word).unwrap();
        (name.name.into_owned(), name.specifier, name.has_value)
    }

    #[test]
    fn aliases_become_the_usual_names() {
        assert_eq!(read("vcodec"), ("c".into(), Some("v"), true));
        assert_eq!(read("codec:a:1"), ("c".into(), Some("a:1"), true));
        assert_eq!(read("qscale"), ("q".into(), Some("v"), true));
        assert_eq!(read("q"), ("q".into(), None, true));
        assert_eq!(read("b:a"), ("b".into(), Some("a"), true));
        assert_eq!(read("b"), ("b".into(), Some("v"), true));
        assert_eq!(read("8x8dct"), ("8x8dct".into(), None, true));
        assert_eq!(read("async"), ("async".into(), None, true));
        assert_eq!(read("/vf"), ("/filter".into(), Some("v"), true));
    }

    #[test]
    fn switches_have_no_value_and_can_be_disabled() {
        assert_eq!(read("an"), ("an".into(), None, false));
        assert_eq!(read("nostdin"), ("nostdin".into(), None, false));
        assert_eq!(read("noautorotate:v:0"), ("noautorotate".into(), Some("v:0"), false));
        assert_eq!(read("noise_level"), ("noise_level".into(), None, true));
    }

    #[test]
    fn invalid_options_are_refused() {
        for word in ["version", "vsync", "5", "2.mp4", "dec", "", "-x y", "vcodec:0", "/y"] {
            assert!(Name::of(word).is_err(), "{word}");
        }
    }

    #[test]
    fn misspelt_switches_are_recognised() {
        for (word, switch) in [
            ("shortets", Some("shortest")),
            ("hide_baner", Some("hide_banner")),
            ("shortest", None),
            ("presett", None),
            ("movflags", None),
            ("debug", None),
            ("re_init", None),
        ] {
            assert_eq!(Name::of(word).unwrap().misspelt(), switch, "{word}");
        }
    }
}
