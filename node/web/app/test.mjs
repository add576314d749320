#!/usr/bin/env node
// test.mjs - what of the app needs no browser: words, numbers and dates, cells, differences, weights.
//
// usage: node test.mjs [WORD]    TAP on standard output; the cases whose name contains WORD
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as esbuild from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));

// The modules as one, in a file that Node can import.
async function load() {
	const directory = mkdtempSync(join(tmpdir(), 'simpul-app-test-')),
		outfile = join(directory, 'app.mjs');
	const names = {
		id: 'text/id.ts',
		en: 'text/en.ts',
		format: 'format.ts',
		cells: 'cells.ts',
		diff: 'parts/diff.tsx',
		xlsx: 'xlsx.ts',
		plot: 'pages/swot_plot.tsx',
	};
	const contents = `${Object.entries(names)
		.map(([name, file]) => `export * as ${name} from './${file}';`)
		.join('\n')}
		export { setLanguage } from './text/index.ts';`;
	await esbuild.build({
		stdin: { contents, resolveDir: join(here, 'src'), loader: 'ts' },
		outfile,
		bundle: true,
		format: 'esm',
		platform: 'node',
		jsx: 'automatic',
		jsxImportSource: 'preact',
		logLevel: 'warning',
		absWorkingDir: here,
	});
	const app = await import(pathToFileURL(outfile).href);
	rmSync(directory, { recursive: true });
	return app;
}

const app = await load();
const { format, cells } = app;
const text = (more = {}) => ({
	name: 'x',
	label: 'X',
	width: 10,
	kind: 'text',
	required: false,
	options: [],
	aliases: new Map(),
	...more,
});

// Each word of one language has its partner, of the same kind, and says something.
function compareWords(a, b, path) {
	assert.deepEqual(Object.keys(a).sort(), Object.keys(b).sort(), path);
	for (const [name, value] of Object.entries(a)) {
		const other = b[name],
			where = `${path}.${name}`;
		assert.equal(typeof other, typeof value, where);
		if (typeof value === 'object') compareWords(value, other, where);
		else if (typeof value === 'function')
			assert.ok(
				typeof value('1', '2', '3') === 'string' &&
					typeof other('1', '2', '3') === 'string' &&
					value.length === other.length,
				where
			);
		else assert.ok(value.trim() !== '' && other.trim() !== '', where);
	}
}

