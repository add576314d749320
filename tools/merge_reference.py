#!/usr/bin/env python3
"""merge_reference - what the rows are, written from proto/PROTOCOL.md by set definitions.

Shares no code with the C program and never merges step by step: each question ("does this write stand?")
is asked of the whole set of changes at once, as the sections Merge and Text merge put it.  Slow and plain on
purpose.  tests/merge/run compares the C code with it; `tools/merge_reference.py CASE.json` prints its answer.

A case is a dict (what tests/merge/cases/*.json hold):

    columns     [{"default": VALUE}, ...]    the columns beside the key
    groups      [[column, column, ...], ...]   written together
    rules       [[policy per column], ...]   documents with rules; the last is what columns are shown by
    changesets  [{"chain", "seq", "names", "void", "context": {chain: seq}, "changes": [...]}, ...]
    change      {"row", "op": insert | update | delete, "hlc", "own": null or u, "values": {column: VALUE}}

Changesets stand after their ancestors.  "context" is what the body tells; "hub": 1 in it is the place on the
hub's chain where rules 1 were approved; rules 0 were before anybody's grant.  "names" is the document that
the changeset names; "void": it is revoked.  VALUE is a string whose first character is the storage class:
"n", "i-5", "r" and the 64 bits in hex, "t" and the text, "b" and hex; so values are equal if and only if the
strings are.  Chains are numbers in the order of their ids.
"""
import json
import sys

INT_MIN, INT_MAX = -2**63, 2**63 - 1
LINES_MAX, DISTANCE_MAX, TEXT_BYTES_MAX = 16384, 1024, 262144
KEY = -1  # the key columns, as one: an INSERT writes them and nothing else does


class Change:
    """One row's insert, update or delete, with what it writes sorted into plain writes and tallies."""

    def __init__(self, judged_set, at, change, policies):
        self.chain, self.seq, self.at = judged_set.changeset['chain'], judged_set.changeset['seq'], at
        self.seen = {int(chain): seq for chain, seq in judged_set.seen.items() if chain != 'hub'}
        self.op, self.hlc, self.own = change['op'], change['hlc'], change['own']
        self.plain, self.tallies = {}, {}
        for column, value in change['values'].items():
            column = int(column)
            tally = self.op == 'update' and policies[column] == 'counter'
            (self.tallies if tally else self.plain)[column] = value
        if self.op == 'insert':
            self.plain[KEY] = None
        self.order = (self.hlc, self.chain, self.seq, at)

    def covers(self, other):
        if other.chain != self.chain:
            return other.seq <= self.seen.get(other.chain, 0)
        if other.seq < self.seq:
            return self.own is None or other.seq <= self.own
        return other.seq == self.seq and other.at < self.at

    def flags(self, deletes, column):
        return any(d.covers(self) for d in deletes) + 2 * (column in self.tallies)


def obeys(case, changeset, rules_no):
    """Does it keep to what Rules in effect says of groups and counters?"""
    rules, named = case['rules'][rules_no], case['rules'][changeset['names']]
    for change in changeset['changes']:
        written = {int(column): value for column, value in change['values'].items()}
        for column, value in written.items():
            if (rules[column] == 'counter') != (named[column] == 'counter'):
                return False
            if rules[column] == 'counter' and value[0] != 'i' and (change['op'] != 'insert' or value != 'n'):
                return False
        for group in case['groups'] if change['op'] == 'update' else []:
            if 0 < len(written.keys() & set(group)) < len(group):
                return False
    return True


class Judged:
    """A changeset with its full context (what merged ones of its chain and itself tell) and the verdict."""

    def __init__(self, case, changeset, told):
        self.changeset, self.seen = changeset, dict(told)
        for chain, seq in changeset['context'].items():
            self.seen[chain] = max(self.seen.get(chain, 0), seq)
        self.rules = self.seen.get('hub', 0)
        self.void = changeset['void'] or not obeys(case, changeset, self.rules)


def judged(case):
    told, all_of_them = {}, []
    for changeset in case['changesets']:
        one = Judged(case, changeset, told.get(changeset['chain'], {}))
        if not one.void:
            told[changeset['chain']] = one.seen
        all_of_them.append(one)
    return all_of_them


def rows_of(case):
    """{row: its changes in merged changesets}; what is void is there but changes nothing."""
    rows = {}
    for one in judged(case):
        for at, change in enumerate(one.changeset['changes']):
            rows.setdefault(change['row'], [])
            if not one.void:
                rows[change['row']].append(Change(one, at, change, case['rules'][one.rules]))
    return rows


def plain_standing(changes, column):
    """Ascending by the order of writes."""
    ends = [w for w in changes if column in w.plain or w.op == 'insert']
    stand = [v for v in changes if column in v.plain and not any(w.covers(v) for w in ends)]
    return sorted(stand, key=lambda w: w.order)


def tallies_standing(changes, column):
    tallies = [w for w in changes if column in w.tallies]
    return [v for v in tallies
            if not any(w.chain == v.chain and (w.seq, w.at) > (v.seq, v.at) for w in tallies)]


# ---- text ----

