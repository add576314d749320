/*
 * fuzz_replay.c - main() for a fuzz target where there is no fuzzer: every input ever kept, and
 * mutations of them by a fixed seed, in each ordinary test run.
 *
 * A target (tests/fuzz/NAME.c) is built two ways: with this file under gcc and the sanitizers, and
 * with clang's libFuzzer by `make fuzz`.  Its LLVMFuzzerCustomMutator, if it has one (decode, change,
 * sign again), is used by both; LLVMFuzzerMutate below is ours.
 *
 *	build/test/fuzz/NAME			corpus and mutations, as TAP
 *	build/test/fuzz/NAME FILE...		only these inputs
 *	FUZZ_RUNS=100000 FUZZ_SEED=7 build/test/fuzz/NAME
 *
 * An input that kills the target is written to build/ with the command that replays it.
 */
#include <dirent.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define INPUT_BYTES_MAX (256u << 10)
#define INPUTS_MAX 4096
#define RUNS 2000
#define CPU_SECONDS_MAX 3 /* slow targets get fewer mutations; said in the output */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
size_t LLVMFuzzerMutate(uint8_t *data, size_t len, size_t len_max);
extern int LLVMFuzzerInitialize(int *argc, char ***argv) __attribute__((weak));
extern size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t len, size_t len_max, unsigned seed)
	__attribute__((weak));
extern void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

struct input {
	uint8_t *data;
	size_t len;
	char name[80];
};

static struct input inputs[INPUTS_MAX];
static size_t inputs_n;
static const char *target;
static uint64_t random_state;
static uint8_t scratch[INPUT_BYTES_MAX];
static const uint8_t *current; /* what the target is running on */
static size_t current_len;

static uint64_t chance(void)
{
	uint64_t z = random_state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static size_t below(size_t n)
{
	return n == 0 ? 0 : (size_t)(chance() % n);
}

static void keep_killer(void)
{
	char path[160];
	FILE *out;

	if (current == NULL)
		return;
	snprintf(path, sizeof(path), "build/crash-%s-%d", target, (int)getpid());
	out = fopen(path, "wb");
	if (out == NULL)
		return;
	fwrite(current, 1, current_len, out);
	fclose(out);
	fprintf(stderr, "killed by %zu bytes, kept: build/test/fuzz/%s %s\n", current_len, target, path);
	fprintf(stderr, "once fixed, it belongs in tests/fuzz/corpus/%s/\n", target);
	current = NULL;
}

static void on_abort(int number)
{
	keep_killer();
	signal(number, SIG_DFL);
	raise(number);
}

/* Each run gets its own block, so that a read past the end is seen. */
static void run_input(const uint8_t *data, size_t len)
{
	uint8_t *copy = malloc(len == 0 ? 1 : len);

	if (copy == NULL)
		abort();
	if (len > 0)
		memcpy(copy, data, len);
	current = copy;
	current_len = len;
	LLVMFuzzerTestOneInput(copy, len);
	current = NULL;
	free(copy);
}

static int read_input(const char *path, struct input *ret)
{
	FILE *in = fopen(path, "rb");

	if (in == NULL)
		return 0;
	ret->data = malloc(INPUT_BYTES_MAX);
	if (ret->data == NULL)
		abort();
	ret->len = fread(ret->data, 1, INPUT_BYTES_MAX, in);
	fclose(in);
	return 1;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct input *)a)->name, ((const struct input *)b)->name);
}

static void read_corpus(void)
{
	char path[512];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "tests/fuzz/corpus/%s", target);
	dir = opendir(path);
	while (dir != NULL && inputs_n < INPUTS_MAX && (entry = readdir(dir)) != NULL) {
		struct input *input = &inputs[inputs_n];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(input->name, sizeof(input->name), "%.79s", entry->d_name);
		snprintf(path, sizeof(path), "tests/fuzz/corpus/%s/%s", target, entry->d_name);
		inputs_n += (size_t)read_input(path, input);
	}
	if (dir != NULL)
		closedir(dir);
	qsort(inputs, inputs_n, sizeof(inputs[0]), by_name); /* the same order on every machine */
}

