# Links ffmpeg, ffprobe and capabilities into one program, with FFmpeg's own rules and lists. Run in FFmpeg's build folder:
#   make -f .../multicall.mak COMPAT=<the folder of this file> ffmpeg.wasm
include Makefile
include $(COMPAT)/optimization.mak

# The files that define main and the other names that both tools have; the other files are compiled once and shared.
NAMED_SOURCES = ffmpeg ffmpeg_opt ffprobe
NAMED_OBJS    = $(NAMED_SOURCES:%=fftools/named_%.o)
SHARED_OBJS   = $(filter-out $(NAMED_SOURCES:%=fftools/%.o),$(sort $(OBJS-ffmpeg) $(OBJS-ffprobe)))
COMPAT_C_OBJS = $(addprefix fftools/,multicall.o processors.o log.o shared.o capabilities.o)

# The variables that our patches to the tools share with the host. They are exported.
SHARED_VARIABLES = outputs_refused read_errors decode_errors corrupt_packets corrupt_frames dropped_frames \
                   duplicated_frames signal signal_count

fftools/%.o: CPPFLAGS += -I$(COMPAT)

# $(1)_main, $(1)_program_name...: multicall.c chooses between them.
prefixed = $(foreach name,main program_name program_birth_year show_help_default,-D$(name)=$(1)_$(name))

fftools/named_ffmpeg.o fftools/named_ffmpeg_opt.o: TOOL = ffmpeg
fftools/named_ffprobe.o: TOOL = ffprobe

$(NAMED_OBJS): fftools/named_%.o: $(SRC_PATH)/fftools/%.c | fftools
	$(CC) $(CPPFLAGS) $(CFLAGS) -Wno-missing-prototypes $(call prefixed,$(TOOL)) -c -o $@ $<

# capabilities.c needs only the public headers of FFmpeg's build.
$(COMPAT_C_OBJS): fftools/%.o: $(COMPAT)/%.c | fftools
	$(CC) -I. -I$(SRC_PATH) -c -o $@ $<

# The linker warns of functions that are called with another type than they have, which would trap. It also warns of this
# flag of FFmpeg's configure script, which it lacks.
comma := ,
NO_EXECUTABLE_STACK = -Wl$(comma)-z$(comma)noexecstack

# All objects, without the link.
objects: $(NAMED_OBJS) $(SHARED_OBJS) $(COMPAT_C_OBJS) $(FF_DEP_LIBS)
.PHONY: objects

ffmpeg.wasm: $(NAMED_OBJS) $(SHARED_OBJS) $(COMPAT_C_OBJS) $(FF_DEP_LIBS)
	$(LD) $(filter-out $(NO_EXECUTABLE_STACK),$(LDFLAGS)) -Wl,--fatal-warnings $(LDEXEFLAGS) \
	  -Wl,--wrap=sysconf,--wrap=av_log_set_flags,--wrap=av_log_default_callback \
	  -Wl,--export=afmpeg_exit_status $(SHARED_VARIABLES:%=-Wl,--export=afmpeg_%) -Wl,-Map=ffmpeg.map -o $@ \
	  $(NAMED_OBJS) $(SHARED_OBJS) $(COMPAT_C_OBJS) $(FF_EXTRALIBS)
