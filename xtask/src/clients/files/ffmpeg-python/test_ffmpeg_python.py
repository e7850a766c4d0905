"""The documented examples of ffmpeg-python, whose tests are in its repository only, and not in its sdist."""

import os
import select
import socket
import subprocess

import ffmpeg
import numpy
import pytest

CLIP = "clip.mp4"
WIDTH, HEIGHT, FRAMES = 160, 90, 50


def video_stream(path):
    streams = ffmpeg.probe(path)["streams"]
    return next(stream for stream in streams if stream["codec_type"] == "video")


def rgb_frames(stream):
    out, _ = stream.output("pipe:", format="rawvideo", pix_fmt="rgb24").run(capture_stdout=True, quiet=True)
    return numpy.frombuffer(out, numpy.uint8).reshape([-1, HEIGHT, WIDTH, 3])


@pytest.fixture
def out(tmp_path):
    return str(tmp_path / "out.mp4")


def test_video_info():
    info = ffmpeg.probe(CLIP)
    video = video_stream(CLIP)
    assert (video["width"], video["height"], video["nb_frames"]) == (WIDTH, HEIGHT, str(FRAMES))
    assert (video["codec_name"], video["r_frame_rate"]) == ("h264", "25/1")
    assert [stream["codec_type"] for stream in info["streams"]] == ["video", "audio"]
    assert float(info["format"]["duration"]) == pytest.approx(2, abs=0.05)


def test_probe_with_options():
    info = ffmpeg.probe(CLIP, select_streams="a", show_entries="stream=codec_name,channels")
    assert [(stream["codec_name"], stream["channels"]) for stream in info["streams"]] == [("aac", 2)]


def test_probe_of_a_missing_file_raises_the_error_of_ffprobe():
    with pytest.raises(ffmpeg.Error) as raised:
        ffmpeg.probe("missing.mp4")
    assert raised.value.stdout.split() == [b"{", b"}"]
    assert b"missing.mp4: No such file or directory" in raised.value.stderr


def test_convert_video_to_numpy_array():
    frames = rgb_frames(ffmpeg.input(CLIP))
    assert frames.shape == (FRAMES, HEIGHT, WIDTH, 3)
    assert frames.std() > 10


def test_hflip():
    frames, flipped = rgb_frames(ffmpeg.input(CLIP)), rgb_frames(ffmpeg.input(CLIP).hflip())
    assert flipped.shape == frames.shape
    assert abs(flipped[:, :, ::-1].astype(int) - frames).mean() < 2


def test_generate_thumbnail(tmp_path):
    path = str(tmp_path / "thumbnail.png")
    ffmpeg.input(CLIP, ss=0.5).filter("scale", 80, -1).output(path, vframes=1).run(capture_stderr=True)
    video = video_stream(path)
    assert (video["codec_name"], video["width"], video["height"]) == ("png", 80, 45)


def test_read_single_video_frame_as_jpeg_through_pipe():
    frame = ffmpeg.input(CLIP).filter("select", "gte(n,{})".format(10))
    out, err = frame.output("pipe:", vframes=1, format="image2", vcodec="mjpeg").run(
        capture_stdout=True, capture_stderr=True
    )
    assert out.startswith(b"\xff\xd8") and out.endswith(b"\xff\xd9")
    assert b"Output #0, image2, to 'pipe:'" in err


def test_convert_sound_to_raw_pcm_audio():
    sound = ffmpeg.input(CLIP).output("-", format="s16le", acodec="pcm_s16le", ac=1, ar="16k")
    out, _ = sound.overwrite_output().run(capture_stdout=True, capture_stderr=True)
    samples = numpy.frombuffer(out, numpy.int16)
    assert len(samples) == pytest.approx(2 * 16000, abs=1600)
    assert samples.std() > 100


