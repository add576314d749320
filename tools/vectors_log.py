#!/usr/bin/python3
"""vectors_log.py - the log half of the protocol a second time, from its text alone.

Shares no code with the C implementation and is written differently on purpose: trees by the recursive
definition of RFC 6962, signatures by python3-cryptography.

    tools/vectors_log.py                             check proto/vectors/{tree,note,...}.json
    tools/vectors_log.py receipt FILE --hub-key HEX  verify one receipt, offline (exit 0, 3 or 4)
"""
import argparse
import base64
import datetime
import hashlib
import json
import pathlib
import re
import sys
import unicodedata

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

VECTORS = pathlib.Path(__file__).resolve().parent.parent / "proto" / "vectors"


class Malformed(Exception):
    """The text is not in the one accepted form."""


class Forged(Exception):
    """The form is right, the proof or the signature is not."""


def must(condition, what):
    if not condition:
        raise Malformed(what)


def sha256(data):
    return hashlib.sha256(data).digest()


def b64(data):
    return base64.b64encode(data).decode()


def unb64(text, length=None):
    """Strict: only the text that b64() makes."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Malformed("base64") from error
    must(b64(data) == text and length in (None, len(data)), "base64")
    return data


def sign(seed, message):
    return Ed25519PrivateKey.from_private_bytes(seed).sign(message)


def public_of(seed):
    key = Ed25519PrivateKey.from_private_bytes(seed).public_key()
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def verify(public, signature, message):
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature as error:
        raise Forged("the signature does not fit") from error


# --- tree: RFC 6962 2.1, by its definitions ---------------------------------------------------------


def leaf_hash(data):
    return sha256(b"\0" + data)


def node_hash(left, right):
    return sha256(b"\1" + left + right)


def split(n):
    return 1 << (n - 1).bit_length() - 1


def root(leaves):
    if not leaves:
        return sha256(b"")
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return node_hash(root(leaves[:k]), root(leaves[k:]))


def inclusion(index, leaves):
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if index < k:
        return inclusion(index, leaves[:k]) + [root(leaves[k:])]
    return inclusion(index - k, leaves[k:]) + [root(leaves[:k])]


def consistency(old, leaves, whole=True):
    if old == len(leaves):
        return [] if whole else [root(leaves)]
    k = split(len(leaves))
    if old <= k:
        return consistency(old, leaves[:k], whole) + [root(leaves[k:])]
    return consistency(old - k, leaves[k:], False) + [root(leaves[:k])]


def root_from_inclusion(leaf, index, size, proof):
    """The root that a proof leads to; recursive, from the top, so that length and sides are forced."""
    if size == 1:
        must(index == 0 and not proof, "the inclusion proof has the wrong length")
        return leaf
    must(proof, "the inclusion proof has the wrong length")
    k = split(size)
    if index < k:
        return node_hash(root_from_inclusion(leaf, index, k, proof[:-1]), proof[-1])
    return node_hash(proof[-1], root_from_inclusion(leaf, index - k, size - k, proof[:-1]))


def roots_from_consistency(old, size, proof, old_root, whole=True):
    """(old root, new root) that a proof leads to."""
    if old == size:
        if whole:
            must(not proof, "the consistency proof has the wrong length")
            return old_root, old_root
        must(len(proof) == 1, "the consistency proof has the wrong length")
        return proof[0], proof[0]
    must(proof, "the consistency proof has the wrong length")
    k = split(size)
    if old <= k:
        before, after = roots_from_consistency(old, k, proof[:-1], old_root, whole)
        return before, node_hash(after, proof[-1])
    before, after = roots_from_consistency(old - k, size - k, proof[:-1], old_root, False)
    return node_hash(proof[-1], before), node_hash(proof[-1], after)


def check_tree(v):
    assert v["complete"] is True
    leaves = [leaf_hash(bytes.fromhex(data)) for data in v["leaves"]]
    assert len(leaves) == 8 and len(v["roots"]) == 9
    for n, expected in enumerate(v["roots"]):
        assert root(leaves[:n]).hex() == expected, n
    expected = [(i, n) for n in range(9) for i in range(n)]
    assert [(p["index"], p["size"]) for p in v["inclusion"]] == expected
    for p in v["inclusion"]:
        tree, proof = leaves[:p["size"]], [bytes.fromhex(h) for h in p["proof"]]
        assert inclusion(p["index"], tree) == proof, p
        assert root_from_inclusion(leaves[p["index"]], p["index"], p["size"], proof) == root(tree)
    assert [(p["old"] - 1, p["size"]) for p in v["consistency"]] == expected
    for p in v["consistency"]:
        tree, proof = leaves[:p["size"]], [bytes.fromhex(h) for h in p["proof"]]
        old_root = root(tree[:p["old"]])
        assert consistency(p["old"], tree) == proof, p
        assert roots_from_consistency(p["old"], p["size"], proof, old_root) == (old_root, root(tree))
    leaves = [leaf_hash(bytes([i, i * 7 % 256])) for i in range(70)]
    assert [root(leaves[:n]).hex() for n in range(71)] == v["roots_70"]
    return len(v["roots"]) + len(v["inclusion"]) + len(v["consistency"]) + len(v["roots_70"])


# --- note and checkpoint: c2sp.org/signed-note, c2sp.org/tlog-checkpoint ----------------------------


def name_valid(name):
    return (0 < len(name.encode()) <= 128 and "+" not in name and
            not any(c.isspace() or unicodedata.category(c) == "Cc" for c in name))


def key_id(name, public, kind=1):
    return sha256(name.encode() + b"\n" + bytes([kind]) + public)[:4]


def cosigned(time, text):
    """c2sp.org/tlog-cosignature: what is signed by a line that tells the time."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def note_sign(name, seed, text, time=0):
    blob = key_id(name, public_of(seed)) + sign(seed, text.encode())
    lines = f"\u2014 {name} {b64(blob)}\n"
    if time:
        blob = (key_id(name, public_of(seed), 4) + time.to_bytes(8, "big") +
                sign(seed, cosigned(time, text)))
        lines += f"\u2014 {name} {b64(blob)}\n"
    return f"{text}\n{lines}"


