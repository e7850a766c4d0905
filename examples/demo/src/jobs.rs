//! The jobs of the demonstration, as typed commands.

use std::time::Duration;

use afmpeg::cmd::{
    Codec, Command, Input, Output, Ratio,
    filters::{
        audio::{adelay, alimiter, amix, apad, atrim, volume},
        video::{hflip, overlay, scale},
    },
    recipes::{Conform, ContactSheet, Fade, RecipeError, Thumbnail, concat_list, crossfade},
};

/// A job of the demonstration.
pub(crate) struct Step {
    /// Its name in the table.
    pub(crate) name: &'static str,
    /// The output file.
    pub(crate) output: &'static str,
    /// The duration of the output; zero for an image.
    pub(crate) duration: Duration,
    pub(crate) command: Command,
}

pub(crate) const CONTACT_SHEET: &str = "contact-sheet.png";

/// The text file that the job `concat` reads.
pub(crate) const CONCAT_LIST: &str = "concat.txt";

const CLIP: &str = "bigbuckbunny.mp4";
const CLIP_DURATION: Duration = Duration::from_millis(5280);

/// The reel: three stills, joined by two crossfades.
const STILLS: [(&str, Duration); 3] = [
    ("still-1.png", Duration::from_millis(400)),
    ("still-2.png", Duration::from_millis(2600)),
    ("still-3.png", Duration::from_millis(4800)),
];
const STILL_DURATION: Duration = Duration::from_secs(3);
const FADE_DURATION: Duration = Duration::from_millis(500);

/// Returns the list of files that the job `concat` joins.
pub(crate) fn list() -> Result<String, RecipeError> {
    concat_list(["scale.mp4", "scale.mp4"])
}

/// Returns the jobs in order, with this encoder of H.264: later ones read the outputs of earlier ones.
pub(crate) fn all(h264: &Codec) -> Result<Vec<Step>, RecipeError> {
    let clip = Input::new(CLIP);
    let list = Input::new(CONCAT_LIST).format("concat");
    let mut steps = vec![
        Step {
            name: "transcode",
            output: "transcode.mkv",
            duration: CLIP_DURATION,
            command: Command::new([Output::new("transcode.mkv")
                .video(clip.video(), h264.clone())
                .audio(clip.audio(), Codec::new("aac").opt("ac", 2))]),
        },
        Step {
            name: "scale",
            output: "scale.mp4",
            duration: CLIP_DURATION,
            command: Command::new([Output::new("scale.mp4")
                .video(clip.video().filter(scale().w(640).h(-2)), h264.clone())
                .copy(clip.audio())
                .faststart()]),
        },
        Step {
            name: "overlay",
            output: "overlay.mp4",
            duration: CLIP_DURATION,
            command: overlaid(&clip, h264),
        },
        Step {
            name: "concat",
            output: "concat.mp4",
            duration: 2 * CLIP_DURATION,
            command: Command::new([Output::new("concat.mp4").copy(list.video()).copy(list.audio())]),
        },
        image(
            "thumbnail",
            "thumbnail.png",
            &Thumbnail::new(CLIP, Duration::from_secs(2)).width(640).most_typical_of(25),
        )?,
        Step {
            name: "audio extract",
            output: "audio.flac",
            duration: CLIP_DURATION,
            command: Command::new([Output::new("audio.flac").audio(clip.audio(), "flac")]),
        },
    ];
    for (path, time) in STILLS {
        steps.push(image("still", path, &Thumbnail::new(CLIP, time))?);
    }
    let reel = reel(h264)?;
    steps.push(contact_sheet(reel.duration)?);
    steps.insert(steps.len() - 1, reel);
    Ok(steps)
}

fn image(name: &'static str, output: &'static str, thumbnail: &Thumbnail) -> Result<Step, RecipeError> {
    let command = Command::new([thumbnail.output(output)?]);
    Ok(Step { name, output, duration: Duration::ZERO, command })
}

/// A mirrored copy in the corner of the clip.
fn overlaid(clip: &Input, h264: &Codec) -> Command {
    let small = Input::new("scale.mp4").video().filter(scale().w(320).h(-2)).filter(hflip());
    let video = overlay().x("W-w-24").y(24).on(&clip.video(), &small);
    Command::new([Output::new("overlay.mp4").video(video, h264.clone()).copy(clip.audio())])
}

/// Stills with crossfades, two sounds mixed with a limiter, and the index moved to the front.
fn reel(h264: &Codec) -> Result<Step, RecipeError> {
    let conform = Conform::new(1280, 720, Ratio::from(25));
    let shots = STILLS.iter().map(|(path, _)| {
        let still = Input::still(*path, STILL_DURATION).video();
        Ok((conform.video(&still)?, STILL_DURATION))
    });
    let shots = shots.collect::<Result<Vec<_>, RecipeError>>()?;
    let fades = [Fade::new(FADE_DURATION), Fade::new(FADE_DURATION).transition("slideleft")];
    let film = crossfade(&shots, &fades)?;

    let bed = Input::new("alarm-clock-elapsed.oga").audio().filter(volume().volume(0.5)).filter(apad());
    let chime = Input::new("complete.oga").audio().filter(adelay().delays(2500).all(true)).filter(apad());
    let sound = amix().inputs(2).normalize(false).on([&bed, &chime]);
    let sound = sound.filter(alimiter().limit(0.9).level(false)).filter(atrim().duration(film.duration));
    let output = Output::new("reel.mp4").video(film.stream, h264.clone()).audio(sound, "aac").faststart();
    Ok(Step { name: "reel", output: "reel.mp4", duration: film.duration, command: Command::new([output]) })
}

/// Frames of the overlay and of the reel, at equal intervals.
fn contact_sheet(reel: Duration) -> Result<Step, RecipeError> {
    let conform = Conform::new(320, 180, Ratio::from(25));
    let film = |path: &str| conform.video(&Input::new(path).video());
    let films = [(film("overlay.mp4")?, CLIP_DURATION), (film("reel.mp4")?, reel)];
    let films = crossfade(&films, &[Fade::cut()])?;
    let sheet = ContactSheet::new(films.duration, 4, 4).padding(6).margin(6).background("0x202020");
    let command = Command::new([sheet.output(&films.stream, CONTACT_SHEET)?]);
    Ok(Step { name: "contact sheet", output: CONTACT_SHEET, duration: Duration::ZERO, command })
}
