//! The containers, and the codecs that each holds, separated by blanks. Codecs that FFmpeg encodes were tried on the
//! muxer (`tests/e2e/containers.rs`); other codecs are listed if the muxer has a tag for them.

use super::container::Container;

/// Video codecs with a four-character code of AVI, which other containers use as well.
const RIFF_VIDEO: &str = "012v 4xm agm amv arbc asv1 asv2 aura aura2 avrn cavs cfhd cinepak clearvideo cljr cllc \
    cyuv dirac dpx dvvideo dxtory escape130 evc ffv1 ffvhuff fic flashsv flic flv1 fmvc fraps frwu g2m h261 h263 \
    h263i h263p hq_hqa hqx huffyuv hymt imm4 imm5 indeo2 indeo3 indeo4 indeo5 jpeg2000 jpegls kgv1 kmvc lagarith \
    lead ljpeg loco lscr m101 magicyuv mimic mjpeg mpeg1video mpeg2video mpeg4 msa1 msmpeg4v1 msmpeg4v2 \
    msmpeg4v3 mss1 mss2 msvideo1 mszh mts2 mv30 mvdv mvha mwsc notchlc png prosumer qpeg r10k r210 rasc rawvideo \
    rpza rtv1 rv40 rv60 scpr screenpresso snow sp5x speedhq srgc svq3 targa tdsc theora truemotion1 truemotion2 \
    truemotion2rt tscc2 ulti utvideo v210 vble vc1 vc1image vcr1 vixl vmix vp3 vp4 vp5 vp6 vp6a vp6f vp7 vqc \
    wmv1 wmv2 wmv3 wmv3image wnv1 xan_wc4 y41p ylc yuv4 zerocodec zlib zmbv";

/// Audio codecs with a format tag of WAV, which other containers use as well.
const RIFF_AUDIO: &str = "aac aac_latm ac3 acelp.kelvin adpcm_ct adpcm_g722 adpcm_ima_dk3 adpcm_ima_dk4 \
    adpcm_ima_oki adpcm_ima_wav adpcm_ima_xbox adpcm_ms adpcm_sanyo adpcm_swf adpcm_yamaha adpcm_zork amr_nb \
    amr_wb avc dfpwm dts dvaudio flac ftr g723_1 g728 g729 gsm_ms iac imc metasound misc4 mp2 mp3 msnsiren \
    pcm_alaw pcm_f32le pcm_f64le pcm_mulaw pcm_s16le pcm_s24le pcm_s32le pcm_s64le pcm_u8 sonic sonicls speex \
    truespeech vorbis xan_dpcm";

/// Video codecs of AVI that need the bits per pixel for decoding, which NUT does not store.
const RIFF_DEPTH_VIDEO: &str = "aasc cscd mscc msrle rscc tscc vmnc wcmv";

/// Audio codecs of WAV that need the block size or the bits per sample for decoding, which NUT does not store.
const RIFF_BLOCK_AUDIO: &str = "adpcm_g726 atrac3 sipr wmalossless wmapro wmav1 wmav2 wmavoice xma1 xma2";

/// Video codecs with a four-character code of QuickTime, which other containers use as well.
const QUICKTIME_VIDEO: &str = "aic apv avrp avs3 avui cdtoons dnxhd dxv exr h264 hap hevc lcevc media100 mjpegb \
    pixlet prores prores_raw qdraw sgi sgirle sheervideo smc targa_y216 tiff";

const MP4_VIDEO: &str = "apv av1 avs3 dirac evc ffv1 h264 hevc jpeg2000 lcevc mjpeg mpeg1video mpeg2video mpeg4 png tscc2 vc1 \
    vp9 vvc";

const MP4_AUDIO: &str = "aac ac3 alac dts eac3 evrc flac mp2 mp3 mp4als mpegh_3d_audio opus pcm_f32be pcm_f32le pcm_f64be \
    pcm_f64le pcm_s16be pcm_s16le pcm_s24be pcm_s24le pcm_s32be pcm_s32le qcelp vorbis";

