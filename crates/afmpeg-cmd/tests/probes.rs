//! Probes of inputs, and the checks that depend on them.

use afmpeg_cmd::{
    Arg, Command, Filter, Input, Output, OutputStream, Probe, Ratio, Stream, Video,
    check::ProblemKind,
    recipes::{Concat, Conform, Joined},
};

/// A file with one video of this size and rotation; ffprobe counts counterclockwise.
fn film(width: u32, height: u32, rotation: i32) -> Probe {
    let json = serde_json::json!({
        "streams": [{
            "index": 0, "codec_type": "video", "codec_name": "h264", "width": width, "height": height,
            "sample_aspect_ratio": "4:3", "r_frame_rate": "25/1",
            "disposition": { "default": 1, "attached_pic": 0 },
            "side_data_list": [
                { "side_data_type": "Content light level metadata", "max_content": 1000 },
                { "side_data_type": "Display Matrix", "displaymatrix": "...", "rotation": rotation },
            ],
        }],
    });
    serde_json::from_value(json).expect("the shape of ffprobe's JSON")
}

fn song() -> Probe {
    let json = serde_json::json!({
        "streams": [
            { "index": 0, "codec_type": "video", "codec_name": "mjpeg", "width": 500, "height": 500,
              "r_frame_rate": "90000/1", "disposition": { "attached_pic": 1 } },
            { "index": 1, "codec_type": "audio", "codec_name": "mp3", "disposition": { "attached_pic": 0 } },
        ],
        "format": { "duration": "3.0" },
    });
    serde_json::from_value(json).expect("the shape of ffprobe's JSON")
}

/// Returns the differences between two inputs of a filter.
fn differing(filter: &str, inputs: [Input; 2], probes: [Probe; 2]) -> Vec<String> {
    let joined = Filter::new(filter).on(inputs.map(|input| input.video())).video();
    let command = Command::new([Output::new("out.mp4").map(&joined)]);
    let problems = command.problems_with_probes(&probes.map(Some));
    problems.iter().map(|problem| problem.kind.to_string()).collect()
}

fn two() -> [Input; 2] {
    [Input::new("upright.mp4"), Input::new("rotated.mp4")]
}

#[test]
fn sizes_are_compared_after_rotation() {
    for (rotation, size) in [(-90, (1080, 1920)), (90, (1080, 1920)), (180, (1920, 1080)), (45, (1920, 1080))]
    {
        assert_eq!(film(1920, 1080, rotation).streams[0].upright_size(), Some(size), "{rotation}");
    }
    let mut upright = film(1080, 1920, 0);
    upright.streams[0].sample_aspect_ratio = "3:4".parse().ok();
    assert!(differing("concat", two(), [upright, film(1920, 1080, -90)]).is_empty());
    assert_eq!(
        differing("concat", two(), [film(1920, 1080, 180), film(1920, 1080, -90)]),
        [
            "its inputs differ in size: 1920x1080 and 1080x1920",
            "its inputs differ in sample aspect ratio: 4/3 and 3/4"
        ]
    );
}

#[test]
fn sizes_are_compared_unrotated_without_autorotate() {
    let probes = || [film(1920, 1080, 0), film(1920, 1080, -90)];
    let with = |arg: Arg| {
        let [upright, turned] = two();
        differing("blend", [upright, turned.with(arg)], probes())
    };
    let size = ["its inputs differ in size: 1920x1080 and 1080x1920"];
    assert_eq!(with(Arg::flag("noautorotate").on("a")), size);
    assert!(with(Arg::flag("noautorotate")).is_empty());
    assert!(with(Arg::flag("noautorotate").on("v:0")).is_empty());
    assert!(with(Arg::new("display_rotation", 180)).is_empty());
    assert_eq!(with(Arg::new("display_rotation", 270)), size);
    // The rotation is unknown.
    assert!(with(Arg::flag("noautorotate").on("m:language:deu")).is_empty());
}

