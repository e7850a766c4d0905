/* The module's third tool: prints the components of FFmpeg's libraries as one JSON document, with public headers alone.
   The engine's capabilities/ reads it; a change of a name or a meaning here changes CAPABILITIES_FORMAT there.

   The numbers of an option are numbers: an integer of FFmpeg is one in the document, as exact as FFmpeg's own tables
   (which keep ranges as doubles). A range without an end has null there. */
#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libavcodec/avcodec.h"
#include "libavcodec/bsf.h"
#include "libavdevice/avdevice.h"
#include "libavfilter/avfilter.h"
#include "libavformat/avformat.h"
#include "libavutil/avutil.h"
#include "libavutil/channel_layout.h"
#include "libavutil/mathematics.h"
#include "libavutil/opt.h"
#include "libavutil/pixdesc.h"
#include "libavutil/samplefmt.h"
#include "libswresample/swresample.h"
#include "libswscale/swscale.h"

int capabilities_main(int argc, char **argv);

/* The version of the document's format. */
enum { FORMAT = 1 };

/* ---- JSON ---- */

static int needs_comma;

static void quoted(const char *text)
{
    putchar('"');
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (*c == '"' || *c == '\\')
            putchar('\\');
        if (*c < ' ')
            printf("\\u%04x", *c);
        else
            putchar(*c);
    }
    putchar('"');
}

/* Begins a value: in an object if it has a key, else in an array. */
static void begin(const char *key)
{
    if (needs_comma)
        putchar(',');
    if (key) {
        quoted(key);
        putchar(':');
    }
    needs_comma = 1;
}

static void start(const char *key, char bracket)
{
    begin(key);
    putchar(bracket);
    needs_comma = 0;
}

static void end(char bracket)
{
    putchar(bracket);
    needs_comma = 1;
}

static void nothing(const char *key)
{
    begin(key);
    fputs("null", stdout);
}

static void text(const char *key, const char *value)
{
    if (!value) {
        nothing(key);
        return;
    }
    begin(key);
    quoted(value);
}

static void integer(const char *key, int64_t value)
{
    begin(key);
    printf("%lld", (long long)value);
}

static void natural(const char *key, uint64_t value)
{
    begin(key);
    printf("%llu", (unsigned long long)value);
}

static void boolean(const char *key, int value)
{
    begin(key);
    fputs(value ? "true" : "false", stdout);
}

/* Writes a finite number with the fewest digits that identify it, always as a fraction. */
static void real(const char *key, double value)
{
    char digits[32];

    for (int precision = 6; precision <= 17; precision++) {
        snprintf(digits, sizeof(digits), "%.*g", precision, value);
        if (strtod(digits, NULL) == value)
            break;
    }
    begin(key);
    fputs(digits, stdout);
    if (!strpbrk(digits, ".e"))
        fputs(".0", stdout);
}

static void ratio(const char *key, AVRational value)
{
    char digits[32];

    snprintf(digits, sizeof(digits), "%d/%d", value.num, value.den);
    text(key, digits);
}

/* Writes the parts of a list that FFmpeg keeps as text with commas. */
static void split(const char *key, const char *list)
{
    start(key, '[');
    while (list && *list) {
        size_t length = strcspn(list, ",");
        char part[256];

        if (length > 0 && length < sizeof(part)) {
            memcpy(part, list, length);
            part[length] = 0;
            text(NULL, part);
        }
        list += length + (list[length] == ',');
    }
    end(']');
}

struct word {
    uint64_t bit;
    const char *name;
};

static void words(const char *key, uint64_t flags, const struct word *names)
{
    start(key, '[');
    for (; names->name; names++)
        if (flags & names->bit)
            text(NULL, names->name);
    end(']');
}

/* ---- options ---- */

static const struct word option_flags[] = {
    { AV_OPT_FLAG_ENCODING_PARAM,  "encoding"  },
    { AV_OPT_FLAG_DECODING_PARAM,  "decoding"  },
    { AV_OPT_FLAG_FILTERING_PARAM, "filtering" },
    { AV_OPT_FLAG_BSF_PARAM,       "bsf"       },
    { AV_OPT_FLAG_AUDIO_PARAM,     "audio"     },
    { AV_OPT_FLAG_VIDEO_PARAM,     "video"     },
    { AV_OPT_FLAG_SUBTITLE_PARAM,  "subtitle"  },
    { AV_OPT_FLAG_EXPORT,          "export"    },
    { AV_OPT_FLAG_READONLY,        "readonly"  },
    { AV_OPT_FLAG_RUNTIME_PARAM,   "runtime"   },
    { AV_OPT_FLAG_DEPRECATED,      "deprecated" },
    { 0 }
};

