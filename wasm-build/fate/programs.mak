# Builds what FATE runs beside ffmpeg and ffprobe, by FFmpeg's own rules and lists. Run in FFmpeg's build folder:
#   make -f .../programs.mak test-programs
include Makefile

test-programs: testprogs $(APITESTPROGS) $(CHECKASM) $(TESTTOOLS:%=tests/%$(HOSTEXESUF))