def test_assemble_video_from_sequence_of_frames(tmp_path, out):
    pictures = str(tmp_path / "%03d.jpg")
    ffmpeg.input(CLIP).output(pictures, vframes=20).run(quiet=True)
    assert len(list(tmp_path.glob("*.jpg"))) == 20
    ffmpeg.input(pictures, framerate=10).output(out).run(quiet=True)
    assert (video_stream(out)["nb_frames"], video_stream(out)["r_frame_rate"]) == ("20", "10/1")


def test_assemble_video_with_glob_and_filters(tmp_path, out):
    ffmpeg.input(CLIP).output(str(tmp_path / "%03d.png"), vframes=5).run(quiet=True)
    pictures = ffmpeg.input(str(tmp_path / "*.png"), pattern_type="glob", framerate=25)
    scaled = pictures.filter("deflicker", mode="pm", size=3).filter(
        "scale", size="hd720", force_original_aspect_ratio="increase"
    )
    scaled.output(out, crf=20, preset="slower", movflags="faststart", pix_fmt="yuv420p").run(quiet=True)
    assert (video_stream(out)["height"], video_stream(out)["nb_frames"]) == (720, "5")


def test_audio_video_pipeline(out):
    first, second = ffmpeg.input(CLIP), ffmpeg.input("other.mp4")
    v1 = first.video.hflip()
    a1 = first.audio
    v2 = second.video.filter("reverse").filter("hue", s=0)
    a2 = second.audio.filter("areverse").filter("aphaser")
    joined = ffmpeg.concat(v1, a1, v2, a2, v=1, a=1).node
    v3, a3 = joined[0], joined[1].filter("volume", 0.8)
    ffmpeg.output(v3, a3, out).run(quiet=True)
    assert float(ffmpeg.probe(out)["format"]["duration"]) == pytest.approx(4, abs=0.1)


def test_mono_to_stereo_with_offsets_and_video(tmp_path, out):
    left, right = (str(tmp_path / name) for name in ("left.wav", "right.wav"))
    for path, frequency in ((left, 440), (right, 880)):
        ffmpeg.input(f"sine=frequency={frequency}:duration=2", f="lavfi").output(path).run(quiet=True)
    audio_left = ffmpeg.input(left).filter("atrim", start=0.5).filter("asetpts", "PTS-STARTPTS")
    audio_right = ffmpeg.input(right).filter("atrim", start=1).filter("asetpts", "PTS-STARTPTS")
    video = ffmpeg.input(CLIP)
    joined = ffmpeg.filter((audio_left, audio_right), "join", inputs=2, channel_layout="stereo")
    ffmpeg.output(joined, video.video, out, shortest=None, vcodec="copy").overwrite_output().run(quiet=True)
    streams = {stream["codec_type"]: stream for stream in ffmpeg.probe(out)["streams"]}
    assert streams["audio"]["channels"] == 2


def test_complex_graph_of_the_readme(out):
    in_file = ffmpeg.input(CLIP)
    overlay_file = ffmpeg.input("overlay.png")
    parts = in_file.trim(start_frame=10, end_frame=20), in_file.trim(start_frame=30, end_frame=40)
    drawn = (
        ffmpeg.concat(*parts)
        .overlay(overlay_file.hflip())
        .drawbox(50, 50, 120, 120, color="red", thickness=5)
        .output(out)
    )
    drawn.run(quiet=True)
    assert video_stream(out)["nb_frames"] == "20"


def test_process_video_frame_by_frame_with_numpy(out):
    reader = ffmpeg.input(CLIP).output("pipe:", format="rawvideo", pix_fmt="rgb24", vframes=8)
    reader = reader.run_async(pipe_stdout=True)
    writer = ffmpeg.input("pipe:", format="rawvideo", pix_fmt="rgb24", s=f"{WIDTH}x{HEIGHT}")
    writer = writer.output(out, pix_fmt="yuv420p").overwrite_output().run_async(pipe_stdin=True)
    count = 0
    while True:
        frame = reader.stdout.read(WIDTH * HEIGHT * 3)
        if not frame:
            break
        frame = numpy.frombuffer(frame, numpy.uint8).reshape([HEIGHT, WIDTH, 3])
        writer.stdin.write((frame * 0.3).astype(numpy.uint8).tobytes())
        count += 1
    writer.stdin.close()
    assert (reader.wait(), writer.wait(), count) == (0, 0, 8)
    assert video_stream(out)["nb_frames"] == "8"