def note_verify(note, name, public):
    """The signed text, and the time that the signer stated (0: none)."""
    must(len(note.encode()) <= 4096 and "\n\n" in note and note.endswith("\n"), "note")
    must(all(c >= " " or c == "\n" for c in note), "note with control characters")
    at = note.rindex("\n\n") + 1
    text, lines = note[:at], note[at + 1:].split("\n")[:-1]
    must(0 < len(lines) <= 32, "note without signatures")
    verified, times = 0, []
    for line in lines:
        match = re.fullmatch("\u2014 ([^ ]+) ([^ ]+)", line)
        must(match and name_valid(match[1]), "signature line")
        blob = unb64(match[2])
        must(len(blob) >= 5, "signature line")
        if (match[1], blob[:4]) == (name, key_id(name, public)):
            must(len(blob) == 68, "signature line")
            verify(public, blob[4:], text.encode())
            verified += 1
        elif (match[1], blob[:4]) == (name, key_id(name, public, 4)):
            must(len(blob) == 76, "time line")
            times.append(int.from_bytes(blob[4:12], "big"))
            must(0 < times[-1] < 1 << 63, "time")
            verify(public, blob[12:], cosigned(times[-1], text))
    if verified == 0:
        raise Forged("not signed with the known key")
    return text, min(times, default=0)


def decimal(text):
    must(re.fullmatch("0|[1-9][0-9]{0,18}", text) and int(text) < 1 << 63, "number")
    return int(text)


def checkpoint_text(origin, size, root_hash):
    return f"{origin}\n{size}\n{b64(root_hash)}\n"


def checkpoint_verify(note, public):
    """(origin, size, root, time); the key's name must be the origin."""
    origin = note.split("\n", 1)[0]
    must(name_valid(origin), "origin")
    text, time = note_verify(note, origin, public)
    lines = text.split("\n")
    must(len(lines) >= 4 and lines[-1] == "" and all(lines[:-1]), "checkpoint")
    size = decimal(lines[1])
    must(size <= 1 << 62, "size")
    return origin, size, unb64(lines[2], 32), time


