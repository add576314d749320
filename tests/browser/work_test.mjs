#!/usr/bin/env node
// A region's work: what people type is saved and stays, two who write in one place both keep their words.
import assert from 'node:assert/strict';
import { scenarios } from './lib/scenario.mjs';
import { look, makeHub, makeRegion, print } from './lib/site.mjs';

// Pages with the sample in them, and a word that each shows once it is there.
const PAGES = {
	home: ['/', /Siapa belum mengisi|Semua .* unit/],
	worksheets: ['/kertas-kerja', /KK-ISU/],
	swot: ['/swot/dimensi/SB', /Strategi TOWS/],
	roadmap: ['/peta-jalan', /Anggaran per tahun/],
	quickwins: ['/quick-win', /Dada Warsina/],
	books: ['/buku', /Buku 1/],
	'book-chapter': ['/buku/1/4', /Tabel dari kertas kerja/],
	'book-preview': ['/buku/1/pratinjau', /Daftar isi/],
	reviews: ['/telaah', /Ditindaklanjuti/],
	obligations: ['/kewajiban', /SK Dewan/],
	choose: ['/pilih', /Perlu dipilih/],
	state: ['/keadaan', /Keadaan/],
	accounts: ['/akun', /Akun saya/],
};

async function openAt(page, region, path, shown) {
	await page.goto(region.url + path);
	await page.locator('main').getByText(shown).first().waitFor();
}

// A unit that has no issues, so that the grid begins empty.
async function emptyUnit(region) {
	const [units, issues] = await Promise.all([
		region.api('operator', 'GET', '/rows/organization?kind=kelurahan'),
		region.api('operator', 'GET', '/rows/issue?limit=1000'),
	]);
	const taken = new Set(issues.body.rows.map((row) => row.values.org_id));
	return units.body.rows.find((row) => !taken.has(row.key[1])).key[1];
}

const cell = (page, row, column) => page.locator(`#cell-${row}-${column}`);

async function typeRow(page, row, values) {
	await cell(page, row, 0).click();
	for (const value of values) {
		await page.keyboard.type(value);
		await page.keyboard.press('Tab');
	}
}

const stored = async (region, unit) =>
	(await region.api('operator', 'GET', `/rows/issue?org_id=${encodeURIComponent(unit)}`)).body
		.rows;

// What a condition of the database becomes, asked until it is so; the runner's own limit ends it.
async function until(ask, until_ = Date.now() + 60000) {
	for (; Date.now() < until_;) {
		const value = await ask();
		if (value) return value;
		await new Promise((done) => {
			setTimeout(done, 100);
		});
	}
	throw new Error('never so');
}

async function benefit(region, key) {
	const path = `/row/quick_win?key=${encodeURIComponent(JSON.stringify(key))}`;
	return (await region.api('operator', 'GET', path)).body.row.values.benefit;
}

// The operator and a clerk of the office have one quick win open; the clerk writes without having heard.
async function twoWrite(region) {
	const scope = '13.73',
		org = 'kantor-uji',
		id = 'qw-uji';
	const rows = [
		['organization', { scope, id: org, kind: 'opd', name: 'Dinas Uji' }],
		[
			'quick_win',
			{
				scope,
				id,
				cohort_id: '2023',
				dimension_code: 'SB',
				lead_org_id: org,
				name: 'Dada Warsina Uji',
			},
		],
	];
	for (const [table, values] of rows) {
		const made = await region.api('operator', 'POST', `/rows/${table}`, { values });
		assert.ok(made.status < 300, JSON.stringify(made.body));
	}
	const pages = [await region.person('operator'), await region.person(`opd:${org}`)];
	for (const page of pages) await openAt(page, region, `/quick-win/${id}`, /Tiga komitmen/);
	await pages[1].route('**/api/**', (route) => route.abort());
	for (const [at, words] of ['pertama', 'kedua'].entries()) {
		const field = pages[at].getByRole('textbox', { name: 'Manfaat' });
		await field.fill(`Manfaat menurut yang ${words}`);
		await field.blur();
		if (at === 0)
			await until(async () =>
				String(await benefit(region, [scope, id])).includes(words)
			);
	}
	await pages[1].unroute('**/api/**');
	return { region, win: [scope, id], pages };
}

