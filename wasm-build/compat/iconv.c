/* Character sets for iconv. The libc's iconv writes UTF-8 through wctomb, which refuses all but ASCII in the C locale,
   and then moves its output backwards. So it only decodes to wide characters here, and this file reads and writes
   UTF-8. The libc also has few names and lacks some sets. This file adds the labels of the Encoding standard that GNU
   libiconv opens and the sets of DOS; where the two libraries decode differently, it follows GNU libiconv.
   Linked with --wrap=iconv_open,--wrap=iconv,--wrap=iconv_close. */
#include <errno.h>
#include <iconv.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <wchar.h>

iconv_t __real_iconv_open(const char *to, const char *from);
size_t __real_iconv(iconv_t cd, char **in, size_t *in_left, char **out, size_t *out_left);
int __real_iconv_close(iconv_t cd);

#define NO_ICONV ((iconv_t)-1)
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The results of decoding other than a number of bytes. */
enum { INVALID = -1, INCOMPLETE = -2 };

/* The most bytes of one character or escape sequence in the sets of the libc. */
enum { LONGEST = 4 };

/* Sequences of bytes from `first` to `last`, and the character of the first. */
struct run {
    uint32_t first, last, character;
};

struct composition {
    uint16_t base, mark, composed;
};

/* The high part of a sequence of four bytes among the runs: FOUR and their place in the order of GB 18030. */
#define FOUR 0x10000
/* The places after the last character of the basic plane, and of the first character of the others. */
#define GB18030_END 39420
#define GB18030_PLANES 189000
/* The high part of a character that is a place in Big5. */
#define BIG5 0x200000

#include "iconv_tables.h"

enum method {
    UTF8,
    LIBC,       /* `libc` decodes it, except for the runs */
    SINGLE,     /* ASCII, and `high` */
    SEVEN_BITS, /* pairs of `libc` without their highest bits, and nothing else */
    HZ,
    ISO_2022_KR,
    ISO_2022_CN,
};

struct charset {
    const char *names; /* without anything but letters and digits, separated by spaces */
    enum method method;
    const char *libc;
    /* The least values of the bytes of a pair: the libc reads on where there is no pair. */
    unsigned char least_lead, least_trail;
    const uint16_t *high;
    const struct run *runs;
    size_t run_count;
    const struct composition *compositions;
    size_t composition_count;
};

#define RUNS(table) .runs = table, .run_count = COUNT(table)
#define COMPOSITIONS(table) .compositions = table, .composition_count = COUNT(table)
#define EUC_KR .libc = "euckr", .least_lead = 0xa1, .least_trail = 0xa1, RUNS(euc_kr_runs)
#define GB2312 .libc = "gb2312", .least_lead = 0xa1, .least_trail = 0xa1, RUNS(gb2312_runs)