def check_note(v):
    for c in v["checkpoints"]:
        seed, public = bytes.fromhex(c["seed"]), bytes.fromhex(c["public"])
        assert public_of(seed) == public
        assert key_id(c["origin"], public).hex() == c["key_id"]
        text = checkpoint_text(c["origin"], c["size"], bytes.fromhex(c["root"]))
        assert note_sign(c["origin"], seed, text, c["time"]) == c["note"]
        assert checkpoint_verify(c["note"], public) == (c["origin"], c["size"],
                                                        bytes.fromhex(c["root"]), c["time"])
    for p in v["published"]:
        typed = unb64(p["key"], 33)
        assert typed[0] == 1 and note_verify(p["note"], p["name"], typed[1:]) == (p["text"], 0)
    return len(v["checkpoints"]) + len(v["published"])


# --- receipt: c2sp.org/tlog-proof@v1 ----------------------------------------------------------------


def receipt_text(changeset, index, proof, note):
    hashes = "".join(b64(h) + "\n" for h in proof)
    return f"c2sp.org/tlog-proof@v1\nextra {b64(changeset)}\nindex {index}\n{hashes}\n{note}"


def receipt_verify(text, public):
    """(id, index, origin, size, root, time)."""
    must(len(text.encode()) <= 8192, "receipt")
    head, blank, note = text.partition("\n\n")
    must(blank and note, "receipt without a checkpoint")
    lines = head.split("\n")
    must(len(lines) >= 3 and lines[0] == "c2sp.org/tlog-proof@v1" and
         lines[1].startswith("extra ") and lines[2].startswith("index "), "receipt")
    changeset, index = unb64(lines[1][6:], 32), decimal(lines[2][6:])
    proof = [unb64(line, 32) for line in lines[3:]]
    must(len(proof) <= 64, "proof")
    origin, size, root_hash, time = checkpoint_verify(note, public)
    if index >= size:
        raise Forged("the index is outside the log")
    try:
        found = root_from_inclusion(changeset, index, size, proof)
    except Malformed as error:
        raise Forged(str(error)) from error
    if found != root_hash:
        raise Forged("the proof does not lead to the log's root")
    return changeset, index, origin, size, root_hash, time


def refused(text, public, time):
    """An altered time line may become one of nobody: then no time is told, never another one."""
    try:
        return receipt_verify(text, public)[-1] == 0 != time
    except (Malformed, Forged):
        return True


def check_receipt(v):
    for r in v["receipts"]:
        leaves = [leaf_hash(bytes([i])) for i in range(r["size"])]
        seed, public, changeset = (bytes.fromhex(r[k]) for k in ("seed", "public", "id"))
        assert public_of(seed) == public and leaves[r["index"]] == changeset
        note = note_sign(r["origin"], seed, checkpoint_text(r["origin"], r["size"], root(leaves)),
                         r["time"])
        assert receipt_text(changeset, r["index"], inclusion(r["index"], leaves), note) == r["receipt"]
        assert receipt_verify(r["receipt"], public) == (changeset, r["index"], r["origin"],
                                                        r["size"], root(leaves), r["time"])
        for at, c in enumerate(r["receipt"]):  # and no neighbour of it verifies
            other = "B" if c == "A" else "A"
            assert refused(r["receipt"][:at] + other + r["receipt"][at + 1:], public, r["time"]), at
    return len(v["receipts"])


# --- message: RFC 9530 and RFC 9421 -----------------------------------------------------------------