static enum AVOptionType type_of(const AVOption *option)
{
    return option->type & ~AV_OPT_TYPE_FLAG_ARRAY;
}

static const char *type_name(enum AVOptionType type)
{
    switch (type) {
    case AV_OPT_TYPE_FLAGS:      return "flags";
    case AV_OPT_TYPE_INT:        return "int";
    case AV_OPT_TYPE_INT64:      return "int64";
    case AV_OPT_TYPE_UINT:       return "uint";
    case AV_OPT_TYPE_UINT64:     return "uint64";
    case AV_OPT_TYPE_DOUBLE:     return "double";
    case AV_OPT_TYPE_FLOAT:      return "float";
    case AV_OPT_TYPE_STRING:     return "string";
    case AV_OPT_TYPE_RATIONAL:   return "rational";
    case AV_OPT_TYPE_BINARY:     return "binary";
    case AV_OPT_TYPE_DICT:       return "dictionary";
    case AV_OPT_TYPE_IMAGE_SIZE: return "image_size";
    case AV_OPT_TYPE_PIXEL_FMT:  return "pixel_format";
    case AV_OPT_TYPE_SAMPLE_FMT: return "sample_format";
    case AV_OPT_TYPE_VIDEO_RATE: return "video_rate";
    case AV_OPT_TYPE_DURATION:   return "duration";
    case AV_OPT_TYPE_COLOR:      return "color";
    case AV_OPT_TYPE_BOOL:       return "bool";
    case AV_OPT_TYPE_CHLAYOUT:   return "channel_layout";
    default:                     return "unknown";
    }
}

/* One end of an integer's range. A double cannot hold the last integers of 64 bits: larger values are the last one. */
static void integer_bound(const char *key, double value, int is_unsigned)
{
    if (isnan(value))
        nothing(key);
    else if (is_unsigned)
        natural(key, value <= 0 ? 0 : value >= 0x1p64 ? UINT64_MAX : (uint64_t)value);
    else
        integer(key, value <= -0x1p63 ? INT64_MIN : value >= 0x1p63 ? INT64_MAX : (int64_t)value);
}

/* The largest float means "no limit". */
static void real_bound(const char *key, double value)
{
    if (fabs(value) < FLT_MAX)
        real(key, value);
    else
        nothing(key);
}

static void option_range(const AVOption *option)
{
    int is_real = 0;

    switch (type_of(option)) {
    case AV_OPT_TYPE_DOUBLE:
    case AV_OPT_TYPE_FLOAT:
    case AV_OPT_TYPE_RATIONAL:
        is_real = 1;
        break;
    case AV_OPT_TYPE_FLAGS:
    case AV_OPT_TYPE_INT:
    case AV_OPT_TYPE_INT64:
    case AV_OPT_TYPE_UINT:
    case AV_OPT_TYPE_UINT64:
    case AV_OPT_TYPE_DURATION:
    case AV_OPT_TYPE_BOOL:
        break;
    default:
        return;
    }
    start("range", '{');
    if (is_real) {
        real_bound("min", option->min);
        real_bound("max", option->max);
    } else {
        integer_bound("min", option->min, type_of(option) == AV_OPT_TYPE_UINT64);
        integer_bound("max", option->max, type_of(option) == AV_OPT_TYPE_UINT64);
    }
    end('}');
}

