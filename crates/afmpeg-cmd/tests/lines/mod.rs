//! Real-world command lines. The end-to-end tests run them.

/// A name, the line, and its usual form; empty if the line has that form.
pub(crate) const LINES: &[(&str, &str, &str)] = &[
    ("remuxes a film", "ffmpeg -i in.mkv -c copy out.mp4", ""),
    (
        "encodes for the web",
        "ffmpeg -y -i in.mov -vcodec libx264 -preset fast -crf 23 -acodec aac -ab 128k -movflags +faststart out.mp4",
        "-y -i in.mov -c:v libx264 -preset fast -crf 23 -c:a aac -b:a 128k -movflags +faststart out.mp4",
    ),
    (
        "cuts without encoding",
        "ffmpeg -ss 00:01:00 -to 1:30 -i in.mp4 -c copy out.mp4",
        "-ss 60 -to 90 -i in.mp4 -c copy out.mp4",
    ),
    (
        "cuts exactly",
        "ffmpeg -i in.mp4 -ss 10 -t 5.5 -c:v libx264 -c:a aac out.mp4",
        "-i in.mp4 -ss 10 -t 5.5 -c:v libx264 -c:a aac out.mp4",
    ),
    ("extracts the audio", "ffmpeg -i in.mp4 -vn -acodec copy out.m4a", "-i in.mp4 -vn -c:a copy out.m4a"),
    ("extracts the audio as MP3", "ffmpeg -i in.mp4 -vn -aq 2 out.mp3", "-i in.mp4 -vn -q:a 2 out.mp3"),
    ("removes the audio", "ffmpeg -i in.mp4 -c copy -an out.mp4", ""),
    (
        "replaces the audio",
        "ffmpeg -i film.mp4 -i music.mp3 -map 0:v -map 1:a -c:v copy -c:a aac -shortest out.mp4",
        "",
    ),
    ("keeps all streams but subtitles", "ffmpeg -i in.mkv -map 0 -map -0:s -c copy out.mkv", ""),
    ("keeps all streams, encodes one", "ffmpeg -i in.mkv -map 0 -c copy -c:v:0 libx265 -crf 28 out.mkv", ""),
    (
        "has subtitles if there are some",
        "ffmpeg -i in.mkv -map 0:v:0 -map 0:a:0 -map 0:s? -c copy -c:s mov_text out.mp4",
        "-i in.mkv -map 0:v:0 -map 0:a:0 -map 0:s? -c:v copy -c:a copy -c:s mov_text out.mp4",
    ),
    (
        "makes it small",
        "ffmpeg -i in.mp4 -vf scale=640:-2 out.mp4",
        "-i in.mp4 -filter:v scale=640:-2 out.mp4",
    ),
    (
        "makes it small, with the codec of the stream",
        "ffmpeg -i in.mp4 -map 0:v -map 0:a? -vf \"scale='min(1280,iw)':-2,fps=30\" -c:v libx264 -b:v 2M -maxrate:v 3M -c:a copy out.mp4",
        "-i in.mp4 -map 0:v -map 0:a? -c:v libx264 -b:v 2M -maxrate:v 3M -filter:v scale=min(1280\\,iw):-2,fps=30 -c:a copy out.mp4",
    ),
    (
        "puts a logo into the corner",
        "ffmpeg -i in.mp4 -i logo.png -filter_complex \"overlay=W-w-10:10\" out.mp4",
        "-i in.mp4 -i logo.png -filter_complex overlay@n0=W-w-10:10 out.mp4",
    ),
    (
        "puts a small logo into the corner",
        "ffmpeg -i in.mp4 -i logo.png -filter_complex '[1:v]scale=100:-1[logo];[0:v][logo]overlay=x=W-w-10:y=10[v]' -map '[v]' -map 0:a? -c:a copy out.mp4",
        "-i in.mp4 -i logo.png -filter_complex [1:v]scale@n0=100:-1[v0];[0:v][v0]overlay@n1=x=W-w-10:y=10[v1] -map [v1] -map 0:a? -c:a copy out.mp4",
    ),
    (
        "joins two films",
        "ffmpeg -i a.mp4 -i b.mp4 -filter_complex '[0:v:0][0:a:0][1:v:0][1:a:0]concat=n=2:v=1:a=1[v][a]' -map '[v]' -map '[a]' out.mp4",
        "-i a.mp4 -i b.mp4 -filter_complex [0:v:0][0:a:0][1:v:0][1:a:0]concat@n0=n=2:v=1:a=1[v0_0][a0_1] -map [v0_0] -map [a0_1] out.mp4",
    ),
    (
        "joins two films, with streams selected by FFmpeg",
        "ffmpeg -i a.mp4 -i b.mp4 -filter_complex concat=n=2:v=1:a=1 -y out.mp4",
        "-y -i a.mp4 -i b.mp4 -filter_complex concat@n0=n=2:v=1:a=1 out.mp4",
    ),
    ("joins the files of a list", "ffmpeg -f concat -safe 0 -i list.txt -c copy out.mp4", ""),
    (
        "makes a GIF with colours of its own",
        "ffmpeg -ss 2 -t 3 -i in.mp4 -vf 'fps=10,scale=320:-1:flags=lanczos,split[a][b];[a]palettegen[p];[b][p]paletteuse' -loop 0 out.gif",
        "-ss 2 -t 3 -i in.mp4 -filter:v fps=10,scale=320:-1:flags=lanczos,split[a][b];[a]palettegen[p];[b][p]paletteuse -loop 0 out.gif",
    ),
    (
        "makes a GIF by a graph",
        "ffmpeg -i in.mp4 -lavfi 'fps=10,split[a][b];[a]palettegen=stats_mode=diff[p];[b][p]paletteuse=dither=bayer:bayer_scale=5' out.gif",
        "-i in.mp4 -filter_complex fps@n0=10,split@n1[v1_0][v1_1];[v1_0]palettegen@n2=stats_mode=diff[v2];[v1_1][v2]paletteuse@n3=dither=bayer:bayer_scale=5 out.gif",
    ),
    (
        "takes one picture",
        "ffmpeg -ss 5 -i in.mp4 -vframes 1 -q:v 2 out.jpg",
        "-ss 5 -i in.mp4 -frames:v 1 -q:v 2 out.jpg",
    ),
    (
        "extracts a frame per second",
        "ffmpeg -i in.mp4 -vf fps=1 out-%03d.png",
        "-i in.mp4 -filter:v fps=1 out-%03d.png",
    ),
    (
        "shows many pictures on one sheet",
        "ffmpeg -i in.mp4 -map 0:v -vf \"select='not(mod(n,10))',scale=160:-1,tile=4x3\" -frames:v 1 sheet.png",
        "-i in.mp4 -map 0:v -filter:v select=not(mod(n\\,10)),scale=160:-1,tile=4x3 -frames:v 1 sheet.png",
    ),
    (
        "encodes numbered images",
        "ffmpeg -framerate 24 -start_number 1 -i img%04d.png -c:v libx264 -r 30 -pix_fmt yuv420p out.mp4",
        "",
    ),
    (
        "encodes an image and a song",
        "ffmpeg -loop 1 -i cover.jpg -i song.mp3 -c:v libx264 -tune stillimage -c:a aac -b:a 192k -pix_fmt yuv420p -shortest out.mp4",
        "-loop 1 -i cover.jpg -i song.mp3 -shortest -c:v libx264 -tune stillimage -c:a aac -b:a 192k -pix_fmt yuv420p out.mp4",
    ),
    (
        "burns subtitles in",
        "ffmpeg -i in.mp4 -vf \"subtitles=subs.srt:fontsdir=fonts:force_style='FontSize=24,Outline=1'\" -c:a copy out.mp4",
        "-i in.mp4 -filter:v subtitles=subs.srt:fontsdir=fonts:force_style='FontSize=24,Outline=1' -c:a copy out.mp4",
    ),
    (
        "adds subtitles with a language",
        "ffmpeg -i in.mp4 -i subs.srt -map 0 -map 1 -c copy -c:s mov_text -metadata:s:s:0 language=eng out.mp4",
        "-i in.mp4 -i subs.srt -map 0 -map 1 -metadata:s:s:0 language=eng -c copy -c:s mov_text out.mp4",
    ),
    (
        "sets the languages of audio streams",
        "ffmpeg -i in.mkv -map 0:v:0 -map 0:a:0 -map 0:a:1 -c:v copy -c:a aac -b:a:1 96k -metadata:s:a:0 language=deu -metadata:s:a:1 language=eng -disposition:a:1 default out.mp4",
        "-i in.mkv -map 0:v:0 -map 0:a:0 -map 0:a:1 -c:v copy -c:a:0 aac -metadata:s:a:0 language=deu -c:a:1 aac -b:a:1 96k -metadata:s:a:1 language=eng -disposition:a:1 default out.mp4",
    ),
    (
        "sets a title",
        "ffmpeg -i in.mp4 -metadata title='My film' -metadata year=2026 -codec copy out.mp4",
        "-i in.mp4 -metadata title=My film -metadata year=2026 -c copy out.mp4",
    ),
    (
        "takes all names away",
        "ffmpeg -i in.mp4 -map_metadata -1 -map_chapters -1 -c copy out.mp4",
        "-i in.mp4 -map_chapters -1 -map_metadata -1 -c copy out.mp4",
    ),
    (
        "raises the volume",
        "ffmpeg -i in.mp4 -af volume=1.5 -c:v copy out.mp4",
        "-i in.mp4 -filter:a volume=1.5 -c:v copy out.mp4",
    ),
    (
        "normalizes loudness",
        "ffmpeg -i in.wav -af loudnorm=I=-16:TP=-1.5:LRA=11 -ar 48k out.wav",
        "-i in.wav -filter:a loudnorm=I=-16:TP=-1.5:LRA=11 -ar 48k out.wav",
    ),
    (
        "measures loudness",
        "ffmpeg -hide_banner -nostats -i in.wav -af ebur128 -f null -",
        "-hide_banner -nostats -i in.wav -filter:a ebur128 -f null -",
    ),
    (
        "is twice as fast",
        "ffmpeg -i in.mp4 -filter_complex '[0:v]setpts=0.5*PTS[v];[0:a]atempo=2.0[a]' -map '[v]' -map '[a]' out.mp4",
        "-i in.mp4 -filter_complex [0:v]setpts@n0=0.5*PTS[v0];[0:a]atempo@n1=2.0[a1] -map [v0] -map [a1] out.mp4",
    ),
    (
        "turns it around",
        "ffmpeg -i in.mp4 -vf reverse -af areverse out.mp4",
        "-i in.mp4 -filter:v reverse -filter:a areverse out.mp4",
    ),
    (
        "turns it by a quarter",
        "ffmpeg -noautorotate -i in.mp4 -vf transpose=1 out.mp4",
        "-noautorotate -i in.mp4 -filter:v transpose=1 out.mp4",
    ),
    (
        "has bars around it",
        "ffmpeg -i in.mp4 -vf \"scale=1280:720:force_original_aspect_ratio=decrease,pad=1280:720:(ow-iw)/2:(oh-ih)/2\" out.mp4",
        "-i in.mp4 -filter:v scale=1280:720:force_original_aspect_ratio=decrease,pad=1280:720:(ow-iw)/2:(oh-ih)/2 out.mp4",
    ),
    (
        "shows two side by side",
        "ffmpeg -i a.mp4 -i b.mp4 -filter_complex hstack=inputs=2 -an out.mp4",
        "-i a.mp4 -i b.mp4 -filter_complex hstack@n0=inputs=2 -an out.mp4",
    ),
    (
        "shows four in a square",
        "ffmpeg -i a.mp4 -i b.mp4 -i c.mp4 -i d.mp4 -filter_complex '[0:v][1:v]hstack[top];[2:v][3:v]hstack[low];[top][low]vstack' out.mp4",
        "-i a.mp4 -i b.mp4 -i c.mp4 -i d.mp4 -filter_complex [0:v][1:v]hstack@n0[v0];[2:v][3:v]hstack@n1[v1];[v0][v1]vstack@n2 out.mp4",
    ),
    (
        "fades from one film to the next",
        "ffmpeg -i a.mp4 -i b.mp4 -filter_complex '[0][1]xfade=transition=fade:duration=1:offset=4[v];[0:a][1:a]acrossfade=d=1[a]' -map '[v]' -map '[a]' out.mp4",
        "-i a.mp4 -i b.mp4 -filter_complex [0][1]xfade@n0=transition=fade:duration=1:offset=4[v0];[0:a][1:a]acrossfade@n1=d=1[a1] -map [v0] -map [a1] out.mp4",
    ),
    (
        "mixes a voice with music",
        "ffmpeg -i voice.wav -i music.mp3 -filter_complex '[1:a]volume=0.2[m];[0:a][m]amix=inputs=2:duration=first' -c:a libmp3lame out.mp3",
        "-i voice.wav -i music.mp3 -filter_complex [1:a]volume@n0=0.2[a0];[0:a][a0]amix@n1=inputs=2:duration=first -c:a libmp3lame out.mp3",
    ),
    (
        "draws a waveform",
        "ffmpeg -i in.mp3 -filter_complex 'showwavespic=s=640x120' -frames:v 1 wave.png",
        "-i in.mp3 -filter_complex showwavespic@n0=s=640x120 -frames:v 1 wave.png",
    ),
    (
        "is two files in one run",
        "ffmpeg -i in.mp4 -filter_complex '[0:v]split=2[a][b];[a]scale=1280:-2[hd];[b]scale=640:-2[sd]' -map '[hd]' -map 0:a -b:v 3M hd.mp4 -map '[sd]' -map 0:a -b:v 1M sd.mp4",
        "-i in.mp4 -filter_complex [0:v]split@n0=2[v0_0][v0_1];[v0_0]scale@n1=1280:-2[v1];[v0_1]scale@n2=640:-2[v2] -map [v1] -map 0:a -b:v 3M hd.mp4 -map [v2] -map 0:a -b:v 1M sd.mp4",
    ),
    (
        "runs the first pass",
        "ffmpeg -y -i in.mp4 -c:v libx264 -b:v 1M -pass 1 -an -f null /dev/null",
        "-y -i in.mp4 -c:v libx264 -b:v 1M -pass 1 -an -f null /dev/null",
    ),
    (
        "is cut into pieces for HLS",
        "ffmpeg -i in.mp4 -c:v libx264 -c:a aac -g 48 -sc_threshold 0 -f hls -hls_time 4 -hls_playlist_type vod -hls_segment_filename 's%03d.ts' out.m3u8",
        "-i in.mp4 -c:v libx264 -c:a aac -g 48 -sc_threshold 0 -hls_time 4 -hls_playlist_type vod -hls_segment_filename s%03d.ts -f hls out.m3u8",
    ),
    (
        "is a ladder for HLS",
        "ffmpeg -i in.mp4 -map 0:v:0 -map 0:a:0 -map 0:v:0 -map 0:a:0 -c:v libx264 -c:a aac -s:v:0 1280x720 -b:v:0 2M -s:v:1 640x360 -b:v:1 800k -var_stream_map 'v:0,a:0 v:1,a:1' -f hls out_%v.m3u8",
        "-i in.mp4 -map 0:v:0 -map 0:a:0 -map 0:v:0 -map 0:a:0 -c:v:0 libx264 -s:v:0 1280x720 -b:v:0 2M -c:a:0 aac -c:v:1 libx264 -s:v:1 640x360 -b:v:1 800k -c:a:1 aac -var_stream_map v:0,a:0 v:1,a:1 -f hls out_%v.m3u8",
    ),
    (
        "is cut into files",
        "ffmpeg -i in.mp4 -c copy -map 0 -f segment -segment_time 60 -reset_timestamps 1 out%03d.mp4",
        "-i in.mp4 -map 0 -c copy -segment_time 60 -reset_timestamps 1 -f segment out%03d.mp4",
    ),
    (
        "remuxes MP4 to a transport stream",
        "ffmpeg -i in.mp4 -map 0:v:0 -c:v copy -bsf:v h264_mp4toannexb,dump_extra=freq=keyframe -f mpegts out.ts",
        "-i in.mp4 -map 0:v:0 -c:v copy -bsf:v h264_mp4toannexb,dump_extra=freq=keyframe -f mpegts out.ts",
    ),
    (
        "adds a cover to a song",
        "ffmpeg -i song.m4a -i cover.jpg -map 0:a -map 1:v -c copy -disposition:v:0 attached_pic out.m4a",
        "-i song.m4a -i cover.jpg -map 0:a -map 1:v -c:a copy -c:v copy -disposition:v:0 attached_pic out.m4a",
    ),
    (
        "attaches a font",
        "ffmpeg -i in.mkv -map 0:v -c copy -attach a.ttf -metadata:s:t:0 mimetype=application/x-truetype-font out.mkv",
        "-i in.mkv -map 0:v -c:v copy -attach a.ttf -metadata:s:t:0 mimetype=application/x-truetype-font out.mkv",
    ),
    (
        "encodes test sources",
        "ffmpeg -f lavfi -i testsrc=size=320x240:rate=25 -f lavfi -i 'sine=frequency=440' -t 5 -c:v libx264 -c:a aac out.mp4",
        "-f lavfi -i testsrc=size=320x240:rate=25 -f lavfi -i sine=frequency=440 -t 5 -c:v libx264 -c:a aac out.mp4",
    ),
    (
        "encodes a graph without inputs",
        "ffmpeg -filter_complex 'color=red:s=64x64:d=1[v];sine=d=1[a]' -map '[v]' -map '[a]' out.mkv",
        "-filter_complex color@n0=red:s=64x64:d=1[v0];sine@n1=d=1[a1] -map [v0] -map [a1] out.mkv",
    ),
    (
        "draws the time",
        r#"ffmpeg -i in.mp4 -vf "drawtext=fontfile=DejaVuSansMono.ttf:text='%{pts\:hms}':x=10:y=10:fontsize=24:box=1" -c:a copy out.mp4"#,
        r"-i in.mp4 -filter:v drawtext=fontfile=DejaVuSansMono.ttf:text='%{pts\:hms}':x=10:y=10:fontsize=24:box=1 -c:a copy out.mp4",
    ),
    (
        "delays the audio by half a second",
        "ffmpeg -i in.mp4 -itsoffset 0.5 -i in.mp4 -map 0:v -map 1:a -c copy out.mp4",
        "-i in.mp4 -itsoffset 0.5 -i in.mp4 -map 0:v -map 1:a -c:v copy -c:a copy out.mp4",
    ),
    ("is the end of it", "ffmpeg -sseof -10 -i in.mp4 -c copy out.mp4", ""),
    (
        "loops a film",
        "ffmpeg -stream_loop -1 -i a.mp4 -i b.mp3 -map 0:v -map 1:a -shortest -fs 10M out.mp4",
        "-stream_loop -1 -i a.mp4 -i b.mp3 -map 0:v -map 1:a -fs 10000000 -shortest out.mp4",
    ),
    ("mixes six channels to two", "ffmpeg -i in.mkv -ac 2 -ar 44100 -sample_fmt s16 out.wav", ""),
    (
        "splits two channels into two files",
        "ffmpeg -i in.wav -filter_complex channelsplit=channel_layout=stereo[l][r] -map [l] l.wav -map [r] r.wav",
        "-i in.wav -filter_complex channelsplit@n0=channel_layout=stereo[a0_0][a0_1] -map [a0_0] l.wav -map [a0_1] r.wav",
    ),
    (
        "has scalers of one kind",
        "ffmpeg -i in.mp4 -filter_complex 'sws_flags=bicubic;[0:v]scale=64:64' -copyts out.mp4",
        "-copyts -i in.mp4 -filter_complex sws_flags=bicubic;[0:v]scale@n0=64:64 out.mp4",
    ),
    (
        "compares two films",
        "ffmpeg -i a.mp4 -i b.mp4 -lavfi '[0:v][1:v]ssim=stats_file=-' -f null -",
        "-i a.mp4 -i b.mp4 -filter_complex [0:v][1:v]ssim@n0=stats_file=- -f null -",
    ),
    (
        "has keyframes every two seconds",
        "ffmpeg -i in.mp4 -map 0:v:0 -c:v libx264 -x264-params:v keyint=60:min-keyint=60 -force_key_frames:v 'expr:gte(t,n_forced*2)' out.mp4",
        "-i in.mp4 -map 0:v:0 -c:v libx264 -x264-params:v keyint=60:min-keyint=60 -force_key_frames:v expr:gte(t,n_forced*2) out.mp4",
    ),
];