const MOV_AUDIO: &str = "aac aac_latm ac3 ac4 acelp.kelvin adpcm_ct adpcm_g722 adpcm_ima_dk3 adpcm_ima_dk4 adpcm_ima_oki \
    adpcm_ima_qt adpcm_ima_xbox adpcm_sanyo adpcm_swf adpcm_yamaha adpcm_zork alac amr_nb amr_wb \
    apple_apac atrac3 avc dfpwm dts dvaudio eac3 evrc ftr g728 g729 gsm gsm_ms iac ilbc imc mace3 mace6 \
    metasound misc4 mp1 mp2 mp3 mpegh_3d_audio msnsiren nellymoser pcm_alaw pcm_f32be pcm_f32le pcm_f64be \
    pcm_f64le pcm_mulaw pcm_s16be pcm_s16le pcm_s24be pcm_s24le pcm_s32be pcm_s32le pcm_s8 pcm_u8 qcelp \
    qdm2 qdmc sipr smv sonic sonicls speex truespeech vorbis wmalossless wmapro wmavoice xan_dpcm xma1 \
    xma2";

const MATROSKA_AUDIO: &str = "alac atrac1 cook eac3 mlp mp1 opus pcm_s16be pcm_s24be pcm_s32be qdm2 qdmc ra_144 ra_288 truehd tta \
    wavpack";

const MATROSKA_SUBTITLE: &str =
    "arib_caption ass dvb_subtitle dvd_subtitle hdmv_pgs_subtitle hdmv_text_subtitle subrip text webvtt";

const MPEGTS_VIDEO: &str = "avs2 avs3 cavs dirac h264 hevc mpeg1video mpeg2video mpeg4 vc1 vvc";

const MPEGTSM2TS_AUDIO: &str = "aac aac_latm ac3 dts eac3 mp2 mp3 opus pcm_bluray s302m truehd";

const AVI_VIDEO: &str =
    "apv av1 avrp avs2 avui dnxhd dxv exr h264 hap prores qtrle sgi smc svq1 tiff vp8 vp9";

const NUT_AUDIO: &str = "comfortnoise opus pcm_f32be pcm_f64be pcm_s16be pcm_s16be_planar pcm_s16le_planar pcm_s24be \
    pcm_s24le_planar pcm_s32be pcm_s32le_planar pcm_s64be pcm_s8 pcm_s8_planar pcm_u16be pcm_u16le \
    pcm_u24be pcm_u24le pcm_u32be pcm_u32le wavpack";

const AIFF_AUDIO: &str = "adpcm_g722 adpcm_g726le adpcm_ima_qt adpcm_ima_ws adpcm_n64 cbd2_dpcm g728 gsm mace3 mace6 pcm_alaw \
    pcm_f32be pcm_f64be pcm_mulaw pcm_s16be pcm_s16le pcm_s24be pcm_s32be pcm_s8 pcm_u8 qcelp qdm2 qdmc \
    sdx2_dpcm";

const CAF_AUDIO: &str = "ac3 adpcm_ima_qt adpcm_ima_wav adpcm_ms alac amr_nb dvaudio flac gsm gsm_ms ilbc mace3 mace6 mp1 mp2 \
    mp3 pcm_alaw pcm_f32be pcm_f32le pcm_f64be pcm_f64le pcm_mulaw pcm_s16be pcm_s16le pcm_s24be pcm_s24le \
    pcm_s32be pcm_s32le pcm_s8 qcelp qdm2 qdmc";

const AU_AUDIO: &str =
    "adpcm_g722 adpcm_g726le pcm_alaw pcm_f32be pcm_f64be pcm_mulaw pcm_s16be pcm_s24be pcm_s32be pcm_s8";

const IRCAM_AUDIO: &str = "pcm_alaw pcm_f32le pcm_f64le pcm_mulaw pcm_s16le pcm_s24le pcm_s32le pcm_s8";