await scenarios({
	async 'each page shows the sample, at both sizes'() {
		const region = await makeRegion();
		const page = await region.person('operator');
		for (const [name, [path, shown]] of Object.entries(PAGES)) {
			await openAt(page, region, path, shown);
			await look(page, name);
			assert.deepEqual(page.troubles, [], name);
		}
		await print(page, 'book-preview');
	},

	async 'a worksheet is typed by keyboard alone, and other names of a dimension are known'() {
		const region = await makeRegion();
		const page = await region.person('operator');
		const unit = await emptyUnit(region);
		await openAt(
			page,
			region,
			`/kertas-kerja/KK-ISU/${encodeURIComponent(unit)}`,
			/masih kosong/
		);
		await typeRow(page, 0, [
			'smart people',
			'Perpustakaan keliling berhenti sejak 2021',
		]);
		const [row] = await until(async () => {
			const rows = await stored(region, unit);
			return rows.length === 1 && rows;
		});
		assert.equal(row.values.dimension_code, 'SS');
		assert.equal(row.values.statement, 'Perpustakaan keliling berhenti sejak 2021');
		await page
			.getByText(/Tersimpan/)
			.first()
			.waitFor();

		await cell(page, 0, 1).click(); // F2 edits, Esc leaves it as it was, Ctrl+Z takes back
		await page.keyboard.press('F2');
		await page.keyboard.type(' dan tidak kembali');
		await page.keyboard.press('Escape');
		assert.equal(
			await cell(page, 0, 1).innerText(),
			'Perpustakaan keliling berhenti sejak 2021'
		);
		await page.keyboard.type('Isu lain sama sekali');
		await page.keyboard.press('Enter');
		await until(
			async () =>
				(await stored(region, unit))[0].values.statement ===
				'Isu lain sama sekali'
		);
		await page.locator('.grid-box').focus();
		await page.keyboard.press('Control+z');
		await until(
			async () =>
				(await stored(region, unit))[0].values.statement !==
				'Isu lain sama sekali'
		);
		await look(page, 'grid', { phone: false });
		assert.deepEqual(page.troubles, []);
	},

	async 'a bad cell says why beside itself and is not saved'() {
		const region = await makeRegion();
		const page = await region.person('operator');
		const unit = await emptyUnit(region);
		await openAt(
			page,
			region,
			`/kertas-kerja/KK-ISU/${encodeURIComponent(unit)}`,
			/masih kosong/
		);
		await typeRow(page, 0, ['Smart Sport', 'Lapangan rusak berat']);
		await page
			.getByRole('alert')
			.getByText(/Smart Sport/)
			.waitFor();
		assert.equal((await stored(region, unit)).length, 0);
		await look(page, 'grid-wrong', { phone: false });
		await cell(page, 0, 0).click();
		await page.keyboard.type('Smart Living');
		await page.keyboard.press('Enter');
		await until(async () => (await stored(region, unit)).length === 1);
	},

	async 'a block from Excel is shown first; what is bad or there already stays behind'() {
		const region = await makeRegion();
		const page = await region.person('operator');
		const unit = await emptyUnit(region);
		await openAt(
			page,
			region,
			`/kertas-kerja/KK-ISU/${encodeURIComponent(unit)}`,
			/masih kosong/
		);
		const lines = [
			'Dimensi;Isu;Jenis;Prioritas (1-5)',
			...Array.from(
				{ length: 9 },
				(_, i) => `Smart Living;Isu nomor ${i + 1} dari Excel;Masalah;3`
			),
			'Smart People;Perpustakaan keliling berhenti;Masalah;4',
			'Smart Sport;Lapangan rusak;Masalah;2',
			'Smart Living;;Masalah;1',
		];
		const file = {
			name: 'KK-ISU.csv',
			mimeType: 'text/csv',
			buffer: Buffer.from(lines.join('\r\n')),
		};
		await page.locator('input[type=file]').setInputFiles(file);
		await page.getByText(/12 baris: 10 siap, 2 perlu diperbaiki/).waitFor();
		await look(page, 'import', { phone: false });
		await page.getByRole('button', { name: /Masukkan 10/ }).click();
		await until(async () => (await stored(region, unit)).length === 10);
		assert.equal(
			(await stored(region, unit)).filter(
				(row) => row.values.dimension_code === 'SS'
			).length,
			1
		);
		await page.reload();
		await cell(page, 9, 0).waitFor();
		await page.locator('input[type=file]').setInputFiles(file);
		await page
			.getByText(/12 baris: 0 siap, 10 sudah ada, 2 perlu diperbaiki/)
			.waitFor();
	},

	async 'what is typed while the node is away comes in later; what was saved survives its death'() {
		const region = await makeRegion();
		const page = await region.person('operator');
		const unit = await emptyUnit(region);
		await openAt(
			page,
			region,
			`/kertas-kerja/KK-ISU/${encodeURIComponent(unit)}`,
			/masih kosong/
		);
		await typeRow(page, 0, ['Smart Living', 'Disimpan sebelum listrik padam']);
		await page
			.locator('.row-state')
			.getByText(/Tersimpan/)
			.first()
			.waitFor();
		await region.kill();
		await typeRow(page, 1, ['Smart Economy', 'Diketik saat listrik padam']);
		await page
			.getByText(/belum tersimpan/i)
			.first()
			.waitFor();
		await look(page, 'away', { phone: false });
		await region.run();
		const rows = await until(async () => {
			const all = await stored(region, unit);
			return all.length === 2 && all;
		});
		assert.deepEqual(rows.map((row) => row.values.statement).sort(), [
			'Diketik saat listrik padam',
			'Disimpan sebelum listrik padam',
		]);
	},

	async 'words that were being typed are there after a reload'() {
		const region = await makeRegion();
		const page = await region.person('operator');
		const unit = await emptyUnit(region);
		await openAt(
			page,
			region,
			`/kertas-kerja/KK-ISU/${encodeURIComponent(unit)}`,
			/masih kosong/
		);
		await typeRow(page, 0, ['Smart Living']); // a draft: the issue itself is missing
		await cell(page, 0, 1).click();
		await page.keyboard.type('Kalimat yang belum selesai');
		await page.reload();
		await page.locator('.cell-editor textarea').waitFor();
		assert.equal(
			await page.locator('.cell-editor textarea').inputValue(),
			'Kalimat yang belum selesai'
		);
		await page.keyboard.press('Enter');
		await until(async () => (await stored(region, unit)).length === 1);
	},

	async 'an SO strategy without S and O is refused with the sentence, and taken with them'() {
		const region = await makeRegion();
		const page = await region.person('operator');
		const factors = (
			await region.api('operator', 'GET', '/rows/swot_factor?limit=1000')
		).body.rows;
		const unit = factors.find(
			(row) =>
				row.values.quadrant === 'S' &&
				factors.some(
					(other) =>
						other.values.org_id === row.values.org_id &&
						other.values.quadrant === 'O'
				)
		).values.org_id;
		await openAt(page, region, `/swot/${encodeURIComponent(unit)}`, /Strategi TOWS/);
		await page.getByRole('button', { name: 'Tambah strategi SO' }).click();
		await page.getByPlaceholder('Rumusan strategi').fill('Strategi uji');
		await page.locator('.strategy-edit .chip.q-S').first().click();
		await page.locator('.strategy-edit button[type=submit]').click();
		await page
			.getByText(
				'Strategi SO harus merujuk minimal satu Kekuatan dan satu Peluang'
			)
			.waitFor();
		await look(page, 'tows-refused', { phone: false });
		await page.locator('.strategy-edit .chip.q-O').first().click();
		await page.locator('.strategy-edit button[type=submit]').click();
		await page.locator('li.strategy', { hasText: 'Strategi uji' }).waitFor();
		const made = (
			await region.api('operator', 'GET', '/rows/tows_strategy?limit=1000')
		).body.rows.find((row) => row.values.statement === 'Strategi uji');
		const cites = (
			await region.api(
				'operator',
				'GET',
				`/rows/tows_strategy_factor?tows_strategy_id=${made.values.id}`
			)
		).body.rows;
		assert.equal(cites.length, 2);
	},

	async 'a percentage is recorded with its ground; above 100 is refused, lower asks for a reason'() {
		const region = await makeRegion();
		const page = await region.person('operator');
		const win = (
			await region.api('operator', 'GET', '/rows/quick_win?name=Dada%20Warsina')
		).body.rows[0];
		await openAt(
			page,
			region,
			`/quick-win/${encodeURIComponent(win.values.id)}`,
			/Persentase penyelesaian/
		);
		const put = async (percent, note) => {
			await page.getByRole('button', { name: 'Catat persentase' }).click();
			await page.getByLabel('Persen', { exact: true }).fill(percent);
			if (note) await page.getByLabel(/Catatan/).fill(note);
			await page.locator('.boxed button[type=submit]').click();
		};
		await put('101');
		await page.getByText('Persentase harus bilangan bulat 0 sampai 100').waitFor();
		await page.getByRole('button', { name: 'Batal' }).click();
		await put('60');
		await page.getByText(/tulis alasannya/).waitFor();
		await look(page, 'quickwin');
		await page.getByRole('button', { name: 'Batal' }).click();
		await put('60', 'Dua tonggak ternyata belum selesai');
		await page.locator('.progress-now').getByText('60 %').waitFor();
	},

	async 'two people write one field without a centre: the second sees both before it is saved'() {
		const { region, win, pages } = await twoWrite(await makeRegion());
		await pages[1].getByText('Baris ini berubah sementara Anda mengetik').waitFor();
		await look(pages[1], 'meanwhile');
		await pages[1].getByRole('button', { name: 'Simpan ketikan saya' }).click();
		await until(
			async () => (await benefit(region, win)) === 'Manfaat menurut yang kedua'
		);
	},

	async 'two people write one field: both values are shown, one is chosen'() {
		const hub = await makeHub();
		const { region, win, pages } = await twoWrite(await makeRegion({ hub }));
		await until(
			async () =>
				(await region.api('operator', 'GET', '/conflicts')).body.conflicts
					.length === 1
		);
		await openAt(pages[0], region, '/pilih', /Dada Warsina/);
		for (const text of ['pertama', 'kedua'])
			await pages[0].locator('.both').getByText(text).first().waitFor();
		await look(pages[0], 'choose-two');
		const first = pages[0].locator('.both article', { hasText: 'pertama' });
		await first.getByRole('button', { name: 'Pakai yang ini' }).click();
		await pages[0].getByText('Tidak ada yang perlu dipilih').waitFor();
		assert.equal(await benefit(region, win), 'Manfaat menurut yang pertama');
	},

	async 'a chapter saves itself; the years of a programme are moved by keys'() {
		const region = await makeRegion();
		const page = await region.person('operator');
		await openAt(page, region, '/buku/1/2', /Analisis masa depan/);
		await page.locator('textarea.chapter').fill('Kota ini memilih jalan kebudayaan.');
		await until(async () =>
			(
				await region.api(
					'operator',
					'GET',
					'/rows/book_section_text?section_code=2'
				)
			).body.rows.some(
				(row) => row.values.body === 'Kota ini memilih jalan kebudayaan.'
			)
		);
		await openAt(page, region, '/peta-jalan', /Anggaran per tahun/);
		const bar = page.getByRole('slider').first(),
			before = await bar.getAttribute('aria-valuetext');
		await bar.focus();
		await page.keyboard.press('Shift+ArrowRight');
		const [from, to] = before.split('–').map(Number);
		await until(
			async () =>
				(
					await region.api(
						'operator',
						'GET',
						`/rows/programme?start_year=${from}&end_year=${to + 1}`
					)
				).body.rows.length > 0
		);
	},
});