static void option_default(const AVOption *option)
{
    const char *key = "default";
    double value = option->default_val.dbl;

    if (option->type & AV_OPT_TYPE_FLAG_ARRAY) {
        text(key, option->default_val.arr ? option->default_val.arr->def : NULL);
        return;
    }
    switch (option->type) {
    case AV_OPT_TYPE_UINT64:
        natural(key, (uint64_t)option->default_val.i64);
        break;
    case AV_OPT_TYPE_FLAGS:
    case AV_OPT_TYPE_INT:
    case AV_OPT_TYPE_INT64:
    case AV_OPT_TYPE_UINT:
    case AV_OPT_TYPE_DURATION:
    case AV_OPT_TYPE_BOOL:
        integer(key, option->default_val.i64);
        break;
    case AV_OPT_TYPE_DOUBLE:
    case AV_OPT_TYPE_FLOAT:
        if (isnan(value))
            text(key, "nan");
        else if (isinf(value))
            text(key, value < 0 ? "-inf" : "inf");
        else
            real(key, value);
        break;
    case AV_OPT_TYPE_RATIONAL:
        ratio(key, av_d2q(value, INT_MAX));
        break;
    case AV_OPT_TYPE_PIXEL_FMT:
        text(key, option->default_val.i64 < 0 ? "none" : av_get_pix_fmt_name(option->default_val.i64));
        break;
    case AV_OPT_TYPE_SAMPLE_FMT:
        text(key, option->default_val.i64 < 0 ? "none" : av_get_sample_fmt_name(option->default_val.i64));
        break;
    default:
        text(key, option->default_val.str);
        break;
    }
}

static void option_constants(const AVClass *class, const char *unit)
{
    const AVOption *option = NULL;

    while ((option = av_opt_next(&class, option))) {
        if (option->type != AV_OPT_TYPE_CONST || !option->unit || strcmp(option->unit, unit))
            continue;
        start(NULL, '{');
        text("name", option->name);
        integer("value", option->default_val.i64);
        if (option->help)
            text("help", option->help);
        words("flags", option->flags, option_flags);
        end('}');
    }
}

/* Names that write to the same offset are one option. */
static const char *first_name(const AVClass *class, const AVOption *alias)
{
    const AVOption *option = NULL;

    while ((option = av_opt_next(&class, option)) && option != alias)
        if (option->type != AV_OPT_TYPE_CONST && option->offset == alias->offset && option->type == alias->type)
            return option->name;
    return NULL;
}

static void option(const AVClass *root, const AVClass *class, const AVOption *option)
{
    const char *alias_of = first_name(class, option);

    start(NULL, '{');
    text("name", option->name);
    if (option->help)
        text("help", option->help);
    text("type", type_name(type_of(option)));
    if (option->type & AV_OPT_TYPE_FLAG_ARRAY) {
        const AVOptionArrayDef *array = option->default_val.arr;
        char separator[2] = { array && array->sep ? array->sep : ',', 0 };

        start("array", '{');
        natural("min", array ? array->size_min : 0);
        if (array && array->size_max)
            natural("max", array->size_max);
        else
            nothing("max");
        text("separator", separator);
        end('}');
    }
    option_range(option);
    option_default(option);
    words("flags", option->flags, option_flags);
    if (alias_of)
        text("alias_of", alias_of);
    if (class != root)
        text("class", class->class_name);
    if (option->unit) {
        text("unit", option->unit);
        start("constants", '[');
        option_constants(class, option->unit);
        if (option->flags & AV_OPT_FLAG_CHILD_CONSTS) {
            const AVClass *child;
            void *children = NULL;

            while ((child = av_opt_child_class_iterate(class, &children)))
                option_constants(child, option->unit);
        }
        end(']');
    }
    end('}');
}

static void class_options(const AVClass *root, const AVClass *class, int with_children)
{
    const AVOption *next = NULL;
    const AVClass *child;
    void *children = NULL;

    while ((next = av_opt_next(&class, next)))
        if (next->type != AV_OPT_TYPE_CONST)
            option(root, class, next);
    while (with_children && (child = av_opt_child_class_iterate(class, &children)))
        class_options(root, child, 1);
}

/* The options of a component, and those that it passes on to its parts: a scaler, a resampler. */
static void options(const AVClass *class)
{
    start("options", '[');
    if (class)
        class_options(class, class, 1);
    end(']');
}

/* The options of every component of a kind. */
static void generic_options(const char *key, const AVClass *class)
{
    start(key, '[');
    class_options(class, class, 0);
    end(']');
}

/* ---- codecs ---- */

