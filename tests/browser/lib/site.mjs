// site.mjs - a hub and regions as real processes, and people in a real browser in front of them.
//
//	const hub = await makeHub();
//	const region = await makeRegion({ hub, scope: '13.73', sample: false });
//	const page = await region.person('operator');     a signed-in tab; roles are those of access.json
//	await page.goto(region.url + '/kertas');
//	await look(page, 'worksheets');                    build/screens/worksheets-1366.png, -360.png; axe
//
// Each program runs from build/release/simpul on files in a directory of its own.  A person is an account made
// by the one before, over the API as the app uses it.  Nothing is asserted about time.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const require = createRequire(join(ROOT, 'node/web/app/package.json'));
const { chromium } = require('playwright-core');
const run = promisify(execFile);

export const PROGRAM = process.env.SIMPUL ?? join(ROOT, 'build/release/simpul');
export const SCREENS = join(ROOT, 'build/screens');
export const PASSWORD = 'kata sandi untuk uji 1';
const WIDE = { width: 1366, height: 768 },
	PHONE = { width: 360, height: 800 };
const START_MS = 60000;

const opened = { sites: [], contexts: [] };
let browser = null;

export async function simpul(...args) {
	return (await run(PROGRAM, args, { maxBuffer: 64 << 20 })).stdout;
}