const CASES = {
	'both languages have the same words'() {
		compareWords(app.id.id, app.en.en, 'words');
	},
	'numbers and money as they are written here'() {
		assert.equal(format.rupiah(1250000000), 'Rp 1.250.000.000');
		assert.equal(format.percent(70), '70 %');
		assert.equal(format.number(1234.5, 1), '1.234,5');
		assert.equal(format.rupiahShort(600e6), 'Rp 600 juta');
		assert.equal(format.rupiahShort(1250e6), 'Rp 1,25 miliar');
		assert.equal(format.rupiahShort(1200e6), 'Rp 1,2 miliar');
		for (const [typed, value] of [
			['1.250.000', 1250000],
			['Rp 1.250.000,50', 1250000.5],
			['12,5', 12.5],
			['12.5', 12.5],
			['70 %', 70],
			['1.5', 1.5],
		])
			assert.equal(format.parseNumber(typed), value, typed);
		for (const typed of ['abc', '1,2,3', '1.2.3', ''])
			assert.ok(Number.isNaN(format.parseNumber(typed)), typed);
	},
	'times in the three zones'() {
		assert.equal(
			format.dateTime('2023-09-07T07:05:00Z', 'WIB'),
			'Kamis, 7 September 2023 14.05 WIB'
		);
		assert.equal(
			format.dateTime('2023-09-30T16:59:00Z', 'WITA'),
			'Minggu, 1 Oktober 2023 00.59 WITA'
		);
		format.setZone('WITA');
		assert.equal(
			format.dateTimeBoth('2023-09-30T16:59:00Z'),
			'Sabtu, 30 September 2023 23.59 WIB (00.59 WITA)'
		);
		format.setZone('WIB');
		assert.equal(format.span((3 * 24 + 4) * 3600e3 + 60e3), '3 hari 4 jam');
	},
	'dates as people type them'() {
		for (const typed of [
			'7/9/2023',
			'7-9-23',
			'7 September 2023',
			'7 sep 2023',
			'2023-09-07',
		])
			assert.equal(format.parseDate(typed), '2023-09-07', typed);
		for (const typed of ['31/2/2023', '9/2023', 'besok', '7/13/2023'])
			assert.equal(format.parseDate(typed), null, typed);
	},
	'a choice knows other names, and says that it did'() {
		const column = text({
			kind: 'choice',
			options: [
				{ value: 'SS', label: 'Smart Society' },
				{ value: 'SG', label: 'Smart Governance' },
			],
			aliases: new Map([['smart people', 'SS']]),
		});
		assert.deepEqual(cells.parse(column, ' smart  society '), { value: 'SS' });
		assert.deepEqual(cells.parse(column, 'Smart People'), {
			value: 'SS',
			mapped: 'Smart Society',
		});
		assert.deepEqual(cells.parse(column, 'smart gov'), {
			value: 'SG',
			mapped: 'Smart Governance',
		});
		assert.match(cells.parse(column, 'Smart Sport').error, /Smart Sport/);
		assert.match(cells.parse(column, 'smart').error, /smart/); // two begin so
	},
	'what a cell refuses'() {
		assert.ok(cells.parse(text({ required: true }), '  ').error);
		assert.deepEqual(cells.parse(text(), ' '), { value: null });
		assert.ok(cells.parse(text({ shortest: 5, kind: 'long' }), 'abc').error);
		const level = text({ kind: 'number', min: 1, max: 5 });
		assert.equal(cells.parse(level, '5').value, 5);
		assert.ok(
			cells.parse(level, '6').error &&
				cells.parse(level, '2,5').error &&
				cells.parse(level, 'dua').error
		);
		const weight = text({ kind: 'points', min: 0, max: 10000 });
		assert.equal(cells.parse(weight, '12,5 %').value, 1250);
		assert.equal(cells.show(weight, 1250), '12,50 %');
		const day = text({ kind: 'date' });
		assert.equal(cells.parse(day, '45176').value, '2023-09-07'); // as Excel counts days
	},
	'a block of a spreadsheet'() {
		assert.deepEqual(cells.parseBlock('a\tb\r\n"x\ny ""z"""\t2\r\n'), [
			['a', 'b'],
			['x\ny "z"', '2'],
		]);
		const rows = [
			['a', 'b\nc'],
			['"q"', ''],
		];
		assert.deepEqual(cells.parseBlock(cells.formatBlock(rows)), rows);
		const columns = [
			text({ name: 'dimension_code', label: 'Dimensi' }),
			text({ name: 'statement', label: 'Isu' }),
		];
		assert.deepEqual(
			cells.headings(columns, ['isu', 'DIMENSI', 'lain']).map((one) => one?.name),
			['statement', 'dimension_code', undefined]
		);
		assert.equal(cells.headings(columns, ['Smart Society', 'Jalan rusak']), null);
		assert.deepEqual(app.xlsx.readCsv('a;"b;\nc"\r\n1;2'), [
			['a', 'b;\nc'],
			['1', '2'],
		]);
		assert.equal(app.xlsx.address(6, 1), 'B7');
		assert.equal(app.xlsx.address(0, 27), 'AB1');
	},
	'a difference leaves both texts whole'() {
		for (const [before, after] of [
			['satu dua tiga', 'satu lima tiga empat'],
			['', 'baru'],
			['lama', ''],
			['sama', 'sama'],
			['a b c d', 'd c b a'],
		]) {
			const pieces = app.diff.compare(before, after);
			assert.equal(
				pieces
					.filter((piece) => piece.side !== 'after')
					.map((piece) => piece.text)
					.join(''),
				before
			);
			assert.equal(
				pieces
					.filter((piece) => piece.side !== 'before')
					.map((piece) => piece.text)
					.join(''),
				after
			);
		}
		assert.deepEqual(
			app.diff.compare('satu dua tiga', 'satu lima tiga').map((piece) => piece.side),
			['both', 'before', 'after', 'both']
		);
	},
	'the quadrant shows only with whole weights'() {
		const factor = (quadrant, weight_bp, rating) => ({ quadrant, weight_bp, rating });
		const half = app.plot.weights([
			factor('S', 6000, 4),
			factor('W', 2500, 2),
			factor('O', 10000, 3),
		]);
		assert.deepEqual([half.internal, half.complete], [8500, false]);
		const whole = app.plot.weights([
			factor('S', 6000, 4),
			factor('W', 4000, 2),
			factor('O', 7000, 3),
			factor('T', 3000, 1),
		]);
		assert.ok(
			whole.complete && Math.abs(whole.x - 1.6) < 1e-9 && Math.abs(whole.y - 1.8) < 1e-9
		);
		assert.equal(
			app.plot.weights([factor('S', 10000, null), factor('O', 10000, 1)]).complete,
			false
		);
	},
};

let failed = 0;
const chosen = Object.entries(CASES).filter(([name]) => name.includes(process.argv[2] ?? ''));
chosen.forEach(([name, test], at) => {
	try {
		test();
		console.log(`ok ${at + 1} - ${name}`);
	} catch (e) {
		failed++;
		console.log(`${String(e.stack).replace(/^/gm, '# ')}\nnot ok ${at + 1} - ${name}`);
	}
});
console.log(`1..${chosen.length}`);
process.exit(failed > 0 || chosen.length === 0 ? 1 : 0);