/* To GNU libiconv, the names of the two national standards mean the sets of 94 x 94 themselves, in seven bits. */
static const struct charset charsets[] = {
    { "utf8", UTF8 },
    { "ansix341968", LIBC, "ascii" },
    { "cp819 csisolatin1 ibm819 isoir100 iso885911987 l1", LIBC, "iso88591" },
    { "csisolatin2 isoir101 iso885921987 l2 latin2", LIBC, "iso88592" },
    { "csisolatin3 isoir109 iso885931988 l3 latin3", LIBC, "iso88593" },
    { "csisolatin4 isoir110 iso885941988 l4 latin4", LIBC, "iso88594" },
    { "csisolatincyrillic cyrillic isoir144 iso885951988", LIBC, "iso88595" },
    { "arabic asmo708 csisolatinarabic ecma114 isoir127 iso885961987", LIBC, "iso88596" },
    { "csisolatingreek ecma118 elot928 greek greek8 isoir126 iso885971987", LIBC, "iso88597" },
    { "csisolatinhebrew hebrew isoir138 iso885981988", LIBC, "iso88598" },
    { "csisolatin5 isoir148 iso885991989 l5 latin5", LIBC, "iso88599" },
    { "csisolatin6 isoir157 l6 latin6", LIBC, "iso885910" },
    { "cskoi8r", LIBC, "koi8r" },
    { "866 csibm866 ibm866", LIBC, "cp866" },
    { "cp1255 windows1255", LIBC, "cp1255", RUNS(cp1255_runs), COMPOSITIONS(hebrew_compositions) },
    { "cp1258 windows1258", LIBC, "cp1258", COMPOSITIONS(vietnamese_compositions) },
    { "csunicode iso10646ucs2", LIBC, "ucs2" },
    { "koi8ru", SINGLE, .high = koi8ru_high },
    { "csmacintosh mac macintosh", SINGLE, .high = macintosh_high },
    { "cp874 windows874", SINGLE, .high = cp874_high },
    { "tis620", SINGLE, .high = tis620_high },
    { "cp737 ibm737", SINGLE, .high = cp737_high },
    { "cp775 ibm775", SINGLE, .high = cp775_high },
    { "cp852 ibm852", SINGLE, .high = cp852_high },
    { "cp855 ibm855", SINGLE, .high = cp855_high },
    { "cp857 ibm857", SINGLE, .high = cp857_high },
    { "cp862 ibm862", SINGLE, .high = cp862_high },
    { "shiftjis sjis csshiftjis mskanji", LIBC, "shiftjis", 0, 0x40, RUNS(shift_jis_runs) },
    { "cp932 ms932 windows31j", LIBC, "shiftjis", 0, 0x40, RUNS(cp932_runs) },
    { "eucjp cseucpkdfmtjapanese", LIBC, "eucjp", RUNS(euc_jp_runs) },
    { "iso2022jp csiso2022jp", LIBC, "iso2022jp" },
    { "gb2312 euccn csgb2312", LIBC, GB2312 },
    { "chinese csiso58gb231280 gb231280 isoir58", SEVEN_BITS, GB2312 },
    { "cp936", LIBC, "gbk" },
    { "gb18030", LIBC, "gb18030", RUNS(gb18030_runs) },
    { "hzgb2312 hz", HZ, GB2312 },
    { "iso2022cn iso2022cnext", ISO_2022_CN, GB2312 },
    { "big5 bigfive cnbig5 csbig5", LIBC, "big5", RUNS(big5_runs) },
    { "cp950", LIBC, "big5" },
    { "big5hkscs", LIBC, "big5", RUNS(big5_hkscs_runs) },
    { "euckr cseuckr", LIBC, EUC_KR },
    { "csksc56011987 isoir149 korean ksc5601 ksc56011987 ksc56011989", SEVEN_BITS, EUC_KR },
    { "iso2022kr csiso2022kr", ISO_2022_KR, EUC_KR },
};

/* The sets that ISO 2022 can switch to. */
enum set { NO_SET, KS_X_1001, GB_2312, CNS_1, CNS_2 };

struct converter {
    /* None for a set that the libc has by the same name, and that needs nothing else. */
    const struct charset *from;
    iconv_t decoder;
    iconv_t big5;
    /* To a set other than UTF-8. */
    iconv_t encoder;
    /* The sets that escape sequences have chosen so far, for HZ and ISO 2022. */
    bool is_shifted;
    enum set g1, g2;
    /* Characters that are decoded, but not written: the last may combine with the next one, or there was no room. */
    wchar_t base;
    wchar_t waiting[4];
    unsigned waiting_count;
};

/* Whether a name equals the text from `word` to `end`, ignoring case and all characters but letters and digits. A suffix
   such as //TRANSLIT has no effect, since Unicode has every character. */
static bool is_name(const char *name, const char *word, const char *end)
{
    for (; *name && strncmp(name, "//", 2); name++) {
        char c = *name | 32;
        bool is_digit = *name >= '0' && *name <= '9';

        if (!is_digit && !(c >= 'a' && c <= 'z'))
            continue;
        if (word == end || *word++ != (is_digit ? *name : c))
            return false;
    }
    return word == end;
}

