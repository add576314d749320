/* worksheet.c - draws the worksheet: words by Zipf's law, dates, small numbers, rupiah amounts. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "worksheet.h"

#define WORDS 1200u
#define HOT_ROWS                                                                                   \
	4000u /* every fifth row gets 59 % of the edits: so 10,000 reach about 6,700 rows */
#define DAY_MS	  UINT64_C(86400000)
#define FIRST_DAY UINT64_C(20606) /* 2026-06-02, a Tuesday, in days since 1970 */

const char worksheet_sql[] =
	"CREATE TABLE worksheet(id TEXT NOT NULL PRIMARY KEY, scope TEXT NOT NULL, pillar TEXT, "
	"program TEXT, activity TEXT, indicator TEXT, unit TEXT, volume INTEGER, budget INTEGER, "
	"due TEXT, status TEXT, note TEXT)";

const char *const worksheet_column[WORKSHEET_COLUMNS] = {
	"id",	"scope",  "pillar", "program", "activity", "indicator",
	"unit", "volume", "budget", "due",     "status",   "note",
};

enum { ID, SCOPE, PILLAR, PROGRAM, ACTIVITY, INDICATOR, UNIT, VOLUME, BUDGET, DUE, STATUS, NOTE };

struct worksheet {
	struct arena arena;
	uint64_t state;
	char *word[WORDS + 1];
	uint32_t weight[WORDS]; /* cumulative */
	struct value (*row)[WORKSHEET_COLUMNS];
	uint64_t *row_ms;
	struct worksheet_update *update;
};

static const char *const known[] = {
	"pembangunan", "dan",	       "jalan",		"peningkatan",	"air",
	"desa",	       "masyarakat",   "untuk",		"pengelolaan",	"sistem",
	"layanan",     "kota",	       "sampah",	"rumah",	"sekolah",
	"di",	       "pelatihan",    "dengan",	"data",		"kegiatan",
	"penyediaan",  "kecamatan",    "wisata",	"informasi",	"lampu",
	"gedung",      "pasar",	       "dari",		"rehabilitasi", "kelurahan",
	"usaha",       "kesehatan",    "pendidikan",	"jembatan",	"lingkungan",
	"aplikasi",    "yang",	       "umum",		"drainase",	"pemeliharaan",
	"taman",       "pengadaan",    "warga",		"kawasan",	"digital",
	"jumlah",      "alat",	       "pertanian",	"persentase",	"tenaga",
	"kerja",       "bersih",       "belum",		"terpadu",	"puskesmas",
	"penataan",    "ruang",	       "sarana",	"banjir",	"irigasi",
	"anak",	       "perempuan",    "balai",		"petani",	"pemuda",
	"kader",       "trotoar",      "lokasi",	"tersedia",	"hijau",
	"terbuka",     "sungai",       "publik",	"rapat",	"menunggu",
	"dokumen",     "persetujuan",  "anggaran",	"hasil",	"survei",
	"perbaikan",   "saluran",      "bantuan",	"produk",	"lokal",
	"festival",    "budaya",       "pelaku",	"kreatif",	"koperasi",
	"modal",       "jaringan",     "internet",	"perangkat",	"server",
	"kamera",      "pemantauan",   "lalu",		"lintas",	"parkir",
	"terminal",    "angkutan",     "halte",		"pejalan",	"kaki",
	"sepeda",      "jalur",	       "rambu",		"keselamatan",	"bencana",
	"mitigasi",    "evakuasi",     "peta",		"rawan",	"longsor",
	"gempa",       "relawan",      "siaga",		"tanggap",	"darurat",
	"logistik",    "gudang",       "pangan",	"gizi",		"balita",
	"ibu",	       "hamil",	       "posyandu",	"imunisasi",	"stunting",
	"sanitasi",    "jamban",       "limbah",	"cair",		"instalasi",
	"pengolahan",  "bank",	       "kompos",	"daur",		"ulang",
	"pemilahan",   "truk",	       "kontainer",	"tempat",	"akhir",
	"pembuangan",  "penghijauan",  "bibit",		"pohon",	"hutan",
	"mangrove",    "pesisir",      "nelayan",	"perahu",	"tambak",
	"ikan",	       "kolam",	       "benih",		"padi",		"jagung",
	"kedelai",     "cabai",	       "bawang",	"kopi",		"kakao",
	"kelapa",      "sawit",	       "karet",		"ternak",	"sapi",
	"kambing",     "ayam",	       "pakan",		"vaksin",	"hewan",
	"klinik",      "pelayanan",    "perizinan",	"terintegrasi", "antrean",
	"pengaduan",   "tindak",       "lanjut",	"indeks",	"kepuasan",
	"reformasi",   "birokrasi",    "akuntabilitas", "kinerja",	"aparatur",
	"pegawai",     "kompetensi",   "sertifikasi",	"arsip",	"elektronik",
	"tanda",       "tangan",       "surat",		"naskah",	"dinas",
	"kantor",      "renovasi",     "atap",		"pagar",	"perpustakaan",
	"buku",	       "literasi",     "guru",		"siswa",	"kelas",
	"meja",	       "kursi",	       "laboratorium",	"komputer",	"beasiswa",
	"miskin",      "disabilitas",  "lansia",	"sosial",	"jaminan",
	"verifikasi",  "validasi",     "penerima",	"tepat",	"sasaran",
	"musrenbang",  "usulan",       "prioritas",	"kelompok",	"wanita",
	"tani",	       "karang",       "taruna",	"olahraga",	"lapangan",
	"futsal",      "gelanggang",   "remaja",	"panggung",	"seni",
	"museum",      "cagar",	       "situs",		"sejarah",	"homestay",
	"pemandu",     "promosi",      "video",		"media",	"konten",
	"branding",    "logo",	       "merek",		"pameran",	"dagang",
	"ekspor",      "kemasan",      "halal",		"izin",		"edar",
	"kuliner",     "kerajinan",    "batik",		"tenun",	"anyaman",
	"bambu",       "kayu",	       "ukir",		"industri",	"rumahan",
	"wirausaha",   "pendampingan", "inkubator",	"pembiayaan",
};

