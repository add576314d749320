// pages/matrix.tsx - who has not filled in: every unit against every worksheet that units fill.
import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { Button, Icon, Panel, Tabs } from '../parts/index.ts';
import { orgName, worksheetId, type Reference } from '../reference.ts';
import { link } from '../router.ts';
import { scope } from '../session.ts';
import { KINDS } from '../sheets.ts';
import { useRows, useView } from '../store.ts';
import { words } from '../text/index.ts';
import { regionName } from '../reference.ts';

// How many rows a unit has in a kind of worksheet; without a unit: the region has.
export function useFilled(_reference: Reference): (kind: string, unit: string | null) => number {
	const here = scope();
	const issues = useRows('issue', { scope: here }),
		factors = useRows('swot_factor', { scope: here }),
		strategies = useRows('tows_strategy', { scope: here });
	const programmes = useRows('programme', { scope: here }),
		quickWins = useRows('quick_win', { scope: here });
	const readiness = useRows('readiness_item', { scope: here }),
		directions = useRows('direction', { scope: here });
	const years = useRows('programme_year', { scope: here }),
		milestones = useRows('qw_milestone', { scope: here });
	const counts = useMemo(() => {
		const all: Record<string, typeof issues.value> = {
			issue: issues.value,
			swot: factors.value,
			tows: strategies.value,
			programme: programmes.value,
			innovation: quickWins.value,
			quick_win: quickWins.value,
			readiness: readiness.value,
			vision: directions.value,
			roadmap: years.value,
			action_plan: milestones.value,
		};
		const found = new Map<string, number>();
		for (const [kind, rows] of Object.entries(all))
			for (const row of rows ?? [])
				for (const name of [kind, `${kind} ${String(row.values[KINDS[kind]?.own ?? ''] ?? '')}`])
					found.set(name, (found.get(name) ?? 0) + 1);
		return found;
	}, [
		issues.value,
		factors.value,
		strategies.value,
		programmes.value,
		quickWins.value,
		readiness.value,
		directions.value,
		years.value,
		milestones.value,
	]);
	return (kind, unit) => counts.get(unit === null ? kind : `${kind} ${unit}`) ?? 0;
}

export function Matrix({ reference }: { reference: Reference }): JSX.Element {
	const filled = useFilled(reference),
		[show, setShow] = useState<'all' | 'missing'>('all'),
		[copied, setCopied] = useState(false);
	const states = useView('object_state', ['status_event'], { object_kind: 'worksheet' });
	const handedOver = useMemo(
		() =>
			new Set(
				(states.value ?? [])
					.filter((one) => one['state'] === 'submitted' || one['state'] === 'accepted')
					.map((one) => String(one['object_id'])),
			),
		[states.value],
	);
	const templates = reference.templates.filter(
		(one) =>
			KINDS[String(one['kind'])]?.perUnit === true &&
			!['innovation', 'quick_win'].includes(String(one['kind'])),
	);
	const now = templates.filter((one) => Number(one['stage_no']) <= (reference.stageNo ?? 9));
	const missing = (unit: string): boolean => now.some((one) => filled(String(one['kind']), unit) === 0);
	const late = reference.units.filter((unit) => missing(String(unit['id'])));
	const list = show === 'all' ? reference.units : late;
	const copy = async (): Promise<void> => {
		const lines = late.map(
			(unit) =>
				`- ${String(unit['short_name'] ?? unit['name'])}: ${now
					.filter((one) => filled(String(one['kind']), String(unit['id'])) === 0)
					.map((one) => String(one['code']))
					.join(', ')}`,
		);
		await navigator.clipboard.writeText(
			`${words.matrix.message(regionName(reference.region))}\n${lines.join('\n')}`,
		);
		setCopied(true);
	};
	return (
		<Panel
			title={words.matrix.title(late.length, reference.units.length)}
			actions={
				<>
					<Tabs
						label={words.common.filter}
						now={show}
						choose={setShow}
						tabs={[
							{ name: 'all', label: words.common.all },
							{ name: 'missing', label: words.matrix.missing, count: late.length },
						]}
					/>
					<Button
						small
						icon={copied ? 'check' : 'comment'}
						disabled={late.length === 0}
						onClick={() => void copy()}
					>
						{copied ? words.matrix.copied : words.matrix.copy}
					</Button>
				</>
			}
		>
			<div
				class="table-scroll matrix-scroll"
				tabIndex={0}
				role="region"
				aria-label={words.matrix.title(late.length, reference.units.length)}
			>
				<table class="matrix">
					<thead>
						<tr>
							<th>{words.sheets.unit}</th>
							{templates.map((one) => (
								<th key={String(one['code'])} title={String(one['title_id'])}>
									{String(one['code']).replace('KK-', '')}
								</th>
							))}
						</tr>
					</thead>
					<tbody>
						{list.map((unit) => {
							const id = String(unit['id']);
							return (
								<tr key={id}>
									<th scope="row" title={String(unit['name'])}>
										{orgName(reference, id, true)}
									</th>
									{templates.map((template) => {
										const kind = String(template['kind']),
											n = filled(kind, id),
											done = handedOver.has(worksheetId(reference, template, id));
										const due = Number(template['stage_no']) <= (reference.stageNo ?? 9),
											to =
												kind === 'tows'
													? `${link('swot', id)}`
													: link('kertas-kerja', String(template['code']), id);
										const label =
											n === 0
												? due
													? words.matrix.empty
													: words.matrix.notDue
												: done
													? words.matrix.handedOver(n)
													: words.matrix.draft(n);
										return (
											<td key={kind}>
												<a
													href={to}
													class={
														n === 0
															? due
																? 'bad'
																: 'later'
															: done
																? 'good'
																: 'wait'
													}
													aria-label={`${orgName(reference, id, true)}, ${String(template['code'])}: ${label}`}
													title={label}
												>
													{n === 0 ? (
														due ? (
															<Icon name="close" size={13} />
														) : (
															'·'
														)
													) : (
														<>
															{done && <Icon name="check" size={13} />}
															{n}
														</>
													)}
												</a>
											</td>
										);
									})}
								</tr>
							);
						})}
					</tbody>
				</table>
			</div>
			<p class="legend tiny">
				<span class="good">
					<Icon name="check" size={13} /> {words.matrix.legendGood}
				</span>
				<span class="wait">7 {words.matrix.legendDraft}</span>
				<span class="bad">
					<Icon name="close" size={13} /> {words.matrix.empty}
				</span>
				<span class="later">· {words.matrix.notDue}</span>
			</p>
		</Panel>
	);
}