static const struct charset *find(const char *name)
{
    /* The set of the locale. */
    if (!*name)
        return &charsets[0];
    for (size_t i = 0; i < COUNT(charsets); i++) {
        const char *word = charsets[i].names;

        while (*word) {
            const char *end = word + strcspn(word, " ");

            if (is_name(name, word, end))
                return &charsets[i];
            word = *end ? end + 1 : end;
        }
    }
    return NULL;
}

/* Opens the libc's converter, with the name up to its suffix. */
static iconv_t open_libc(const char *to, const char *from)
{
    char names[2][32];

    for (int i = 0; i < 2; i++) {
        const char *name = i ? from : to;
        const char *suffix = strstr(name, "//");
        size_t length = suffix ? (size_t)(suffix - name) : strlen(name);

        if (length >= sizeof(names[i])) {
            errno = EINVAL;
            return NO_ICONV;
        }
        memcpy(names[i], name, length);
        names[i][length] = 0;
    }
    return __real_iconv_open(names[0], names[1]);
}

int __wrap_iconv_close(iconv_t cd)
{
    struct converter *c = cd;

    if (c->decoder != NO_ICONV)
        __real_iconv_close(c->decoder);
    if (c->big5 != NO_ICONV)
        __real_iconv_close(c->big5);
    if (c->encoder != NO_ICONV)
        __real_iconv_close(c->encoder);
    free(c);
    return 0;
}

iconv_t __wrap_iconv_open(const char *to, const char *from)
{
    const struct charset *source = find(from), *target = find(to);
    struct converter *c = calloc(1, sizeof(*c));
    bool is_open = true;

    if (!c)
        return NO_ICONV;
    c->from = source;
    c->decoder = c->big5 = c->encoder = NO_ICONV;
    if (!source || source->libc) {
        c->decoder = open_libc("wchar_t", source ? source->libc : from);
        is_open = c->decoder != NO_ICONV;
    }
    if (is_open && source && source->method == ISO_2022_CN) {
        c->big5 = open_libc("wchar_t", "big5");
        is_open = c->big5 != NO_ICONV;
    }
    if (is_open && (!target || target->method != UTF8)) {
        bool is_libc = !target || (target->method == LIBC && !target->run_count);

        errno = EINVAL;
        if (is_libc)
            c->encoder = open_libc(target ? target->libc : to, "wchar_t");
        is_open = c->encoder != NO_ICONV;
    }
    if (is_open)
        return c;

    int error = errno;
    __wrap_iconv_close(c);
    errno = error;
    return NO_ICONV;
}

static bool is_character(uint32_t c)
{
    return c < 0xd800 || (c > 0xdfff && c < 0x110000);
}

static int decode_utf8(const unsigned char *in, size_t left, wchar_t *wide)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    uint32_t c = in[0];
    int length = c < 0x80 ? 1 : c >= 0xc2 && c < 0xe0 ? 2 : c >= 0xe0 && c < 0xf0 ? 3 : c >= 0xf0 && c < 0xf5 ? 4 : 0;

    if (!length)
        return INVALID;
    if (length > 1)
        c &= 0x7f >> length;
    for (int i = 1; i < length; i++) {
        if ((size_t)i == left)
            return INCOMPLETE;
        if ((in[i] & 0xc0) != 0x80)
            return INVALID;
        c = c << 6 | (in[i] & 0x3f);
    }
    if (c < least[length] || !is_character(c))
        return INVALID;
    *wide = c;
    return length;
}

/* Decodes one character with the libc; an escape sequence at the end has none. The libc gets no byte more than it needs,
   since it loses bytes after a character that it cannot decode. */
