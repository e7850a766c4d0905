use std::time::Duration;

use afmpeg_cmd::{
    Capabilities, Codec, Command, Input, Output,
    check::{ProblemKind, Severity},
    recipes::ContactSheet,
};

use crate::{
    Captions, Mistakes, Spanned, Storyboard, caption, files::Files, mistake::Review, picture, sound,
};

pub(crate) const FILM: &str = "/reel.mp4";
pub(crate) const SHEET: &str = "/sheet.png";
pub(crate) const CAPTIONS: &str = "/captions.vtt";
/// The path of the storyboard's folder in commands.
pub(crate) const FOLDER: &str = "/storyboard";

/// The presets of x264, which `libavcodec/libx264.c` passes on.
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

/// The commands that render a storyboard to a film and a contact sheet.
///
/// See [`Storyboard`] for an example.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Renders `/reel.mp4`. The storyboard's folder is `/storyboard`.
    pub film: Command,
    /// Renders `/sheet.png` from the film: four columns, three rows.
    pub sheet: Command,
    /// The duration of the film.
    pub duration: Duration,
    /// The start of each shot.
    pub starts: Vec<Duration>,
    /// The contents of `/captions.vtt`, if the film reads it.
    pub captions: Option<String>,
}

impl Plan {
    /// Plans a storyboard without probing its files, so that each clip needs an `out` or a `duration`.
    ///
    /// # Errors
    ///
    /// All mistakes of the storyboard that can be found without its files.
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
                review.report(storyboard.size.span(), error.to_string(), "choose a less extreme `size`");
                return Err(review.into_mistakes());
            }
        };
        review.end()?;
        Ok(Self {
            film: Command::new([film.faststart()]).overwrite(),
            sheet: Command::new([sheet]).overwrite(),
            duration: length,
            starts: picture.starts,
            captions: is_track.then(|| caption::webvtt(&captions)),
        })
    }

    /// Checks that a module can run the commands.
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
    /// Each component that the module lacks, at the line that needs it.
    pub fn check(&self, storyboard: &Storyboard, module: &Capabilities) -> Result<(), Mistakes> {
        let mut review = storyboard.review();
        let mut reported: Vec<String> = Vec::new();
        for command in [&self.film, &self.sheet] {
            for problem in command.problems_with_capabilities(module) {
                let message = problem.kind.to_string();
                if problem.severity() != Severity::Error || reported.contains(&message) {
                    continue;
                }
                let name = match &problem.kind {
                    ProblemKind::Lacks { name, .. } => name.as_str(),
                    _ => "",
                };
                let hint = match name {
                    "drawtext" => "write `captions = \"track\"`, or use a module with this filter".into(),
                    _ => problem.hint(),
                };
                let caption =
                    storyboard.shots.get_ref().iter().find_map(|shot| shot.get_ref().caption.as_ref());
                let duck = storyboard.music.as_ref().and_then(|music| music.duck.as_ref());
                let place = match name {
                    "drawtext" | "webvtt" | "mov_text" => caption.map(Spanned::span),
                    "sidechaincompress" => duck.map(Spanned::span),
                    _ => None,
                };
                review.report(place.unwrap_or(storyboard.size.span()), message.as_str(), hint);
                reported.push(message);
            }
        }
        review.end()
    }
}

/// Returns a storyboard's path for commands. Its prefix keeps it from being read as a protocol or an option.
pub(crate) fn guest_path(path: &str) -> String {
    format!("{FOLDER}/{path}")
}

/// Returns the size of a cell of the sheet: the film's shape, the longer side 320 pixels.
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
            format!("invalid crf {} for libx264", crf.get_ref()),
            "use a number from 0 to 51",
        );
    }
    if let Some(preset) =
        output.preset.as_ref().filter(|preset| !PRESETS.contains(&preset.get_ref().as_str()))
    {
        let message = format!("libx264 has no preset {:?}", preset.get_ref());
        review.report(preset.span(), message, format!("choose one of {}", PRESETS.join(", ")));
    }
    if let Some(rate) = output.audio_bitrate.as_ref().filter(|rate| !(16..=512).contains(rate.get_ref())) {
        let message = format!("invalid audio bitrate: {} kbit/s", rate.get_ref());
        review.report(rate.span(), message, "use a number from 16 to 512");
    }
}