static const struct word codec_capabilities[] = {
    { AV_CODEC_CAP_DRAW_HORIZ_BAND,          "draw_horiz_band"          },
    { AV_CODEC_CAP_DR1,                      "dr1"                      },
    { AV_CODEC_CAP_DELAY,                    "delay"                    },
    { AV_CODEC_CAP_SMALL_LAST_FRAME,         "small_last_frame"         },
    { AV_CODEC_CAP_EXPERIMENTAL,             "experimental"             },
    { AV_CODEC_CAP_CHANNEL_CONF,             "channel_conf"             },
    { AV_CODEC_CAP_FRAME_THREADS,            "frame_threads"            },
    { AV_CODEC_CAP_SLICE_THREADS,            "slice_threads"            },
    { AV_CODEC_CAP_PARAM_CHANGE,             "param_change"             },
    { AV_CODEC_CAP_OTHER_THREADS,            "other_threads"            },
    { AV_CODEC_CAP_VARIABLE_FRAME_SIZE,      "variable_frame_size"      },
    { AV_CODEC_CAP_AVOID_PROBING,            "avoid_probing"            },
    { AV_CODEC_CAP_HARDWARE,                 "hardware"                 },
    { AV_CODEC_CAP_HYBRID,                   "hybrid"                   },
    { AV_CODEC_CAP_ENCODER_REORDERED_OPAQUE, "encoder_reordered_opaque" },
    { AV_CODEC_CAP_ENCODER_FLUSH,            "encoder_flush"            },
    { AV_CODEC_CAP_ENCODER_RECON_FRAME,      "encoder_recon_frame"      },
    { 0 }
};

static const struct word codec_properties[] = {
    { AV_CODEC_PROP_INTRA_ONLY,  "intra_only"  },
    { AV_CODEC_PROP_LOSSY,       "lossy"       },
    { AV_CODEC_PROP_LOSSLESS,    "lossless"    },
    { AV_CODEC_PROP_REORDER,     "reorder"     },
    { AV_CODEC_PROP_FIELDS,      "fields"      },
    { AV_CODEC_PROP_ENHANCEMENT, "enhancement" },
    { AV_CODEC_PROP_BITMAP_SUB,  "bitmap_sub"  },
    { AV_CODEC_PROP_TEXT_SUB,    "text_sub"    },
    { 0 }
};

static void channel_layout(const char *key, const AVChannelLayout *layout)
{
    char name[128];

    text(key, av_channel_layout_describe(layout, name, sizeof(name)) < 0 ? NULL : name);
}

/* The values of one kind that a codec supports: null if it supports all, or does not list them. */
static void supported(const char *key, const AVCodec *codec, enum AVCodecConfig config)
{
    const void *values = NULL;
    int count = 0;

    if (avcodec_get_supported_config(NULL, codec, config, 0, &values, &count) < 0 || !values) {
        nothing(key);
        return;
    }
    start(key, '[');
    for (int i = 0; i < count; i++) {
        switch (config) {
        case AV_CODEC_CONFIG_PIX_FORMAT:
            text(NULL, av_get_pix_fmt_name(((const enum AVPixelFormat *)values)[i]));
            break;
        case AV_CODEC_CONFIG_FRAME_RATE:
            ratio(NULL, ((const AVRational *)values)[i]);
            break;
        case AV_CODEC_CONFIG_SAMPLE_RATE:
            integer(NULL, ((const int *)values)[i]);
            break;
        case AV_CODEC_CONFIG_SAMPLE_FORMAT:
            text(NULL, av_get_sample_fmt_name(((const enum AVSampleFormat *)values)[i]));
            break;
        case AV_CODEC_CONFIG_CHANNEL_LAYOUT:
            channel_layout(NULL, (const AVChannelLayout *)values + i);
            break;
        case AV_CODEC_CONFIG_COLOR_RANGE:
            text(NULL, av_color_range_name(((const enum AVColorRange *)values)[i]));
            break;
        case AV_CODEC_CONFIG_COLOR_SPACE:
            text(NULL, av_color_space_name(((const enum AVColorSpace *)values)[i]));
            break;
        default:
            break;
        }
    }
    end(']');
}

static const char *media_type(enum AVMediaType type)
{
    const char *name = av_get_media_type_string(type);

    return name ? name : "unknown";
}