static int decode_libc(iconv_t decoder, const unsigned char *in, size_t left, wchar_t *wide, int *count)
{
    for (size_t length = 1; length <= left && length <= LONGEST; length++) {
        char *from = (char *)in, *to = (char *)wide;
        size_t from_left = length, to_left = sizeof(*wide);
        size_t result = __real_iconv(decoder, &from, &from_left, &to, &to_left);

        *count = to_left ? 0 : 1;
        if (*count && !is_character(*wide))
            return INVALID;
        if (from != (char *)in)
            return (int)(from - (char *)in);
        if (result != (size_t)-1 || errno != EINVAL)
            return INVALID;
    }
    return left < LONGEST ? INCOMPLETE : INVALID;
}

/* The sequences of HKSCS that are two characters: the libc returns them as UTF-8, which it cannot read either. */
static bool decode_two(const unsigned char *in, wchar_t *wide)
{
    static const struct {
        uint16_t sequence, first, second;
    } twos[] = {
        { 0x8862, 0xca, 0x304 },
        { 0x8864, 0xca, 0x30c },
        { 0x88a3, 0xea, 0x304 },
        { 0x88a5, 0xea, 0x30c },
    };

    for (size_t i = 0; i < COUNT(twos); i++)
        if (twos[i].sequence == (in[0] << 8 | in[1])) {
            wide[0] = twos[i].first;
            wide[1] = twos[i].second;
            return true;
        }
    return false;
}

static bool find_run(const struct run *runs, size_t count, uint32_t sequence, uint32_t *character)
{
    for (size_t i = 0; i < count; i++)
        if (sequence >= runs[i].first && sequence <= runs[i].last) {
            *character = runs[i].character + (sequence - runs[i].first);
            return true;
        }
    return false;
}

/* Decodes with the libc, except for the sequences in the runs. */
static int decode_but_for_runs(struct converter *c, const unsigned char *in, size_t left, wchar_t *wide, int *count)
{
    const struct charset *from = c->from;
    uint32_t character;
    bool is_pair = left >= 2 && in[0] >= 0x80;

    *count = 1;
    if (from->run_count && find_run(from->runs, from->run_count, in[0], &character)) {
        *wide = character;
        return 1;
    }
    if (from->run_count && is_pair && find_run(from->runs, from->run_count, in[0] << 8 | in[1], &character)) {
        *wide = character;
        return 2;
    }
    if (is_pair && !strcmp(from->libc, "big5") && decode_two(in, wide)) {
        *count = 2;
        return 2;
    }
    if (from->runs == gb18030_runs && left >= 4 && in[0] >= 0x81 && in[1] >= 0x30 && in[1] <= 0x39 && in[2] >= 0x81 &&
        in[3] >= 0x30 && in[3] <= 0x39) {
        uint32_t place = (((in[0] - 0x81) * 10 + in[1] - 0x30) * 126 + in[2] - 0x81) * 10 + in[3] - 0x30;

        if (find_run(from->runs, from->run_count, FOUR + place, &character)) {
            *wide = character;
            return 4;
        }
        if (place >= GB18030_END) {
            if (place < GB18030_PLANES || place - GB18030_PLANES >= 0x100000)
                return INVALID;
            *wide = 0x10000 + (place - GB18030_PLANES);
            return 4;
        }
    }
    if (in[0] >= 0x80 && in[0] < from->least_lead)
        return INVALID;

    int used = decode_libc(c->decoder, in, left, wide, count);
    return used == 2 && in[0] >= 0x80 && in[1] < from->least_trail ? INVALID : used;
}

