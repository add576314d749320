#!/usr/bin/env python3
"""mock_seed - what the made-up API of `make app-dev` begins with: the tables, and a region in them.

usage: node/web/app/mock_seed.py    JSON on standard output

SQLite makes the tables from the workspace's own schema.sql and reference.sql: the sample obeys every CHECK.
Sawahlunto's units and three of its quick wins are known from the press; the rest of the text is made up.
"""
import json
import os
import re
import sqlite3
from datetime import datetime, timedelta, timezone

HERE = os.path.dirname(os.path.abspath(__file__))
WORKSPACE = os.path.join(HERE, '../../workspace/masterplan')
SCOPE, COHORT = '13.73', '2023'
NOW = datetime.now(timezone.utc).replace(microsecond=0)

with open(os.path.join(HERE, 'mock_sample.json'), encoding='utf-8') as opened:
    DATA = json.load(opened)
UNITS = [row[0] for row in DATA['opd']] + \
    ['kel-' + name.lower().replace(' ', '-') for name in DATA['kelurahan']]


def uid(n):
    return f'018f0000-0000-7000-8000-{n:012x}'


def ts(**ago):
    return (NOW - timedelta(**ago)).strftime('%Y-%m-%dT%H:%M:%SZ')


class Sample:
    """Each method fills one part; put() and id() are what they fill it with."""

    def __init__(self, db):
        self.db, self.n = db, 0

    def put(self, table, **values):
        places = ', '.join('?' * (len(values) + 1))
        self.db.execute(f'INSERT INTO {table} (scope, {", ".join(values)}) VALUES ({places})',
                        (SCOPE, *values.values()))

    def rows(self, table, columns, rows, **same):
        for row in rows:
            self.put(table, **dict(zip(columns.split(), row)), **same)

    def id(self):
        self.n += 1
        return uid(self.n)

    def sheet(self, code, unit):
        id_ = f'{COHORT}/{SCOPE}/1/{code}/{unit}/--'
        self.put('worksheet', id=id_, stage_id=f'{COHORT}/{SCOPE}/1', template_code=code, template_version=1,
                 org_id=unit)
        return id_

    def status(self, kind, object_id, state, days):
        self.put('status_event', id=self.id(), object_kind=kind, object_id=object_id, to_state=state,
                 actor='Rina Marlina', ts=ts(days=days))

    def institution(self):
        self.db.execute("INSERT INTO region (code, province_code, name, kind, tz)"
                        " VALUES (?, '13', 'Sawahlunto', 'kota', 'WIB')", (SCOPE,))
        self.rows('organization', 'id name short_name', DATA['opd'], kind='opd')
        for id_, name in zip(UNITS[len(DATA['opd']):], DATA['kelurahan']):
            self.put('organization', id=id_, kind='kelurahan', name='Kelurahan ' + name, short_name=name)
        self.put('organization', id='ugm', kind='perguruan_tinggi', short_name='UGM',
                 name='Universitas Gadjah Mada')
        self.rows('person', 'id full_name title_prefix title_suffix', DATA['people'])
        for no in range(6):
            self.put('stage', id=f'{COHORT}/{SCOPE}/{no}', cohort_id=COHORT, stage_no=no,
                     planned_start=f'2023-{5 + no:02}-05', planned_end=f'2023-{5 + no:02}-06',
                     actual_start=f'2023-{5 + no:02}-05' if no < 4 else None,
                     actual_end=f'2023-{5 + no:02}-06' if no < 3 else None)
        self.put('decision', id='d1', kind='sk_dewan', number='188.45/97/WAKO-SWL/2023',
                 signer_person_id='p4', title='Pembentukan Dewan Smart City', signed_on='2023-06-12')
        self.put('decision', id='d2', kind='mou', number='415.4/12/2023', signed_on='2023-05-22',
                 title='Nota kesepahaman Gerakan Menuju Smart City')

    def issues(self):
        issues = DATA['issues']
        columns = 'dimension_code statement kind affected existing_effort data_evidence priority'
        for at, unit in enumerate(UNITS):
            if at % 5 == 4 or unit == 'kel-aur-mulyo':
                continue
            sheet = self.sheet('KK-ISU', unit)
            for step in range(len(issues) if unit == 'disbud' else 3 + at % 4):
                self.rows('issue', columns, [issues[(at * 5 + step) % len(issues)]], id=self.id(),
                          worksheet_id=sheet, org_id=unit)
            self.status('worksheet', sheet, 'submitted' if at % 3 == 0 else 'draft', 2 + at)

    def swot(self):
        for unit, dimension, step in (('disbud', 'SB', 1), ('dispar', 'SB', 3), ('diskominfo', 'SG', 2)):
            sheet, ids = self.sheet('KK-SWOT', unit), {}
            for quadrant, seq, statement, weight, rating in DATA['swot'][::step]:
                ids[f'{quadrant}{seq}'] = self.id()
                self.put('swot_factor', id=ids[f'{quadrant}{seq}'], worksheet_id=sheet, org_id=unit,
                         dimension_code=dimension, quadrant=quadrant, seq=seq, statement=statement,
                         weight_bp=weight if step == 1 else None, rating=rating if step == 1 else None)
            self.tows(unit, dimension, ids)

    def tows(self, unit, dimension, ids):
        sheet = self.sheet('KK-TOWS', unit)
        for cell, statement, cites, selected in DATA['tows']:
            if not all(cite in ids for cite in cites):
                continue
            id_ = self.id()
            self.put('tows_strategy', id=id_, worksheet_id=sheet, org_id=unit, dimension_code=dimension,
                     cell=cell, statement=statement, selected=selected)
            self.rows('tows_strategy_factor', 'swot_factor_id', [[ids[cite]] for cite in cites],
                      tows_strategy_id=id_)

    def readiness(self):
        sheet = self.sheet('KK-SIAP', 'diskominfo')
        columns = 'element sub_element aspect current_state target_state level'
        for row in DATA['readiness']:
            self.rows('readiness_item', columns, [row], id=self.id(), worksheet_id=sheet)
        for seq, row in enumerate(DATA['directions'], 1):
            self.rows('direction', 'kind statement', [row], id=self.id(), cohort_id=COHORT, seq=seq)

    def programmes(self):
        for at, (*row, money) in enumerate(DATA['programmes']):
            self.rows('programme', 'dimension_code lead_org_id name horizon start_year end_year', [row],
                      id=f'prog-{at:02}', cohort_id=COHORT, output='Layanan berjalan dan terukur',
                      beneficiaries='Warga kota', origin='new')
            for step, million in enumerate(money):
                self.put('programme_year', programme_id=f'prog-{at:02}', year=row[4] + step, funding='apbd',
                         activity='Perluasan' if step else 'Penyiapan', budget_rp=million * 1000000)

    def quick_wins(self):
        columns = 'id dimension_code subdimension_code lead_org_id name expansion phase summary benefit'
        for *row, history in DATA['quick_wins']:
            self.rows('quick_win', columns, [row], cohort_id=COHORT, innovation_kind='teknologi',
                      starts_on='2023-07-01', target_on='2023-12-15')
            for day, percent, basis in history:
                self.put('qw_progress', id=self.id(), quick_win_id=row[0], as_of=day, percent=percent,
                         basis=basis, reported_by='Hendri Saputra', recorded_ts=day + 'T03:05:00Z')
            state = 'selected' if row[0] in ('qw-dada', 'qw-jempol') else 'candidate'
            self.status('quick_win', row[0], state, 9)
        self.db.execute("UPDATE quick_win SET integration = 'Satu Data Sawahlunto dan peta Dinas PUPR',"
                        " collaboration = 'Juru pelihara, SMK, UGM', problem = ?,"
                        " local_wisdom = 'Tansi, dapur umum, dan bahasa tansi' WHERE id = 'qw-dada'",
                        (DATA['issues'][0][1],))

    def one_quick_win(self):
        for seq, row in enumerate(DATA['milestones'], 1):
            self.rows('qw_milestone', 'title due_on done_on weight_pct', [row], id=self.id(),
                      quick_win_id='qw-dada', seq=seq, owner_org_id='disbud')
        for org, name, form in (('ugm', 'Universitas Gadjah Mada', 'Pendampingan pendataan'),
                                (None, 'Komunitas Sawahlunto Heritage', 'Relawan foto')):
            self.put('partner_link', id=self.id(), owner_kind='quick_win', owner_id='qw-dada', org_id=org,
                     partner_name=name, form=form)
        expert = 'Dr. Agus Tri Cahyono'
        for *row, body in DATA['threads']:
            self.rows('review_thread', 'id target_id target_field target_text kind severity', [row],
                      target_kind='quick_win', opened_by=expert, opened_ts=ts(days=12))
            self.put('review_comment', id=self.id(), thread_id=row[0], author=expert, body=body,
                     created_ts=ts(days=12))
        self.put('review_comment', id=self.id(), thread_id='t1', author='Hendri Saputra',
                 created_ts=ts(days=10), body='Baik, kami tambahkan tonggak formulir laporan warga.')

    def books(self):
        for no in (1, 2, 3):
            self.put('book', id=f'{COHORT}/{SCOPE}/{no}', cohort_id=COHORT, book_no=no, period_start=2024,
                     period_end=2028)
        text = '\n\n'.join(DATA['book']) + '\n\n'
        for code, body in (('1', text * 3), ('2', text[:260]), ('4', text)):
            self.put('book_section_text', book_id=f'{COHORT}/{SCOPE}/1', section_code=code, body=body)
        for code, hours in (('B1', 76), ('B2', 700), ('B3', -30)):
            self.db.execute('UPDATE deadline SET due_ts = ? WHERE id = ?',
                            (ts(hours=-hours), f'{COHORT}/{code}'))


