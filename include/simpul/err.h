/*
 * err.h - the one error type, and the one table of what can go wrong.
 *
 * A function that can fail returns bool (true = done) and takes `struct err *e` last.  On failure *e
 * says what happened; every other output is untouched.  The code carries, by the table below,
 * whether a retry can help, the HTTP status, the exit status and the advice for a person in
 * Indonesian and English, so back-off, hub answers, exit codes and screens cannot disagree.
 *
 *	if (!outbox_put(db, &sealed, e))
 *		return err_wrap(e, "changeset %s", name);
 *
 * Memory: the caller owns struct err, usually on the stack; nothing to free.  Threads: no shared state.
 */
#ifndef SIMPUL_ERR_H
#define SIMPUL_ERR_H

#include <stdbool.h>
#include <stdint.h>

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))

/*
 * X(code, problem type, retry, HTTP status, exit status, advice Indonesian, advice English)
 *
 * The problem type is the last path segment of the RFC 9457 `type` URI and never changes once
 * released.  Exit status: 1 our fault, 2 usage, 3 malformed input, 4 forged or altered, 5 not
 * allowed, 6 not enrolled, 7 no connection, 8 in use, 9 storage, 10 not complete yet, 11 refused
 * because it cannot be replicated, 12 the file and its log differ.
 */
