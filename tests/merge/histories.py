"""histories - random histories for tests/merge/run, and those that are named after a pain.

Whatever is made up is something that real authors could have written: an author has seen a causally closed
set of changesets and its own chain, and its context only grows.  Clocks are years off, stand still or agree
to the last bit; an author may know less of its own chain than it has, and now and then breaks a rule, so that
its changeset is void.
"""
import copy

MS = 1760000000000
YEAR = 365 * 86400 * 1000

# The table of driver.c: name, policies by the first and the second rules, default, group, what it holds.
TABLE = [
    ('a', 'lww', 'lww', 'n', 0, 'any'),
    ('b', 'lww', 'lww', 'i9', 0, 'any'),
    ('g1', 'lww', 'lww', 'n', 1, 'any'),
    ('g2', 'lww', 'lww', 'n', 1, 'any'),
    ('m', 'manual', 'manual', 'topen', 0, 'any'),
    ('h1', 'manual', 'manual', 'n', 2, 'any'),
    ('h2', 'manual', 'manual', 'i0', 2, 'any'),
    ('c', 'counter', 'counter', 'i0', 0, 'integer'),
    ('d', 'counter', 'counter', 'n', 0, 'integer'),
    ('t', 'text', 'text', 'n', 0, 'text'),
    ('u', 'text', 'text', 'tx\n', 0, 'text'),
    ('x', 'counter', 'lww', 'n', 0, 'integer'),
    ('y', 'lww', 'counter', 'i7', 0, 'integer'),
    ('z', 'lww', 'text', 'n', 0, 'text'),
]
NUMBER = dict([('id', 0)] + [(column[0], i) for i, column in enumerate(TABLE, 1)])
DEFAULT = {column[0]: column[3] for column in TABLE}
BY_NAME = {column[0]: column for column in TABLE}

# 1.0 is not 1, -0.0 is not 0.0, and a blob is not a text.
ANY = ['n', 'i1', 'i1', 'i2', 'r3ff0000000000000', 'r0000000000000000', 'r8000000000000000', 't1', 'tone',
       'b31', 'b']
INTEGER = ['n', 'i0', 'i5', 'i-5', 'i7', f'i{2**63 - 1}', f'i{-2**63}']
NUMBERLESS = ['r3ff8000000000000', 'tmany', 'b']  # what no counter may be set to
TALLY = ['i0', 'i1', 'i1', 'i-1', 'i3', 'i10', f'i{2**63 - 1}', f'i{-2**63}']
LINES = ['a\n', 'b\n', 'c\n', 'A\n', 'b\r\n', '\n', 'é\n']


def narrowed(case, used):
    """The case with only these of its columns."""
    at = {column: i for i, column in enumerate(used)}
    case = copy.deepcopy(case)
    case['columns'] = [case['columns'][column] for column in used]
    case['rules'] = [[policies[column] for column in used] for policies in case['rules']]
    case['groups'] = [[at[x] for x in group if x in at] for group in case['groups']]
    case['groups'] = [group for group in case['groups'] if len(group) > 1]
    for c in case['changesets']:
        for h in c['changes']:
            h['values'] = {str(at[int(x)]): v for x, v in h['values'].items() if int(x) in at}
    return case


def table_of(names, seed=0):
    columns = [BY_NAME[name] for name in names]
    groups = [[i for i, column in enumerate(columns) if column[4] == group] for group in (1, 2)]
    return {
        'seed': seed,
        'columns': [{'name': column[0], 'default': column[3]} for column in columns],
        'groups': [group for group in groups if group],
        'rules': [[column[1] for column in columns], [column[2] for column in columns]],
        'changesets': [],
    }