static void codec(const AVCodec *codec)
{
    const AVCodecDescriptor *descriptor = avcodec_descriptor_get(codec->id);

    start(NULL, '{');
    text("name", codec->name);
    text("long_name", codec->long_name);
    text("type", media_type(codec->type));
    text("codec", avcodec_get_name(codec->id));
    text("wrapper", codec->wrapper_name);
    words("capabilities", codec->capabilities, codec_capabilities);
    words("properties", descriptor ? descriptor->props : 0, codec_properties);
    start("profiles", '[');
    for (const AVProfile *profile = codec->profiles; profile && profile->profile != AV_PROFILE_UNKNOWN; profile++) {
        start(NULL, '{');
        text("name", profile->name);
        integer("value", profile->profile);
        end('}');
    }
    end(']');
    natural("max_lowres", codec->max_lowres);
    supported("pixel_formats", codec, AV_CODEC_CONFIG_PIX_FORMAT);
    supported("frame_rates", codec, AV_CODEC_CONFIG_FRAME_RATE);
    supported("sample_rates", codec, AV_CODEC_CONFIG_SAMPLE_RATE);
    supported("sample_formats", codec, AV_CODEC_CONFIG_SAMPLE_FORMAT);
    supported("channel_layouts", codec, AV_CODEC_CONFIG_CHANNEL_LAYOUT);
    supported("color_ranges", codec, AV_CODEC_CONFIG_COLOR_RANGE);
    supported("color_spaces", codec, AV_CODEC_CONFIG_COLOR_SPACE);
    options(codec->priv_class);
    end('}');
}

static void codecs(const char *key, int (*has_kind)(const AVCodec *))
{
    const AVCodec *next;
    void *iteration = NULL;

    start(key, '[');
    while ((next = av_codec_iterate(&iteration)))
        if (has_kind(next))
            codec(next);
    end(']');
}

/* ---- formats ---- */

static const struct word format_flags[] = {
    { AVFMT_NOFILE,          "no_file"          },
    { AVFMT_NEEDNUMBER,      "need_number"      },
    { AVFMT_EXPERIMENTAL,    "experimental"     },
    { AVFMT_SHOW_IDS,        "show_ids"         },
    { AVFMT_GLOBALHEADER,    "global_header"    },
    { AVFMT_NOTIMESTAMPS,    "no_timestamps"    },
    { AVFMT_GENERIC_INDEX,   "generic_index"    },
    { AVFMT_TS_DISCONT,      "ts_discont"       },
    { AVFMT_VARIABLE_FPS,    "variable_fps"     },
    { AVFMT_NODIMENSIONS,    "no_dimensions"    },
    { AVFMT_NOSTREAMS,       "no_streams"       },
    { AVFMT_NOBINSEARCH,     "no_bin_search"    },
    { AVFMT_NOGENSEARCH,     "no_gen_search"    },
    { AVFMT_NO_BYTE_SEEK,    "no_byte_seek"     },
    { AVFMT_TS_NONSTRICT,    "ts_nonstrict"     },
    { AVFMT_TS_NEGATIVE,     "ts_negative"      },
    { AVFMT_FIXED_FRAMESIZE, "fixed_frame_size" },
    { AVFMT_SEEK_TO_PTS,     "seek_to_pts"      },
    { 0 }
};

static int is_device(const AVClass *class)
{
    return class && (AV_IS_INPUT_DEVICE(class->category) || AV_IS_OUTPUT_DEVICE(class->category));
}

static void default_codec(const char *key, enum AVCodecID id)
{
    text(key, id == AV_CODEC_ID_NONE ? NULL : avcodec_get_name(id));
}

static void muxer(const AVOutputFormat *muxer)
{
    const AVCodecDescriptor *descriptor = NULL;

    start(NULL, '{');
    split("names", muxer->name);
    text("long_name", muxer->long_name);
    split("extensions", muxer->extensions);
    split("mime_types", muxer->mime_type);
    words("flags", muxer->flags, format_flags);
    boolean("device", is_device(muxer->priv_class));
    default_codec("video_codec", muxer->video_codec);
    default_codec("audio_codec", muxer->audio_codec);
    default_codec("subtitle_codec", muxer->subtitle_codec);
    start("codecs", '[');
    while ((descriptor = avcodec_descriptor_next(descriptor)))
        if (avformat_query_codec(muxer, descriptor->id, FF_COMPLIANCE_NORMAL) == 1)
            text(NULL, descriptor->name);
    end(']');
    options(muxer->priv_class);
    end('}');
}