def lines_of(text):
    parts = text.split(b'\n')
    return [part + b'\n' for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def pairs_of(base, other):
    """{line of base: line of other}, or None if they are too far apart."""
    n, m = len(base), len(other)
    distance = [[0] * (m + 1) for _ in range(n + 1)]
    for i in range(n, -1, -1):
        for j in range(m, -1, -1):
            if i == n or j == m:
                distance[i][j] = (n - i) + (m - j)
            elif base[i] == other[j]:
                distance[i][j] = distance[i + 1][j + 1]
            else:
                distance[i][j] = 1 + min(distance[i + 1][j], distance[i][j + 1])
    if distance[0][0] > DISTANCE_MAX:
        return None
    pairs, i, j = {}, 0, 0
    while i < n and j < m:
        if base[i] == other[j]:
            pairs[i] = j
            i, j = i + 1, j + 1
        elif distance[i + 1][j] < distance[i][j]:
            i += 1
        else:
            j += 1
    return pairs


def merge_texts(base, a, b):
    """The merged text, or None for a conflict."""
    if a == b or b == base:
        return a
    if a == base:
        return b
    base, a, b = lines_of(base), lines_of(a), lines_of(b)
    if max(len(base), len(a), len(b)) > LINES_MAX:
        return None
    in_a, in_b = pairs_of(base, a), pairs_of(base, b)
    if in_a is None or in_b is None:
        return None
    anchors = [(i, in_a[i], in_b[i]) for i in range(len(base)) if i in in_a and i in in_b]
    result, at = [], (0, 0, 0)
    for anchor in anchors + [(len(base), len(a), len(b))]:
        run_o, run_a, run_b = (x[p:q] for x, p, q in zip((base, a, b), at, anchor))
        if run_b in (run_a, run_o):
            result += run_a
        elif run_a == run_o:
            result += run_b
        else:
            return None
        result += base[anchor[0]:anchor[0] + 1]
        at = tuple(p + 1 for p in anchor)
    merged = b''.join(result)
    return merged if len(merged) <= TEXT_BYTES_MAX else None


def as_bytes(value):
    return value[1:].encode('utf-8', 'surrogateescape')


def merged_text(changes, column, stand):
    """The value of a column of policy text whose standing writes differ, or None."""
    if any(w.plain[column][0] != 't' for w in stand):
        return None
    common = [c for c in changes if (column in c.plain or c.op == 'insert')
              and all(w.covers(c) for w in stand)]
    last = [c for c in common if all(c.covers(d) for d in common if d is not c)]
    if not last or last[0].plain.get(column, 'n')[0] != 't':
        return None
    base, merged = as_bytes(last[0].plain[column]), None
    for write in distinct(stand, column):
        text = as_bytes(write.plain[column])
        merged = text if merged is None else merge_texts(base, merged, text)
        if merged is None:
            return None
    return 't' + merged.decode('utf-8', 'surrogateescape')


# ---- what is shown ----

def distinct(stand, column):
    """The greatest write of each distinct value, ascending."""
    greatest = {w.plain[column]: w for w in stand}
    return sorted(greatest.values(), key=lambda w: w.order)


def shown(case, changes, column, stand, tallies):
    """(value, the writes that are its siblings)."""
    default = case['columns'][column]['default']
    policy = case['rules'][-1][column]
    writes = distinct(stand, column)
    base = writes[-1].plain[column] if writes else default
    if tallies:
        siblings = [w for w in writes[:-1] if not any(t.covers(w) for t in tallies)]
        if base[0] not in 'ni':
            return base, siblings
        total = int(base[1:] or 0) + sum(int(t.tallies[column][1:]) for t in tallies)
        return f'i{min(max(total, INT_MIN), INT_MAX)}', siblings
    if len(writes) <= 1:
        return base, []
    if policy == 'manual':
        return default, writes
    if policy == 'text':
        merged = merged_text(changes, column, stand)
        if merged is not None:
            return merged, []
    return base, writes[:-1]


def row_state(case, changes):
    """What tests/merge/run compares: alive, and of each column who stands, what is shown, what beside it."""
    deletes = [c for c in changes if c.op == 'delete']
    alive, columns = False, []
    for column in [KEY] + list(range(len(case['columns']))):
        stand, tallies = plain_standing(changes, column), tallies_standing(changes, column)
        writes = sorted((w.chain, w.seq, w.hlc, w.flags(deletes, column)) for w in stand + tallies)
        alive = alive or any(not flags & 1 for _, _, _, flags in writes)
        value, siblings = (None, []) if column == KEY else shown(case, changes, column, stand, tallies)
        columns.append({'writes': writes, 'shown': value,
                        'siblings': sorted((w.chain, w.seq, w.plain[column]) for w in siblings)})
    if not alive:
        for state in columns:
            state['shown'], state['siblings'] = None, []
    return {'alive': alive, 'columns': columns}


def merge(case):
    """{row: its state} for every row that a changeset names."""
    return {row: row_state(case, changes) for row, changes in rows_of(case).items()}


def main():
    if len(sys.argv) != 2:
        sys.exit('usage: merge_reference.py CASE.json')
    with open(sys.argv[1], encoding='utf-8') as file:
        case = json.load(file)
    for row, state in sorted(merge(case.get('case', case)).items()):
        print(f'row {row}: {"alive" if state["alive"] else "not there"}')
        for number, column in enumerate(state['columns'], KEY):
            print(f'  {"key" if number == KEY else f"column {number}"}: {column}')


if __name__ == '__main__':
    main()
