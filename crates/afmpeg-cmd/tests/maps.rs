//! The streams of an output, as FFmpeg reads maps.

use afmpeg_cmd::{Command, Input, Output, OutputStream};

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
        let command = Command::new([output]);
        assert_eq!(command.to_args()[3], map);
        assert_eq!(
            Command::parse(command.to_args()).unwrap().outputs[0].streams,
            command.outputs[0].streams,
            "{map}"
        );
    }
}

#[test]
fn metadata_refers_to_its_input_at_any_index() {
    let texts = Input::new("texts.txt").format("ffmetadata");
    let film = Input::new("a.mkv");
    let output = || Output::new("b.mkv").copy(film.video());
    let command = Command::new([output().metadata_from(&texts), output().metadata_from(&film)]);
    let words = command.to_args();
    let from = words.iter().zip(&words[1..]).filter(|(name, _)| *name == "-map_metadata");
    assert_eq!(from.map(|(_, input)| input.as_str()).collect::<Vec<_>>(), ["0", "1"]);
    assert_eq!(Command::parse(&words).unwrap(), command);
    assert_eq!(Command::new([output().metadata_from(&texts)]).inputs.len(), 2);
}
