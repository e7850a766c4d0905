//! ffmpeg's arguments to decode into a pipe. Only this file of the crate names filters and codecs.

use super::{
    entry::Entry,
    frame::{Dimensions, FrameFormat},
    selection::{Part, Selection},
};

/// The device for packets.
pub(super) const PACKETS: &str = "packets";

/// The device for the timestamps and size of each packet, written before the packet.
pub(super) const STAMPS: &str = "stamps";

/// The distance in seconds of selected frames while they are counted: more than any time base.
const STEP: i64 = 3600;

/// The format of `-stats_mux_pre`: the timestamp of the decoded frame, the packet's timestamp, and its size.
const STAMP_FORMAT: &str = "{ptsi} {tbi} {pts} {tb} {size}";

/// The decoded track.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Track {
    /// The stream with this index.
    Stream(i64),
    /// The whole frame whose tiles are the streams of the group with this index.
    Tiles(i64),
}

/// A conversion of colours that FFmpeg does not do by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Colors {
    /// Interprets untagged HD as BT.709, as players do.
    UntaggedHd,
    /// Maps PQ and HLG to standard dynamic range.
    HighRange,
}

impl Colors {
    /// The filter for the conversion.
    fn filter(self) -> &'static str {
        match self {
            Self::UntaggedHd => "scale=in_color_matrix=bt709",
            Self::HighRange => {
                "scale=out_primaries=bt709:out_transfer=bt709:out_color_matrix=bt709:intent=perceptual"
            }
        }
    }

    /// The flags of the scaler that FFmpeg appends: by default it is off by more than two of 255 in dark tones.
    fn scaler(self) -> Option<&'static str> {
        match self {
            Self::UntaggedHd => None,
            Self::HighRange => Some(ACCURATE),
        }
    }
}

/// The flags of an accurate scaler.
const ACCURATE: &str = "bicubic+accurate_rnd+full_chroma_int";

/// The input of a decoding.
pub(super) struct Input<'a> {
    pub(super) options: &'a [String],
    pub(super) path: &'a str,
    pub(super) track: Track,
    pub(super) from: Entry,
    /// The conversion of colours, if they need one to look as in players.
    pub(super) colors: Option<Colors>,
}

impl Input<'_> {
    /// Returns the arguments before the output's, with graphs of filters, each of which reads the one before.
    fn words(&self, graphs: &[String]) -> Vec<String> {
        let mut words = strings(&["-nostdin", "-hide_banner", "-nostats", "-v", "warning", "-copyts"]);
        if let Entry::KeyFrame(micros) = self.from {
            // The frames between the key frame and the time include the one shown at the time.
            words.extend(strings(&["-noaccurate_seek", "-ss"]));
            words.push(format!("{micros}us"));
        }
        words.extend(self.options.iter().cloned());
        words.extend(["-i".to_owned(), self.path.to_owned()]);
        let mut map = |map: String| words.extend(["-map".to_owned(), map]);
        match (self.track, graphs) {
            (Track::Stream(index), []) => map(format!("0:{index}")),
            (Track::Stream(index), [filters]) => {
                map(format!("0:{index}"));
                words.extend(["-vf".to_owned(), filters.clone()]);
            }
            (track, graphs) => {
                let mut label = match track {
                    Track::Stream(index) => format!("0:{index}"),
                    // The output of FFmpeg's graph that joins the tiles.
                    Track::Tiles(group) => format!("0:g:{group}"),
                };
                for (number, filters) in graphs.iter().enumerate() {
                    let output = format!("graph{number}");
                    words.extend(["-filter_complex".to_owned(), format!("[{label}]{filters}[{output}]")]);
                    label = output;
                }
                words.extend(["-map".to_owned(), format!("[{label}]")]);
            }
        }
        words
    }
}

/// Returns the arguments to decode a stream of frames.
pub(super) fn frames(
    input: &Input<'_>,
    selection: &Selection,
    part: Part,
    file_start: i64,
    format: FrameFormat,
    size: Dimensions,
) -> Vec<String> {
    let select = filter(selection, part, file_start, input.from);
    let convert = [
        input.colors.map(|colors| colors.filter().to_owned()),
        matches!(format, FrameFormat::Jpeg { .. }).then(|| jpeg_colors(size)),
    ];
    let convert: Vec<String> = convert.into_iter().flatten().collect();
    let graphs = match (select, selection) {
        // A graph processes all repetitions of a frame before it outputs the first. A second graph converts them one by
        // one, so that only one of them takes the memory of a converted frame.
        (Some(select), selection) if selection.may_repeat() => {
            vec![select, if convert.is_empty() { "null".to_owned() } else { convert.join(",") }]
        }
        (select, _) => {
            let filters: Vec<String> = select.into_iter().chain(convert).collect();
            if filters.is_empty() { Vec::new() } else { vec![filters.join(",")] }
        }
    };
    let mut words = input.words(&graphs);
    words.extend(["-s".to_owned(), format!("{}x{}", size.width, size.height)]);
    if let Some(flags) = input.colors.and_then(Colors::scaler) {
        words.extend(strings(&["-sws_flags", flags]));
    }
    words.extend(strings(&["-fps_mode", "passthrough", "-enc_time_base", "filter"]));
    words.extend(strings(match format {
        FrameFormat::Rgba => &["-c:v", "rawvideo", "-pix_fmt", "rgba"],
        FrameFormat::Png => &["-c:v", "png"],
        // The encoder otherwise refuses pixel formats without a range before it sees a frame.
        FrameFormat::Jpeg { .. } => &["-c:v", "mjpeg", "-strict", "unofficial", "-q:v"],
    }));
    if let FrameFormat::Jpeg { quality } = format {
        words.push(quantizer(quality).to_string());
    }
    words.extend(output());
    words
}

