//! What ffmpeg is told, so that it decodes into a pipe: the one place of this crate that names filters and codecs.

use super::{
    picture::{PictureFormat, Shape},
    selection::{Part, Selection},
};

/// The device that packets are written to.
pub(super) const PACKETS: &str = "packets";

/// The device that says of each packet when it is and how long, before it is written.
pub(super) const STAMPS: &str = "stamps";

/// How far apart the pictures that were asked for are while they are counted, in seconds: more than any time base.
const STEP: i64 = 3600;

/// What `-stats_mux_pre` prints of a packet: the time that its frame had when it was decoded, and the packet's own.
const STAMP_FORMAT: &str = "{ptsi} {tbi} {pts} {tb} {size}";

/// Where to start reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    /// At the file's first packet.
    Beginning,
    /// At the last key frame before this time, in microseconds from where the file starts, if the container can tell.
    KeyFrame(i64),
}

/// What is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Track {
    /// The stream of this index.
    Stream(i64),
    /// The whole frame that the streams of the group of this index are tiles of.
    Tiles(i64),
}

/// How the colours of frames are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Colors {
    /// As BT.709, which players assume of HD that is not tagged, and FFmpeg does not.
    UntaggedHd,
    /// As displays of standard range show PQ and HLG.
    HighRange,
}

impl Colors {
    /// The filter that reads colours so.
    fn filter(self) -> &'static str {
        match self {
            Self::UntaggedHd => "scale=in_color_matrix=bt709",
            Self::HighRange => {
                "scale=out_primaries=bt709:out_transfer=bt709:out_color_matrix=bt709:intent=perceptual"
            }
        }
    }

    /// How the scaler that FFmpeg adds behind it has to work: in dark tones it would be off by more than two of 255.
    fn scaler(self) -> Option<&'static str> {
        match self {
            Self::UntaggedHd => None,
            Self::HighRange => Some("bicubic+accurate_rnd+full_chroma_int"),
        }
    }
}

/// The arguments before and after the decoding's own.
pub(super) struct Input<'a> {
    pub(super) options: &'a [String],
    pub(super) path: &'a str,
    pub(super) track: Track,
    pub(super) from: Entry,
    /// How to read colours as players do, where FFmpeg by itself would not.
    pub(super) colors: Option<Colors>,
}

impl Input<'_> {
    /// The arguments up to those of the output, with what comes of `filter`, if any.
    fn words(&self, filter: Option<String>) -> Vec<String> {
        let mut words = strings(&["-nostdin", "-hide_banner", "-nostats", "-v", "warning", "-copyts"]);
        if let Entry::KeyFrame(micros) = self.from {
            // What comes between the key frame and the time is needed to know what is shown at the time.
            words.extend(strings(&["-noaccurate_seek", "-ss"]));
            words.push(format!("{micros}us"));
        }
        words.extend(self.options.iter().cloned());
        words.extend(["-i".to_owned(), self.path.to_owned()]);
        let map = |map: String| ["-map".to_owned(), map];
        match (self.track, filter) {
            (Track::Stream(index), None) => words.extend(map(format!("0:{index}"))),
            (Track::Stream(index), Some(filter)) => {
                words.extend(map(format!("0:{index}")));
                words.extend(["-vf".to_owned(), filter]);
            }
            // FFmpeg has a graph that puts the tiles together, whose end has this label.
            (Track::Tiles(group), None) => words.extend(map(format!("[0:g:{group}]"))),
            (Track::Tiles(group), Some(filter)) => {
                words.extend(["-filter_complex".to_owned(), format!("[0:g:{group}]{filter}[whole]")]);
                words.extend(map("[whole]".to_owned()));
            }
        }
        words
    }
}

/// Decodes one stream of pictures.
pub(super) fn pictures(
    input: &Input<'_>,
    selection: &Selection,
    part: Part,
    file_start: i64,
    format: PictureFormat,
    shape: Shape,
) -> Vec<String> {
    let filters =
        [filter(selection, part, file_start, input.from), input.colors.map(|it| it.filter().to_owned())];
    let filters: Vec<String> = filters.into_iter().flatten().collect();
    let mut words = input.words((!filters.is_empty()).then(|| filters.join(",")));
    words.extend(["-s".to_owned(), format!("{}x{}", shape.width, shape.height)]);
    if let Some(flags) = input.colors.and_then(Colors::scaler) {
        words.extend(strings(&["-sws_flags", flags]));
    }
    words.extend(strings(&["-fps_mode", "passthrough", "-enc_time_base", "filter"]));
    words.extend(strings(match format {
        PictureFormat::Rgba => &["-c:v", "rawvideo", "-pix_fmt", "rgba"],
        PictureFormat::Png => &["-c:v", "png"],
    }));
    words.extend(output());
    words
}

/// How samples are to come.
pub(super) struct SampleShape<'a> {
    pub(super) rate: u32,
    pub(super) channels: u32,
    pub(super) layout: Option<&'a str>,
}

/// Decodes one stream of samples.
pub(super) fn samples(input: &Input<'_>, shape: &SampleShape<'_>) -> Vec<String> {
    let mut words = input.words(None);
    words.extend(strings(&["-c:a", "pcm_f32le", "-ar"]));
    words.push(shape.rate.to_string());
    match shape.layout {
        Some(layout) => words.extend(strings(&["-ch_layout", layout])),
        None => words.extend(["-ac".to_owned(), shape.channels.to_string()]),
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

/// The filters that leave the pictures that are asked for, and, where reading began at a key frame, the first that was
/// decoded before them: it tells whether the reading began early enough.
fn filter(selection: &Selection, part: Part, file_start: i64, from: Entry) -> Option<String> {
    let absolute = |micros: i64| micros.saturating_add(file_start);
    let with_first = from != Entry::Beginning;
    match selection {
        // Which of these pictures are wanted is decided exactly, by who reads them: a microsecond less costs nothing.
        Selection::Every if part.start == 0 => None,
        Selection::Every => {
            let first = if with_first { "not(n)+" } else { "" };
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

/// Leaves, for each number, the last picture at whose time no more than that many of the asked times have passed.
/// Pictures are moved to the number of times that have passed, and of those at the same number the last is left; so are
/// those shown at several times repeated, and numbers after the video's end left out.
fn shown(passed: &str, with_first: bool) -> String {
    let number = if with_first { format!("if(N,1+{passed},0)") } else { passed.to_owned() };
    format!("setpts='st(0,T*1000000);({number})*{STEP}/TB',fps=fps=1/{STEP}:start_time=0:round=up")
}

/// The number of times, of those from `low` to `high`, that have passed at `ld(0)`, as a search by halves: FFmpeg's
/// expressions may not be nested deep.
fn passed(times: &[i64], low: usize, high: usize) -> String {
    if low == high {
        return low.to_string();
    }
    let middle = low.midpoint(high);
    let (before, after) = (passed(times, low, middle), passed(times, middle + 1, high));
    // A picture within the microsecond of its time is shown at it.
    format!("if(lt(ld(0),{}),{before},{after})", times[middle].saturating_add(1))
}

fn strings(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_searched_by_halves() {
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
}
