// hub.ts - what the centre knows about its regions, put together from the views, the submissions and the devices.
import { useMemo } from 'preact/hooks';
import { api, type Values } from './api.ts';
import { regionName } from './reference.ts';
import { useRead, useRows, useView, type Read } from './store.ts';

export interface Submission {
	id: string; scope: string; object: string; code: string; version: number; manifest_sha256: string; sealed_at: string; sealed_by: string;
	changeset: string | null; sent: 'unsent' | 'sent' | 'receipted'; received_at?: string | null; timeliness?: 'on_time' | 'in_grace' | 'late' | null; due_at?: string | null;
}
export interface Device {
	name: string; words: string; scope: string; role: string; chain: string; enrolled_at: string | null; last_contact: string | null; last_changeset_at: string | null;
	changesets: number; quarantined: number; contested: number; version: string | null; clock_skew_ms: number | null; revoked: boolean;
}
export interface Request { words: string; scope: string; name: string; state: 'waiting' | 'approved' | 'refused'; asked_at: string | null }

const text = (value: unknown): string => String(value ?? '');

export const useSubmissions = (): Read<Submission[]> =>
	useRead('submissions', ['submission'], async () => (await api.get<{ submissions: Submission[] }>('/submissions')).submissions);
interface NodeScope { scope: string; role: string; chain: string; seq: number; revoked: boolean }
interface NodeAnswer {
	name: string; words: string; scopes: NodeScope[]; revoked: boolean; enrolled: string | null; last_contact: string | null; last_changeset: string | null;
	quarantined: number; contested: number; version: string | null; clock_skew_ms: number | null;
}
interface RequestAnswer { words: string; scope: string; name: string; asked: string | null; waiting: boolean; approved: boolean }

// One line for each scope that a device may write in.
const devicesOf = (nodes: NodeAnswer[]): Device[] => nodes.flatMap((node) => node.scopes.map((one) => ({
	name: node.name, words: node.words, scope: one.scope, role: one.role, chain: one.chain, enrolled_at: node.enrolled, last_contact: node.last_contact,
	last_changeset_at: node.last_changeset, changesets: one.seq, quarantined: node.quarantined, contested: node.contested, version: node.version,
	clock_skew_ms: node.clock_skew_ms, revoked: one.revoked,
})));

export const useDevices = (): Read<Device[]> =>
	useRead('hub/nodes', ['region', 'submission', 'organization'], async () => devicesOf((await api.get<{ nodes: NodeAnswer[] }>('/hub/nodes')).nodes));
export const useRequests = (): Read<Request[]> =>
	useRead('hub/requests', [], async () => (await api.get<{ requests: RequestAnswer[] }>('/hub/requests')).requests.map((one) => ({
		words: one.words, scope: one.scope, name: one.name, asked_at: one.asked, state: one.waiting ? 'waiting' : one.approved ? 'approved' : 'refused',
	})));

export interface Due { object: string; code: string; due: string; grace: number; zone: string; extended: boolean; reason: string | null; cohort: string; id: string }
// What is expected of a region, and the newest version of each that has been received.
export interface Expected extends Due { scope: string; received: Submission | undefined; sealed: Submission | undefined }

export interface RegionNow {
	code: string; name: string; kind: string; province: string; provinceName: string; zone: string; cohort: string | null; stage: number | null;
	organizations: number; issues: number; programmes: number; quickWins: number; percent: number | null; obligations: number;
	expected: Expected[]; device: Device | undefined;
}

const newest = (list: Submission[]): Submission | undefined =>
	list.reduce<Submission | undefined>((best, one) => (best === undefined || one.version > best.version ? one : best), undefined);

export function join(overview: Values[], deadlines: Values[], submissions: Submission[], devices: Device[]): RegionNow[] {
	const sealed = new Map<string, Submission[]>(), due = new Map<string, Due[]>(), device = new Map<string, Device>();
	for (const one of submissions) {
		const name = `${one.scope} ${one.object} ${one.code}`;
		sealed.set(name, [...(sealed.get(name) ?? []), one]);
	}
	for (const row of deadlines) {
		const here = text(row['scope']);
		due.set(here, [...(due.get(here) ?? []), {
			object: text(row['object']), code: text(row['object_code']), due: text(row['due_ts']), grace: Number(row['grace_hours']), zone: text(row['tz']),
			extended: row['extended'] === 1, reason: row['reason'] as string | null, cohort: text(row['cohort_id']), id: text(row['id']),
		}]);
	}
	for (const one of devices)
		if (!one.revoked && (device.get(one.scope)?.last_contact ?? '') <= (one.last_contact ?? ''))
			device.set(one.scope, one);
	return overview.map((row) => {
		const code = text(row['code']);
		return {
			code, name: text(row['name']), kind: text(row['kind']), province: text(row['province_code']), provinceName: text(row['province']), zone: text(row['tz']),
			cohort: row['cohort_id'] as string | null, stage: row['stage_no'] as number | null, organizations: Number(row['organizations']), issues: Number(row['issues']),
			programmes: Number(row['programmes']), quickWins: Number(row['quick_wins']), percent: row['percent_avg'] as number | null,
			obligations: Number(row['obligations']), device: device.get(code),
			expected: (due.get(code) ?? []).map((one) => {
				const all = sealed.get(`${code} ${one.object} ${one.code}`) ?? [];
				return { ...one, scope: code, received: newest(all.filter((s) => s.received_at != null)), sealed: newest(all) };
			}),
		};
	});
}

// undefined while it is read for the first time.  Devices and submissions may be missing: the map stands without them.
export function useRegions(): { regions: RegionNow[] | undefined; problem: Read<unknown> | undefined } {
	const overview = useView('region_overview', ['region', 'cohort_region', 'stage', 'organization', 'issue', 'programme', 'quick_win', 'qw_progress', 'decision', 'submission']);
	const deadlines = useView('region_deadline', ['deadline', 'cohort_region']);
	const submissions = useSubmissions(), devices = useDevices();
	const regions = useMemo(() => {
		const waiting = [overview, deadlines, submissions, devices].some((read) => read.value === undefined && read.problem === undefined);
		return waiting || overview.value === undefined ? undefined
			: join(overview.value, deadlines.value ?? [], submissions.value ?? [], devices.value ?? []);
	}, [overview.value, deadlines.value, submissions.value, devices.value, submissions.problem, devices.problem]);
	return { regions, problem: overview.problem === undefined ? undefined : overview };
}

// Never a name without its kind and code: Kota Solok and Kabupaten Solok are two regions.
export const regionTitle = (region: RegionNow | Values): string =>
	`${regionName(region as Values)} · ${String((region as Values)['code'])}`;
// The title of a region by its code; the code itself while the list is read.
export function useRegionTitles(): (code: string) => string {
	const regions = useRows('region').value;
	const titles = useMemo(() => new Map((regions ?? []).map(({ values }) => [text(values['code']), regionTitle(values)])), [regions]);
	return (code) => titles.get(code) ?? code;
}

export const useCohorts = (): Values[] => (useRows('cohort', { order: '-year' }).value ?? []).map((row) => row.values);
export const daysSince = (at: string): number => Math.max(0, Math.floor((Date.now() - Date.parse(at)) / 86400e3));