def check_message(v):
    for m in v["messages"]:
        assert m["ok"] is True
        seed, public = bytes.fromhex(m["seed"]), bytes.fromhex(m["public"])
        assert public_of(seed) == public
        parts = []
        if m["method"] is not None:
            parts += [("@method", m["method"]), ("@target-uri", m["target_uri"])]
        else:
            parts += [("@status", str(m["status"]))]
        if m["body"] is not None:
            digest = f"sha-256=:{b64(sha256(m['body'].encode()))}:"
            assert digest == m["digest"]
            parts.append(("content-digest", digest))
        names = " ".join(f'"{name}"' for name, _ in parts)
        params = (f'({names});created={m["created"]};nonce="{m["nonce"]}";keyid="{public.hex()}"'
                  ';alg="ed25519";tag="simpul"')
        base = "".join(f'"{name}": {value}\n' for name, value in parts)
        base += f'"@signature-params": {params}'
        assert m["input"] == "simpul=" + params
        signature = sign(seed, base.encode())
        assert m["signature"] == f"simpul=:{b64(signature)}:"
        verify(public, signature, base.encode())
    return len(v["messages"])


# --- invitation -------------------------------------------------------------------------------------


def words(data):
    out = []
    for i in range(0, len(data), 2):
        bits = f"{int.from_bytes(data[i:i + 2], 'big'):016b}"
        con = [int(bits[at:at + 4], 2) for at in (0, 6, 12)]
        vow = [int(bits[at:at + 2], 2) for at in (4, 10)]
        c, w = "bdfghjklmnprstvz", "aiou"
        out.append(c[con[0]] + w[vow[0]] + c[con[1]] + w[vow[1]] + c[con[2]])
    return "-".join(out)


def check_invitation(v):
    assert words(bytes([127, 0, 0, 1])) == "lusab-babad"  # the example of the proquint proposal
    for i in v["invitations"]:
        hub, scope, origin, url = (bytes.fromhex(i["hub"]), i["scope"].encode(),
                                   i["origin"].encode(), i["url"].encode())
        packed = (bytes([i["role"]]) + i["expires_ms"].to_bytes(8, "big") + hub +
                  bytes.fromhex(i["token"]) + bytes([len(scope)]) + scope + bytes([len(origin)]) +
                  origin + len(url).to_bytes(2, "big") + url)
        packed += sha256(b"simpul1:" + packed)[:4]
        text = "simpul1:" + base64.urlsafe_b64encode(packed).decode().rstrip("=")
        assert text == i["text"]
        finger = sha256(hub)
        groups = [finger[at:at + 2].hex() for at in range(0, 16, 2)]
        assert " ".join(groups) == i["fingerprint"] and words(finger[:12]) == i["words"]
    return len(v["invitations"])


CHECKS = {"tree": check_tree, "note": check_note, "receipt": check_receipt,
          "message": check_message, "invitation": check_invitation}


def check_all():
    failed = 0
    for name, check in CHECKS.items():
        try:
            count = check(json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8")))
            print(f"ok {name}: {count} vectors")
        except (AssertionError, Malformed, Forged, KeyError, OSError, ValueError) as error:
            print(f"not ok {name}: {type(error).__name__} {error}")
            failed = 1
    return failed


def check_file(path, hub_key):
    try:
        must(re.fullmatch("[0-9a-fA-F]{64}", hub_key), "a hub key is 64 hex digits")
        text = pathlib.Path(path).read_bytes().decode("utf-8")
        changeset, index, origin, size, _, time = receipt_verify(text, bytes.fromhex(hub_key))
    except (Malformed, UnicodeDecodeError, OSError) as error:
        print(f"malformed: {error}", file=sys.stderr)
        return 3
    except Forged as error:
        print(f"FORGED: {error}", file=sys.stderr)
        return 4
    print(f"valid: changeset {changeset.hex()} is entry {index} of {size} in the log {origin}")
    if time:
        print(f"received by {datetime.datetime.fromtimestamp(time, datetime.timezone.utc)}")
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command")
    receipt = commands.add_parser("receipt", help="verify a receipt file, offline")
    receipt.add_argument("file")
    receipt.add_argument("--hub-key", required=True, help="the hub's Ed25519 key in hex")
    args = parser.parse_args()
    return check_file(args.file, args.hub_key) if args.command == "receipt" else check_all()


if __name__ == "__main__":
    sys.exit(main())