class Maker:
    """One history in the making."""

    def __init__(self, rng, seed):
        self.rng = rng
        units = [['g1', 'g2'], ['h1', 'h2']] + [[column[0]] for column in TABLE if not column[4]]
        names = sorted((name for unit in rng.sample(units, rng.choice((1, 1, 2, 3))) for name in unit),
                       key=NUMBER.get)
        self.case = table_of(names, seed)
        self.chains, self.rows = rng.choice((2, 3, 3, 4)), rng.choice((1, 1, 1, 2, 3))
        self.seen = [{} for _ in range(self.chains)]
        self.told = [{} for _ in range(self.chains)]
        self.knew = {}
        self.rules = [0] * self.chains
        self.heads = [0] * self.chains
        self.news = rng.random() < .3  # somebody learns of the second rules
        self.stale = rng.choice((0, 0, 0, .3))
        self.ties = rng.random() < .3
        self.clocks = [rng.choice((0, 0, 10 * YEAR, -10 * YEAR, rng.randint(-9, 9))) for _ in range(4)]

    def hlc(self, chain):
        if self.ties:
            return (MS << 16) + self.rng.randrange(2)
        ms = MS + self.clocks[chain] + len(self.case['changesets']) + self.rng.randrange(3)
        return (ms << 16) + self.rng.choice((0, 0, 1))

    def known(self, chain, row):
        """Changes of the row that the author of the next changeset has seen."""
        return [h for c in self.case['changesets'] for h in c['changes'] if h['row'] == row
                and (c['chain'] == chain or c['seq'] <= self.seen[chain].get(c['chain'], 0))]

    def text(self, column, known):
        texts = [h['values'][column] for h in known if h['values'].get(column, 'n')[0] == 't']
        if not texts or self.rng.random() < .1:
            lines = [self.rng.choice(LINES) for _ in range(self.rng.randrange(6))]
        else:
            lines = texts[-1][1:].splitlines(keepends=True)
            for _ in range(self.rng.choice((1, 1, 2))):
                edited(self.rng, lines, LINES)
        text = ''.join(lines)
        return 't' + (text.rstrip('\n') if self.rng.random() < .1 else text)

    def value(self, column, op, rules, known):
        name = self.case['columns'][column]['name']
        holds = BY_NAME[name][5]
        counter = self.case['rules'][rules][column] == 'counter'
        if holds == 'integer' and self.rng.random() < (.02 if counter else .2):
            return self.rng.choice(NUMBERLESS)
        if op == 'update' and counter:
            return self.rng.choice(TALLY) if self.rng.random() < .99 else 'n'
        if holds == 'text':
            return self.text(str(column), known) if self.rng.random() < .95 else self.rng.choice(('n', 'b61'))
        return self.rng.choice(ANY if holds == 'any' else INTEGER)

    def written(self, op):
        columns = range(len(self.case['columns']))
        if op == 'delete' or op == 'insert' and self.rng.random() < .1:
            return []
        if op == 'insert' and self.rng.random() < .6:
            return list(columns)
        chosen = {self.rng.choice(columns)} | {x for x in columns if self.rng.random() < .4}
        for group in self.case['groups']:
            if op == 'update' and chosen & set(group) and self.rng.random() < .98:
                chosen |= set(group)
        return sorted(chosen)

    def change(self, chain, op, row, extra=()):
        known = self.known(chain, row) + [h for h in extra if h['row'] == row]
        if op is None and not known:
            op = self.rng.choice(('insert',) * 8 + ('update', 'delete'))
        elif op is None:
            op = self.rng.choice(('update',) * 6 + ('delete', 'delete', 'insert', 'insert'))
        own = None
        if self.rng.random() < self.stale:
            own = self.rng.randrange(self.heads[chain] + 1)
        values = {str(x): self.value(x, op, self.rules[chain], known) for x in self.written(op)}
        return {'row': row, 'op': op, 'hlc': self.hlc(chain), 'own': own, 'values': values}

    def look_around(self, chain):
        """The author merges what some others have sent, and all that those had seen."""
        for other in range(self.chains):
            if other == chain or self.rng.random() < .5 or not self.heads[other]:
                continue
            upto = self.rng.randint(self.seen[chain].get(other, 0), self.heads[other])
            for c in self.case['changesets']:
                if c['chain'] != other or c['seq'] > upto:
                    continue
                seen, rules = self.knew[other, c['seq']]
                self.rules[chain] = max(self.rules[chain], rules)
                for x, seq in list(seen.items()) + [(other, c['seq'])]:
                    if x != chain:
                        self.seen[chain][x] = max(self.seen[chain].get(x, 0), seq)

    def changeset(self):
        chain = self.rng.randrange(self.chains)
        self.look_around(chain)
        if self.news and self.rng.random() < .3:
            self.rules[chain] = 1
        changes = []
        if self.rows > 1 and self.rng.random() < .2:  # another key
            old, new = self.rng.sample(range(self.rows), 2)
            changes = [self.change(chain, 'delete', old), self.change(chain, 'insert', new)]
        for _ in range(self.rng.choice((1, 1, 1, 2, 3)) if not changes else 0):
            changes.append(self.change(chain, None, self.rng.randrange(self.rows), changes))
        self.heads[chain] += 1
        knows = dict({str(x): seq for x, seq in sorted(self.seen[chain].items())}, hub=self.rules[chain])
        self.case['changesets'].append({
            'chain': chain, 'seq': self.heads[chain],
            'names': self.rules[chain] if self.rng.random() < .95 else 0, 'void': False,
            'context': {x: seq for x, seq in knows.items() if seq > self.told[chain].get(x, 0)},
            'changes': changes})
        self.knew[chain, self.heads[chain]] = dict(self.seen[chain]), self.rules[chain]
        self.told[chain] = knows


