// build.mjs - makes the browser app: bundles, compresses, names files by their content.
//
// usage: node build.mjs OUT           the release: OUT/index.html, OUT/*-HASH.*.gz, and OUT/embed, the list of
//                                     NAME=FILE for tools/embed
//        node build.mjs OUT --mock    with a made-up API inside the page, for work without the C side; serves it
//                                     on 127.0.0.1:8090 (--port N) and builds again when a file changes
//
// A hash in each name lets browsers keep a file forever; index.html alone is asked for each time.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import * as esbuild from 'esbuild';

const FIRST_LOAD_BYTES = 200 * 1000; // a village's line carries this in half a minute

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2];
const mock = process.argv.includes('--mock');
const options = {
	absWorkingDir: here,
	entryPoints: { app: mock ? 'src/mock_main.ts' : 'src/main.tsx' },
	outdir: out,
	bundle: true,
	format: 'esm',
	splitting: true,
	target: 'es2019', // browsers of 2019: an old phone counts
	jsx: 'automatic',
	jsxImportSource: 'preact',
	minify: !mock,
	sourcemap: mock ? 'inline' : false,
	entryNames: mock ? '[name]' : '[name]-[hash]',
	chunkNames: 'part-[hash]',
	assetNames: '[name]-[hash]',
	legalComments: 'none',
	metafile: true,
	write: false,
	logLevel: 'warning',
	supported: { 'dynamic-import': true },
	logLimit: 10,
};

function page(script, style, icon) {
	return readFileSync(join(here, 'index.html'), 'utf8')
		.replace('SCRIPT', script).replace('STYLE', style).replace('ICON', icon);
}

function writeAll(result) {
	rmSync(out, { recursive: true, force: true });
	mkdirSync(out, { recursive: true });
	const logo = readFileSync(join(here, 'logo.svg'));
	const icon = `logo-${createHash('sha256').update(logo).digest('hex').slice(0, 8)}.svg`;
	const files = result.outputFiles.map((file) => [basename(file.path), Buffer.from(file.contents)]);
	const entry = (end) => files.map(([name]) => name).find((name) => /^app[-.]/.test(name) && name.endsWith(end));
	files.push([icon, logo]);

	const embed = [];
	let total = 0;
	for (const [name, bytes] of files) {
		const packed = gzipSync(bytes, { level: 9 });
		if (!mock)
			total += /^app-/.test(name) || isStatic(result, name) ? packed.length : 0;
		writeFileSync(join(out, mock ? name : `${name}.gz`), mock ? bytes : packed);
		embed.push(`app/${name}.gz=${join(out, `${name}.gz`)}`);
	}
	if (mock)
		writeFileSync(join(out, 'seed.json'), execFileSync('python3', [join(here, 'mock_seed.py')],
			{ maxBuffer: 64 << 20 }));
	const prefix = mock ? '/' : '/assets/';
	writeFileSync(join(out, 'index.html'), page(prefix + entry('.js'), prefix + entry('.css'), prefix + icon));
	embed.push(`app/index.html=${join(out, 'index.html')}`);
	writeFileSync(join(out, 'embed'), embed.join('\n') + '\n');
	return total;
}

// What the page needs before it shows anything: the entry and the chunks that it imports at once.
function isStatic(result, name) {
	const outputs = result.metafile.outputs;
	const path = Object.keys(outputs).find((key) => /(^|\/)app-[^/]*\.js$/.test(key));
	const seen = new Set();
	const walk = (key) => {
		if (seen.has(key))
			return;
		seen.add(key);
		for (const { path: to, kind } of outputs[key].imports)
			if (kind === 'import-statement')
				walk(to);
	};
	walk(path);
	return [...seen].some((key) => basename(key) === name);
}

async function serve() {
	const at = process.argv.indexOf('--port');
	const context = await esbuild.context({
		...options,
		plugins: [{ name: 'write', setup: (build) => build.onEnd((r) => { r.errors.length || writeAll(r); }) }],
	});
	await context.watch();
	const { hosts, port } = await context.serve({
		servedir: out, host: '127.0.0.1', port: at < 0 ? 8090 : Number(process.argv[at + 1]),
		fallback: join(out, 'index.html'),
	});
	console.log(`http://${hosts[0]}:${port}/`);
}

async function release() {
	const total = writeAll(await esbuild.build(options));
	console.log(`app: ${(total / 1000).toFixed(1)} kB at first load, of ${FIRST_LOAD_BYTES / 1000} kB`);
	if (total > FIRST_LOAD_BYTES) {
		console.error('app: more than a slow line should carry; split what the first page does not need');
		process.exit(1);
	}
}

await (mock ? serve() : release());
