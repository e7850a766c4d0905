use std::time::Duration;

use afmpeg_cmd::{
    Capabilities, Codec, Input, Job, Output,
    check::{ProblemKind, Severity},
    recipes::ContactSheet,
};

use crate::{At, Captions, Mistakes, Storyboard, caption, files::Files, mistake::Review, picture, sound};

pub(crate) const FILM: &str = "/reel.mp4";
pub(crate) const SHEET: &str = "/sheet.png";
pub(crate) const CAPTIONS: &str = "/captions.vtt";
/// Where the storyboard's folder is to the commands.
pub(crate) const FOLDER: &str = "/storyboard";

/// `libavcodec/libx264.c` hands these on to x264.
const PRESETS: &[&str] = &[
    "ultrafast",
    "superfast",
    "veryfast",
    "faster",
    "fast",
    "medium",
    "slow",
    "slower",
    "veryslow",
    "placebo",
];

/// The commands that make a film of a storyboard, and a sheet of its pictures.
///
/// See [`Storyboard`] for an example.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Makes `/reel.mp4`. The storyboard's folder is `/storyboard`.
    pub film: Job,
    /// Makes `/sheet.png` of it: four columns, three rows.
    pub sheet: Job,
    /// How long the film is.
    pub duration: Duration,
    /// Where each shot begins.
    pub starts: Vec<Duration>,
    /// What is to be in `/captions.vtt`, if it is read.
    pub captions: Option<String>,
}

impl Plan {
    /// Without a look at any file: a clip must say where it ends.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the storyboard by itself.
    pub fn new(storyboard: &Storyboard) -> Result<Self, Mistakes> {
        Self::of(storyboard, None)
    }

    pub(crate) fn of(storyboard: &Storyboard, files: Option<&Files>) -> Result<Self, Mistakes> {
        let mut review = storyboard.review();
        encoding(storyboard, &mut review);
        let Some(film) = picture::film(storyboard, files, &mut review) else {
            return Err(review.into_mistakes());
        };
        let audio = sound::sound(storyboard, &film, files, &mut review);
        let picture = film.picture;
        let length = picture.duration;
        let captions = caption::captions(storyboard, &picture.starts, length, &mut review);
        let video = caption::burn(storyboard, picture.stream, &captions, files, &mut review);

        let Storyboard { output, .. } = storyboard;
        let x264 = Codec::new("libx264")
            .opt("crf", output.crf.as_ref().map_or(21, |crf| *crf.get_ref()))
            .opt("preset", output.preset.as_ref().map_or("veryfast", |preset| preset.get_ref().as_str()));
        let mut film = Output::new(FILM).video(&video, x264);
        if let Some(audio) = &audio {
            let kbits = output.audio_bitrate.as_ref().map_or(160, |rate| *rate.get_ref());
            film = film.audio(audio, Codec::new("aac").opt("b", format!("{kbits}k")));
        }
        let is_track = storyboard.captions == Captions::Track && !captions.is_empty();
        if is_track {
            film = film.subtitle(Input::new(CAPTIONS).format("webvtt").subtitle(), "mov_text");
        }
        let sheet =
            ContactSheet::new(length, 4, 3).cell(cell(storyboard).0, cell(storyboard).1).padding(4).margin(4);
        let sheet = match sheet.output(&Input::new(FILM).video(), SHEET) {
            Ok(sheet) => sheet,
            Err(error) => {
                review.report(storyboard.size.span(), error.to_string(), "choose another shape");
                return Err(review.into_mistakes());
            }
        };
        review.end()?;
        Ok(Self {
            film: Job::new([film.faststart()]).overwrite(),
            sheet: Job::new([sheet]).overwrite(),
            duration: length,
            starts: picture.starts,
            captions: is_track.then(|| caption::webvtt(&captions)),
        })
    }

    /// What a module cannot do of it, at the lines that ask for it.
    ///
    /// ```
    /// use afmpeg_cmd::Capabilities;
    /// use afmpeg_reel::{Plan, Storyboard};
    ///
    /// let text = "size = [320, 180]\nfps = 25\ncaptions = \"burn\"\nfont = \"a.ttf\"\n\
    ///     [[shots]]\nimage = \"1.png\"\nduration = 1\ncaption = \"Hello\"\n";
    /// let storyboard = Storyboard::parse("reel.toml", text)?;
    /// let mistakes = Plan::new(&storyboard)?.check(&storyboard, &Capabilities::default()).unwrap_err();
    /// let caption = mistakes.iter().find(|mistake| mistake.line == 8).unwrap();
    /// assert_eq!(caption.message, "the module has no filter \"drawtext\"");
    /// # Ok::<(), afmpeg_reel::Mistakes>(())
    /// ```
    ///
    /// # Errors
    ///
    /// There is something.
    pub fn check(&self, storyboard: &Storyboard, module: &Capabilities) -> Result<(), Mistakes> {
        let mut review = storyboard.review();
        let mut told: Vec<String> = Vec::new();
        for job in [&self.film, &self.sheet] {
            for problem in job.problems_with_capabilities(module) {
                let message = problem.kind.to_string();
                if problem.severity() != Severity::Error || told.contains(&message) {
                    continue;
                }
                let name = match &problem.kind {
                    ProblemKind::Lacks { name, .. } => name.as_str(),
                    _ => "",
                };
                let hint = match name {
                    "drawtext" => "write `captions = \"track\"`, or use a module with it",
                    _ => problem.hint(),
                };
                let caption =
                    storyboard.shots.get_ref().iter().find_map(|shot| shot.get_ref().caption.as_ref());
                let duck = storyboard.music.as_ref().and_then(|music| music.duck.as_ref());
                let place = match name {
                    "drawtext" | "webvtt" | "mov_text" => caption.map(At::span),
                    "sidechaincompress" => duck.map(At::span),
                    _ => None,
                };
                review.report(place.unwrap_or(storyboard.size.span()), message.as_str(), hint);
                told.push(message);
            }
        }
        review.end()
    }
}

/// A path of the storyboard's, as commands see it. That it begins so, it is no protocol and no option.
pub(crate) fn guest_path(path: &str) -> String {
    format!("{FOLDER}/{path}")
}

/// The size of a picture of the sheet: the film's shape, its longer side 320 pixels.
fn cell(storyboard: &Storyboard) -> (u32, u32) {
    let (width, height) = *storyboard.size.get_ref();
    let longer = width.max(height).max(1);
    let side = |side: u32| (side.saturating_mul(160) / longer).max(1) * 2;
    (side(width), side(height))
}

fn encoding(storyboard: &Storyboard, review: &mut Review<'_>) {
    let Storyboard { output, .. } = storyboard;
    if let Some(crf) = output.crf.as_ref().filter(|crf| *crf.get_ref() > 51) {
        review.report(
            crf.span(),
            format!("libx264 has no crf {}", crf.get_ref()),
            "give a number from 0 to 51",
        );
    }
    if let Some(preset) =
        output.preset.as_ref().filter(|preset| !PRESETS.contains(&preset.get_ref().as_str()))
    {
        let message = format!("libx264 has no preset {:?}", preset.get_ref());
        review.report(preset.span(), message, format!("choose one of {}", PRESETS.join(", ")));
    }
    if let Some(rate) = output.audio_bitrate.as_ref().filter(|rate| !(16..=512).contains(rate.get_ref())) {
        let message = format!("stereo sound cannot have {} kbit/s", rate.get_ref());
        review.report(rate.span(), message, "give a number from 16 to 512");
    }
}
