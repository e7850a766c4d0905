//! The streams of an output, as FFmpeg reads maps.

use afmpeg_cmd::{Input, Job, Output, OutputStream};

/// `cmdutils.c` reads values of metadata up to the next colon, and `u` only where nothing or a colon follows.
#[test]
fn mark_of_an_optional_stream_is_not_part_of_a_specifier() {
    let film = Input::new("a.mkv");
    for (specifier, map) in [
        ("", "0?"),
        ("s", "0:s?"),
        ("a:1", "0:a:1?"),
        ("p:1:a", "0:p:1:a?"),
        ("m:language:fra", "0:m:language:fra:?"),
        ("a:m:language:fra", "0:a:m:language:fra:?"),
        ("v:u", "0:v:u:?"),
        ("u", "0:u:?"),
    ] {
        let output = Output::new("b.mkv").stream(OutputStream::all_of(&film, specifier).optional());
        let job = Job::new([output]);
        assert_eq!(job.to_args()[3], map);
        assert_eq!(Job::parse(job.to_args()).unwrap().outputs[0].streams, job.outputs[0].streams, "{map}");
    }
}

#[test]
fn metadata_refers_to_its_input_at_any_index() {
    let texts = Input::new("texts.txt").format("ffmetadata");
    let film = Input::new("a.mkv");
    let output = || Output::new("b.mkv").copy(film.video());
    let job = Job::new([output().metadata_from(&texts), output().metadata_from(&film)]);
    let words = job.to_args();
    let from = words.iter().zip(&words[1..]).filter(|(name, _)| *name == "-map_metadata");
    assert_eq!(from.map(|(_, input)| input.as_str()).collect::<Vec<_>>(), ["0", "1"]);
    assert_eq!(Job::parse(&words).unwrap(), job);
    assert_eq!(Job::new([output().metadata_from(&texts)]).inputs.len(), 2);
}
