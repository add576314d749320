// reference.ts - the names that most pages need: the region, its cohort, dimensions, units, worksheets.
import { useMemo } from 'preact/hooks';
import type { Row, Values } from './api.ts';
import { setZone } from './format.ts';
import { scope } from './session.ts';
import { useRows } from './store.ts';
import { words } from './text/index.ts';

export interface Reference {
	region: Values | undefined;
	cohort: Values | undefined;
	stageNo: number | null;
	stages: Row[];
	dimensions: Values[];
	subdimensions: Values[];
	aliases: Map<string, string>;
	organizations: Values[];
	units: Values[];
	templates: Values[];
	people: Values[];
}

const values = (rows: Row[] | undefined): Values[] => (rows ?? []).map((row) => row.values);
const byOrd = (a: Values, b: Values): number => Number(a['ord']) - Number(b['ord']);
const text = (value: unknown): string => String(value ?? '');

// The stage that has begun and is not over; else the last that is over, else the first that is planned.
function stageNow(stages: Row[]): number | null {
	const list = stages
		.map((row) => row.values)
		.sort((a, b) => Number(a['stage_no']) - Number(b['stage_no']));
	const begun = list.filter((stage) => stage['actual_start'] !== null);
	const now = begun.find((stage) => stage['actual_end'] === null) ?? begun[begun.length - 1] ?? list[0];
	return now === undefined ? null : Number(now['stage_no']);
}

// undefined while it is read for the first time.
export function useReference(): Reference | undefined {
	const here = scope();
	const region = useRows('region', here === '' ? { limit: 1 } : { code: here });
	const mine = useRows('cohort_region', { region_code: here });
	const cohorts = useRows('cohort', { order: '-year' });
	const stages = useRows('stage', { scope: here });
	const dimensions = useRows('dimension'),
		subdimensions = useRows('subdimension'),
		aliases = useRows('dimension_alias');
	const organizations = useRows('organization', { scope: here }),
		people = useRows('person', { scope: here });
	const templates = useRows('worksheet_template');
	return useMemo(() => {
		const all = [
			region,
			mine,
			cohorts,
			stages,
			dimensions,
			subdimensions,
			aliases,
			organizations,
			templates,
			people,
		];
		if (all.some((read) => read.value === undefined && read.problem === undefined)) return undefined;
		const joined = new Set(values(mine.value).map((row) => row['cohort_id']));
		const cohort =
			values(cohorts.value).find((row) => joined.has(row['id'] ?? null)) ?? values(cohorts.value)[0];
		const ofSet = (rows: Row[] | undefined): Values[] =>
			values(rows).filter((row) => row['set_id'] === cohort?.['dimension_set_id']);
		setZone(values(region.value)[0]?.['tz'] as string | undefined);
		const active = values(organizations.value).filter(
			(org) => org['active'] === 1 && org['merged_into'] === null,
		);
		return {
			region: values(region.value)[0],
			cohort,
			stageNo: stageNow(stages.value ?? []),
			stages: stages.value ?? [],
			dimensions: ofSet(dimensions.value).sort(byOrd),
			subdimensions: ofSet(subdimensions.value).sort(byOrd),
			aliases: new Map(ofSet(aliases.value).map((row) => [text(row['alias']), text(row['code'])])),
			organizations: values(organizations.value),
			units: active
				.filter((org) => ['opd', 'kecamatan', 'kelurahan', 'desa'].includes(text(org['kind'])))
				.sort(byUnit),
			templates: newest(values(templates.value)),
			people: values(people.value),
		};
	}, [
		region.value,
		mine.value,
		cohorts.value,
		stages.value,
		dimensions.value,
		subdimensions.value,
		aliases.value,
		organizations.value,
		templates.value,
		people.value,
		region.problem,
	]);
}

const RANK: Record<string, number> = { opd: 0, kecamatan: 1, kelurahan: 2, desa: 3 };
function byUnit(a: Values, b: Values): number {
	return (
		RANK[text(a['kind'])]! - RANK[text(b['kind'])]! ||
		text(a['name']).localeCompare(text(b['name']), 'id')
	);
}

// Of each worksheet its newest version, in the order in which the stages want them.
function newest(rows: Values[]): Values[] {
	const best = new Map<string, Values>();
	for (const row of rows)
		if (Number(best.get(text(row['code']))?.['version'] ?? 0) < Number(row['version']))
			best.set(text(row['code']), row);
	const order = [
		'KK-ISU',
		'KK-SIAP',
		'KK-SWOT',
		'KK-TOWS',
		'KK-VISI',
		'KK-PROG',
		'KK-I',
		'KK-INOV',
		'KK-QW',
		'KK-AKSI',
	];
	const at = (row: Values): number => (order.indexOf(text(row['code'])) + 100) % 100;
	return [...best.values()].sort((a, b) => at(a) - at(b));
}

export function regionName(region: Values | undefined): string {
	if (region === undefined) return '';
	return `${words.kinds[region['kind'] as 'kota'] ?? ''} ${text(region['name'])}`.trim();
}

export function orgName(reference: Reference, id: unknown, short = false): string {
	const org = reference.organizations.find((row) => row['id'] === id);
	if (org === undefined) return id === null || id === undefined ? '' : words.common.unknownName(text(id));
	return text((short ? org['short_name'] : null) ?? org['name']);
}

export function personName(reference: Reference, id: unknown): string {
	const person = reference.people.find((row) => row['id'] === id);
	return person === undefined
		? ''
		: [text(person['title_prefix']), text(person['full_name'])].filter((s) => s !== '').join(' ') +
				(person['title_suffix'] === null ? '' : `, ${text(person['title_suffix'])}`);
}

export function dimensionName(reference: Reference, code: unknown): string {
	const found = reference.dimensions.find((row) => row['code'] === code);
	return found === undefined ? text(code) : text(found['name']);
}

// The unit whose sheets are shown: the person's own, or else the one looked at last.
export function unitNow(reference: Reference, own: string | null | undefined): string {
	const last = localStorage.getItem('simpul.unit');
	return (
		own ?? (reference.units.some((one) => one['id'] === last) ? last! : text(reference.units[0]?.['id']))
	);
}

// The row in which everybody who opens this sheet meets.
export function worksheetId(reference: Reference, template: Values, orgId: string, dimension = '--'): string {
	return `${stageId(reference, Number(template['stage_no']))}/${text(template['code'])}/${orgId}/${dimension}`;
}

export const stageId = (reference: Reference, no: number): string =>
	`${text(reference.cohort?.['id'])}/${scope()}/${no}`;