static void demuxer(const AVInputFormat *demuxer)
{
    start(NULL, '{');
    split("names", demuxer->name);
    text("long_name", demuxer->long_name);
    split("extensions", demuxer->extensions);
    split("mime_types", demuxer->mime_type);
    words("flags", demuxer->flags, format_flags);
    boolean("device", is_device(demuxer->priv_class));
    options(demuxer->priv_class);
    end('}');
}

static int is_listed(const char *protocol, int is_output)
{
    const char *name;
    void *iteration = NULL;

    while ((name = avio_enum_protocols(&iteration, is_output)))
        if (!strcmp(name, protocol))
            return 1;
    return 0;
}

static void protocol(const char *name, int is_input, int is_output)
{
    start(NULL, '{');
    text("name", name);
    boolean("input", is_input);
    boolean("output", is_output);
    options(avio_protocol_get_class(name));
    end('}');
}

/* ---- filters ---- */

static const struct word filter_flags[] = {
    { AVFILTER_FLAG_DYNAMIC_INPUTS,            "dynamic_inputs"    },
    { AVFILTER_FLAG_DYNAMIC_OUTPUTS,           "dynamic_outputs"   },
    { AVFILTER_FLAG_SLICE_THREADS,             "slice_threads"     },
    { AVFILTER_FLAG_METADATA_ONLY,             "metadata_only"     },
    { AVFILTER_FLAG_HWDEVICE,                  "hwdevice"          },
    { AVFILTER_FLAG_SUPPORT_TIMELINE_GENERIC,  "timeline_generic"  },
    { AVFILTER_FLAG_SUPPORT_TIMELINE_INTERNAL, "timeline_internal" },
    { 0 }
};

static void pads(const char *key, const AVFilter *filter, int is_output)
{
    const AVFilterPad *pads = is_output ? filter->outputs : filter->inputs;
    unsigned count = avfilter_filter_pad_count(filter, is_output);

    start(key, '[');
    for (unsigned i = 0; i < count; i++) {
        start(NULL, '{');
        text("name", avfilter_pad_get_name(pads, i));
        text("type", media_type(avfilter_pad_get_type(pads, i)));
        end('}');
    }
    end(']');
}

static void filter(const AVFilter *filter)
{
    start(NULL, '{');
    text("name", filter->name);
    text("description", filter->description);
    pads("inputs", filter, 0);
    pads("outputs", filter, 1);
    words("flags", filter->flags, filter_flags);
    options(filter->priv_class);
    end('}');
}

static void bitstream_filter(const AVBitStreamFilter *filter)
{
    start(NULL, '{');
    text("name", filter->name);
    if (filter->codec_ids) {
        start("codecs", '[');
        for (const enum AVCodecID *id = filter->codec_ids; *id != AV_CODEC_ID_NONE; id++)
            text(NULL, avcodec_get_name(*id));
        end(']');
    } else {
        nothing("codecs");
    }
    options(filter->priv_class);
    end('}');
}

/* ---- samples and pixels ---- */

static const struct word pixel_format_flags[] = {
    { AV_PIX_FMT_FLAG_BE,        "big_endian" },
    { AV_PIX_FMT_FLAG_PAL,       "palette"    },
    { AV_PIX_FMT_FLAG_BITSTREAM, "bitstream"  },
    { AV_PIX_FMT_FLAG_HWACCEL,   "hwaccel"    },
    { AV_PIX_FMT_FLAG_PLANAR,    "planar"     },
    { AV_PIX_FMT_FLAG_RGB,       "rgb"        },
    { AV_PIX_FMT_FLAG_ALPHA,     "alpha"      },
    { AV_PIX_FMT_FLAG_BAYER,     "bayer"      },
    { AV_PIX_FMT_FLAG_FLOAT,     "float"      },
    { AV_PIX_FMT_FLAG_XYZ,       "xyz"        },
    { 0 }
};

static void pixel_format(const AVPixFmtDescriptor *format)
{
    enum AVPixelFormat id = av_pix_fmt_desc_get_id(format);

    start(NULL, '{');
    text("name", format->name);
    split("aliases", format->alias);
    start("components", '[');
    for (int i = 0; i < format->nb_components; i++) {
        const AVComponentDescriptor *component = &format->comp[i];

        start(NULL, '{');
        integer("plane", component->plane);
        integer("step", component->step);
        integer("offset", component->offset);
        integer("shift", component->shift);
        integer("depth", component->depth);
        end('}');
    }
    end(']');
    integer("bits_per_pixel", av_get_bits_per_pixel(format));
    integer("log2_chroma_w", format->log2_chroma_w);
    integer("log2_chroma_h", format->log2_chroma_h);
    words("flags", format->flags, pixel_format_flags);
    boolean("scale_input", sws_isSupportedInput(id));
    boolean("scale_output", sws_isSupportedOutput(id));
    end('}');
}

