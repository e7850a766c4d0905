# Builds the programs that FATE runs beside ffmpeg and ffprobe, with FFmpeg's own rules and lists. Run in FFmpeg's build folder:
#   make -f .../programs.mak fate-programs
include Makefile

# checkasm's own name for a system on which nothing can be jumped out of a signal handler to.
$(CHECKASMOBJS): CPPFLAGS += -D_WASI_EMULATED_SIGNAL

# FFmpeg's makefiles list some of the programs only for goals that begin with "fate".
fate-programs: testprogs $(APITESTPROGS) $(CHECKASM) $(TESTTOOLS:%=tests/%$(HOSTEXESUF))
