/* Vectorscan on the literals and expressions of the rules, as a process of its
 * own that prints figures; `cargo xtask bench` compiles and starts it.
 *
 *   scan literals|expressions PATTERNS ROUNDS TEXT...
 *
 * PATTERNS holds one pattern a line, literals in hexadecimal. A line is printed for the database and
 * one for each text, fields separated by tabs:
 *
 *   patterns  taken  given
 *   text      path   bytes  matches  nanoseconds
 *
 * Time is that of this thread on the processor, the best of all rounds; a
 * round whose count differs from the first one's ends the program. */
#define _GNU_SOURCE
#include <hs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LONGEST = 1 << 16 };

static void fail(const char *what) {
    fprintf(stderr, "vectorscan: %s\n", what);
    exit(1);
}

static void *checked(void *memory) {
    if (!memory) fail("out of memory");
    return memory;
}

/* Turns pairs of hexadecimal digits into bytes, in place; their number. */
static size_t decode(char *line) {
    size_t length = 0;
    unsigned byte;
    for (const char *at = line; sscanf(at, "%2x", &byte) == 1; at += 2) line[length++] = (char)byte;
    line[length] = 0;
    return length;
}

/* All patterns, parallel arrays. */
struct patterns {
    char **texts;
    size_t *lengths;
    unsigned *flags, *ids;
    unsigned count, given;
};

static int compiles(const char *expression, unsigned flags) {
    hs_database_t *database = NULL;
    hs_compile_error_t *error = NULL;
    int good = hs_compile(expression, flags, HS_MODE_BLOCK, NULL, &database, &error) == HS_SUCCESS;
    if (error) hs_free_compile_error(error);
    hs_free_database(database);
    return good;
}

static struct patterns read_patterns(const char *path, int literal) {
    struct patterns all = {0};
    char *line = checked(malloc(LONGEST));
    FILE *file = fopen(path, "r");
    if (!file) fail("the patterns cannot be read");
    unsigned room = 0;
    while (fgets(line, LONGEST, file)) {
        line[strcspn(line, "\n")] = 0;
        unsigned flags = literal ? HS_FLAG_CASELESS : 0;
        all.given++;
        if (!*line || (!literal && !compiles(line, flags))) continue;
        if (all.count == room) {
            room = room ? 2 * room : 1024;
            all.texts = checked(realloc(all.texts, room * sizeof *all.texts));
            all.lengths = checked(realloc(all.lengths, room * sizeof *all.lengths));
            all.flags = checked(realloc(all.flags, room * sizeof *all.flags));
            all.ids = checked(realloc(all.ids, room * sizeof *all.ids));
        }
        size_t length = literal ? decode(line) : strlen(line);
        all.texts[all.count] = memcpy(checked(malloc(length + 1)), line, length + 1);
        all.lengths[all.count] = length;
        all.flags[all.count] = flags;
        all.ids[all.count] = all.count;
        all.count++;
    }
    fclose(file);
    free(line);
    return all;
}

static hs_database_t *compile(const struct patterns *all, int literal) {
    hs_database_t *database = NULL;
    hs_compile_error_t *error = NULL;
    const char *const *texts = (const char *const *)all->texts;
    hs_error_t result =
        literal ? hs_compile_lit_multi(texts, all->flags, all->ids, all->lengths, all->count,
                                       HS_MODE_BLOCK, NULL, &database, &error)
                : hs_compile_multi(texts, all->flags, all->ids, all->count, HS_MODE_BLOCK, NULL,
                                   &database, &error);
    if (result != HS_SUCCESS) fail(error ? error->message : "no database");
    return database;
}

static int count_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
                       void *context) {
    (void)id, (void)from, (void)to, (void)flags;
    ++*(unsigned long long *)context;
    return 0;
}

static unsigned long long nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (unsigned long long)now.tv_sec * 1000000000ull + (unsigned long long)now.tv_nsec;
}

static char *read_text(const char *path, size_t *length) {
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END)) fail("a text cannot be read");
    long size = ftell(file);
    if (size < 0 || size > 0x7fffffffL) fail("a text is too large");
    rewind(file);
    char *text = checked(malloc((size_t)size + 1));
    *length = fread(text, 1, (size_t)size, file);
    fclose(file);
    if (*length != (size_t)size) fail("a text cannot be read");
    return text;
}

static void measure(hs_database_t *database, hs_scratch_t *scratch, const char *path, int rounds) {
    size_t length;
    char *text = read_text(path, &length);
    unsigned long long first = 0, best = ~0ull;
    for (int round = 0; round < rounds; round++) {
        unsigned long long matches = 0, start = nanoseconds();
        if (hs_scan(database, text, (unsigned)length, 0, scratch, count_match, &matches) !=
            HS_SUCCESS)
            fail("a scan broke off");
        unsigned long long took = nanoseconds() - start;
        if (round == 0) first = matches;
        if (matches != first) fail("two rounds counted differently");
        if (took < best) best = took;
    }
    printf("text\t%s\t%zu\t%llu\t%llu\n", path, length, first, best);
    fflush(stdout);
    free(text);
}

int main(int count, char **arguments) {
    if (count < 4) fail("usage: scan literals|expressions PATTERNS ROUNDS TEXT...");
    int literal = strcmp(arguments[1], "literals") == 0;
    struct patterns all = read_patterns(arguments[2], literal);
    hs_database_t *database = compile(&all, literal);
    hs_scratch_t *scratch = NULL;
    if (hs_alloc_scratch(database, &scratch) != HS_SUCCESS) fail("no scratch");
    printf("patterns\t%u\t%u\n", all.count, all.given);
    for (int i = 4; i < count; i++) measure(database, scratch, arguments[i], atoi(arguments[3]));
    return 0;
}