#[test]
fn hint_for_differing_inputs_names_a_recipe_that_makes_them_equal() {
    let probes = [(1920, 1080), (1280, 720)].map(|(width, height)| Some(film(width, height, 0)));
    let problems = |streams: [Stream<Video>; 2]| {
        let faded = Filter::new("xfade").on(streams).video();
        Command::new([Output::new("a.mp4").map(faded)]).problems_with_probes(&probes)
    };
    let found = problems(two().map(|input| input.video()));
    assert!(found[0].hint().contains("`recipes::Conform`"), "{}", found[0].hint());
    let alike = Conform::new(1280, 720, Ratio::from(25));
    assert_eq!(problems(two().map(|input| alike.video(&input.video()).unwrap())), []);
}

#[test]
fn cover_is_a_video_but_not_the_first_one() {
    let song = song();
    assert_eq!(song.video(), None);
    let problems = |specifier: &str| {
        let video = Input::new("song.mp3").stream::<Video>(specifier);
        Command::new([Output::new("out.png").map(video)]).problems_with_probes(&[Some(song.clone())])
    };
    assert_eq!(problems("v:0"), []);
    assert_eq!(problems("V:0")[0].kind, ProblemKind::NoStream { input: 0, streams: "V:0".to_owned() });
}

#[test]
fn songs_with_covers_are_joined_as_audio() {
    let (one, mut other) = (song(), song());
    other.streams[0].width = Some(300);
    let concat = Concat::new([("1.mp3", &one), ("2.mp3", &other)]);
    let Joined::Copied { output, dropped, .. } = concat.join("parts/list.txt", "all.mp3").unwrap() else {
        panic!("their audio matches")
    };
    assert_eq!(dropped, []);
    assert_eq!(
        Command::new([output]).to_args().join(" "),
        "-f concat -safe 0 -i parts/list.txt -i parts/1.mp3 -map 0 -map -0:0 -map 1:0 -map_chapters -1 -c copy all.mp3"
    );
    let joined = concat.clone().encode().join("list.txt", "all.mp3").unwrap();
    let Joined::Encoded { video: None, audio: Some(_), because: None } = joined else { panic!("{joined:?}") };
    // Audio that the format cannot hold is encoded.
    let joined = concat.join("list.txt", "all.flac").unwrap();
    let Joined::Encoded { video: None, audio: Some(_), because: Some(because) } = joined else {
        panic!("{joined:?}")
    };
    assert_eq!(because, "1.mp3: dropped stream 1 (audio, mp3): flac cannot hold it");
    // The audio of one has another index.
    let mut swapped = song();
    swapped.streams.swap(0, 1);
    let concat = Concat::new([("1.mp3", &one), ("2.mp3", &swapped)]);
    assert_eq!(concat.difference().unwrap(), "1.mp3 and 2.mp3 differ in the index of a stream: 1 and 0");
}

#[test]
fn streams_with_different_rotations_are_not_joined_by_packets() {
    let (one, other) = (film(1920, 1080, 0), film(1920, 1080, -90));
    let concat = Concat::new([("1.mp4", &one), ("2.mp4", &other)]);
    assert_eq!(concat.difference().unwrap(), "1.mp4 and 2.mp4 differ in the rotation of stream 0: 0 and 90");
    let turned = Concat::new([("2.mp4", &other), ("1.mp4", &one)]).join("list.txt", "all.mp4").unwrap();
    let Joined::Encoded { video: Some(video), .. } = turned else { panic!("{turned:?}") };
    let command = Command::new([Output::new("all.mp4").map(&video)]);
    let pad = command.graph.nodes.iter().find(|node| node.filter.name == "pad").unwrap();
    assert_eq!((pad.filter.option("w"), pad.filter.option("h")), (Some("1080"), Some("2560")));
}