def test_pipe_in_and_out():
    with open(CLIP, "rb") as file:
        data = file.read()
    stream = ffmpeg.input("pipe:", format="mp4").output("pipe:", format="null")
    out, err = stream.run(input=data, capture_stdout=True, capture_stderr=True)
    assert out == b"" and b"Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'pipe:'" in err

    stream = ffmpeg.input("pipe:").video.output("pipe:", format="framemd5")
    out, _ = stream.run(input=data, capture_stdout=True, capture_stderr=True)
    assert len([line for line in out.splitlines() if not line.startswith(b"#")]) == FRAMES


def test_asynchronous_process_can_be_terminated(out):
    process = ffmpeg.input("testsrc2=s=160x90", f="lavfi", re=None).output(out).run_async(pipe_stderr=True)
    while b"Press [q] to stop" not in process.stderr.readline():
        pass
    process.terminate()
    process.stderr.read()
    assert process.wait() == 255
    assert os.path.getsize(out) > 0


def test_existing_output_is_kept_unless_it_is_overwritten(out):
    with open(out, "wb") as file:
        file.write(b"before")
    stream = ffmpeg.input(CLIP).output(out, vframes=1)
    _, err = stream.global_args("-n").run(capture_stdout=True, capture_stderr=True)
    assert b"already exists" in err
    with open(out, "rb") as file:
        assert file.read() == b"before"
    stream.overwrite_output().run(quiet=True)
    assert video_stream(out)["nb_frames"] == "1"


def test_error_has_the_log(out):
    with pytest.raises(ffmpeg.Error) as raised:
        ffmpeg.input("missing.mp4").output(out).run(capture_stdout=True, capture_stderr=True)
    assert raised.value.stdout == b""
    assert b"Error opening input: No such file or directory" in raised.value.stderr
    assert str(raised.value) == "ffmpeg error (see stderr output for detail)"

    with pytest.raises(ffmpeg.Error):
        ffmpeg.input(CLIP).filter("nosuch").output(out).run(quiet=True)


def test_compiled_command_is_a_command(out):
    command = ffmpeg.input(CLIP).filter("fps", fps=5, round="up").output(out).compile()
    assert command[0] == "ffmpeg"
    assert subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True).returncode == 0
    assert video_stream(out)["r_frame_rate"] == "5/1"


def test_output_to_several_files(tmp_path):
    split = ffmpeg.input(CLIP).filter_multi_output("split")
    paths = [str(tmp_path / name) for name in ("small.mp4", "flipped.mp4")]
    small, flipped = split.stream(0).filter("scale", 80, 46), split.stream(1).vflip()
    ffmpeg.merge_outputs(ffmpeg.output(small, paths[0]), ffmpeg.output(flipped, paths[1])).run(quiet=True)
    assert [video_stream(path)["width"] for path in paths] == [80, WIDTH]


def test_progress_over_a_socket(tmp_path, monkeypatch):
    clip = os.path.abspath(CLIP)
    # The path of a socket has a small limit.
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind("progress")
        server.listen(1)
        stream = ffmpeg.input(clip).output("pipe:", format="null").global_args("-progress", "unix:progress")
        process = stream.run_async(pipe_stdout=True, pipe_stderr=True)
        while not select.select([server], [], [], 0.1)[0]:
            assert process.poll() is None, process.communicate()
        with server.accept()[0] as connection:
            text = b"".join(iter(lambda: connection.recv(4096), b""))
    process.communicate()
    assert text.splitlines()[-1] == b"progress=end"
