//! The lines as built commands. The end-to-end tests run them as well.

mod copying;
mod encoding;
mod filtering;
mod joining;
mod naming;
mod pictures;
mod sound;
mod streaming;

use afmpeg_cmd::Command;

/// The name of a line, and the function that builds its command.
type Built = (&'static str, fn() -> Command);

/// In the order of the lines.
pub(crate) const BUILT: &[Built] = &[
    ("remuxes a film", copying::remuxed),
    ("encodes for the web", encoding::for_the_web),
    ("cuts without encoding", copying::cut),
    ("cuts exactly", encoding::exact_cut),
    ("extracts the audio", copying::audio_alone),
    ("extracts the audio as MP3", encoding::mp3),
    ("removes the audio", copying::without_audio),
    ("replaces the audio", copying::with_other_audio),
    ("keeps all streams but subtitles", copying::everything_but_subtitles),
    ("keeps all streams, encodes one", copying::everything_and_one_encoded),
    ("has subtitles if there are some", copying::subtitles_that_may_not_be_there),
    ("makes it small", filtering::small),
    ("makes it small, with the codec of the stream", filtering::small_and_encoded),
    ("puts a logo into the corner", joining::logo),
    ("puts a small logo into the corner", joining::small_logo),
    ("joins two films", joining::one_after_the_other),
    ("joins two films, with streams selected by FFmpeg", joining::one_after_the_other_over_what_is_there),
    ("joins the files of a list", copying::files_of_a_list),
    ("makes a GIF with colours of its own", pictures::gif),
    ("makes a GIF by a graph", pictures::gif_of_what_changes),
    ("takes one picture", pictures::one),
    ("extracts a frame per second", pictures::one_a_second),
    ("shows many pictures on one sheet", pictures::sheet),
    ("encodes numbered images", encoding::numbered_pictures),
    ("encodes an image and a song", encoding::picture_and_song),
    ("burns subtitles in", filtering::burnt_subtitles),
    ("adds subtitles with a language", naming::subtitles_with_a_language),
    ("sets the languages of audio streams", naming::sounds_with_languages),
    ("sets a title", naming::title),
    ("takes all names away", naming::nothing),
    ("raises the volume", sound::louder),
    ("normalizes loudness", sound::as_loud_as_others),
    ("measures loudness", sound::measured),
    ("is twice as fast", filtering::twice_as_fast),
    ("turns it around", filtering::turned_around),
    ("turns it by a quarter", filtering::turned_by_a_quarter),
    ("has bars around it", filtering::with_bars),
    ("shows two side by side", joining::side_by_side),
    ("shows four in a square", joining::square),
    ("fades from one film to the next", joining::crossfade),
    ("mixes a voice with music", sound::voice_over_music),
    ("draws a waveform", pictures::wave),
    ("is two files in one run", streaming::two_sizes),
    ("runs the first pass", encoding::first_pass),
    ("is cut into pieces for HLS", streaming::pieces_for_hls),
    ("is a ladder for HLS", streaming::ladder_for_hls),
    ("is cut into files", streaming::pieces),
    ("remuxes MP4 to a transport stream", streaming::transport_stream),
    ("adds a cover to a song", naming::cover),
    ("attaches a font", naming::font),
    ("encodes test sources", encoding::test_picture_and_tone),
    ("encodes a graph without inputs", encoding::graph_without_inputs),
    ("draws the time", filtering::time_in_the_picture),
    ("delays the audio by half a second", copying::with_delayed_audio),
    ("is the end of it", copying::last_seconds),
    ("loops a film", encoding::endless_film_and_its_music),
    ("mixes six channels to two", sound::two_channels),
    ("splits two channels into two files", sound::channels_apart),
    ("has scalers of one kind", filtering::scalers_of_one_kind),
    ("compares two films", joining::comparison),
    ("has keyframes every two seconds", encoding::keyframes_every_two_seconds),
];