#define KNOWN (sizeof(known) / sizeof(known[0]))

/* splitmix64 */
static uint64_t next(struct worksheet *w)
{
	uint64_t z = w->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static uint32_t below(struct worksheet *w, uint32_t n)
{
	return (uint32_t)((next(w) >> 32) * n >> 32);
}

/* A name as places and people have them: two to four syllables. */
static char *make_name(struct worksheet *w)
{
	static const char *const syllable[] = {
		"ba",	"ra",  "si",  "tu",  "wang", "lun",  "pa",  "dang", "ma",  "ning", "kur",
		"ti",	"sa",  "do",  "lem", "bak",  "re",   "jo",  "gun",  "cu",  "ka",   "le",
		"bong", "har", "su",  "man", "di",   "yog",  "ten", "ga",   "pu",  "lau",  "ne",
		"mor",	"wi",  "jen", "to",  "bin",  "ang",  "es",  "ur",   "ok",  "fi",   "nur",
		"zul",	"he",  "ri",  "ya",  "qo",   "mang", "keb", "on",   "sri",
	};
	char text[32] = "";
	uint32_t n = 2 + below(w, 3);

	for (uint32_t i = 0; i < n; i++)
		strcat(text, syllable[below(w, sizeof(syllable) / sizeof(syllable[0]))]);
	if (below(w, 2) == 0)
		text[0] = (char)(text[0] - 'a' + 'A');
	return arena_text(&w->arena, text);
}

/* Rank r has weight 1 / (r + 3); every third word is a name, and all are once `known` is used up.
 */
static void make_words(struct worksheet *w)
{
	uint32_t used = 0, sum = 0;

	for (uint32_t i = 0; i < WORDS; i++) {
		if (i % 3 != 2 && used < KNOWN)
			w->word[i] = arena_text(&w->arena, known[used++]);
		else
			w->word[i] = make_name(w);
		sum += 100000000u / (i + 3);
		w->weight[i] = sum;
	}
}

static const char *draw_word(struct worksheet *w)
{
	uint32_t x = below(w, w->weight[WORDS - 1]), lo = 0, hi = WORDS - 1;

	while (lo < hi) {
		uint32_t middle = (lo + hi) / 2;

		if (w->weight[middle] <= x)
			lo = middle + 1;
		else
			hi = middle;
	}
	return w->word[lo];
}

static struct value text_value(struct worksheet *w, const char *text)
{
	const char *copy = arena_text(&w->arena, text);

	return (struct value){ VALUE_TEXT,
			       (uint32_t)strlen(copy),
			       { .bytes = (const uint8_t *)copy } };
}

static struct value sentence(struct worksheet *w, uint32_t least, uint32_t most)
{
	char text[512];
	uint32_t n = least + below(w, most - least + 1);
	size_t len = 0;

	for (uint32_t i = 0; i < n; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, i == 0 ? "%s" : " %s",
					draw_word(w));
	if (below(w, 5) == 0)
		snprintf(text + len, sizeof(text) - len, " %u", 1 + below(w, 250));
	if (text[0] >= 'a' && text[0] <= 'z')
		text[0] = (char)(text[0] - 'a' + 'A');
	return text_value(w, text);
}

static struct value choice(struct worksheet *w, const char *const *texts, uint32_t n)
{
	return text_value(w, texts[below(w, n)]);
}

static struct value draw_number(struct worksheet *w, int column)
{
	static const uint32_t step[] = { 50000, 250000, 1000000, 2500000 };
	int64_t n = 1 + below(w, column == VOLUME ? 1 + below(w, 400) : 2000);

	if (column == BUDGET)
		n *= step[below(w, 4)];
	return (struct value){ VALUE_INT, 0, { .integer = n } };
}

static struct value draw_date(struct worksheet *w)
{
	char text[48];

	snprintf(text, sizeof(text), "202%u-%02u-%02u", 6 + below(w, 2), 1 + below(w, 12),
		 1 + below(w, 28));
	return text_value(w, text);
}

static struct value draw_value(struct worksheet *w, int column)
{
	static const char *const pillars[] = { "Smart Governance", "Smart Branding",
					       "Smart Economy",	   "Smart Living",
					       "Smart Society",	   "Smart Environment" };
	static const char *const units[] = { "orang", "unit", "paket",	"dokumen", "kegiatan",
					     "km",    "m2",   "persen", "lokasi",  "rumah tangga" };
	static const char *const states[] = { "draf",	  "diajukan", "dikembalikan", "disetujui",
					      "berjalan", "selesai",  "tertunda" };

	switch (column) {
	case SCOPE:
		return text_value(w, "13.73");
	case PILLAR:
		return choice(w, pillars, 6);
	case PROGRAM:
		return sentence(w, 2, 5);
	case ACTIVITY:
		return sentence(w, 3, 8);
	case INDICATOR:
		return sentence(w, 2, 6);
	case UNIT:
		return choice(w, units, 10);
	case DUE:
		return draw_date(w);
	case STATUS:
		return choice(w, states, 7);
	case NOTE:
		return sentence(w, 3, 10);
	default:
		return draw_number(w, column);
	}
}

/* UUIDv7 (RFC 9562): 48 bits of milliseconds, version, 12 random bits, variant, 62 random bits. */
static struct value draw_key(struct worksheet *w, uint64_t ms)
{
	uint64_t a = next(w), b = next(w);
	char text[48];

	snprintf(text, sizeof(text), "%08x-%04x-7%03x-%04x-%012llx", (unsigned)(ms >> 16),
		 (unsigned)(ms & 0xffff), (unsigned)(a & 0xfff),
		 (unsigned)(0x8000 | (a >> 12 & 0x3fff)), (unsigned long long)(b >> 16));
	return text_value(w, text);
}

static void draw_rows(struct worksheet *w)
{
	uint64_t ms = (FIRST_DAY - 90) * DAY_MS;

	for (uint32_t i = 0; i < WORKSHEET_ROWS; i++) {
		ms += 1 + below(w, 700000); /* 90 days by 20,000 rows: 389 s on average */
		w->row_ms[i] = ms;
		w->row[i][ID] = draw_key(w, ms);
		for (int c = SCOPE; c <= NOTE; c++)
			w->row[i][c] = draw_value(w, c);
	}
}

static void draw_update(struct worksheet *w, struct worksheet_update *u)
{
	uint32_t mask = 0;

	u->columns = (uint8_t)(2 + below(w, 2));
	for (uint32_t n = 0; n < u->columns;) {
		uint32_t column = PILLAR + below(w, WORKSHEET_COLUMNS - PILLAR);

		n += (mask >> column & 1) == 0;
		mask |= 1u << column;
	}
	for (uint32_t column = 0, n = 0; column < WORKSHEET_COLUMNS; column++) {
		if ((mask >> column & 1) == 0)
			continue;
		u->column[n] = (uint8_t)column;
		u->value[n++] = draw_value(w, (int)column);
	}
}

/* Three days from 8 to 16 o'clock in western Indonesia (01 to 09 UTC), one edit each 8.6 s. */
static void draw_updates(struct worksheet *w)
{
	uint32_t per_day = WORKSHEET_UPDATES / 3 + 1;
	uint64_t ms = 0;

	for (uint32_t i = 0; i < WORKSHEET_UPDATES; i++) {
		struct worksheet_update *u = &w->update[i];

		if (i % per_day == 0)
			ms = (FIRST_DAY + i / per_day) * DAY_MS + 3600000;
		ms += 1 + below(w, 2 * 8 * 3600000 / per_day);
		u->ms = ms;
		u->row = below(w, 100) < 59 ? 5 * below(w, HOT_ROWS) : below(w, WORKSHEET_ROWS);
		draw_update(w, u);
	}
}

struct worksheet *worksheet_new(uint64_t seed)
{
	struct worksheet *w = memory_new(sizeof(*w));

	arena_init(&w->arena);
	w->state = seed;
	w->row = memory_new(WORKSHEET_ROWS * sizeof(*w->row));
	w->row_ms = memory_new(WORKSHEET_ROWS * sizeof(*w->row_ms));
	w->update = memory_new(WORKSHEET_UPDATES * sizeof(*w->update));
	make_words(w);
	draw_rows(w);
	draw_updates(w);
	return w;
}

void worksheet_free(struct worksheet *w)
{
	arena_done(&w->arena);
	memory_free(&w->row);
	memory_free(&w->row_ms);
	memory_free(&w->update);
	memory_free(&w);
}

const struct value *worksheet_row(const struct worksheet *w, uint32_t row)
{
	return w->row[row];
}

uint64_t worksheet_row_ms(const struct worksheet *w, uint32_t row)
{
	return w->row_ms[row];
}

const struct worksheet_update *worksheet_update(const struct worksheet *w, uint32_t i)
{
	return &w->update[i];
}

const char *worksheet_word(const struct worksheet *w, uint32_t rank)
{
	return w->word[rank];
}
