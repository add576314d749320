// xlsx.ts - reads the first sheet of an Excel or LibreOffice file (.xlsx), or a .csv, as rows of text.
//
// An .xlsx is a zip of XML.  Only what a worksheet with text and numbers needs is read: shared strings, inline
// strings, numbers, booleans; formulas by the value that was kept with them.  The browser unpacks and parses.

const LOCAL = 0x04034b50,
	CENTRAL = 0x02014b50,
	END = 0x06054b50;
const FILE_BYTES_MAX = 20 << 20,
	ROWS_MAX = 10000;

export class SheetProblem extends Error {}

async function inflate(bytes: Uint8Array): Promise<Uint8Array> {
	const stream = new Blob([bytes as Uint8Array<ArrayBuffer>])
		.stream()
		.pipeThrough(new DecompressionStream('deflate-raw'));
	return new Uint8Array(await new Response(stream).arrayBuffer());
}

// name: where its bytes are, from the directory at the end of the zip.
function directory(bytes: Uint8Array): Map<string, { at: number; size: number; packed: boolean }> {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
		found = new Map<string, { at: number; size: number; packed: boolean }>();
	let end = bytes.length - 22;
	while (end >= 0 && view.getUint32(end, true) !== END) end--;
	if (end < 0) throw new SheetProblem('zip');
	let at = view.getUint32(end + 16, true);
	for (let n = view.getUint16(end + 10, true); n > 0; n--) {
		if (at + 46 > bytes.length || view.getUint32(at, true) !== CENTRAL) throw new SheetProblem('zip');
		const nameLength = view.getUint16(at + 28, true),
			name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
		const local = view.getUint32(at + 42, true);
		if (local + 30 > bytes.length || view.getUint32(local, true) !== LOCAL) throw new SheetProblem('zip');
		found.set(name, {
			at: local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true),
			size: view.getUint32(at + 20, true),
			packed: view.getUint16(at + 10, true) === 8,
		});
		at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
	}
	return found;
}

async function part(
	bytes: Uint8Array,
	files: ReturnType<typeof directory>,
	name: string,
): Promise<Document | null> {
	const file = files.get(name);
	if (file === undefined) return null;
	const raw = bytes.subarray(file.at, file.at + file.size);
	return new DOMParser().parseFromString(
		new TextDecoder().decode(file.packed ? await inflate(raw) : raw),
		'application/xml',
	);
}

const textOf = (node: Element): string =>
	[...node.getElementsByTagName('t')]
		.filter((t) => t.closest('rPh') === null)
		.map((t) => t.textContent ?? '')
		.join('');

function columnOf(reference: string): number {
	let n = 0;
	for (const letter of /^[A-Z]+/.exec(reference)?.[0] ?? '') n = n * 26 + letter.charCodeAt(0) - 64;
	return n - 1;
}

export function address(row: number, column: number): string {
	let letters = '';
	for (let n = column + 1; n > 0; n = Math.floor((n - 1) / 26))
		letters = String.fromCharCode(65 + ((n - 1) % 26)) + letters;
	return `${letters}${row + 1}`;
}

function cellText(cell: Element, shared: string[]): string {
	const kind = cell.getAttribute('t'),
		value = cell.getElementsByTagName('v')[0]?.textContent ?? '';
	if (kind === 's') return shared[Number(value)] ?? '';
	if (kind === 'inlineStr') return textOf(cell);
	return kind === null || kind === 'n' ? value.replace('.', ',') : value;
}

async function readXlsx(bytes: Uint8Array): Promise<string[][]> {
	const files = directory(bytes),
		strings = await part(bytes, files, 'xl/sharedStrings.xml');
	const first = [...files.keys()]
		.filter((name) => /^xl\/worksheets\/sheet\d*\.xml$/.test(name))
		.sort((a, b) => a.length - b.length || a.localeCompare(b))[0];
	const sheet = first === undefined ? null : await part(bytes, files, first);
	if (sheet === null) throw new SheetProblem('sheet');
	const shared = strings === null ? [] : [...strings.getElementsByTagName('si')].map(textOf),
		rows: string[][] = [];
	for (const row of sheet.getElementsByTagName('row')) {
		const at = Number(row.getAttribute('r') ?? rows.length + 1) - 1;
		if (at >= ROWS_MAX) throw new SheetProblem('rows');
		const cells: string[] = [];
		for (const cell of row.getElementsByTagName('c'))
			cells[cell.hasAttribute('r') ? columnOf(cell.getAttribute('r')!) : cells.length] = cellText(
				cell,
				shared,
			);
		rows[at] = Array.from(cells, (text) => text ?? '');
	}
	return Array.from(rows, (row) => row ?? []);
}

// Excel here writes semicolons, others commas or tabs: what the first line has most of.
export function readCsv(text: string): string[][] {
	const head = text.slice(0, text.indexOf('\n') + 1 || text.length),
		mark = [';', ',', '\t'].sort((a, b) => head.split(b).length - head.split(a).length)[0]!;
	const rows: string[][] = [[]];
	let cell = '',
		quoted = false;
	for (let i = 0; i < text.length; i++) {
		const c = text[i]!;
		if (quoted && c === '"' && text[i + 1] === '"') cell += text[++i]!;
		else if (c === '"' && (quoted || cell === '')) quoted = !quoted;
		else if (!quoted && (c === mark || c === '\n')) {
			rows[rows.length - 1]!.push(cell);
			cell = '';
			if (c === '\n') rows.push([]);
		} else if (c !== '\r' || quoted) cell += c;
	}
	rows[rows.length - 1]!.push(cell);
	return rows;
}

export async function readSheet(file: File): Promise<string[][]> {
	if (file.size > FILE_BYTES_MAX) throw new SheetProblem('size');
	const bytes = new Uint8Array(await file.arrayBuffer());
	if (bytes[0] === 0x50 && bytes[1] === 0x4b) return readXlsx(bytes);
	if (bytes[0] === 0xd0 && bytes[1] === 0xcf) throw new SheetProblem('old'); // .xls of before 2007
	return readCsv(new TextDecoder().decode(bytes).replace(/^\ufeff/, ''));
}

// The rejected lines as a file that Excel opens, with what is wrong in the last column.
export function rejectedFile(head: string[], rows: string[][]): Blob {
	const quote = (text: string): string => `"${text.replace(/"/g, '""')}"`;
	return new Blob([`\ufeff${[head, ...rows].map((row) => row.map(quote).join(';')).join('\r\n')}\r\n`], {
		type: 'text/csv;charset=utf-8',
	});
}
