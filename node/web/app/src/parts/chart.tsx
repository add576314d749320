// parts/chart.tsx - the line of a percentage over time; each point says when, by whom and on what ground.
import type { JSX } from 'preact';
import { date, percent } from '../format.ts';
import { words } from '../text/index.ts';

export interface Point {
	day: string;
	percent: number;
	basis: 'declared' | 'milestones' | 'verified';
	by: string;
	note: string | null;
}

const W = 560,
	H = 190,
	LEFT = 40,
	RIGHT = 16,
	TOP = 14,
	BOTTOM = 26;

// Three grounds have three shapes: a circle was declared, a square follows from milestones, a filled diamond was verified.
function Mark({ point, x, y }: { point: Point; x: number; y: number }): JSX.Element {
	const common = { stroke: 'var(--teal-700)', 'stroke-width': 2 };
	const title = (
		<title>{`${date(point.day)}: ${percent(point.percent)} · ${words.quickWin.basis[point.basis]} · ${point.by}`}</title>
	);
	if (point.basis === 'milestones')
		return (
			<rect x={x - 5} y={y - 5} width="10" height="10" fill="var(--paper)" {...common}>
				{title}
			</rect>
		);
	if (point.basis === 'verified')
		return (
			<path d={`M${x} ${y - 7}l7 7-7 7-7-7z`} fill="var(--teal-700)" {...common}>
				{title}
			</path>
		);
	return (
		<circle cx={x} cy={y} r="5.5" fill="var(--paper)" {...common}>
			{title}
		</circle>
	);
}

export function PercentChart({ points }: { points: Point[] }): JSX.Element {
	const sorted = [...points].sort((a, b) => a.day.localeCompare(b.day));
	const days = sorted.map((point) => Date.parse(point.day)),
		from = days[0] ?? 0,
		to = Math.max(from + 30 * 86400e3, days[days.length - 1] ?? 0);
	const x = (day: number): number => LEFT + ((day - from) / (to - from)) * (W - LEFT - RIGHT),
		y = (value: number): number => TOP + (1 - value / 100) * (H - TOP - BOTTOM);
	const line = sorted
		.map((point, i) => `${i === 0 ? 'M' : 'L'}${x(days[i]!)} ${y(point.percent)}`)
		.join('');
	return (
		<svg
			class="chart"
			viewBox={`0 0 ${W} ${H}`}
			role="img"
			aria-label={words.quickWin.chart(
				sorted.map((point) => `${date(point.day)} ${percent(point.percent)}`).join(', '),
			)}
		>
			{[0, 25, 50, 75, 100].map((at) => (
				<g key={at}>
					<path d={`M${LEFT} ${y(at)}H${W - RIGHT}`} stroke="var(--line)" />
					<text x={LEFT - 6} y={y(at) + 4} text-anchor="end" font-size="11" fill="var(--ink-soft)">
						{at} %
					</text>
				</g>
			))}
			{sorted.length > 0 && (
				<path
					d={`${line}L${x(days[days.length - 1]!)} ${y(0)}L${x(from)} ${y(0)}Z`}
					fill="var(--teal-50)"
				/>
			)}
			<path d={line} fill="none" stroke="var(--teal-600)" stroke-width="2" />
			{sorted.map((point, i) => (
				<g key={i}>
					<Mark point={point} x={x(days[i]!)} y={y(point.percent)} />
					<text
						x={x(days[i]!)}
						y={y(point.percent) + (point.percent > 88 ? 20 : -10)}
						text-anchor={i === 0 ? 'start' : 'middle'}
						font-size="12"
						font-weight="600"
						fill="var(--ink)"
					>
						{percent(point.percent)}
					</text>
					{(i === 0 || i === sorted.length - 1 || sorted.length < 6) && (
						<text
							x={x(days[i]!)}
							y={H - 8}
							text-anchor={
								i === 0
									? 'start'
									: i === sorted.length - 1 && x(days[i]!) > W - 60
										? 'end'
										: 'middle'
							}
							font-size="11"
							fill="var(--ink-soft)"
						>
							{date(point.day)}
						</text>
					)}
				</g>
			))}
		</svg>
	);
}