static void sample_format(enum AVSampleFormat format)
{
    start(NULL, '{');
    text("name", av_get_sample_fmt_name(format));
    integer("bits", 8 * av_get_bytes_per_sample(format));
    boolean("planar", av_sample_fmt_is_planar(format));
    end('}');
}

static void standard_layout(const AVChannelLayout *layout)
{
    char name[128];

    start(NULL, '{');
    channel_layout("name", layout);
    start("channels", '[');
    for (int i = 0; i < layout->nb_channels; i++) {
        av_channel_name(name, sizeof(name), av_channel_layout_channel_from_index(layout, i));
        text(NULL, name);
    }
    end(']');
    end('}');
}

static void channels(const char *key)
{
    char name[128];

    start(key, '[');
    for (int channel = 0; channel < 63; channel++) {
        av_channel_name(name, sizeof(name), channel);
        if (!strncmp(name, "USR", 3))
            continue;
        start(NULL, '{');
        text("name", name);
        av_channel_description(name, sizeof(name), channel);
        text("description", name);
        end('}');
    }
    end(']');
}

int capabilities_main(int argc, char **argv)
{
    const AVOutputFormat *next_muxer;
    const AVInputFormat *next_demuxer;
    const AVFilter *next_filter;
    const AVBitStreamFilter *next_bsf;
    const AVPixFmtDescriptor *next_format = NULL;
    const AVChannelLayout *next_layout;
    const char *next_protocol;
    void *iteration;

    if (argc > 1) {
        fprintf(stderr, "%s takes no arguments, and was given %s\n", argv[0], argv[1]);
        return 2;
    }
    avdevice_register_all();

    start(NULL, '{');
    integer("format", FORMAT);
    text("ffmpeg", av_version_info());
    text("licence", avutil_license());
    codecs("encoders", av_codec_is_encoder);
    codecs("decoders", av_codec_is_decoder);
    start("muxers", '[');
    for (iteration = NULL; (next_muxer = av_muxer_iterate(&iteration));)
        muxer(next_muxer);
    end(']');
    start("demuxers", '[');
    for (iteration = NULL; (next_demuxer = av_demuxer_iterate(&iteration));)
        demuxer(next_demuxer);
    end(']');
    start("filters", '[');
    for (iteration = NULL; (next_filter = av_filter_iterate(&iteration));)
        filter(next_filter);
    end(']');
    start("bitstream_filters", '[');
    for (iteration = NULL; (next_bsf = av_bsf_iterate(&iteration));)
        bitstream_filter(next_bsf);
    end(']');
    start("protocols", '[');
    for (iteration = NULL; (next_protocol = avio_enum_protocols(&iteration, 0));)
        protocol(next_protocol, 1, is_listed(next_protocol, 1));
    for (iteration = NULL; (next_protocol = avio_enum_protocols(&iteration, 1));)
        if (!is_listed(next_protocol, 0))
            protocol(next_protocol, 0, 1);
    end(']');
    start("pixel_formats", '[');
    while ((next_format = av_pix_fmt_desc_next(next_format)))
        pixel_format(next_format);
    end(']');
    start("sample_formats", '[');
    for (int format = 0; format < AV_SAMPLE_FMT_NB; format++)
        sample_format(format);
    end(']');
    start("channel_layouts", '[');
    for (iteration = NULL; (next_layout = av_channel_layout_standard(&iteration));)
        standard_layout(next_layout);
    end(']');
    channels("channels");
    start("generic", '{');
    generic_options("codec", avcodec_get_class());
    generic_options("format", avformat_get_class());
    generic_options("filter", avfilter_get_class());
    generic_options("scaler", sws_get_class());
    generic_options("resampler", swr_get_class());
    end('}');
    end('}');
    putchar('\n');
    /* A full or closed output is a failure like any other. */
    return fflush(stdout) || ferror(stdout) ? 1 : 0;
}