/* Decodes a pair of seven bits each of a set of 94 x 94. */
static int decode_pair(struct converter *c, enum set set, const unsigned char *in, size_t left, wchar_t *wide)
{
    unsigned char pair[2];
    uint32_t character;
    iconv_t decoder = c->decoder;
    int count;

    if (in[0] < 0x21 || in[0] > 0x7e || set == NO_SET)
        return INVALID;
    if (left < 2)
        return INCOMPLETE;
    if (in[1] < 0x21 || in[1] > 0x7e)
        return INVALID;
    pair[0] = in[0] | 0x80;
    pair[1] = in[1] | 0x80;
    if (set == CNS_1 || set == CNS_2) {
        const struct run *runs = set == CNS_1 ? cns1_runs : cns2_runs;
        size_t run_count = set == CNS_1 ? COUNT(cns1_runs) : COUNT(cns2_runs);

        if (!find_run(runs, run_count, (in[0] - 0x21) * 94 + in[1] - 0x21, &character))
            return INVALID;
        if (character < BIG5) {
            *wide = character;
            return 2;
        }
        uint32_t place = character - BIG5, column = place % 157;
        pair[0] = 0xa1 + place / 157;
        pair[1] = column < 63 ? 0x40 + column : 0xa1 + column - 63;
        decoder = c->big5;
    } else if (find_run(c->from->runs, c->from->run_count, pair[0] << 8 | pair[1], &character)) {
        *wide = character;
        return 2;
    }
    return decode_libc(decoder, pair, sizeof(pair), wide, &count) == 2 && count == 1 ? 2 : INVALID;
}

static int decode_hz(struct converter *c, const unsigned char *in, size_t left, wchar_t *wide, int *count)
{
    if (in[0] == '~') {
        if (left < 2)
            return INCOMPLETE;
        *count = 0;
        if (in[1] == (c->is_shifted ? '}' : '{')) {
            c->is_shifted = !c->is_shifted;
            return 2;
        }
        if (!c->is_shifted && in[1] == '\n')
            return 2;
        if (!c->is_shifted && in[1] == '~') {
            *wide = '~';
            *count = 1;
            return 2;
        }
        return INVALID;
    }
    if (c->is_shifted)
        return decode_pair(c, GB_2312, in, left, wide);
    *wide = in[0];
    return 1;
}

static int decode_iso_2022(struct converter *c, const unsigned char *in, size_t left, wchar_t *wide, int *count)
{
    static const struct {
        enum method method;
        char escape[4];
        enum set g1, g2;
    } designations[] = {
        { ISO_2022_KR, "\033$)C", KS_X_1001, NO_SET },
        { ISO_2022_CN, "\033$)A", GB_2312, NO_SET },
        { ISO_2022_CN, "\033$)G", CNS_1, NO_SET },
        { ISO_2022_CN, "\033$*H", NO_SET, CNS_2 },
    };
    bool is_chinese = c->from->method == ISO_2022_CN;

    *count = 0;
    if (in[0] == '\016' && c->g1 != NO_SET) {
        c->is_shifted = true;
        return 1;
    }
    if (in[0] == '\017') {
        c->is_shifted = false;
        return 1;
    }
    if (in[0] == '\033') {
        if (left < 4)
            return INCOMPLETE;
        for (size_t i = 0; i < COUNT(designations); i++)
            if (designations[i].method == c->from->method && !memcmp(in, designations[i].escape, 4)) {
                if (designations[i].g1)
                    c->g1 = designations[i].g1;
                if (designations[i].g2)
                    c->g2 = designations[i].g2;
                return 4;
            }
        if (!is_chinese || in[1] != 'N')
            return INVALID;
        *count = 1;
        int used = decode_pair(c, c->g2, in + 2, left - 2, wide);
        return used < 0 ? used : 2 + used;
    }
    *count = 1;
    if (c->is_shifted && in[0] > ' ')
        return decode_pair(c, c->g1, in, left, wide);
    if (in[0] >= 0x80)
        return INVALID;
    if (in[0] == '\n') {
        c->is_shifted = false;
        if (is_chinese)
            c->g1 = c->g2 = NO_SET;
    }
    *wide = in[0];
    return 1;
}

