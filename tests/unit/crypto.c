/*
 * crypto.c - SHA-256 and Ed25519: RFC 8032's vectors, and the keys and signatures made to deceive.
 *
 * The edge cases are those of "Taming the many EdDSAs" (Chalkias, Garillot, Nikolaenko 2020).
 */
#include <string.h>

#include "simpul/crypto.h"
#include "tap.h"

/* RFC 8032 7.1, tests 1, 2, 3 and SHA(abc). */
static const struct {
	const char *seed, *public, *message, *signature;
} rfc[] = {
	{ "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
	  "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
	  "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
	  "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b" },
	{ "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
	  "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
	  "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
	  "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00" },
	{ "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
	  "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
	  "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
	  "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a" },
	{ "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
	  "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
	  "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
	  "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
	  "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589"
	  "09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704" },
};

static size_t unhex(const char *hex, uint8_t *out)
{
	size_t len = strlen(hex) / 2;

	return hex_decode(hex, strlen(hex), out, len) ? len : 0;
}

static bool hash_is(const struct hash *hash, const char *hex)
{
	char text[HEX_SIZE(32)];

	hex_encode(hash->bytes, 32, text);
	return strcmp(text, hex) == 0;
}

static void sha256(void)
{
	static const char two[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
	static const char expected[] =
		"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1";
	struct hash hash;

	crypto_sha256("", 0, &hash);
	CHECK(hash_is(&hash, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
	crypto_sha256("abc", 3, &hash);
	CHECK(hash_is(&hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
	for (size_t cut = 0; cut <= strlen(two); cut++) {
		const struct bytes parts[] = { { two, cut }, { two + cut, strlen(two) - cut } };

		crypto_sha256_parts(parts, 2, &hash);
		CHECK(hash_is(&hash, expected));
	}
}

static void rfc_8032(void)
{
	for (size_t i = 0; i < sizeof(rfc) / sizeof(rfc[0]); i++) {
		struct secret_key secret;
		struct public_key public, derived;
		struct signature expected, made;
		uint8_t message[64 + 1];
		struct err e;
		size_t len = unhex(rfc[i].message, message);

		CHECK(unhex(rfc[i].seed, secret.bytes) == 32);
		CHECK(unhex(rfc[i].public, public.bytes) == 32);
		CHECK(unhex(rfc[i].signature, expected.bytes) == 64);
		crypto_public_key(&secret, &derived);
		CHECK(key_equal(&public, &derived));
		crypto_sign(&secret, message, len, &made);
		CHECK(memcmp(&made, &expected, sizeof(made)) == 0);
		CHECK_OK(crypto_verify(&public, message, len, &made, &e), &e);
		for (size_t bit = 0; bit < 512; bit++) {
			made.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
			CHECK(!crypto_verify(&public, message, len, &made, &e));
			CHECK(e.code == ERR_SIGNATURE);
			made.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		}
		message[len++] = 0;
		CHECK(!crypto_verify(&public, message, len, &made, &e));
	}
}

/* Table 1 of the paper: the eight points of small order, in their fourteen encodings. */
static void small_order_keys(void)
{
	static const char *const keys[] = {
		"0100000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000080",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0000000000000000000000000000000000000000000000000000000000000080",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	};
	struct signature forged = { { 1 } };
	struct public_key key;
	struct err e;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		CHECK(unhex(keys[i], key.bytes) == 32);
		CHECK(!crypto_key_check(&key, &e) && e.code == ERR_WEAK_KEY);
		CHECK(!crypto_verify(&key, "any", 3, &forged, &e) && e.code == ERR_WEAK_KEY);
	}
}

/* y from p - 1 up to 2^255 - 1, with either sign: only what is below p is canonical. */
static void non_canonical_keys(void)
{
	struct public_key key;
	struct err e;

	memset(&key, 0xff, sizeof(key));
	for (unsigned sign = 0; sign < 2; sign++)
		for (unsigned low = 0xe8; low <= 0xff; low++) {
			key.bytes[31] = sign != 0 ? 0xff : 0x7f;
			key.bytes[0] = (uint8_t)low;
			/* 0xec is canonical, but of small order. */
			CHECK(crypto_key_check(&key, &e) == (low < 0xec));
			if (low >= 0xec)
				CHECK(e.code == ERR_WEAK_KEY);
		}
	key.bytes[0] = 0xff; /* one other byte below ff makes it less than p */
	for (size_t i = 1; i < 31; i++) {
		key.bytes[i] = 0xfe;
		CHECK_OK(crypto_key_check(&key, &e), &e);
		key.bytes[i] = 0xff;
	}
	key.bytes[31] = 0x7e;
	CHECK_OK(crypto_key_check(&key, &e), &e);
}

/*
 * The paper's vectors as published.  0 and 1 have keys of small order.  4 and 5 hold only with the
 * cofactor, 6 and 7 have S >= L, 8 and 9 an R that is not canonical.  2 and 3 (R of small order, a
 * key with a small component) satisfy the equation of RFC 8032 without the cofactor and are
 * accepted: their makers chose the key, and an id is never made from a signature, so they gain
 * nothing.
 */
static const struct {
	const char *message, *key, *signature;
	enum err_code expected;
} published[] = {
	{ "8c93255d71dcab10e8f379c26200f3c7bd5f09d9bc3068d3ef4edeb4853022b6",
	  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
	  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"
	  "0000000000000000000000000000000000000000000000000000000000000000",
	  ERR_WEAK_KEY },
	{ "9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79",
	  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
	  "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43"
	  "a5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04",
	  ERR_WEAK_KEY },
	{ "aebf3f2601a0c8c5d39cc7d8911642f740b78168218da8471772b35f9d35b9ab",
	  "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43",
	  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"
	  "8c4bd45aecaca5b24fb97bc10ac27ac8751a7dfe1baff8b953ec9f5833ca260e",
	  ERR_OK },
	{ "9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79",
	  "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d",
	  "9046a64750444938de19f227bb80485e92b83fdb4b6506c160484c016cc1852f"
	  "87909e14428a7a1d62e9f22f3d3ad7802db02eb2e688b6c52fcd6648a98bd009",
	  ERR_OK },
	{ "e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c",
	  "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d",
	  "160a1cb0dc9c0258cd0a7d23e94d8fa878bcb1925f2c64246b2dee1796bed512"
	  "5ec6bc982a269b723e0668e540911a9a6a58921d6925e434ab10aa7940551a09",
	  ERR_SIGNATURE },
	{ "e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c",
	  "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d",
	  "21122a84e0b5fca4052f5b1235c80a537878b38f3142356b2c2384ebad4668b7"
	  "e40bc836dac0f71076f9abe3a53f9c03c1ceeeddb658d0030494ace586687405",
	  ERR_SIGNATURE },
	{ "85e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40",
	  "442aad9f089ad9e14647b1ef9099a1ff4798d78589e66f28eca69c11f582a623",
	  "e96f66be976d82e60150baecff9906684aebb1ef181f67a7189ac78ea23b6c0e"
	  "547f7690a0e2ddcd04d87dbc3490dc19b3b3052f7ff0538cb68afb369ba3a514",
	  ERR_SIGNATURE },
	{ "85e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40",
	  "442aad9f089ad9e14647b1ef9099a1ff4798d78589e66f28eca69c11f582a623",
	  "8ce5b96c8f26d0ab6c47958c9e68b937104cd36e13c33566acd2fe8d38aa1942"
	  "7e71f98a473474f2f13f06f97c20d58cc3f54b8bd0d272f42b695dd7e89a8c22",
	  ERR_SIGNATURE },
	{ "fdaebc429f4a735932a160da1301080c13280eea8bc280d1b392c6b9e6ba3a5a",
	  "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43",
	  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"
	  "454d370c8d9fc323a41450f8d513eafeb5b0697390c1e505a0d4ddc71f566607",
	  ERR_SIGNATURE },
	{ "84b698d39be126ff55fe45079e6c8bf64a0d7db6994560b4e96b7021eb39c1a1",
	  "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43",
	  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"
	  "084d5b99c2a9463d9c8bd5026916996984eeec87ddf1d3be329006ace1b37b09",
	  ERR_SIGNATURE },
};

static void speccheck(void)
{
	for (size_t i = 0; i < sizeof(published) / sizeof(published[0]); i++) {
		struct public_key key;
		struct signature signature;
		uint8_t message[32];
		struct err e = { 0 };

		CHECK(unhex(published[i].message, message) == 32);
		CHECK(unhex(published[i].key, key.bytes) == 32);
		CHECK(unhex(published[i].signature, signature.bytes) == 64);
		if (crypto_verify(&key, message, 32, &signature, &e))
			e.code = ERR_OK;
		if (e.code != published[i].expected)
			tap_note("case %zu: %s", i, err_slug(e.code));
		CHECK(e.code == published[i].expected);
	}
}

/* y = 2 is on no point of the curve: nothing is signed with it. */
static void key_off_the_curve(void)
{
	static const struct public_key key = { { 2 } };
	struct signature forged = { { 1 } };
	struct err e = { 0 };

	CHECK(!crypto_verify(&key, "any", 3, &forged, &e));
	CHECK(e.code == ERR_SIGNATURE || e.code == ERR_WEAK_KEY);
}

/* DSSE: the type is signed too, and its length cannot slide into the body's. */
static void dsse(void)
{
	static const char pae[] = "DSSEv1 4 type 4 body";
	struct secret_key secret = { { 5 } };
	struct public_key key;
	struct signature signature, plain;
	struct err e;

	crypto_public_key(&secret, &key);
	crypto_sign_dsse(&secret, "type", "body", 4, &signature);
	crypto_sign(&secret, pae, strlen(pae), &plain);
	CHECK(memcmp(&signature, &plain, sizeof(plain)) == 0);
	CHECK_OK(crypto_verify_dsse(&key, "type", "body", 4, &signature, &e), &e);
	CHECK(!crypto_verify_dsse(&key, "typf", "body", 4, &signature, &e));
	CHECK(!crypto_verify_dsse(&key, "type", "bodz", 4, &signature, &e));
	CHECK(!crypto_verify_dsse(&key, "type 4", "body", 4, &signature, &e));
}

static void equality_and_wiping(void)
{
	uint8_t secret[4] = { 1, 2, 3, 4 };
	static const uint8_t zero[4];

	CHECK(crypto_equal("abc", "abc", 3) && !crypto_equal("abc", "abd", 3));
	crypto_wipe(secret, sizeof(secret));
	CHECK(memcmp(secret, zero, sizeof(zero)) == 0);
}

/* RFC 7914, 12. */
static void scrypt_is_that_of_the_rfc(void)
{
	static const struct {
		const char *password, *salt;
		unsigned cost, p;
		const char *key;
	} vectors[] = {
		{ "password", "NaCl", 10, 16,
		  "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
		  "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640" },
		{ "pleaseletmein", "SodiumChloride", 14, 1,
		  "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
		  "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887" },
	};

	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		struct crypto_scrypt how = { .cost = vectors[i].cost, .p = vectors[i].p,
					     .password = { vectors[i].password, strlen(vectors[i].password) },
					     .salt = { vectors[i].salt, strlen(vectors[i].salt) } };
		uint8_t key[64];
		char hex[HEX_SIZE(sizeof(key))];

		crypto_scrypt(&how, key, sizeof(key));
		hex_encode(key, sizeof(key), hex);
		CHECK(strcmp(hex, vectors[i].key) == 0);
	}
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(sha256),
		TAP(rfc_8032),
		TAP(small_order_keys),
		TAP(non_canonical_keys),
		TAP(speccheck),
		TAP(key_off_the_curve),
		TAP(dsse),
		TAP(equality_and_wiping),
		TAP(scrypt_is_that_of_the_rfc),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