/// The default muxer of an extension precedes others, as in FFmpeg.
pub(super) static CONTAINERS: &[Container] = &[
    Container::of(&["mp4"], &["mp4"])
        .video(&[MP4_VIDEO])
        .audio(&[MP4_AUDIO])
        .subtitle(&["dvd_subtitle mov_text ttml"])
        .data(&["gpmd"])
        .covers("bmp mjpeg png")
        .chapters(),
    Container::of(&["mov"], &["mov"])
        .video(&[RIFF_VIDEO, RIFF_DEPTH_VIDEO, QUICKTIME_VIDEO, "8bps gif qtrle svq1 vvc"])
        .audio(&[MOV_AUDIO])
        .subtitle(&["eia_608 mov_text ttml"])
        .data(&["gpmd tmcd"])
        .covers("")
        .chapters(),
    Container::of(&["ipod"], &["m4a", "m4b", "m4v"])
        .video(&["h264 mpeg4"])
        .audio(&["aac ac3 alac"])
        .subtitle(&["mov_text"])
        .covers("bmp mjpeg png")
        .chapters(),
    Container::of(&["3gp", "3g2"], &["3gp", "3g2"])
        .video(&["h263 h264 mpeg4"])
        .audio(&["aac amr_nb amr_wb"])
        .subtitle(&["mov_text"])
        .covers("")
        .chapters(),
    Container::of(&["f4v"], &["f4v"])
        .video(&["h264 vp6a vp6f"])
        .audio(&["aac mp3"])
        .covers("bmp mjpeg png")
        .chapters(),
    Container::of(&["matroska"], &["mkv", "mka", "mks"])
        .video(&[RIFF_VIDEO, RIFF_DEPTH_VIDEO, QUICKTIME_VIDEO, "av1 avs2 rv30 vp8 vp9 vvc"])
        .audio(&[RIFF_AUDIO, RIFF_BLOCK_AUDIO, MATROSKA_AUDIO])
        .subtitle(&[MATROSKA_SUBTITLE])
        .attachments()
        .chapters(),
    Container::of(&["webm"], &["webm"])
        .video(&["av1 vp8 vp9"])
        .audio(&["opus vorbis"])
        .subtitle(&["webvtt"])
        .chapters(),
    Container::of(&["mpegts"], &["ts", "m2t", "mts"])
        .video(&[MPEGTS_VIDEO])
        .audio(&["aac aac_latm ac3 dts eac3 mp2 mp3 opus s302m truehd"])
        .subtitle(&["arib_caption dvb_subtitle dvb_teletext"])
        .data(&["klv smpte_2038 timed_id3"]),
    Container::of(&["mpegts"], &["m2ts"])
        .video(&["avs3 cavs h264 hevc mpeg1video mpeg2video vc1 vvc"])
        .audio(&[MPEGTSM2TS_AUDIO])
        .subtitle(&["hdmv_pgs_subtitle hdmv_text_subtitle"]),
    Container::of(&["mpeg", "svcd", "vcd", "vob", "dvd"], &["mpg", "mpeg", "vob", "dvd"])
        .video(&["mpeg1video mpeg2video"])
        .audio(&["ac3 dts mp1 mp2 mp3 pcm_dvd"])
        .subtitle(&["dvb_subtitle dvd_subtitle"]),
    Container::of(&["avi"], &["avi"])
        .video(&[RIFF_VIDEO, RIFF_DEPTH_VIDEO, AVI_VIDEO])
        .audio(&[RIFF_AUDIO, RIFF_BLOCK_AUDIO, "eac3"])
        .subtitle(&["xsub"])
        .start_codes(),
    Container::of(&["asf"], &["asf", "wma", "wmv"])
        .video(&[RIFF_VIDEO, RIFF_DEPTH_VIDEO, "av1 avs2 h264 svq1 vp8 vp9"])
        .audio(&[RIFF_AUDIO, RIFF_BLOCK_AUDIO, "eac3"])
        .chapters(),
    Container::of(&["flv"], &["flv"])
        .video(&["av1 flashsv flashsv2 flv1 h264 hevc vp6 vp6a vp6f vp9 vvc"])
        .audio(&["aac ac3 adpcm_swf eac3 flac mp3 nellymoser opus speex"])
        .subtitle(&["text"]),
    Container::of(&["nut"], &["nut"])
        .video(&[RIFF_VIDEO, QUICKTIME_VIDEO, "av1 avs2 cpia gif svq1 vp8 vp9 xface"])
        .audio(&[RIFF_AUDIO, NUT_AUDIO])
        .subtitle(&["ass dvb_subtitle dvb_teletext dvd_subtitle text"])
        .chapters(),
    Container::of(&["ogg"], &["ogg"])
        .video(&["theora vp8"])
        .audio(&["flac opus speex vorbis"])
        .chapters_beside("opus"),
    Container::of(&["oga", "ogv", "opus", "spx"], &["oga", "ogv", "opus", "spx"])
        .video(&["theora vp8"])
        .audio(&["flac opus speex vorbis"])
        .chapters_beside("opus"),
    Container::of(&["wav", "w64"], &["wav", "w64"])
        .audio(&[RIFF_AUDIO, RIFF_BLOCK_AUDIO, "eac3"])
        .one_of_each(),
    Container::of(&["aiff"], &["aif", "aiff", "afc", "aifc"]).audio(&[AIFF_AUDIO]).one_of_each(),
    Container::of(&["caf"], &["caf"]).audio(&[CAF_AUDIO]).one_of_each(),
    Container::of(&["au"], &["au"]).audio(&[AU_AUDIO]).one_of_each(),
    Container::of(&["ircam"], &["sf", "ircam"]).audio(&[IRCAM_AUDIO]).one_of_each(),
    Container::of(&["mp3"], &["mp3"])
        .audio(&["mp3"])
        .covers("bmp gif jpegxl mjpeg png tiff webp")
        .one_of_each()
        .chapters(),
    Container::of(&["flac"], &["flac"])
        .audio(&["flac"])
        .covers("bmp jpegxl mjpeg png tiff webp")
        .one_of_each(),
    Container::of(&["rm"], &["rm", "ra"]).video(&["rv10 rv20"]).audio(&["aac ac3 ra_144"]).one_of_each(),
    Container::of(&["ivf"], &["ivf"]).video(&["av1 vp8 vp9"]).one_of_each(),
    Container::of(&["dv"], &["dv"]).video(&["dvvideo"]).audio(&["pcm_s16le"]).one_of_each(),
    Container::of(&["adts"], &["aac", "adts"]).audio(&["aac"]).one_of_each(),
    Container::of(&["latm"], &["latm", "loas"]).audio(&["aac aac_latm"]).one_of_each(),
    Container::of(&["ac3"], &["ac3"]).audio(&["ac3"]).one_of_each(),
    Container::of(&["eac3"], &["eac3", "ec3"]).audio(&["eac3"]).one_of_each(),
    Container::of(&["dts"], &["dts"]).audio(&["dts"]).one_of_each(),
    Container::of(&["truehd"], &["thd"]).audio(&["truehd"]).one_of_each(),
    Container::of(&["mlp"], &["mlp"]).audio(&["mlp"]).one_of_each(),
    Container::of(&["mp2"], &["mp2", "m2a", "mpa"]).audio(&["mp2"]).one_of_each(),
    Container::of(&["wv"], &["wv"]).audio(&["wavpack"]).one_of_each(),
    Container::of(&["tta"], &["tta"]).audio(&["tta"]).one_of_each(),
    Container::of(&["amr"], &["amr"]).audio(&["amr_nb amr_wb"]).one_of_each(),
    Container::of(&["g722"], &["g722"]).audio(&["adpcm_g722"]).one_of_each(),
    Container::of(&["gsm"], &["gsm"]).audio(&["gsm"]).one_of_each(),
    Container::of(&["sbc"], &["sbc", "msbc"]).audio(&["sbc"]).one_of_each(),
    Container::of(&["aptx"], &["aptx"]).audio(&["aptx"]).one_of_each(),
    Container::of(&["aptx_hd"], &["aptxhd"]).audio(&["aptx_hd"]).one_of_each(),
    Container::of(&["h264"], &["h264", "264"]).video(&["h264"]).one_of_each(),
    Container::of(&["hevc"], &["hevc", "h265", "265"]).video(&["hevc"]).one_of_each(),
    Container::of(&["vvc"], &["vvc", "h266", "266"]).video(&["vvc"]).one_of_each(),
    Container::of(&["obu"], &["obu"]).video(&["av1"]).one_of_each(),
    Container::of(&["mjpeg"], &["mjpg", "mjpeg"]).video(&["mjpeg"]).one_of_each(),
    Container::of(&["mpeg1video"], &["m1v"]).video(&["mpeg1video"]).one_of_each(),
    Container::of(&["mpeg2video"], &["m2v"]).video(&["mpeg2video"]).one_of_each(),
    Container::of(&["dirac"], &["drc", "vc2"]).video(&["dirac"]).one_of_each(),
    Container::of(&["dnxhd"], &["dnxhd", "dnxhr"]).video(&["dnxhd"]).one_of_each(),
    Container::of(&["gif"], &["gif"]).video(&["gif"]).one_of_each(),
    Container::of(&["apng"], &["apng"]).video(&["apng"]).one_of_each(),
    Container::of(&["ass"], &["ass", "ssa"]).subtitle(&["ass ssa"]).one_of_each(),
    Container::of(&["srt"], &["srt"]).subtitle(&["subrip"]).one_of_each(),
    Container::of(&["webvtt"], &["vtt"]).subtitle(&["webvtt"]).one_of_each(),
    Container::of(&["lrc"], &["lrc"]).subtitle(&["text"]).one_of_each(),
    Container::of(&["sup"], &["sup"]).subtitle(&["hdmv_pgs_subtitle"]).one_of_each(),
];
