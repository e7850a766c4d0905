/* Converts lines from character sets to UTF-8: iconv FILE LABEL...
   A line of the file is the input in hexadecimal digits. For each label and line, one line is written: the digits of the
   result, or "-" for invalid input. For a label that cannot be opened, the only line is "refused". */
#include <iconv.h>
#include <stdio.h>
#include <string.h>

enum { LONGEST = 1024 };

static int digit(int c)
{
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

static void convert(iconv_t cd, const char *line)
{
    char from[LONGEST], to[4 * LONGEST], *in = from, *out = to;
    size_t in_left = strspn(line, "0123456789abcdef") / 2, out_left = sizeof(to);

    for (size_t i = 0; i < in_left; i++)
        from[i] = (char)(digit(line[2 * i]) << 4 | digit(line[2 * i + 1]));
    if (iconv(cd, &in, &in_left, &out, &out_left) == (size_t)-1 || in_left ||
        iconv(cd, NULL, NULL, &out, &out_left) == (size_t)-1) {
        puts("-");
        return;
    }
    for (char *byte = to; byte < out; byte++)
        printf("%02x", (unsigned char)*byte);
    puts("");
}

int main(int argc, char **argv)
{
    static char line[2 * LONGEST + 2];
    FILE *file = argc > 1 ? fopen(argv[1], "r") : NULL;

    if (!file) {
        perror("cannot open the file");
        return 1;
    }
    for (int i = 2; i < argc; i++) {
        iconv_t cd = iconv_open("UTF-8", argv[i]);

        if (cd == (iconv_t)-1) {
            puts("refused");
            continue;
        }
        rewind(file);
        /* Each line has its own converter, so that its escape sequences end with it. */
        while (fgets(line, sizeof(line), file)) {
            convert(cd, line);
            iconv_close(cd);
            cd = iconv_open("UTF-8", argv[i]);
        }
        iconv_close(cd);
    }
    return fclose(file);
}
