use super::{Probe, Stream};

/// The demuxers of FFmpeg 9.0.2 that find one image in a file: those of `libavformat/img2dec.c` that recognise a format
/// by its content, those of the two PIX formats, and that of icons. `gif_pipe` is not one, since GIFs may be animated.
const IMAGE_DEMUXERS: &[&str] = &[
    "alias_pix",
    "bmp_pipe",
    "brender_pix",
    "cri_pipe",
    "dds_pipe",
    "dpx_pipe",
    "exr_pipe",
    "gem_pipe",
    "hdr_pipe",
    "ico",
    "j2k_pipe",
    "jpeg_pipe",
    "jpegls_pipe",
    "jpegxl_pipe",
    "jpegxs_pipe",
    "pam_pipe",
    "pbm_pipe",
    "pcx_pipe",
    "pfm_pipe",
    "pgm_pipe",
    "pgmyuv_pipe",
    "pgx_pipe",
    "phm_pipe",
    "photocd_pipe",
    "pictor_pipe",
    "png_pipe",
    "ppm_pipe",
    "psd_pipe",
    "qdraw_pipe",
    "qoi_pipe",
    "sgi_pipe",
    "sunrast_pipe",
    "svg_pipe",
    "tiff_pipe",
    "vbn_pipe",
    "webp_pipe",
    "xbm_pipe",
    "xpm_pipe",
    "xwd_pipe",
];

impl Probe {
    /// Whether the file is a still image, for which [`video`](Probe::video) returns a stream as well. It is one if it has
    /// no audio, and ffprobe reports:
    ///
    /// - a demuxer of FFmpeg that finds one image in a file, such as `jpeg_pipe` and `png_pipe`;
    /// - `image2` with one image: a numbered sequence has more;
    /// - `gif` with one frame;
    /// - `mov` with the images of a HEIF file (HEIC, AVIF): streams of one frame without a duration.
    ///
    /// Animated images (`apng`, `webp_anim`, `jpegxl_anim`) are videos. So is a film of one frame. The cover image of an
    /// audio file is neither. FFmpeg does not count the images that its muxer `image2pipe` writes into one file, so such a
    /// file counts as an image.
    ///
    /// ```
    /// use afmpeg_types::Probe;
    ///
    /// let photo = br#"{"format": {"format_name": "jpeg_pipe"}, "streams": [{"index": 0, "codec_type": "video"}]}"#;
    /// assert!(Probe::from_json(photo).unwrap().is_image());
    /// let film = br#"{"format": {"format_name": "mov,mp4,m4a,3gp,3g2,mj2", "duration": "5.312000"},
    ///     "streams": [{"index": 0, "codec_type": "video", "nb_frames": "132", "duration": "5.280000"}]}"#;
    /// assert!(!Probe::from_json(film).unwrap().is_image());
    /// ```
    pub fn is_image(&self) -> bool {
        let (Some(format), Some(video), None) = (&self.format, self.video(), self.audio()) else {
            return false;
        };
        let is_item = |stream: &Stream| stream.frame_count() == Some(1) && stream.duration.is_none();
        IMAGE_DEMUXERS.iter().any(|name| format.is(name))
            || format.is("image2") && video.duration_ts == Some(1)
            || format.is("gif") && video.frame_count() == Some(1)
            // A sequence of AVIF has its first image as an item, and its frames as a track.
            || format.is("mov") && self.streams.iter().all(is_item)
    }
}