def column(table_sql, info):
    _, name, kind, notnull, default, _ = info
    out = {'name': name, 'type': kind, 'null': not notnull, 'policy': 'lww', 'group': 0}
    if default is not None:
        out['default'] = json.loads(default.replace("'", '"'))
    choices = re.search(rf'CHECK \({name} IN \(([^)]*)\)', table_sql, re.S)
    if choices:
        out['choices'] = [c.strip().strip("'") for c in choices[1].split(',')]
    bounds = re.search(rf'CHECK \({name} BETWEEN (\d+) AND (\d+)\)', table_sql)
    if bounds:
        out['min'], out['max'] = int(bounds[1]), int(bounds[2])
    return out


def main():
    db = sqlite3.connect(':memory:')
    with open(os.path.join(WORKSPACE, 'schema.sql'), encoding='utf-8') as schema, \
            open(os.path.join(WORKSPACE, 'reference.sql'), encoding='utf-8') as reference, \
            open(os.path.join(WORKSPACE, 'rules.json'), encoding='utf-8') as rules_file:
        db.executescript(schema.read())
        db.executescript(reference.read())
        rules = json.load(rules_file)['tables']
    sample = Sample(db)
    for fill in (sample.institution, sample.issues, sample.swot, sample.readiness, sample.programmes,
                 sample.quick_wins, sample.one_quick_win, sample.books):
        fill()
    tables, rows = [], {}
    listed = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table' ORDER BY name").fetchall()
    for name, sql in listed:
        infos = db.execute(f'PRAGMA table_info({name})').fetchall()
        rule = rules.get(name, {'label': {'id': name, 'en': name}, 'scope': 'national', 'local': True})
        read_only = rule['scope'] == 'national' and not rule.get('local')
        tables.append({'name': name, 'label': rule['label'], 'scope': rule['scope'],
                       'append': rule.get('append', False), 'local': rule.get('local', False),
                       'key': [i[1] for i in sorted(infos, key=lambda i: i[5]) if i[5] > 0],
                       'write': 'none' if read_only else 'all', 'own': None,
                       'columns': [column(sql, i) for i in infos]})
        names = [i[1] for i in infos]
        rows[name] = [dict(zip(names, row)) for row in db.execute(f'SELECT * FROM {name}')]
    print(json.dumps({'tables': tables, 'rows': rows}))


if __name__ == '__main__':
    main()
