#!/usr/bin/python3
"""vectors.py - a second, independent implementation of the changeset format, written from PROTOCOL.md.

  tools/vectors.py              checks proto/vectors/*.json: rebuilds each byte from the described content,
                                and reads the content back from the bytes
  tools/vectors.py chain FILE   verifies concatenated frames of one chain: genesis, links, signatures,
                                hashes, bodies; prints one line per changeset

Python's standard library and python3-cryptography only.  Exit status 1 and the reason when something is off.
"""

import hashlib
import json
import pathlib
import re
import struct
import sys
import uuid
import zlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

ROOT = pathlib.Path(__file__).resolve().parent.parent
MAGIC = b"SMP\x01\r\n\x1a\n"
TYPE = b"application/vnd.simpul.changeset.v1+cbor"
DICTIONARY_SHA256 = "768e4ceff98913a5a977eae06773a6e9ae449922e2d955a2c8e89dc6eae9825f"
GENESIS = 0


class Refused(Exception):
    """The bytes are not what the protocol allows."""


def need(condition, why):
    if not condition:
        raise Refused(why)


# CBOR: items are int, bytes, str, list, None and Real (a float by its bits).


class Real(bytes):
    """The 8 bytes of a float64, big-endian."""


def head(major, n):
    if n < 24:
        return bytes([major << 5 | n])
    for info, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if n < 1 << 8 * size:
            return bytes([major << 5 | info]) + n.to_bytes(size, "big")
    raise Refused("an integer over 64 bits")


def dump(item):
    if item is None:
        return b"\xf6"
    if isinstance(item, Real):
        return b"\xfb" + item
    if isinstance(item, int):
        return head(0, item) if item >= 0 else head(1, -1 - item)
    if isinstance(item, bytes):
        return head(2, len(item)) + item
    if isinstance(item, str):
        return head(3, len(item.encode())) + item.encode()
    return head(4, len(item)) + b"".join(dump(i) for i in item)


def load_item(data, at, depth):
    need(at < len(data), "cut off")
    major, info = data[at] >> 5, data[at] & 31
    if data[at] == 0xF6:
        return None, at + 1
    if data[at] == 0xFB:
        need(len(data) >= at + 9, "cut off")
        real = Real(data[at + 1:at + 9])
        value = struct.unpack(">d", real)[0]
        need(value == value, "NaN")
        return real, at + 9
    need(major <= 4 and info < 28, "an item outside the subset")
    at += 1
    n = info
    if info >= 24:
        size = 1 << (info - 24)
        need(len(data) >= at + size, "cut off")
        n = int.from_bytes(data[at:at + size], "big")
        need(head(0, n)[0] & 31 == info, "an argument in a longer form than needed")
        at += size
    if major == 0:
        return n, at
    if major == 1:
        return -1 - n, at
    if major == 4:
        need(depth <= 5, "too deep")
        items = []
        for _ in range(n):
            item, at = load_item(data, at, depth + 1)
            items.append(item)
        return items, at
    need(len(data) >= at + n, "cut off")
    raw = data[at:at + n]
    try:
        return (raw if major == 2 else raw.decode()), at + n
    except UnicodeDecodeError:
        raise Refused("text that is not UTF-8") from None


def load(data):
    item, at = load_item(data, 0, 1)
    need(at == len(data), "bytes after the end")
    return item


# Values, as ["int", "5"] or ["text", hex] in the vectors.