/* Decodes the first sequence into at most two characters, and returns its length in bytes. */
static int decode(struct converter *c, const unsigned char *in, size_t left, wchar_t *wide, int *count)
{
    *count = 1;
    if (!c->from)
        return decode_libc(c->decoder, in, left, wide, count);
    switch (c->from->method) {
    case UTF8:
        return decode_utf8(in, left, wide);
    case LIBC:
        return decode_but_for_runs(c, in, left, wide, count);
    case SINGLE:
        *wide = in[0] < 0x80 ? in[0] : c->from->high[in[0] - 0x80];
        return *wide || !in[0] ? 1 : INVALID;
    case SEVEN_BITS:
        return decode_pair(c, GB_2312, in, left, wide);
    case HZ:
        return decode_hz(c, in, left, wide, count);
    case ISO_2022_KR:
    case ISO_2022_CN:
        return decode_iso_2022(c, in, left, wide, count);
    }
    return INVALID;
}

/* Passes a character on, unless it may combine with the next one. */
static void add(struct converter *c, wchar_t wide)
{
    const struct composition *table = c->from ? c->from->compositions : NULL;
    size_t count = c->from ? c->from->composition_count : 0;

    if (c->base) {
        wchar_t base = c->base;

        c->base = 0;
        for (size_t i = 0; i < count; i++)
            if (table[i].base == base && table[i].mark == wide) {
                add(c, table[i].composed);
                return;
            }
        c->waiting[c->waiting_count++] = base;
    }
    for (size_t i = 0; i < count; i++)
        if (table[i].base == wide) {
            c->base = wide;
            return;
        }
    c->waiting[c->waiting_count++] = wide;
}

static int encode_utf8(wchar_t wide, char *bytes)
{
    static const unsigned char marks[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
    int length = wide < 0x80 ? 1 : wide < 0x800 ? 2 : wide < 0x10000 ? 3 : 4;

    for (int i = length - 1; i > 0; i--) {
        bytes[i] = (char)(0x80 | (wide & 0x3f));
        wide >>= 6;
    }
    bytes[0] = (char)(marks[length] | wide);
    return length;
}

/* Writes the waiting characters. Returns false and sets errno if it cannot. */
static bool write_waiting(struct converter *c, char **out, size_t *out_left)
{
    while (c->waiting_count) {
        wchar_t wide = c->waiting[0];

        if (c->encoder != NO_ICONV) {
            char *from = (char *)&wide;
            size_t from_left = sizeof(wide);

            if (__real_iconv(c->encoder, &from, &from_left, out, out_left) == (size_t)-1 && errno == E2BIG)
                return false;
            if (from_left) {
                errno = EILSEQ;
                return false;
            }
        } else {
            char bytes[4];
            int length = encode_utf8(wide, bytes);

            if (*out_left < (size_t)length) {
                errno = E2BIG;
                return false;
            }
            memcpy(*out, bytes, length);
            *out += length;
            *out_left -= length;
        }
        memmove(c->waiting, c->waiting + 1, --c->waiting_count * sizeof(c->waiting[0]));
    }
    return true;
}

size_t __wrap_iconv(iconv_t cd, char **in, size_t *in_left, char **out, size_t *out_left)
{
    struct converter *c = cd;

    if (!in || !*in) {
        if (c->base)
            c->waiting[c->waiting_count++] = c->base;
        c->base = 0;
        c->is_shifted = false;
        c->g1 = c->g2 = NO_SET;
        if (c->decoder != NO_ICONV)
            __real_iconv(c->decoder, NULL, NULL, NULL, NULL);
        if (!out || !*out) {
            c->waiting_count = 0;
            return 0;
        }
        if (!write_waiting(c, out, out_left))
            return -1;
        return c->encoder == NO_ICONV ? 0 : __real_iconv(c->encoder, NULL, NULL, out, out_left);
    }
    for (;;) {
        wchar_t wide[2];
        int count;

        if (!write_waiting(c, out, out_left))
            return -1;
        if (!*in_left)
            return 0;
        int used = decode(c, (const unsigned char *)*in, *in_left, wide, &count);
        if (used < 0) {
            errno = used == INVALID ? EILSEQ : EINVAL;
            return -1;
        }
        *in += used;
        *in_left -= used;
        for (int i = 0; i < count; i++)
            add(c, wide[i]);
    }
}
