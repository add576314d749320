// scenario.mjs - runs the test functions of a file and prints TAP.
//
//	import { scenarios } from './lib/scenario.mjs';
//	await scenarios({ async 'the first account is made with the code'() { ... } });
//
// They run in the order in which they stand; `FILE_test.mjs word` runs those whose name contains the word.
// What a scenario opened through site.mjs is closed after it; the pages that are open when it fails are kept
// as pictures in build/screens/failed.
import { cleanUp, keepPictures } from './site.mjs';

export async function scenarios(tests) {
	const word = process.argv[2] ?? '';
	const chosen = Object.entries(tests).filter(([name]) => name.includes(word));
	let failed = 0;
	for (const [at, [name, test]] of chosen.entries()) {
		try {
			await test();
			console.log(`ok ${at + 1} - ${name}`);
		} catch (e) {
			failed++;
			for (const line of String(e?.stack ?? e).split('\n')) console.log(`# ${line}`);
			await keepPictures(name);
			console.log(`not ok ${at + 1} - ${name}`);
		}
		await cleanUp(failed > 0);
	}
	console.log(`1..${chosen.length}`);
	process.exit(failed > 0 || chosen.length === 0 ? 1 : 0);
}
