// pages/swot_plot.tsx - where the weights put the region: x = strengths less weaknesses, y = opportunities less threats.
import type { JSX } from 'preact';
import type { Values } from '../api.ts';
import { number } from '../format.ts';
import { words } from '../text/index.ts';

export interface Sums {
	internal: number;
	external: number;
	unrated: number;
	complete: boolean;
	x: number;
	y: number;
}

export function weights(factors: Values[]): Sums {
	const sum = (quadrants: string, of: (factor: Values) => number): number =>
		factors
			.filter((factor) => quadrants.includes(String(factor['quadrant'])))
			.reduce((total, factor) => total + of(factor), 0);
	const weight = (factor: Values): number => Number(factor['weight_bp'] ?? 0);
	const score = (factor: Values): number => (weight(factor) / 10000) * Number(factor['rating'] ?? 0);
	const internal = sum('SW', weight),
		external = sum('OT', weight);
	const unrated = factors.filter((factor) => weight(factor) > 0 && factor['rating'] == null).length;
	return {
		internal,
		external,
		unrated,
		complete: internal === 10000 && external === 10000 && unrated === 0,
		x: sum('S', score) - sum('W', score),
		y: sum('O', score) - sum('T', score),
	};
}

const SIZE = 300,
	HALF = SIZE / 2,
	SCALE = HALF / 4.4; // a score lies between -4 and 4

export function Plot({ sums }: { sums: Sums }): JSX.Element {
	const quadrant = sums.y >= 0 ? (sums.x >= 0 ? 'SO' : 'WO') : sums.x >= 0 ? 'ST' : 'WT';
	const px = HALF + sums.x * SCALE,
		py = HALF - sums.y * SCALE,
		meaning = words.swot.position[quadrant];
	return (
		<div class="plot">
			<svg
				viewBox={`0 0 ${SIZE} ${SIZE}`}
				width={SIZE}
				height={SIZE}
				role="img"
				aria-label={`${meaning} (${number(sums.x, 2)}; ${number(sums.y, 2)})`}
			>
				<rect
					x={quadrant[0] === 'S' ? HALF : 0}
					y={quadrant[1] === 'O' ? 0 : HALF}
					width={HALF}
					height={HALF}
					fill="var(--teal-50)"
				/>
				<path d={`M0 ${HALF}H${SIZE}M${HALF} 0V${SIZE}`} stroke="var(--line-strong)" />
				{[-4, -2, 2, 4].map((at) => (
					<path
						key={at}
						d={`M${HALF + at * SCALE} ${HALF - 3}v6M${HALF - 3} ${HALF - at * SCALE}h6`}
						stroke="var(--line-strong)"
					/>
				))}
				<g font-size="12" fill="var(--ink-soft)">
					<text x={SIZE - 4} y={HALF - 6} text-anchor="end">
						{words.swot.quadrant.S}
					</text>
					<text x="4" y={HALF - 6}>
						{words.swot.quadrant.W}
					</text>
					<text x={HALF + 6} y="13">
						{words.swot.quadrant.O}
					</text>
					<text x={HALF + 6} y={SIZE - 5}>
						{words.swot.quadrant.T}
					</text>
				</g>
				<path
					d={`M${HALF} ${HALF}L${px} ${py}`}
					stroke="var(--teal-600)"
					stroke-width="1.5"
					stroke-dasharray="4 3"
				/>
				<circle cx={px} cy={py} r="7" fill="var(--teal-700)" stroke="#fff" stroke-width="2" />
			</svg>
			<div>
				<strong>{words.swot.quadrantName(quadrant)}</strong>
				<p class="soft">{meaning}</p>
				<dl class="facts small">
					<dt>
						{words.swot.quadrant.S} − {words.swot.quadrant.W}
					</dt>
					<dd>{number(sums.x, 2)}</dd>
					<dt>
						{words.swot.quadrant.O} − {words.swot.quadrant.T}
					</dt>
					<dd>{number(sums.y, 2)}</dd>
				</dl>
			</div>
		</div>
	);
}
