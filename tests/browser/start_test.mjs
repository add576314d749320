#!/usr/bin/env node
// The first minutes: the first account, signing in, what a stranger sees, and what it weighs.
import assert from 'node:assert/strict';
import { scenarios } from './lib/scenario.mjs';
import { look, makeRegion, openPage, PASSWORD } from './lib/site.mjs';

const FIRST_LOAD_BYTES = 200 * 1000;

await scenarios({
	async 'the first account is made with the code on the screen, once'() {
		const region = await makeRegion();
		const page = await openPage();
		await page.goto(`${region.url}/#mulai=${region.code}`);
		await look(page, 'setup');
		await page
			.getByLabel(/nama lengkap|nama/i)
			.first()
			.fill('Hendra Putra');
		await page.getByLabel(/nama masuk|nama pengguna/i).fill('hendra');
		const passwords = page.locator('input[type=password]');
		await passwords.nth(0).fill(PASSWORD);
		await passwords.nth(1).fill(PASSWORD);
		await page.locator('button[type=submit]').click();
		await page.getByRole('link', { name: 'Kertas kerja' }).first().waitFor();
		const again = await region.api(null, 'POST', '/setup', {
			code: region.code,
			login: 'lain',
			name: 'Orang Lain',
			password: PASSWORD,
		});
		assert.ok(again.status >= 400);
		await page.reload();
		await page.getByRole('link', { name: 'Kertas kerja' }).first().waitFor(); // still signed in
		assert.deepEqual(page.troubles, []);
	},

	async 'who is not signed in sees a door, at every address'() {
		const region = await makeRegion();
		await region.account('operator');
		const page = await openPage();
		for (const path of ['/', '/keadaan', '/tidak/ada'])
			await page
				.goto(region.url + path)
				.then(() => page.locator('input[type=password]').waitFor());
		await look(page, 'login');
		await page.locator('input').first().fill('operator');
		await page.locator('input[type=password]').fill('salah sama sekali');
		await page.locator('button[type=submit]').click();
		await page.getByRole('alert').waitFor();
		await look(page, 'login-wrong');
		assert.equal((await region.api(null, 'GET', '/rows/issue')).status, 401);
	},

	async 'the first page is light'() {
		const region = await makeRegion();
		const page = await openPage();
		let bytes = 0;
		const client = await page.context().newCDPSession(page);
		await client.send('Network.enable');
		client.on('Network.loadingFinished', (event) => {
			bytes += event.encodedDataLength;
		});
		await page.goto(region.url);
		await page.locator('input').first().waitFor();
		assert.ok(bytes > 1000 && bytes <= FIRST_LOAD_BYTES, `${bytes} bytes`);
	},
});
