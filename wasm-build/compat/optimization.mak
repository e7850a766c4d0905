# How far clang optimises each file of FFmpeg. wasm-cc's -O3 unrolls loops and copies functions into their callers, and
# compiling a module takes as long as it has code. So a file keeps -O3 only if much time is spent in it.

# Control code, which has few loops to speed up: the tools, containers, headers of streams.
CONTROL = $(addsuffix .o,fftools/% libavdevice/% libavformat/% libavcodec/bsf/% libavcodec/cbs%)

# The codecs and filters of the codecs bench (docs/bench/codecs.md), others that are common, and kernels in SIMD. Of the
# kernels in C, those for 8 bits are seldom run, since SIMD replaces them, and some fill a file with copies for five depths.
HOT = $(addsuffix .o, \
  $(addprefix libavcodec/, \
    loongarch/% mips/% wasm/% cabac% h264_% h264dec hevc/% mpeg4% mpegvideo% mpeg12% h263% ituh263% motion_est me_cmp \
    ratecontrol vp8 vp9 vp9block vp9recon vp9mvs vp9prob vp9lpf vp56% mjpeg% png% prores% dnxhd% ffv1% \
    aac% ac3% eac3% alac% dca% flac% mpegaudio% opus/% vorbis% simple_idct% vlc) \
  $(addprefix libavfilter/, \
    wasm/% af_aresample af_loudnorm ebur128 f_ebur128 vf_drawtext vf_gblur vf_overlay vf_scale vf_thumbnail vf_tile \
    vf_unsharp vf_xfade vf_yadif yadif_common))
C_KERNELS = $(addprefix libavcodec/,hevc/dsp.o hevc/pred.o)

# Everything else is seldom run, but its loops stay vectorised, as they would not with -Os.
SELDOM = $(addsuffix .o,libavcodec/% libavfilter/%)

optimization = $(if $(filter $(CONTROL),$(1)),-Os,$(if \
  $(filter-out $(C_KERNELS),$(filter $(HOT),$(1))),,$(if \
  $(filter $(SELDOM),$(1)),-O2 -fno-unroll-loops -mllvm -inline-threshold=50)))

CFLAGS += $(call optimization,$@)
