#!/usr/bin/env node
// What regions, experts and the centre must be able to do, as people do it: in pages, against real processes.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scenarios } from './lib/scenario.mjs';
import { look, makeHub, makeRegion, print, ROOT, settled, simpul, until } from './lib/site.mjs';

const SAMPLE = join(ROOT, 'node/workspace/masterplan/sample.sql');
const DISBUD = '018a6d67-d03a-73b5-90b2-48b1449db3e4',
	DADA_WARSINA = '018a6d95-aec2-75e4-b83c-82d3517d87c2';
const BOOK = '2023/13.73/1',
	UNITS = 38,
	ISSUES = 6;
const words = (n) => 'kata '.repeat(n).trim();

const rowsOf = async (site, who, path) => {
	const answer = await site.api(who, 'GET', path);
	assert.equal(answer.status, 200, JSON.stringify(answer.body));
	return answer.body.rows;
};

await scenarios({
	// 38 units fill in KK-ISU in a hall without internet; the power fails in the middle.
	async 'what was confirmed before the power failed is there'() {
		const region = await makeRegion();
		const units = (
			await rowsOf(region, 'operator', '/views/organization_list?limit=100')
		).filter((unit) => unit.active === 1);
		assert.equal(units.length, UNITS);
		for (const unit of units)
			// a password takes its time on purpose, so one after the other
			await region.account(`opd:${unit.id}`);
		const confirmed = new Map();
		let cut = null;
		const fill = async (unit, n) => {
			const id = `uji-${unit.id}-${n}`;
			const values = {
				id,
				worksheet_id: `2023/13.73/1/KK-ISU/${unit.id}/--`,
				org_id: unit.id,
				dimension_code: ['SG', 'SB', 'SE', 'SL', 'SS', 'SV'][n],
				statement: `Isu ${n} dari ${unit.name}`,
			};
			for (let tries = 0; tries < 100; tries++) {
				try {
					const answer = await region.api(
						`opd:${unit.id}`,
						'POST',
						'/rows/issue',
						{ values },
					);
					// An earlier try was kept, and its answer lost with the process.
					const kept = answer.body.code === 'exists' && tries > 0;
					assert.ok(
						kept || answer.status === 200 || answer.status === 201,
						JSON.stringify(answer.body),
					);
					confirmed.set(id, values.statement);
					break;
				} catch (e) {
					if (e instanceof assert.AssertionError) throw e;
					// No answer: the page tries again.
					await new Promise((done) => setTimeout(done, 200));
				}
			}
			if (confirmed.size >= (UNITS * ISSUES) / 2 && cut === null)
				cut = region.kill().then(async () => {
					const before = new Map(confirmed);
					await region.run();
					const kept = new Map(
						(
							await rowsOf(
								region,
								'operator',
								'/rows/issue?limit=1000',
							)
						).map((row) => [row.values.id, row.values.statement]),
					);
					for (const [key, statement] of before)
						assert.equal(
							kept.get(key),
							statement,
							`${key} was confirmed and is gone`,
						);
				});
		};
		await Promise.all(
			units.map(async (unit) => {
				for (let n = 0; n < ISSUES; n++) await fill(unit, n);
			}),
		);
		assert.ok(cut !== null, 'the power never failed');
		await cut;
		assert.equal(confirmed.size, UNITS * ISSUES);
		const there = new Set(
			(await rowsOf(region, 'operator', '/rows/issue?limit=1000')).map(
				(row) => row.values.id,
			),
		);
		for (const id of confirmed.keys()) assert.ok(there.has(id), id);
		const page = await region.person('operator');
		await page.getByText('Siapa belum mengisi').waitFor();
		await look(page, 'home-full');
	},

	async 'a strategy rests on what its name says'() {
		const region = await makeRegion();
		const factors = await rowsOf(region, 'operator', `/rows/swot_factor?org_id=${DISBUD}`);
		const of = (quadrant, seq) =>
			factors.find((row) => row.values.quadrant === quadrant && row.values.seq === seq)
				.values.id;
		const write = (id, cited) =>
			region.api(`opd:${DISBUD}`, 'POST', '/batch', {
				writes: [
					{
						op: 'insert',
						table: 'tows_strategy',
						values: {
							id,
							worksheet_id: `2023/13.73/1/KK-TOWS/${DISBUD}/--`,
							org_id: DISBUD,
							dimension_code: 'SB',
							cell: 'SO',
							statement: 'Strategi uji',
						},
					},
					...cited.map((factor) => ({
						op: 'insert',
						table: 'tows_strategy_factor',
						values: { tows_strategy_id: id, swot_factor_id: factor },
					})),
				],
			});
		const refused = await write('uji-1', [of('S', 1)]);
		assert.equal(refused.status, 422);
		assert.match(
			JSON.stringify(refused.body),
			/Strategi SO harus merujuk minimal satu Kekuatan dan satu Peluang/,
		);
		assert.equal((await rowsOf(region, 'operator', '/rows/tows_strategy?id=uji-1')).length, 0);
		const kept = await write('uji-2', [of('S', 1), of('O', 2)]);
		assert.equal(kept.status, 200, JSON.stringify(kept.body));
		const page = await region.person(`opd:${DISBUD}`);
		await page.goto(`${region.url}/swot/${DISBUD}`);
		await page.getByText('Strategi uji').first().waitFor();
		await look(page, 'swot');
	},

	async 'a percentage has a history, limits and a reason to fall'() {
		const region = await makeRegion();
		const add = (percent, note, day) =>
			region.api(`opd:${DISBUD}`, 'POST', '/rows/qw_progress', {
				values: {
					quick_win_id: DADA_WARSINA,
					as_of: day,
					percent,
					basis: 'declared',
					note,
					recorded_ts: `${day}T03:00:00Z`,
				},
			});
		assert.equal((await add(101, null, '2023-10-01')).status, 422);
		assert.equal((await add(60, null, '2023-10-01')).status, 422);
		assert.equal((await add(60, 'Dua tonggak dibuka kembali', '2023-10-01')).status, 201);
		const list = await rowsOf(region, 'operator', '/views/quick_win_list?order=percent');
		assert.deepEqual([list[0].percent, list.at(-1).percent], [1, 99]);
		const page = await region.person('operator');
		await page.goto(`${region.url}/quick-win/${DADA_WARSINA}`);
		await page.getByText('60 %').first().waitFor();
		await look(page, 'quick-win');
	},

	async 'an expert remarks, and cannot change what it is about'() {
		const region = await makeRegion();
		const remark = await region.api('expert', 'POST', '/rows/review_thread', {
			values: {
				target_kind: 'quick_win',
				target_id: DADA_WARSINA,
				target_field: 'benefit',
				target_text: 'Data warisan tambang dapat dicari oleh siapa pun.',
				kind: 'saran',
				severity: 'disarankan',
				opened_ts: '2023-09-07T04:00:00Z',
			},
		});
		assert.equal(remark.status, 201, JSON.stringify(remark.body));
		assert.equal(remark.body.row.values.opened_by, 'Uji expert');
		const key = encodeURIComponent(JSON.stringify(['13.73', DADA_WARSINA]));
		assert.equal(
			(
				await region.api('expert', 'PATCH', `/row/quick_win?key=${key}`, {
					values: { benefit: 'Lain' },
				})
			).status,
			403,
		);
		const page = await region.person('expert');
		await page.goto(`${region.url}/telaah`);
		await settled(page);
		await look(page, 'reviews');
	},

	async 'nobody writes a submission by hand, or puts another name under a file'() {
		const region = await makeRegion();
		const forged = await region.api('operator', 'POST', '/rows/submission', {
			values: {
				id: 'palsu',
				cohort_id: '2023',
				object: 'book',
				object_code: 'B1',
				version: 1,
				manifest_json: '{}',
				manifest_sha256: '0'.repeat(64),
				sealed_ts: '2020-01-01T00:00:00Z',
				sealed_by: 'Wali Kota',
			},
		});
		assert.equal(forged.status, 403, JSON.stringify(forged.body));
		const added = await region.api(`opd:${DISBUD}`, 'POST', '/rows/document', {
			values: {
				id: 'dok-1',
				kind: 'other',
				title: 'Foto lama',
				file_name: 'foto.jpg',
				media_type: 'image/jpeg',
				byte_size: 1,
				sha256: 'a'.repeat(64),
				added_ts: '2023-09-07T04:00:00Z',
			},
		});
		assert.equal(added.status, 201, JSON.stringify(added.body));
		const key = encodeURIComponent(JSON.stringify(['13.73', 'dok-1']));
		const taken = await region.api('operator', 'PATCH', `/row/document?key=${key}`, {
			values: { added_by: 'Hendra Putra' },
		});
		assert.equal(taken.status, 422, JSON.stringify(taken.body));
	},

	async 'the phone number of a citizen stays where it was taken down'() {
		const hub = await makeHub();
		const region = await makeRegion({ hub, sample: false });
		const phone = '081234567890123',
			title = 'Lampu tambang tua';
		const kept = await region.api('operator', 'POST', '/rows/local_reporter', {
			values: {
				ref: 'r-1',
				name: 'Ibu Warga',
				phone,
				consent_text: 'Setuju',
				consent_ts: '2023-09-12T03:00:00Z',
			},
		});
		assert.equal(kept.status, 201, JSON.stringify(kept.body));
		const report = await region.api('operator', 'POST', '/rows/citizen_report', {
			values: {
				category: 'warisan_budaya',
				title,
				description: 'Lampu karbit',
				reporter_ref: 'r-1',
				channel: 'kelurahan',
				received_ts: '2023-09-12T03:00:00Z',
			},
		});
		assert.equal(report.status, 201, JSON.stringify(report.body));
		const there = await until(async () => {
			const dump = await sqlite(hub.file, '.dump');
			return dump.includes(title) && dump;
		}, 'the report reaches the centre');
		assert.ok(!there.includes(phone) && !there.includes('Ibu Warga'));
		const changes = await simpul('log', region.file, '--json', '--limit', '1000');
		assert.ok(!changes.includes(phone));
		assert.ok((await sqlite(region.file, '.dump')).includes(phone)); // where it was taken down
		assert.equal((await region.api('expert', 'GET', '/rows/local_reporter')).status, 404);
	},

	async 'a book is sealed, sent and received; the receipt proves it elsewhere'() {
		const hub = await makeHub();
		const region = await makeRegion({ hub, sample: false });
		await until(
			async () =>
				(await rowsOf(region, 'operator', '/rows/book_section?limit=100')).length >
				10,
			'the reference data arrives',
		);
		await load(region.file, readFileSync(SAMPLE, 'utf8'));
		const page = await region.person('operator');
		await page.goto(`${region.url}/penyampaian`);
		await page.getByText('Bab 2 Analisis masa depan belum diisi').waitFor();
		await look(page, 'submit-incomplete');
		for (const section of ['1', '2', '3', '4', '5', '6']) {
			const put = await region.api('operator', 'POST', '/batch', {
				writes: [
					{
						op: 'put',
						table: 'book_section_text',
						key: ['13.73', BOOK, section],
						values: { body: words(200) },
					},
				],
			});
			assert.equal(put.status, 200, JSON.stringify(put.body));
		}
		await page.reload();
		const panel = page.locator('section.panel', { hasText: 'Buku 1. Analisis' });
		await panel.getByRole('button', { name: /Segel versi 1/ }).click();
		const sealed = await until(
			async () =>
				(
					await region.api('operator', 'GET', '/submissions')
				).body.submissions?.find((one) => one.received_at != null),
			'the receipt comes back',
		);
		assert.deepEqual(
			[sealed.object, sealed.code, sealed.version, sealed.timeliness],
			['book', 'B1', 1, 'late'],
		);
		await page.goto(`${region.url}/tanda-terima/${sealed.id}`);
		await page.getByText(sealed.manifest_sha256.slice(0, 4)).first().waitFor();
		await look(page, 'receipt');
		await print(page, 'receipt');

		const receipt = (await region.api('operator', 'GET', `/submissions/${sealed.id}/receipt`))
			.body;
		const path = join(region.directory, 'receipt.txt');
		writeFileSync(path, receipt.proof);
		await simpul('verify', path, '--hub-key', receipt.hub_key);
		writeFileSync(
			path,
			receipt.proof.replace(/[A-Za-z0-9](?=[A-Za-z0-9+/=]{20}\n)/, (digit) =>
				digit === 'A' ? 'B' : 'A',
			),
		);
		await assert.rejects(simpul('verify', path, '--hub-key', receipt.hub_key));

		const desk = await hub.person('hub_operator');
		await desk.getByText('Sumatera Barat').waitFor();
		await look(desk, 'hub');
		await desk.goto(`${hub.url}/penyampaian`);
		await desk.getByText('Kota Sawahlunto').first().waitFor();
		await look(desk, 'hub-submissions');
		await desk.goto(`${hub.url}/daerah/13.73`);
		await desk.getByText('Dada Warsina').first().waitFor();
		await look(desk, 'hub-region');
		await desk.goto(`${hub.url}/perangkat`);
		await desk.getByText('Diskominfo Kota Sawahlunto').first().waitFor();
		await look(desk, 'hub-offices');
	},
});

async function sqlite(file, sql) {
	const { spawn } = await import('node:child_process');
	const child = spawn('sqlite3', ['-bail', '-cmd', '.timeout 20000', file], {
		stdio: ['pipe', 'pipe', 'inherit'],
	});
	let out = '';
	child.stdout.on('data', (part) => {
		out += part;
	});
	child.stdin.end(sql);
	const status = await new Promise((done) => {
		child.on('close', done);
	});
	assert.equal(status, 0);
	return out;
}

async function load(file, sql) {
	await sqlite(file, `BEGIN IMMEDIATE;\n${sql}\nCOMMIT;\n`);
}
