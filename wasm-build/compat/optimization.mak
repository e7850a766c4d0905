# The files of FFmpeg that clang makes smaller than with -O3, which unrolls loops and copies functions into their callers:
# compiling a module takes longer with more code.

# Control code, which has few loops to speed up: the tools, containers, headers of streams.
CONTROL = $(addsuffix .o,fftools/% libavdevice/% libavformat/% libavcodec/bsf/% libavcodec/cbs%)

# Kernels in C with copies for five depths, most of which SIMD replaces. With -Os, the others would lose their vectors.
C_KERNELS = $(addprefix libavcodec/,h264chroma.o h264dsp.o h264pred.o h264qpel.o hevc/dsp.o hevc/pred.o)

optimization = $(if $(filter $(CONTROL),$(1)),-Os,$(if \
  $(filter $(C_KERNELS),$(1)),-O2 -fno-unroll-loops -mllvm -inline-threshold=50))

CFLAGS += $(call optimization,$@)