class Site {
	constructor(name) {
		this.directory = mkdtempSync(
			join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'simpul-browser-'),
		);
		this.file = join(this.directory, `${name}.db`);
		this.name = name;
		this.output = '';
		this.accounts = new Map();
		opened.sites.push(this);
	}

	// Starts it, or starts it again after stop() or kill(): at the same address, as browsers expect it.
	async run(...args) {
		const listen = ['--web', this.web ?? '127.0.0.1:0', ...args];
		this.process = spawn(PROGRAM, ['run', this.file, ...listen], {
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		createInterface(this.process.stderr).on('line', (line) => {
			this.output += `${line}\n`;
		});
		const found = new Promise((resolve, reject) => {
			createInterface(this.process.stdout).on('line', (line) => {
				this.output += `${line}\n`;
				const web = /web app at (https?:\/\/([^/]+))\/?(?:#mulai=(\S+))?/.exec(
					line,
				);
				if (web !== null) {
					[, this.url, this.web] = web;
					this.code = web[3] ?? this.code;
					resolve();
				}
			});
			this.process.once('exit', (status) =>
				reject(new Error(`${this.name} ended with ${status}: ${this.output}`)),
			);
			setTimeout(
				() => reject(new Error(`${this.name} did not start: ${this.output}`)),
				START_MS,
			).unref();
		});
		await found;
		return this;
	}

	async end(signal) {
		const child = this.process;
		this.process = null;
		if (child === null || child === undefined || child.exitCode !== null) return;
		child.removeAllListeners('exit');
		child.kill(signal);
		await once(child, 'exit');
	}

	stop() {
		return this.end('SIGTERM');
	}
	kill() {
		return this.end('SIGKILL');
	} // as a power cut ends a process; the disk's part is tested elsewhere

	sql(text) {
		return simpul('sql', this.file, text);
	}

	// A request as the app makes it; `who` is a role, or null for nobody.
	async api(who, method, path, body) {
		const person = who === null ? null : await this.account(who);
		const headers = { Origin: this.url };
		if (person !== null)
			Object.assign(headers, { Cookie: person.cookie, 'X-CSRF-Token': person.csrf });
		if (body !== undefined) headers['Content-Type'] = 'application/json';
		const answer = await fetch(`${this.url}/api${path}`, {
			method,
			headers,
			body: body === undefined ? undefined : JSON.stringify(body),
		});
		const text = await answer.text();
		return {
			status: answer.status,
			headers: answer.headers,
			body:
				text === '' || !/json/.test(answer.headers.get('content-type') ?? '')
					? text
					: JSON.parse(text),
		};
	}

	async signIn(login) {
		const answer = await fetch(`${this.url}/api/session`, {
			method: 'POST',
			headers: { Origin: this.url, 'Content-Type': 'application/json' },
			body: JSON.stringify({ login, password: PASSWORD }),
		});
		if (answer.status !== 200)
			throw new Error(`${login} cannot sign in: ${answer.status} ${await answer.text()}`);
		return {
			cookie: answer.headers.getSetCookie()[0].split(';')[0],
			csrf: (await answer.json()).csrf,
		};
	}

	// The account of a role ("opd" or "opd:ORG"); the first one of all is made with the code on the screen.
	async account(who, name) {
		const known = this.accounts.get(who);
		if (known !== undefined) return known;
		const [role, org] = who.split(':');
		const first = this.hub ? 'hub_operator' : 'operator';
		const login = who.replace(/[^a-z0-9]/g, '').slice(0, 24);
		if (role === first && this.code !== undefined && this.accounts.size === 0) {
			const answer = await this.api(null, 'POST', '/setup', {
				code: this.code,
				login,
				name: name ?? 'Hendra Putra',
				password: PASSWORD,
			});
			if (answer.status >= 300)
				throw new Error(`setup: ${answer.status} ${JSON.stringify(answer.body)}`);
		} else {
			const answer = await this.api(first, 'POST', '/accounts', {
				login,
				name: name ?? `Uji ${who}`,
				role,
				org_id: org ?? null,
				password: PASSWORD,
			});
			if (answer.status >= 300)
				throw new Error(
					`account ${who}: ${answer.status} ${JSON.stringify(answer.body)}`,
				);
		}
		const person = { login, ...(await this.signIn(login)) };
		this.accounts.set(who, person);
		return person;
	}

	// A tab of somebody who is signed in.
	async person(who, { phone = false, name } = {}) {
		const { cookie } = await this.account(who, name);
		const page = await openPage({ phone });
		const [key, value] = [
			cookie.slice(0, cookie.indexOf('=')),
			cookie.slice(cookie.indexOf('=') + 1),
		];
		await page
			.context()
			.addCookies([
				{
					name: key,
					value,
					domain: new URL(this.url).hostname,
					path: '/',
					secure: true,
					httpOnly: true,
					sameSite: 'Strict',
				},
			]);
		await page.goto(this.url);
		return page;
	}
}

export async function openPage({ phone = false } = {}) {
	browser ??= await chromium.launch({
		executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
		args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
	});
	const context = await browser.newContext({
		viewport: phone ? PHONE : WIDE,
		locale: 'id-ID',
		timezoneId: 'Asia/Jakarta',
		hasTouch: phone,
		isMobile: phone,
		ignoreHTTPSErrors: true,
	});
	opened.contexts.push(context);
	const page = await context.newPage();
	page.troubles = [];
	page.on('pageerror', (e) => page.troubles.push(String(e)));
	page.on('console', (message) => {
		if (message.type() === 'error' && !/Failed to load resource/.test(message.text()))
			page.troubles.push(message.text());
	});
	return page;
}

export async function makeHub({
	name = 'Pusat Smart City',
	workspace = 'masterplan',
	listen = '127.0.0.1:0',
} = {}) {
	const site = new Site('pusat');
	site.hub = true;
	await simpul(
		'init',
		site.file,
		'--hub',
		'--workspace',
		workspace,
		'--name',
		name,
		'--listen',
		listen,
	);
	return site.run();
}

export async function makeRegion({
	hub = null,
	scope = '13.73',
	name = 'Diskominfo Kota Sawahlunto',
	workspace = 'masterplan',
	sample = hub === null,
	role = 'writer',
} = {}) {
	const site = new Site(`daerah-${scope}`);
	site.hub = false;
	await simpul(
		'init',
		site.file,
		'--scope',
		scope,
		'--workspace',
		workspace,
		'--name',
		name,
		...(sample ? ['--sample'] : []),
	);
	if (hub !== null) {
		const invitation = (await simpul('invite', hub.file, '--scope', scope, '--role', role))
			.trim()
			.split('\n')
			.pop();
		await simpul('enrol', site.file, invitation);
	}
	return site.run();
}

// A picture of the page as it is at both sizes, and no serious fault that axe knows of.
export async function look(page, name, { phone = true } = {}) {
	mkdirSync(SCREENS, { recursive: true });
	await settled(page);
	await page.screenshot({ path: join(SCREENS, `${name}-1366.png`) });
	await checkAxe(page, name);
	if (!phone) return;
	await page.setViewportSize(PHONE);
	await settled(page);
	await page.screenshot({ path: join(SCREENS, `${name}-360.png`) });
	const wider = await page.evaluate(
		() => document.documentElement.scrollWidth - document.documentElement.clientWidth,
	);
	if (wider > 0) throw new Error(`${name}: on a phone the page is ${wider} px wider than the screen`);
	await checkAxe(page, `${name} on a phone`);
	await page.setViewportSize(WIDE);
}

// A4, as it would be printed.
export async function print(page, name, options = {}) {
	mkdirSync(SCREENS, { recursive: true });
	await settled(page);
	await page.pdf({
		path: join(SCREENS, `${name}.pdf`),
		format: 'A4',
		preferCSSPageSize: true,
		printBackground: true,
		...options,
	});
}

export async function settled(page) {
	await page.waitForFunction(
		() => document.querySelector('[aria-busy="true"], .first-words') === null,
	);
	await page.evaluate(
		() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
	);
}

export async function checkAxe(page, name) {
	if (await page.evaluate(() => window.axe === undefined))
		await page.evaluate(readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8'));
	const found = await page.evaluate(async () =>
		(await window.axe.run(document, { resultTypes: ['violations'] })).violations
			.filter((v) => v.impact === 'serious' || v.impact === 'critical')
			.map(
				(v) =>
					`${v.id}: ${v.help}: ${v.nodes
						.slice(0, 3)
						.map((n) => n.html.slice(0, 160))
						.join(' | ')}`,
			),
	);
	if (found.length > 0) throw new Error(`${name}: axe: ${found.join('\n')}`);
	if (page.troubles.length > 0)
		throw new Error(`${name}: the page complains: ${page.troubles.join('\n')}`);
}

export async function until(condition, what, seconds = 60) {
	const end = Date.now() + seconds * 1000;
	for (;;) {
		const value = await condition();
		if (value) return value;
		if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what}`);
		await new Promise((done) => setTimeout(done, 100));
	}
}

export async function keepPictures(name) {
	const directory = join(SCREENS, 'failed');
	mkdirSync(directory, { recursive: true });
	let n = 0;
	for (const context of opened.contexts)
		for (const page of context.pages())
			await page
				.screenshot({
					path: join(directory, `${name.replace(/\W+/g, '-')}-${++n}.png`),
				})
				.catch(() => {});
}

export async function cleanUp(tell = false) {
	for (const context of opened.contexts.splice(0)) await context.close().catch(() => {});
	for (const site of opened.sites.splice(0)) {
		await site.end('SIGKILL');
		if (tell)
			for (const line of site.output.split('\n').slice(-30))
				console.log(`# ${site.name}: ${line}`);
		rmSync(site.directory, { recursive: true, force: true });
	}
}