def edited(rng, lines, pool):
    at = rng.randrange(len(lines) + 1)
    lines[at:at + rng.randrange(2)] = [rng.choice(pool) for _ in range(rng.randrange(3))]


def make(rng, seed):
    maker = Maker(rng, seed)
    for _ in range(rng.choice((2, 3, 3, 4, 4, 5, 5, 6, 8, 10))):
        maker.changeset()
    if rng.random() < .1:  # a chain is revoked, from some changeset on
        last = rng.choice(maker.case['changesets'])
        for c in maker.case['changesets']:
            c['void'] = c['chain'] == last['chain'] and c['seq'] >= last['seq']
    return maker.case


def three_texts(rng):
    pool = [line.encode() for line in LINES] + [b'%d\n' % i for i in range(rng.choice((0, 3, 30)))]
    base = [rng.choice(pool) for _ in range(rng.choice((0, 1, 3, 6, 12, 40)))]
    texts = [base, list(base), list(base)]
    for side in texts[1:]:
        for _ in range(rng.choice((0, 1, 1, 2, 3, 8))):
            edited(rng, side, pool)
    return [b''.join(side)[:-1] if rng.random() < .2 else b''.join(side) for side in texts]


# ---- histories that are named after a pain ----

def history(names, *sets):
    """Each set: (chain, its context, changes); each change: (op, row, years off, {column: value})."""
    case, heads = table_of(names), {}
    for chain, seen, changes in sets:
        heads[chain] = heads.get(chain, 0) + 1
        case['changesets'].append({
            'chain': chain, 'seq': heads[chain], 'names': 0, 'void': False,
            'context': {str(x): seq for x, seq in seen.items()},
            'changes': [{'row': row, 'op': op, 'own': None, 'hlc': (MS + years * YEAR) << 16,
                         'values': {str(names.index(name)): v for name, v in values.items()}}
                        for op, row, years, values in changes]})
    return case


def shown(rows, row, column=0):
    return rows[row]['columns'][column + 1]['shown']


def siblings(rows, row, column=0):
    return [value for _, _, value in rows[row]['columns'][column + 1]['siblings']]


def wall_clocks():
    for years in (-10, -1, 0, 1, 10):
        yield (history(['a'], (0, {}, [('insert', 0, -years, {'a': 't1'})]),
                       (1, {0: 1}, [('update', 0, years, {'a': 't2'})]),
                       (0, {1: 1}, [('update', 0, -years, {'a': 't3'})])),
               lambda rows: shown(rows, 0) == 't3' and siblings(rows, 0) == [])


def clocks_decide_nothing_but_ties(rng):
    """The same history under other clocks: the same writes stand, the same rows are alive."""
    def without_clocks(rows):
        return {row: (state['alive'], [[(chain, seq, flags) for chain, seq, _, flags in column['writes']]
                                       for column in state['columns']]) for row, state in rows.items()}

    import merge_reference
    for seed in range(150):
        case = make(rng, seed)
        want = without_clocks(merge_reference.merge(case))
        clocks = [rng.choice((-10, -3, 0, 3, 10)) * YEAR for _ in range(4)]
        case = copy.deepcopy(case)
        for c in case['changesets']:
            for h in c['changes']:
                h['hlc'] += clocks[c['chain']] << 16
        yield case, lambda rows, want=want: without_clocks(rows) == want


