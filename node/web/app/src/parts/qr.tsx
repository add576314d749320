// parts/qr.tsx - a text as a QR code, drawn as one path: sharp on paper at any size.
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { encode } from 'uqr';

export function Qr({ text, label }: { text: string; label: string }): JSX.Element {
	const { path, size } = useMemo(() => {
		const code = encode(text, { ecc: 'L', border: 4 });
		let drawn = '';
		code.data.forEach((row, y) =>
			row.forEach((dark, x) => {
				if (dark) drawn += `M${x} ${y}h1v1h-1z`;
			}),
		);
		return { path: drawn, size: code.size };
	}, [text]);
	return (
		<svg
			class="qr"
			viewBox={`0 0 ${size} ${size}`}
			role="img"
			aria-label={label}
			shape-rendering="crispEdges"
		>
			<rect width={size} height={size} fill="#fff" />
			<path d={path} fill="#000" />
		</svg>
	);
}