/* One small change; returns the new length. */
static size_t mutate_once(uint8_t *data, size_t len, size_t len_max)
{
	static const uint8_t telling[] = { 0x00, 0x01, 0x17, 0x18, 0x1a, 0x1b, 0x1f, 0x3b, 0x40, 0x5f,
					   0x7f, 0x80, 0x9f, 0xbf, 0xf6, 0xf9, 0xff };
	size_t at = below(len), n = 1 + below(8), from;

	switch (below(8)) {
	case 0:
		if (len > 0)
			data[at] ^= (uint8_t)(1u << below(8));
		return len;
	case 1:
		if (len > 0)
			data[at] = telling[below(sizeof(telling))];
		return len;
	case 2:
		if (len > 0)
			data[at] = (uint8_t)(data[at] + (chance() % 2 ? 1 : -1));
		return len;
	case 3: /* leave out */
		if (n > len - at)
			n = len - at;
		memmove(data + at, data + at + n, len - at - n);
		return len - n;
	case 4: /* put in */
		if (n > len_max - len)
			return len;
		memmove(data + at + n, data + at, len - at);
		for (size_t i = 0; i < n; i++)
			data[at + i] = (uint8_t)chance();
		return len + n;
	case 5: /* copy from elsewhere in it */
		from = below(len);
		if (n > len - at)
			n = len - at;
		if (n > len - from)
			n = len - from;
		memmove(data + at, data + from, n);
		return len;
	case 6: /* cut short */
		return below(4) == 0 ? at : len;
	default: /* the same run of bytes, larger or smaller as a big-endian number */
		for (size_t i = at; i < len && i < at + 4; i++)
			data[i] = chance() % 2 ? 0xff : 0x00;
		return len;
	}
}

size_t LLVMFuzzerMutate(uint8_t *data, size_t len, size_t len_max)
{
	for (size_t times = 1 + below(4); times > 0; times--)
		len = mutate_once(data, len, len_max);
	return len;
}

static unsigned long number_from(const char *name, unsigned long missing)
{
	const char *text = getenv(name);

	return text == NULL || *text == '\0' ? missing : strtoul(text, NULL, 10);
}

static unsigned long run_mutations(unsigned long runs, uint64_t seed)
{
	clock_t most = clock() + (clock_t)CPU_SECONDS_MAX * CLOCKS_PER_SEC;
	int bounded = runs == RUNS;
	unsigned long done;

	random_state = seed;
	for (done = 0; done < runs; done++) {
		const struct input *input = &inputs[below(inputs_n)];
		size_t len = input->len;

		if (bounded && done % 16 == 0 && clock() > most)
			break;
		memcpy(scratch, input->data, len);
		if (LLVMFuzzerCustomMutator != NULL && chance() % 2 == 0)
			len = LLVMFuzzerCustomMutator(scratch, len, sizeof(scratch), (unsigned)chance());
		else
			len = LLVMFuzzerMutate(scratch, len, sizeof(scratch));
		run_input(scratch, len);
	}
	return done;
}

static int run_files(int n, char **paths)
{
	for (int i = 0; i < n; i++) {
		struct input input;

		if (!read_input(paths[i], &input)) {
			perror(paths[i]);
			return 1;
		}
		run_input(input.data, input.len);
		free(input.data);
		printf("# %s: passed\n", paths[i]);
	}
	return 0;
}

int main(int argc, char **argv)
{
	unsigned long runs = number_from("FUZZ_RUNS", RUNS), seed = number_from("FUZZ_SEED", 1);
	const char *slash = strrchr(argv[0], '/');

	target = slash == NULL ? argv[0] : slash + 1;
	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGABRT, on_abort);
	if (__sanitizer_set_death_callback != NULL)
		__sanitizer_set_death_callback(keep_killer);
	if (LLVMFuzzerInitialize != NULL)
		LLVMFuzzerInitialize(&argc, &argv);
	if (argc > 1)
		return run_files(argc - 1, argv + 1);
	read_corpus();
	if (inputs_n == 0) {
		printf("# put at least one valid input into tests/fuzz/corpus/%s/\n", target);
		printf("not ok 1 - the target has a corpus\n1..1\n");
		return 1;
	}
	for (size_t i = 0; i < inputs_n; i++)
		run_input(inputs[i].data, inputs[i].len);
	printf("ok 1 - %zu kept inputs\n", inputs_n);
	runs = run_mutations(runs, seed);
	printf("ok 2 - %lu mutations of them, seed %lu\n1..2\n", runs, seed);
	for (size_t i = 0; i < inputs_n; i++)
		free(inputs[i].data);
	return 0;
}