UUID = re.compile(rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


def value_item(value):
    kind, *rest = value
    if kind == "null":
        return None
    if kind == "int":
        return int(rest[0])
    raw = bytes.fromhex(rest[0])
    if kind == "real":
        return Real(raw)
    if kind == "blob":
        return raw
    if UUID.fullmatch(raw):
        return [uuid.UUID(raw.decode()).bytes]
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return [None, raw]


def item_value(item):
    if item is None:
        return ["null"]
    if isinstance(item, Real):
        return ["real", item.hex()]
    if isinstance(item, int):
        need(-(1 << 63) <= item < 1 << 63, "an integer over 64 bits")
        return ["int", str(item)]
    if isinstance(item, bytes):
        return ["blob", item.hex()]
    if isinstance(item, str):
        return ["text", item.encode().hex()]
    if len(item) == 1 and isinstance(item[0], bytes) and len(item[0]) == 16:
        return ["text", str(uuid.UUID(bytes=item[0])).encode().hex()]
    need(len(item) == 2 and item[0] is None and isinstance(item[1], bytes), "an array as a value")
    try:
        item[1].decode()
    except UnicodeDecodeError:
        return ["text", item[1].hex()]
    raise Refused("UTF-8 in the form for other text")


# Bodies.


def planes(numbers, width=None):
    if width is None:
        width = (max(numbers).bit_length() + 7) // 8
    rows = [n.to_bytes(width, "big") for n in numbers]
    return bytes(row[plane] for plane in range(width) for row in rows)


def unplanes(raw, rows, width_max, fixed=None):
    need(len(raw) % rows == 0 and len(raw) // rows <= width_max, "planes of a wrong length")
    width = len(raw) // rows
    need(fixed is None or width == fixed, "planes of a wrong width")
    need(fixed is not None or width == 0 or any(raw[:rows]), "planes wider than needed")
    return [int.from_bytes(raw[i::rows], "big") for i in range(rows)]


def body_write(model):
    changes = model["changes"]
    base = min((c["hlc"] >> 16 for c in changes), default=0)
    groups, last = [], None
    for c in changes:
        this = (c["table"], c["op"], c["seen_own"], len(c["key"]))
        if this != last:
            groups.append([])
        groups[-1].append(c)
        last = this
    context = [part for chain, seq in model["context"] for part in (bytes.fromhex(chain), seq)]
    return dump([context, model["actors"], base, [group_write(g, base) for g in groups]])


def group_write(rows, base):
    columns = sorted({number for c in rows for number, _ in c["columns"]})
    cells = [dict(c["columns"]) for c in rows]
    sets = b""
    if any(len(cell) != len(columns) for cell in cells):
        width = (len(columns) + 7) // 8
        masks = [sum(1 << i for i, k in enumerate(columns) if k in cell) for cell in cells]
        little = [mask.to_bytes(width, "little") for mask in masks]
        sets = bytes(row[plane] for plane in range(width) for row in little)
    group = [rows[0]["table"], rows[0]["op"], rows[0]["seen_own"], len(rows), bytes(columns), sets,
             planes([(c["hlc"] >> 16) - base for c in rows]), planes([c["hlc"] & 0xFFFF for c in rows]),
             planes([c["actor"] for c in rows])]
    for k in range(len(rows[0]["key"])):
        keys = [c["key"][k] for c in rows]
        if all(v[0] == "text" and UUID.fullmatch(bytes.fromhex(v[1])) for v in keys):
            group.append(planes([int.from_bytes(value_item(v)[0], "big") for v in keys], 16))
        else:
            group.append([value_item(v) for v in keys])
    group += [[value_item(cell[k]) for cell in cells if k in cell] for k in columns]
    return group


def body_read(raw):
    context, actors, base, groups = load(raw)
    need(len(context) % 2 == 0, "half a pair")
    pairs = [[context[i].hex(), context[i + 1]] for i in range(0, len(context), 2)]
    chains = [pair[0] for pair in pairs]
    need(chains == sorted(set(chains)) and all(len(c) == 32 for c in chains), "chains out of order")
    changes = []
    for group in groups:
        changes += group_read(group, base, len(actors))
    return {"context": pairs, "actors": actors, "changes": changes}


def group_read(group, base, actors):
    table, op, seen_own, rows, columns, sets, times, counters, who = group[:9]
    keys, values = group[9:len(group) - len(columns)], group[len(group) - len(columns):]
    need(rows > 0 and 1 <= len(keys) <= 4 and op <= 2, "not a group")
    need(list(columns) == sorted(set(columns)) and not (op == 2 and columns), "columns out of order")
    ms, counter = unplanes(times, rows, 6), unplanes(counters, rows, 2)
    actor = unplanes(who, rows, 2)
    need(max(actor) <= actors, "an actor who is not listed")
    width = (len(columns) + 7) // 8
    need(len(sets) in (0, rows * width), "column sets of a wrong length")
    keys = [key_read(k, rows) for k in keys]
    cursor = [iter(v) for v in values]
    out = []
    for i in range(rows):
        mask = (1 << len(columns)) - 1
        if sets:
            mask = int.from_bytes(sets[i::rows], "little")
            need(mask < 1 << len(columns), "a bit of no column")
        try:
            cells = [[k, item_value(next(cursor[j]))] for j, k in enumerate(columns) if mask >> j & 1]
        except StopIteration:
            raise Refused("a column with too few values") from None
        out.append({"table": table, "op": op, "hlc": (base + ms[i]) << 16 | counter[i],
                    "seen_own": seen_own, "actor": actor[i], "key": [k[i] for k in keys],
                    "columns": cells})
    need(all(next(c, cursor) is cursor for c in cursor), "a column with too many values")
    return out


def key_read(column, rows):
    if isinstance(column, bytes):
        numbers = unplanes(column, rows, 16, fixed=16)
        return [["text", str(uuid.UUID(int=n)).encode().hex()] for n in numbers]
    need(len(column) == rows and None not in column, "a key column of a wrong length, or NULL")
    return [item_value(item) for item in column]


# Headers and frames.


def header_write(h):
    def short(text):
        raw = bytes.fromhex(text)
        return raw if any(raw) else b""

    seen = h["seen"] and [h["seen"][0], bytes.fromhex(h["seen"][1])]
    return dump([1, h["kind"], bytes.fromhex(h["chain"]), h["seq"], short(h["prev"]),
                 bytes.fromhex(h["body_hash"]), h["body_len"], h["changes"], h["hlc_min"],
                 h["hlc_max"] - h["hlc_min"], short(h["schema"]), seen, h["cut_left"],
                 [x["id"] for x in h["ext"] if x["critical"]],
                 [[x["id"], bytes.fromhex(x["bytes"])] for x in h["ext"]]])


def header_read(raw):
    items = load(raw)
    need(len(raw) <= 1024 and len(items) == 15 and items[0] == 1, "not a header of version 1")
    (_, kind, chain, seq, prev, body_hash, body_len, changes, hlc_min, delta, schema, seen, cut_left,
     critical, ext) = items
    need(len(chain) == 16 and len(body_hash) == 32, "hashes of a wrong length")
    for raw_field, size in ((prev, 32), (schema, 8)):
        need(raw_field == b"" or (len(raw_field) == size and any(raw_field)), "zeros in the long form")
    ids = [x[0] for x in ext]
    need(ids == sorted(set(ids)) and critical == [i for i in ids if i in critical], "extensions")
    need(all(1 <= i <= 5 for i in critical), "an unknown critical extension")
    need((kind == GENESIS) == (seq == 1), "a genesis opens a chain and stands nowhere else")
    return {"kind": kind, "chain": chain.hex(), "seq": seq, "prev": prev.hex() or "00" * 32,
            "body_hash": body_hash.hex(), "body_len": body_len, "changes": changes, "hlc_min": hlc_min,
            "hlc_max": hlc_min + delta, "schema": schema.hex() or "00" * 8,
            "seen": seen and [seen[0], seen[1].hex()], "cut_left": cut_left,
            "ext": [{"id": i, "critical": i in critical, "bytes": b.hex()} for i, b in ext]}


def header_id(raw):
    return hashlib.sha256(b"\0" + raw).hexdigest()


def pae(header):
    return b"DSSEv1 %d %s %d %s" % (len(TYPE), TYPE, len(header), header)


def frames(data, dictionary):
    """Yields header, signature, codec, packed, body of each frame; hashes are checked."""
    at = 0
    while at < len(data):
        need(data[at:at + 8] == MAGIC, "no magic")
        need(len(data) >= at + 10, "cut off")
        (size,) = struct.unpack_from(">H", data, at + 8)
        need(len(data) >= at + 10 + size + 69, "cut off")
        header = data[at + 10:at + 10 + size]
        at += 10 + size
        signature = data[at:at + 64]
        codec, packed_len = struct.unpack_from(">BI", data, at + 64)
        packed = data[at + 69:at + 69 + packed_len]
        at += 69 + packed_len
        need(len(packed) == packed_len, "cut off")
        h = header_read(header)
        body = packed
        if codec:
            z = zlib.decompressobj(-15, zdict=dictionary) if codec == 2 else zlib.decompressobj(-15)
            body = z.decompress(packed, h["body_len"] + 1)
            need(z.eof and not z.unused_data, "the packed body does not end where it must")
        need(len(body) == h["body_len"], "a body of another length")
        need(hashlib.sha256(body).hexdigest() == h["body_hash"], "a body that was not signed")
        yield header, signature, codec, packed, body


def verify(key, header, signature):
    try:
        ed25519.Ed25519PublicKey.from_public_bytes(key).verify(signature, pae(header))
    except InvalidSignature:
        raise Refused("the signature does not fit") from None


def genesis_key(h):
    ext = {x["id"]: bytes.fromhex(x["bytes"]) for x in h["ext"]}
    need(h["kind"] == GENESIS and {1, 2, 3, 4} <= set(ext), "no genesis")
    chain = hashlib.sha256(ext[2] + ext[1] + ext[3]).digest()[:16].hex()
    need(chain == h["chain"], "the chain's name is not that of its key, scope and nonce")
    need(5 in ext or not any(bytes.fromhex(h["prev"])), "continues what it does not name")
    return ext[2], ext[1].decode()


def check_chain(data, dictionary):
    key, last, lines = None, None, []
    for header, signature, codec, packed, body in frames(data, dictionary):
        h = header_read(header)
        if last is None:
            key, scope = genesis_key(h)
            lines.append(f"chain {h['chain']} scope {scope}")
        else:
            need(h["chain"] == last["chain"], "another chain")
            need(h["seq"] == last["seq"] + 1 and h["prev"] == last["id"], "a broken link")
        verify(key, header, signature)
        if h["kind"] == 1 and h["changes"]:
            stamps = [c["hlc"] for c in body_read(body)["changes"]]
            need(len(stamps) == h["changes"], "another number of changes than signed")
        last = {**h, "id": header_id(header)}
        lines.append(f"{h['seq']} {last['id']} kind {h['kind']} changes {h['changes']} body {len(body)}"
                     f" packed {len(packed)} codec {codec}")
    need(last is not None, "no changeset")
    return lines


# The vectors.


def vectors(name):
    return json.loads((ROOT / "proto" / "vectors" / f"{name}.json").read_text())


def equal(what, ours, theirs):
    need(ours == theirs, f"{what}:\n  ours   {ours}\n  theirs {theirs}")


def check_change():
    for i, body in enumerate(vectors("change")["bodies"]):
        raw = bytes.fromhex(body.pop("bytes"))
        equal(f"body {i} written", body_write(body).hex(), raw.hex())
        equal(f"body {i} read", body_read(raw), body)


def check_changeset():
    for i, h in enumerate(vectors("changeset")["headers"]):
        raw, ident = bytes.fromhex(h.pop("bytes")), h.pop("id")
        equal(f"header {i} written", header_write(h).hex(), raw.hex())
        equal(f"header {i} read", header_read(raw), h)
        equal(f"header {i} id", header_id(raw), ident)
        if h["kind"] == GENESIS:
            genesis_key(h)


def rules_items(r):
    """The rules of a table as they stand in its array; see PROTOCOL.md."""
    columns = list(enumerate(r["columns"]))
    groups = sorted({g for _, (_, g, _) in columns if g})
    labels = [[None, lang, text] for lang, text in sorted(r["label"].items())]
    labels += [[i, lang, text] for i, (_, _, names) in columns for lang, text in sorted(names.items())]
    return [r["append"], [[i, p] for i, (p, _, _) in columns if p],
            [[i for i, (_, g, _) in columns if g == group] for group in groups],
            None if r["state"] < 0 else r["state"], r["frozen"],
            [[w["role"], w["states"], w["columns"], w["to"]] for w in r["write"]], labels]


def items_rules(items, columns):
    append, policies, groups, state, frozen, writes, labels = items
    rules = [[0, 0, {}] for _ in range(columns)]
    for i, policy in policies:
        rules[i][0] = policy
    for number, group in enumerate(groups, 1):
        for i in group:
            rules[i][1] = number
    for i, lang, text in labels:
        if i is not None:
            rules[i][2][lang] = text
    return {"append": append, "columns": rules, "state": -1 if state is None else state, "frozen": frozen,
            "write": [{"role": r, "states": s, "columns": c, "to": t} for r, s, c, t in writes],
            "label": {lang: text for i, lang, text in labels if i is None}}


def schema_item(t, form):
    item = [t["name"], t["flags"], [[n, d, f, value_item(v)] for n, d, f, v in t["columns"]], t["key"]]
    if form == 1:
        return item
    return item + [None if t["scope"] < 0 else t["scope"]] + (rules_items(t["rules"]) if t["rules"] else [])


def item_schema(item):
    name, flags, columns, key, *more = item
    return {"name": name, "flags": flags, "key": key,
            "columns": [[a, b, c, item_value(d)] for a, b, c, d in columns],
            "scope": -1 if not more or more[0] is None else more[0],
            "rules": items_rules(more[1:], len(columns)) if len(more) > 1 else None}


def check_schema():
    for i, doc in enumerate(vectors("schema")["documents"]):
        raw, form = bytes.fromhex(doc["bytes"]), doc["format"]
        equal(f"schema {i} written", dump([form, *(schema_item(t, form) for t in doc["tables"])]).hex(),
              doc["bytes"])
        equal(f"schema {i} read", [item_schema(t) for t in load(raw)[1:]], doc["tables"])
        equal(f"schema {i} hash", hashlib.sha256(raw).hexdigest(), doc["hash"])


def check_grant():
    stored = vectors("grant")
    for g in stored["grants"]:
        item = [1, bytes.fromhex(g["chain"]), bytes.fromhex(g["key"]), g["scope"], g["role"], g["name"]]
        equal("grant", dump(item).hex(), g["bytes"])
        equal("grant read", load(bytes.fromhex(g["bytes"])), item)
    for r in stored["revocations"]:
        item = [1, bytes.fromhex(r["chain"]), r["last_good_seq"], r["reason"]]
        equal("revocation", dump(item).hex(), r["bytes"])
        equal("revocation read", load(bytes.fromhex(r["bytes"])), item)


def check_seal():
    stored = vectors("seal")
    dictionary = stored["dictionary"].encode()
    equal("dictionary 1", hashlib.sha256(dictionary).hexdigest(), DICTIONARY_SHA256)
    secret = ed25519.Ed25519PrivateKey.from_private_bytes(bytes.fromhex(stored["seed"]))
    public = secret.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    equal("public key", public.hex(), stored["public"])
    chain = b""
    for i, f in enumerate(stored["frames"]):
        raw = bytes.fromhex(f["bytes"])
        ((header, signature, codec, packed, body),) = frames(raw, dictionary)
        equal(f"frame {i} body", body.hex(), f["body"])
        equal(f"frame {i} signature", secret.sign(pae(header)).hex(), f["signature"])
        verify(public, header, signature)
        equal(f"frame {i} id", header_id(header), f["id"])
        # Another zlib may deflate otherwise, so the packed bytes are taken as they are.
        equal(f"frame {i} written", (MAGIC + struct.pack(">H", len(header)) + header_write(
            header_read(header)) + signature + struct.pack(">BI", codec, len(packed)) + packed).hex(),
            f["bytes"])
        if codec == 0:
            equal(f"frame {i} plain", packed, body)
        chain += raw
    check_chain_damage(chain, dictionary)


def check_chain_damage(chain, dictionary):
    """The chain verifies; with a byte changed it does not, or a deflate stream still gives the same body."""
    good = check_chain(chain, dictionary)
    equal("lines about the chain", len(good), 4)
    harmless = 0
    for at in range(len(chain)):
        bad = bytearray(chain)
        bad[at] ^= 0x10
        try:
            lines = check_chain(bytes(bad), dictionary)
        except (Refused, zlib.error, ValueError, TypeError, AttributeError):
            continue
        equal(f"the chain with byte {at} changed", lines, good)
        harmless += 1
    need(harmless <= 1, f"{harmless} changed bytes were not noticed")  # unused bits of a last byte


def main(argv):
    try:
        if len(argv) == 3 and argv[1] == "chain":
            dictionary = vectors("seal")["dictionary"].encode()
            print("\n".join(check_chain(pathlib.Path(argv[2]).read_bytes(), dictionary)))
            return 0
        if len(argv) != 1:
            print(__doc__, file=sys.stderr)
            return 2
        for check in (check_schema, check_change, check_changeset, check_grant, check_seal):
            check()
            print(f"ok {check.__name__[6:]}")
        return 0
    except (Refused, zlib.error, ValueError, TypeError, AttributeError, OSError) as reason:
        print(f"vectors: {reason}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv))