#[test]
fn copying_into_a_format_that_cannot_hold_a_stream_is_a_problem() {
    let json = serde_json::json!({ "streams": [
        { "index": 0, "codec_type": "video", "codec_name": "h264" },
        { "index": 1, "codec_type": "audio", "codec_name": "pcm_bluray" },
        { "index": 2, "codec_type": "subtitle", "codec_name": "hdmv_pgs_subtitle" },
    ] });
    let probe: Probe = serde_json::from_value(json).expect("the shape of ffprobe's JSON");
    let disc = Input::new("disc.m2ts");
    let all = || OutputStream::all_of(&disc, "");
    let sound = "cannot copy stream 1 of input 0 (audio, pcm_bluray): mp4 cannot hold it";
    let text = "cannot copy stream 2 of input 0 (subtitle, hdmv_pgs_subtitle): mp4 cannot hold it";
    for (output, expected) in [
        (Output::new("a.mp4").stream(all()).copy_all(), vec![sound, text]),
        (Output::new("a.mp4").stream(all()).stream(OutputStream::except(&disc, "s")).copy_all(), vec![sound]),
        (Output::new("a.mp4").stream(all()).copy_all().no_subtitle(), vec![sound]),
        (Output::new("a.bin").format("mp4").copy(disc.audio()), vec![sound]),
        (Output::new("a.mp4").copy(disc.video()).audio(disc.audio(), "aac"), vec![]),
        (Output::new("a.m2ts").stream(all()).copy_all(), vec![]),
        (Output::new("a.mkv").copy(disc.video()).copy(disc.subtitle()), vec![]),
        // The format is not in the table.
        (Output::new("a.m3u8").stream(all()).copy_all(), vec![]),
    ] {
        let problems = Command::new([output]).problems_with_probes(&[Some(probe.clone())]);
        let kinds: Vec<String> = problems.iter().map(|problem| problem.kind.to_string()).collect();
        assert_eq!(kinds, expected);
        assert!(problems.iter().all(|problem| problem.hint().starts_with("choose an encoder")));
    }
    let known = disc.probe(&probe);
    let output = Output::new("a.mp4").stream(OutputStream::all_of(&known, "")).copy_all();
    assert_eq!(output.dropped().len(), 2);
    assert!(Command::new([output]).problems_with_probes(&[Some(probe)]).is_empty());
}

#[test]
fn one_stream_of_a_kind_is_kept_where_a_format_holds_one() {
    let json = serde_json::json!({ "streams": [
        { "index": 0, "codec_type": "audio", "codec_name": "flac" },
        { "index": 1, "codec_type": "audio", "codec_name": "flac" },
        { "index": 2, "codec_type": "video", "codec_name": "png", "disposition": { "attached_pic": 1 } },
    ] });
    let probe: Probe = serde_json::from_value(json).expect("the shape of ffprobe's JSON");
    let album = Input::new("album.mka").probe(&probe);
    let all = |path: &str| Output::new(path).stream(OutputStream::all_of(&album, "")).copy_all();
    let left = |output: Output| output.dropped().iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(left(all("a.flac")), ["dropped stream 1 (audio, flac): flac cannot hold it"]);
    assert_eq!(left(all("a.mka")), [""; 0]);
    // The explicitly mapped stream is in it twice, which FFmpeg refuses.
    let output =
        Output::new("a.flac").copy(album.audio()).stream(OutputStream::all_of(&album, "")).copy_all();
    assert_eq!(left(output), ["dropped stream 1 (audio, flac): flac cannot hold it"]);
}

#[test]
fn image_that_becomes_a_cover_is_held_where_covers_are() {
    let probe = |kind: &str, codec: &str| -> Option<Probe> {
        let stream = serde_json::json!({ "index": 0, "codec_type": kind, "codec_name": codec });
        serde_json::from_value(serde_json::json!({ "streams": [stream] })).ok()
    };
    let problems = |path: &str, codec: &str| {
        let (song, photo) = (Input::new("song.mka"), Input::image("photo"));
        let command = Command::new([Output::new(path).copy(song.audio()).cover(&photo)]);
        command.problems_with_probes(&[probe("audio", codec), probe("video", "mjpeg")]).len()
    };
    assert_eq!((problems("a.mp3", "mp3"), problems("a.flac", "flac"), problems("a.m4a", "aac")), (0, 0, 0));
    assert_eq!(problems("a.ogg", "vorbis"), 1);
}