/// The filters that scale to `size` and to the colours of JFIF, which has no tags for others.
fn jpeg_colors(size: Dimensions) -> String {
    let Dimensions { width, height } = size;
    format!(
        "scale={width}:{height}:out_color_matrix=bt470bg:out_range=pc:flags={ACCURATE},\
         format=color_ranges=pc:color_spaces=bt470bg"
    )
}

/// FFmpeg's scale of quality, from 31 to 2, for one from 1 to 100.
fn quantizer(quality: u8) -> f64 {
    2.0 + f64::from(100_u8.saturating_sub(quality)) * 29.0 / 99.0
}

/// The format of decoded audio.
#[derive(Debug, Clone)]
pub(super) struct AudioFormat {
    pub(super) rate: u32,
    pub(super) channels: u32,
    pub(super) layout: Option<String>,
}

/// Returns the arguments to decode a stream of samples.
pub(super) fn samples(input: &Input<'_>, format: &AudioFormat) -> Vec<String> {
    let mut words = input.words(&[]);
    words.extend(strings(&["-c:a", "pcm_f32le", "-ar"]));
    words.push(format.rate.to_string());
    match &format.layout {
        Some(layout) => words.extend(strings(&["-ch_layout", layout])),
        None => words.extend(["-ac".to_owned(), format.channels.to_string()]),
    }
    words.extend(output());
    words
}

fn output() -> Vec<String> {
    let mut words = strings(&["-stats_mux_pre_fmt", STAMP_FORMAT, "-stats_mux_pre"]);
    words.push(format!("/dev/{STAMPS}"));
    words.extend(strings(&["-f", "rawvideo", "-y"]));
    words.push(format!("/dev/{PACKETS}"));
    words
}

/// Returns the filters that select the requested frames, and the first decoded frame if that is
/// [added](Selection::adds_first). From all frames they select those from the start, and the first as well if decoding
/// starts at a key frame, to show whether that was early enough.
fn filter(selection: &Selection, part: Part, file_start: i64, from: Entry) -> Option<String> {
    let absolute = |micros: i64| micros.saturating_add(file_start);
    let with_first = selection.adds_first(from);
    match selection {
        // One microsecond early, since the reader compares the times exactly.
        Selection::Every if part.start == 0 => None,
        Selection::Every => {
            let first = if from == Entry::Beginning { "" } else { "not(n)+" };
            Some(format!("select='{first}gte(t*1000000,{})'", absolute(part.start) - 1))
        }
        Selection::Scenes(threshold) => {
            let first = if with_first { "not(n)+" } else { "" };
            let start = absolute(part.start) - 1;
            let over = part.end.map(|end| format!("+gte(t*1000000,{})", absolute(end))).unwrap_or_default();
            Some(format!("select='{first}gt(scene,{threshold})*gte(t*1000000,{start}){over}'"))
        }
        Selection::Times(times) => {
            let times: Vec<i64> = times.iter().map(|time| absolute(*time)).collect();
            Some(shown(&passed(&times, 0, times.len()), with_first))
        }
        Selection::Interval(step) => {
            let start = absolute(part.start).saturating_add(1);
            Some(shown(&format!("max(0,floor((ld(0)-{start})/{step})+1)"), with_first))
        }
    }
}

/// Selects for each requested time the last frame at or before it. `passed` counts the requested times before a frame:
/// frames move to that number as their time, and `fps` keeps the last frame of each number, repeats frames that are shown
/// at several times, and leaves out numbers after the video's end.
fn shown(passed: &str, with_first: bool) -> String {
    let number = if with_first { format!("if(N,1+{passed},0)") } else { passed.to_owned() };
    format!("setpts='st(0,T*1000000);({number})*{STEP}/TB',fps=fps=1/{STEP}:start_time=0:round=up")
}

/// Returns an expression for the number of times in `low..high` before `ld(0)`: a binary search, since FFmpeg limits the
/// depth of expressions.
fn passed(times: &[i64], low: usize, high: usize) -> String {
    if low == high {
        return low.to_string();
    }
    let middle = low.midpoint(high);
    let (before, after) = (passed(times, low, middle), passed(times, middle + 1, high));
    // A frame within the same microsecond is shown at the time.
    format!("if(lt(ld(0),{}),{before},{after})", times[middle].saturating_add(1))
}

fn strings(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_found_by_binary_search() {
        assert_eq!(passed(&[5], 0, 1), "if(lt(ld(0),6),0,1)");
        assert_eq!(passed(&[5, 9], 0, 2), "if(lt(ld(0),10),if(lt(ld(0),6),0,1),2)");
        let many: Vec<i64> = (0..100_000).collect();
        let mut depth = 0_usize;
        let mut most = 0;
        for letter in passed(&many, 0, many.len()).chars() {
            depth = match letter {
                '(' => depth + 1,
                ')' => depth - 1,
                _ => depth,
            };
            most = most.max(depth);
        }
        assert!(most < 25, "{most}");
    }

    #[test]
    fn quality_maps_to_the_whole_range_of_quantizers() {
        assert_eq!([1, 100].map(|quality| quantizer(quality).to_string()), ["31", "2"]);
    }
}
