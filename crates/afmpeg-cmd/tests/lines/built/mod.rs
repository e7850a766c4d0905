//! The lines as built jobs. The end-to-end tests run them as well.

mod copying;
mod encoding;
mod filtering;
mod joining;
mod naming;
mod pictures;
mod sound;
mod streaming;

use afmpeg_cmd::Job;

/// The name of a line, and the function that builds its job.
type Built = (&'static str, fn() -> Job);

/// In the order of the lines.
pub(crate) const BUILT: &[Built] = &[
    ("packs a film anew", copying::packed_anew),
    ("encodes for the web", encoding::for_the_web),
    ("cuts without encoding", copying::cut),
    ("cuts exactly", encoding::exact_cut),
    ("takes the sound", copying::sound_alone),
    ("takes the sound as MP3", encoding::mp3),
    ("takes the sound away", copying::without_sound),
    ("has other sound", copying::with_other_sound),
    ("keeps all streams but subtitles", copying::everything_but_subtitles),
    ("keeps all streams, encodes one", copying::everything_and_one_encoded),
    ("has subtitles if there are some", copying::subtitles_that_may_not_be_there),
    ("makes it small", filtering::small),
    ("makes it small, with the codec of the stream", filtering::small_and_encoded),
    ("puts a logo into the corner", joining::logo),
    ("puts a small logo into the corner", joining::small_logo),
    ("joins two films", joining::one_after_the_other),
    ("joins two films, and lets FFmpeg find their streams", joining::one_after_the_other_over_what_is_there),
    ("joins what a list names", copying::files_of_a_list),
    ("makes a GIF with colours of its own", pictures::gif),
    ("makes a GIF by a graph", pictures::gif_of_what_changes),
    ("takes one picture", pictures::one),
    ("takes a picture a second", pictures::one_a_second),
    ("shows many pictures on one sheet", pictures::sheet),
    ("makes a film of pictures", encoding::numbered_pictures),
    ("makes a film of one picture and a song", encoding::picture_and_song),
    ("burns subtitles in", filtering::burnt_subtitles),
    ("adds subtitles, and says their language", naming::subtitles_with_a_language),
    ("names its sounds", naming::sounds_with_languages),
    ("sets a title", naming::title),
    ("takes all names away", naming::nothing),
    ("is louder", sound::louder),
    ("is as loud as others", sound::as_loud_as_others),
    ("measures loudness", sound::measured),
    ("is twice as fast", filtering::twice_as_fast),
    ("turns it around", filtering::turned_around),
    ("turns it by a quarter", filtering::turned_by_a_quarter),
    ("has bars around it", filtering::with_bars),
    ("shows two side by side", joining::side_by_side),
    ("shows four in a square", joining::square),
    ("fades from one film to the next", joining::crossfade),
    ("mixes a voice with music", sound::voice_over_music),
    ("draws how it sounds", pictures::wave),
    ("is two files in one run", streaming::two_sizes),
    ("counts in the first pass", encoding::first_pass),
    ("is cut into pieces for HLS", streaming::pieces_for_hls),
    ("is a ladder for HLS", streaming::ladder_for_hls),
    ("is cut into files", streaming::pieces),
    ("goes from MP4 to a transport stream", streaming::transport_stream),
    ("is a cover for a song", naming::cover),
    ("takes a font along", naming::font),
    ("is made of nothing", encoding::test_picture_and_tone),
    ("is made of a graph alone", encoding::graph_without_inputs),
    ("writes a time on it", filtering::time_in_the_picture),
    ("is later by half a second", copying::with_late_sound),
    ("is the end of it", copying::last_seconds),
    ("goes on and on", encoding::endless_film_and_its_music),
    ("is six channels made two", sound::two_channels),
    ("is two channels in two files", sound::channels_apart),
    ("has scalers of one kind", filtering::scalers_of_one_kind),
    ("compares two films", joining::comparison),
    ("has keyframes every two seconds", encoding::keyframes_every_two_seconds),
];
