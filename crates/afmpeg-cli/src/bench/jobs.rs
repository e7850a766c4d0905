//! The jobs of the bench: command lines that both programs run.

use afmpeg_engine::{Capabilities, ComponentKind};

/// A video of 4 s, H.264 in 1280x720 at 25 frames per second, and a minute of stereo sound at 48 kHz.
pub(super) const FILM: &str = "film.mkv";
pub(super) const SOUND: &str = "sound.wav";

/// A component that a job depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Need {
    pub(super) kind: ComponentKind,
    pub(super) name: &'static str,
}

impl Need {
    const fn encoder(name: &'static str) -> Self {
        Self { kind: ComponentKind::Encoder, name }
    }

    pub(super) fn is_in(self, capabilities: &Capabilities) -> bool {
        capabilities.names(self.kind).contains(&self.name)
    }
}

/// A job, without its options for threads.
#[derive(Debug)]
pub(super) struct Work {
    pub(super) name: &'static str,
    /// The component besides those of the media themselves.
    pub(super) need: Need,
    /// Words separated by spaces. The output is discarded.
    input: &'static str,
    output: &'static str,
}

/// The number of threads of each codec and filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Threads {
    One,
    /// The number that FFmpeg chooses for the processors.
    All,
}

impl Threads {
    /// Returns the choices that differ on this many processors.
    pub(super) fn on(processors: usize) -> &'static [Self] {
        if processors > 1 { &[Self::One, Self::All] } else { &[Self::One] }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::One => "one thread",
            Self::All => "all cores",
        }
    }
}

const fn film(name: &'static str, need: Need, output: &'static str) -> Work {
    Work { name, need, input: FILM, output }
}

const fn sound(name: &'static str, encoder: &'static str, output: &'static str) -> Work {
    Work { name, need: Need::encoder(encoder), input: SOUND, output }
}

const DECODER: Need = Need { kind: ComponentKind::Decoder, name: "h264" };
const SCALE: Need = Need { kind: ComponentKind::Filter, name: "scale" };

pub(super) const JOBS: &[Work] = &[
    film("decode H.264", DECODER, "-f null -"),
    film("decode, scale to 360p", SCALE, "-vf scale=640:360 -f null -"),
    film("thumbnail, JPEG", Need::encoder("mjpeg"), "-vf scale=640:360 -frames:v 1 -c:v mjpeg -f null -"),
    film("H.264, x264 veryfast", Need::encoder("libx264"), "-c:v libx264 -preset veryfast -f null -"),
    film("H.264, OpenH264", Need::encoder("libopenh264"), "-c:v libopenh264 -b:v 2M -f null -"),
    sound("AAC", "aac", "-c:a aac -b:a 128k -f null -"),
    sound("Opus", "libopus", "-c:a libopus -b:a 96k -f null -"),
    sound("MP3", "libmp3lame", "-c:a libmp3lame -b:a 192k -f null -"),
];

impl Work {
    /// Returns FFmpeg's arguments.
    pub(super) fn arguments(&self, threads: Threads) -> Vec<&'static str> {
        let one: &[&str] = if threads == Threads::One { &["-threads", "1"] } else { &[] };
        let filters: &[&str] = if threads == Threads::One { &["-filter_threads", "1"] } else { &[] };
        let output: Vec<&str> = self.output.split(' ').collect();
        [&["-nostdin", "-v", "error"], filters, one, &["-i", self.input], one, &output].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_are_set_for_filters_the_input_and_the_output() {
        let line = |threads| JOBS[5].arguments(threads).join(" ");
        assert_eq!(
            line(Threads::One),
            "-nostdin -v error -filter_threads 1 -threads 1 -i sound.wav -threads 1 -c:a aac -b:a 128k -f null -"
        );
        assert_eq!(line(Threads::All), "-nostdin -v error -i sound.wav -c:a aac -b:a 128k -f null -");
        assert_eq!(Threads::on(1), [Threads::One]);
    }
}