def key_changes():
    first = (0, {}, [('insert', 0, 0, {'a': 't1'})])

    def moved(new, value, years):
        return [('delete', 0, years, {}), ('insert', new, years, {'a': value})]

    for years in (-10, 0, 10):
        yield (history(['a'], first, (1, {0: 1}, moved(1, 't1', years)), (2, {0: 1}, moved(2, 't1', 0))),
               lambda rows: not rows[0]['alive'] and rows[1]['alive'] and rows[2]['alive'])
        yield (history(['a'], first, (1, {0: 1}, moved(1, 't1', years)), (2, {0: 1}, moved(1, 't2', 0))),
               lambda rows: not rows[0]['alive'] and len(siblings(rows, 1)) == 1)
        yield (history(['a'], first, (1, {0: 1}, moved(1, 't1', years)),
                       (2, {0: 1}, [('update', 0, 0, {'a': 't2'})])),
               lambda rows: shown(rows, 0) == 't2' and shown(rows, 1) == 't1')


def deletes():
    first = (0, {}, [('insert', 0, 0, {'a': 't1', 'b': 'i1'})])
    for years in (-10, 0, 10):
        gone = [('delete', 0, years, {})]
        yield (history(['a', 'b'], first, (1, {0: 1}, gone), (2, {0: 1}, [('delete', 0, 0, {})])),
               lambda rows: not rows[0]['alive'])
        yield (history(['a', 'b'], first, (1, {0: 1}, gone), (2, {0: 1}, [('update', 0, 0, {'a': 't2'})])),
               lambda rows: shown(rows, 0) == 't2' and shown(rows, 0, 1) == 'i1')
        yield (history(['a', 'b'], first, (1, {0: 1}, gone),
                       (2, {0: 1, 1: 1}, [('update', 0, 0, {'a': 't2'})]),
                       (0, {}, [('delete', 0, years, {})])),
               lambda rows: shown(rows, 0) == 't2')


def reinserts():
    first = (0, {}, [('insert', 0, 0, {'a': 't1', 'b': 'i1'})])
    for years in (-10, 0, 10):
        yield (history(['a', 'b'], first, (0, {}, [('delete', 0, 0, {})]),
                       (1, {0: 2}, [('insert', 0, years, {'a': 't2'})])),
               lambda rows: shown(rows, 0) == 't2' and shown(rows, 0, 1) == 'i9')
        yield (history(['a', 'b'], first,
                       (1, {0: 1}, [('delete', 0, 0, {}), ('insert', 0, years, {'a': 't2', 'b': 'i2'})]),
                       (2, {0: 1}, [('delete', 0, 0, {})])),
               lambda rows: shown(rows, 0) == 't2' and shown(rows, 0, 1) == 'i2')


def equals():
    for names, value in ((['a'], 't1'), (['m'], 't1'), (['t'], 'ta\nb\n'), (['a'], 'n')):
        yield (history(names, *[(chain, {}, [('insert', 0, 10 * chain - 10, {names[0]: value})])
                                for chain in range(3)]),
               lambda rows, value=value: shown(rows, 0) == value and siblings(rows, 0) == [])
    yield (history(['a'], (0, {}, [('insert', 0, 0, {'a': 'i1'})]),
                   (1, {}, [('insert', 0, 1, {'a': 'r3ff0000000000000'})])),
           lambda rows: siblings(rows, 0) == ['i1'])


def counters():
    first = (0, {}, [('insert', 0, 0, {'c': 'i100'})])
    for years in (-10, 0, 10):
        yield (history(['c'], first, (1, {0: 1}, [('update', 0, years, {'c': 'i3'})]),
                       (2, {0: 1}, [('update', 0, 0, {'c': 'i-1'})]),
                       (1, {}, [('update', 0, -years, {'c': 'i5'})])),
               lambda rows: shown(rows, 0) == 'i104' and siblings(rows, 0) == [])


def properties(seed):
    import random
    return [
        ('wall clocks ten years off: an informed later edit wins', wall_clocks()),
        ('wall clocks ten years off: the same writes stand',
         clocks_decide_nothing_but_ties(random.Random(seed))),
        ('a changed key converges', key_changes()),
        ('deletes converge, an edit beats a concurrent one', deletes()),
        ('inserted again: only what was written anew', reinserts()),
        ('equal concurrent values are one', equals()),
        ('counters add up', counters()),
    ]