#define ERR_TABLE(X)                                                                                \
	X(ERR_OK, "ok", 0, 200, 0, "", "")                                                          \
	X(ERR_INTERNAL, "internal", 0, 500, 1,                                                      \
	  "Ini kesalahan Simpul; laporkan beserta pesan ini.",                                      \
	  "This is a fault in Simpul; report it with this message.")                                \
	X(ERR_USAGE, "usage", 0, 400, 2, "Periksa perintahnya: simpul --help.",                     \
	  "Check the command: simpul --help.")                                                      \
	X(ERR_MALFORMED, "malformed", 0, 400, 3,                                                    \
	  "Berkas atau pesan rusak; minta pengirim mengirim ulang.",                                \
	  "The file or message is damaged; ask the sender to send it again.")                       \
	X(ERR_TOO_LARGE, "too-large", 0, 413, 3,                                                    \
	  "Melebihi batas; kirim dalam bagian yang lebih kecil.",                                   \
	  "Over a limit; send it in smaller parts.")                                                \
	X(ERR_UNSUPPORTED, "unsupported", 0, 400, 3,                                                \
	  "Dibuat oleh versi yang lebih baru; mutakhirkan Simpul di sini.",                         \
	  "Made by a newer version; upgrade Simpul here.")                                          \
	X(ERR_SIGNATURE, "signature", 0, 403, 4,                                                    \
	  "Segel perangkat tidak cocok; jangan dipakai, beri tahu pengirim.",                       \
	  "The signature does not match; do not use it, tell the sender.")                          \
	X(ERR_HASH, "hash-mismatch", 0, 400, 4,                                                     \
	  "Isi berubah di perjalanan; ambil salinan lain.",                                         \
	  "The content was altered on the way; get another copy.")                                  \
	X(ERR_PROOF, "proof", 0, 409, 4,                                                            \
	  "Bukti tidak cocok dengan log pusat; simpan berkasnya dan hubungi auditor.",              \
	  "The proof does not fit the hub's log; keep the file and call an auditor.")               \
	X(ERR_CHAIN, "chain", 0, 409, 4,                                                            \
	  "Urutan rantai tidak cocok; pengelola pusat perlu memeriksa perangkat pengirim.",         \
	  "The chain does not link; the hub operator must look at the sending device.")             \
	X(ERR_FORK, "fork", 0, 409, 4,                                                              \
	  "Dua isi berbeda dengan nomor yang sama: perangkat disalin atau dipulihkan. "             \
	  "Daftarkan ulang perangkat itu.",                                                         \
	  "Two contents with one number: the device was cloned or restored. Enrol it again.")       \
	X(ERR_WEAK_KEY, "weak-key", 0, 403, 4, "Kunci ditolak; buat kunci baru dan daftar ulang.",  \
	  "The key is refused; make a new one and enrol again.")                                    \
	X(ERR_PIN, "hub-identity", 0, 421, 4,                                                       \
	  "Yang menjawab bukan pusat yang dikenal (mungkin halaman login Wi-Fi). "                  \
	  "Data tidak dikirim; periksa sambungan.",                                                 \
	  "Who answers is not the known hub (a Wi-Fi login page perhaps). "                         \
	  "Nothing was sent; check the connection.")                                                \
	X(ERR_FORBIDDEN, "forbidden", 0, 403, 5,                                                    \
	  "Perangkat ini tidak berhak; minta undangan dari pengelola pusat.",                       \
	  "This device has no right to that; ask the hub operator for an invitation.")              \
	X(ERR_REVOKED, "revoked", 0, 403, 5,                                                        \
	  "Hak perangkat ini dicabut; hubungi pengelola pusat.",                                    \
	  "This device was revoked; contact the hub operator.")                                     \
	X(ERR_INVITATION, "invitation", 0, 403, 5,                                                  \
	  "Undangan tidak berlaku, sudah dipakai atau kedaluwarsa; minta yang baru.",               \
	  "The invitation is unknown, used or expired; ask for a new one.")                         \
	X(ERR_PENDING, "pending", 1, 409, 6,                                                        \
	  "Menunggu persetujuan pusat; bacakan enam kata perangkat ini kepada pengelola pusat.",    \
	  "Waits for the hub's approval; read this device's six words to the hub operator.")        \
	X(ERR_NOT_ENROLLED, "not-enrolled", 0, 409, 6,                                              \
	  "Belum terdaftar; jalankan simpul enrol BERKAS UNDANGAN.",                                \
	  "Not enrolled yet; run simpul enrol FILE INVITATION.")                                    \
	X(ERR_NETWORK, "network", 1, 502, 7,                                                        \
	  "Tidak tersambung; pekerjaan aman. simpul run mencoba lagi sendiri; atau sync nanti.",    \
	  "No connection; the work is safe. simpul run tries again by itself; or sync later.")     \
	X(ERR_OVERLOADED, "overloaded", 1, 503, 7,                                                  \
	  "Pusat sedang sibuk. simpul run mencoba lagi sendiri; atau sync nanti.",                  \
	  "The hub is busy. simpul run tries again by itself; or sync later.")                     \
	X(ERR_NOT_FOUND, "not-found", 0, 404, 3, "Tidak ada; periksa namanya.",                     \
	  "There is no such thing; check the name.")                                                \
	X(ERR_METHOD, "method", 0, 405, 3, "Cara permintaan salah; mutakhirkan program pengirim.",  \
	  "Wrong request method; upgrade the sending program.")                                     \
	X(ERR_BUSY, "busy", 1, 503, 8,                                                              \
	  "Berkas sedang dipakai program lain; tutup program itu atau tunggu.",                     \
	  "Another program is using the file; close it or wait.")                                   \
	X(ERR_RUNNING, "running", 0, 409, 8,                                                        \
	  "Simpul sudah berjalan pada berkas ini; pakai yang itu atau hentikan dahulu.",            \
	  "Simpul already runs on this file; use that one or stop it first.")                       \
	X(ERR_PORT, "port", 0, 500, 8, "Pilih alamat lain dengan --listen, atau hentikan "          \
	  "program yang memakainya.",                                                               \
	  "Choose another address with --listen, or stop the program that uses it.")                \
	X(ERR_DISK_FULL, "disk-full", 1, 507, 9, "Kosongkan ruang disk; tidak ada yang hilang.",    \
	  "Free some disk space; nothing is lost.")                                                 \
	X(ERR_READ_ONLY, "read-only", 0, 500, 9,                                                    \
	  "Beri hak tulis pada berkas dan direktorinya.",                                           \
	  "Give write permission to the file and its directory.")                                   \
	X(ERR_FILE_GONE, "file-gone", 0, 500, 9,                                                    \
	  "Berkas dihapus, dipindah atau diganti; kembalikan, lalu jalankan lagi.",                 \
	  "The file was deleted, moved or replaced; put it back, then start again.")                \
	X(ERR_STORAGE, "storage", 1, 500, 9, "Disk bermasalah; periksa disk lalu jalankan lagi.",   \
	  "The disk has a fault; check it, then start again.")                                      \
	X(ERR_CORRUPT, "corrupt", 0, 500, 9,                                                        \
	  "Basis data rusak; pulihkan cadangan, lalu simpul sync melengkapinya.",                   \
	  "The database is damaged; restore a backup, then simpul sync completes it.")              \
	X(ERR_DIFFERENT, "different", 0, 500, 12,                                                   \
	  "Berkas tidak sama dengan lognya; lihat daftarnya dan tindakannya.",                      \
	  "The file and its log do not agree; see the list, and what to do about each.")            \
	X(ERR_NOT_SIMPUL, "not-a-node", 0, 500, 3,                                                  \
	  "Berkas ini bukan simpul; jalankan simpul init BERKAS.",                                  \
	  "This file is not a node; run simpul init FILE.")                                         \
	X(ERR_EXISTS, "exists", 0, 409, 8, "Sudah ada; pakai nama lain.",                           \
	  "It exists already; use another name.")                                                   \
	X(ERR_PERMISSIONS, "key-permissions", 0, 500, 5,                                            \
	  "Kunci terbaca orang lain; jalankan chmod 700 pada direktori dan 600 pada kuncinya.",     \
	  "The key can be read by others; chmod 700 its directory and 600 the key.")                \
	X(ERR_CLOCK, "clock", 0, 400, 3, "Jam perangkat salah; betulkan tanggal dan jam.",          \
	  "The clock of this device is wrong; set date and time.")                                  \
	X(ERR_HELD, "held", 1, 202, 10,                                                             \
	  "Disimpan, menunggu bagian sebelumnya; datang sendiri lewat sinkronisasi.",               \
	  "Kept, waiting for an earlier part; it comes by itself with a sync.")                     \
	X(ERR_INCOMPLETE, "incomplete", 1, 202, 10,                                                 \
	  "Belum semuanya selesai; lihat pesan ini, atau simpul status BERKAS, apa yang kurang.",   \
	  "Not all of it is done; see this message, or simpul status FILE, for what is missing.")   \
	X(ERR_QUARANTINE, "quarantined", 0, 202, 10,                                                \
	  "Diterima tetapi tidak digabungkan; pengelola perlu memeriksa.",                          \
	  "Received but not merged; the operator must look at it.")                                 \
	X(ERR_NO_KEY, "no-primary-key", 0, 422, 11,                                                 \
	  "Tabel perlu PRIMARY KEY yang dinyatakan; tambahkan lalu attach lagi.",                   \
	  "The table needs a declared PRIMARY KEY; add one and attach again.")                      \
	X(ERR_NULL_KEY, "null-key", 0, 422, 11, "Isi kunci yang kosong (NULL) lalu attach lagi.",   \
	  "Fill in the empty (NULL) keys, then attach again.")                                      \
	X(ERR_CANNOT_ATTACH, "cannot-replicate", 0, 422, 11,                                        \
	  "Tabel ini tidak dapat direplikasi; lihat alasannya.",                                    \
	  "This table cannot be replicated; see the reason.")                                       \
	X(ERR_RULES, "rules", 0, 422, 3,                                                            \
	  "Betulkan aturan di tempat yang disebut; bentuknya: simpul rules --help.",                \
	  "Mend the rules at the place that is named; see simpul rules --help for the form.")       \
	X(ERR_WOULD_LOSE, "would-lose", 0, 409, 5,                                                  \
	  "Ada yang akan hilang, jadi tidak ada yang diubah; lihat di pesan ini jalannya.",         \
	  "Something would be lost, so nothing was changed; see the message for the way.")          \
	X(ERR_FILE_REFUSED, "file-refused", 0, 422, 11,                                             \
	  "Jenis atau ukuran lampiran tidak diizinkan di lingkup ini; kirim yang lebih kecil.",      \
	  "The scope takes no attachments of this type or size; send a smaller or another one.")  \
	X(ERR_UNSENT, "unsent", 0, 409, 10,                                                         \
	  "Masih ada perubahan tanpa tanda terima; sync dahulu, atau pakai --abandon.",             \
	  "Some changes have no receipt yet; sync first, or use --abandon.")				\
	X(ERR_LOGIN, "login", 0, 401, 5,								\
	  "Belum masuk, atau nama atau sandinya salah; masuk lagi.",					\
	  "Not signed in, or a wrong name or password; check both, then sign in.")			\
	X(ERR_LOCKED, "locked", 1, 429, 5,								\
	  "Terlalu banyak percobaan; tunggu sebentar, lalu coba lagi.",					\
	  "Too many tries; wait a little, then use the right password.")				\
	X(ERR_ORIGIN, "foreign-origin", 0, 403, 5,							\
	  "Permintaan ini datang dari situs lain; buka aplikasi dari alamatnya sendiri.",		\
	  "The request came from another site; use the app at its own address.")			\
	X(ERR_NO_RIGHT, "no-right", 0, 403, 5,								\
	  "Akun ini tidak berhak; minta kepada pengelola.",						\
	  "This account has no right to that; ask the operator.")					\
	X(ERR_INVALID, "invalid", 0, 422, 3,								\
	  "Periksa isian yang ditandai.",								\
	  "Check the fields that are marked.")								\
	X(ERR_CHANGED, "changed-meanwhile", 0, 409, 3,							\
	  "Diubah di tempat lain sementara Anda mengisi; lihat kedua nilai lalu pilih.",		\
	  "Changed elsewhere while you were typing; see both values, then choose.")

enum err_code {
#define X(code, slug, retry, http, exit_status, advice_id, advice_en) code,
	ERR_TABLE(X)
#undef X
	ERR_COUNT
};

struct err {
	enum err_code code;
	char text[480]; /* English, one line, no final stop; names things, never secrets */
};

/* Fills *e and returns false, so that `return err_set(...)` reads well. */
bool err_set(struct err *e, enum err_code code, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Puts context before the text ("context: text"), keeps the code; returns false. */
bool err_wrap(struct err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);
void err_clear(struct err *e);

/* So that compilers and analyzers see, in every caller, that the answer is always false. */
static inline bool err_false(bool always_false)
{
	(void)always_false;
	return false;
}
#define err_set(...)  err_false(err_set(__VA_ARGS__))
#define err_wrap(...) err_false(err_wrap(__VA_ARGS__))

const char *err_slug(enum err_code code);
/* The code for a slug from the wire; ERR_INTERNAL for a slug that this version does not know. */
enum err_code err_from_slug(const char *slug);
bool err_retry(enum err_code code);
int err_http_status(enum err_code code);
int err_exit_status(enum err_code code);
const char *err_advice_id(enum err_code code);
const char *err_advice_en(enum err_code code);

#endif
