// parts/diff.tsx - two texts, and in what words they differ.
import type { JSX } from 'preact';
import { words } from '../text/index.ts';

export interface Piece {
	text: string;
	side: 'both' | 'before' | 'after';
}

const LONG = 1200; // words; beyond that the comparison of each with each would be felt

// The longest common sequence of words; texts that are too long for it differ as a whole between their common ends.
export function compare(before: string, after: string): Piece[] {
	const a = before.match(/\s+|[^\s]+/g) ?? [],
		b = after.match(/\s+|[^\s]+/g) ?? [];
	let start = 0,
		end = 0;
	while (start < a.length && start < b.length && a[start] === b[start]) start++;
	while (
		end < a.length - start &&
		end < b.length - start &&
		a[a.length - 1 - end] === b[b.length - 1 - end]
	)
		end++;
	const x = a.slice(start, a.length - end),
		y = b.slice(start, b.length - end);
	const middle: Piece[] =
		x.length > LONG || y.length > LONG
			? [
					{ text: x.join(''), side: 'before' },
					{ text: y.join(''), side: 'after' },
				]
			: common(x, y);
	return join([
		{ text: a.slice(0, start).join(''), side: 'both' },
		...middle,
		{ text: a.slice(a.length - end).join(''), side: 'both' },
	]);
}

function common(x: string[], y: string[]): Piece[] {
	const width = y.length + 1,
		length = new Uint16Array((x.length + 1) * width);
	for (let i = x.length - 1; i >= 0; i--)
		for (let j = y.length - 1; j >= 0; j--)
			length[i * width + j] =
				x[i] === y[j]
					? length[(i + 1) * width + j + 1]! + 1
					: Math.max(length[(i + 1) * width + j]!, length[i * width + j + 1]!);
	const out: Piece[] = [];
	let i = 0,
		j = 0;
	while (i < x.length || j < y.length)
		if (i < x.length && j < y.length && x[i] === y[j]) {
			out.push({ text: x[i++]!, side: 'both' });
			j++;
		} else if (
			j >= y.length ||
			(i < x.length && length[(i + 1) * width + j]! >= length[i * width + j + 1]!)
		)
			out.push({ text: x[i++]!, side: 'before' });
		else out.push({ text: y[j++]!, side: 'after' });
	return out;
}

function join(pieces: Piece[]): Piece[] {
	const out: Piece[] = [];
	for (const piece of pieces) {
		const last = out[out.length - 1];
		if (piece.text === '') continue;
		if (last?.side === piece.side) last.text += piece.text;
		else out.push({ ...piece });
	}
	return out;
}

export function Diff({
	before,
	after,
	side,
}: {
	before: string;
	after: string;
	side?: 'before' | 'after';
}): JSX.Element {
	return (
		<div class="diff pre">
			{compare(before, after)
				.filter((piece) => side === undefined || piece.side === 'both' || piece.side === side)
				.map((piece, i) =>
					piece.side === 'before' ? (
						<del key={i} title={words.diff.before}>
							{piece.text}
						</del>
					) : piece.side === 'after' ? (
						<ins key={i} title={words.diff.after}>
							{piece.text}
						</ins>
					) : (
						<span key={i}>{piece.text}</span>
					),
				)}
		</div>
	);
}
