// sheets.ts - which table each kind of worksheet fills, whose rows they are, and what a new row begins with.
import { newId, type Filter, type Key, type Values } from './api.ts';
import { stageId, worksheetId, type Reference } from './reference.ts';
import { save } from './save.ts';
import { scope } from './session.ts';

export interface SheetKind {
	table: string;
	perUnit: boolean;
	own: string | null; // own: the column that names the unit
	page?: string; // another page than the grid is the place to fill it
}

export const KINDS: Record<string, SheetKind> = {
	issue: { table: 'issue', perUnit: true, own: 'org_id' },
	readiness: { table: 'readiness_item', perUnit: false, own: null },
	swot: { table: 'swot_factor', perUnit: true, own: 'org_id' },
	tows: { table: 'tows_strategy', perUnit: true, own: 'org_id', page: '/swot' },
	vision: { table: 'direction', perUnit: false, own: null },
	programme: { table: 'programme', perUnit: true, own: 'lead_org_id' },
	roadmap: { table: 'programme_year', perUnit: false, own: null, page: '/peta-jalan' },
	innovation: { table: 'quick_win', perUnit: true, own: 'lead_org_id' },
	quick_win: { table: 'quick_win', perUnit: true, own: 'lead_org_id' },
	action_plan: { table: 'qw_milestone', perUnit: false, own: null },
};

export interface SheetPlace {
	kind: SheetKind;
	filter: Filter;
	fixed: Values;
	worksheet: Values | null;
	newKey: (values: Values) => Key;
	keyColumns: string[];
}

// Where the worksheet of this unit is; without a unit the one of the whole region.
export function sheetOf(reference: Reference, template: Values, unit: string): SheetPlace | null {
	const name = String(template['kind']),
		kind = KINDS[name],
		here = scope();
	if (kind === undefined) return null;
	const fixed: Values = { scope: here },
		filter: Filter = { scope: here };
	const worksheet = ['issue', 'readiness', 'swot', 'tows'].includes(name)
		? {
				scope: here,
				id: worksheetId(reference, template, unit),
				stage_id: stageId(reference, Number(template['stage_no'])),
				template_code: template['code']!,
				template_version: template['version']!,
				org_id: unit,
			}
		: null;
	if (worksheet !== null) fixed['worksheet_id'] = worksheet.id;
	if (['programme', 'innovation', 'quick_win', 'vision'].includes(name)) {
		fixed['cohort_id'] = filter['cohort_id'] = reference.cohort?.['id'] ?? null;
	}
	if (kind.own !== null) fixed[kind.own] = filter[kind.own] = unit;
	const newKey = (): Key => [here, newId()];
	return { kind, filter, fixed, worksheet, newKey, keyColumns: ['scope', 'id'] };
}

// The sheet itself is a row in which everybody who opens it meets; it is made with its first line.
export function openWorksheet(worksheet: Values): void {
	save({ table: 'worksheet', key: [worksheet['scope']!, worksheet['id']!], fresh: true }, worksheet);
}
