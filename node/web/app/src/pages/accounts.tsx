// pages/accounts.tsx - one's own password, and, for who may manage them, the accounts of this computer.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { api, type Problem } from '../api.ts';
import { when } from '../format.ts';
import {
	Badge,
	Button,
	Notice,
	PageHead,
	Panel,
	PasswordField,
	problemText,
	Select,
	SelectField,
	TextField,
} from '../parts/index.ts';
import { orgName, useReference, type Reference } from '../reference.ts';
import { meta, useSession } from '../session.ts';
import { useRead } from '../store.ts';
import { said, words } from '../text/index.ts';

interface Account {
	id: string;
	login: string;
	name: string;
	role: string;
	org_id: string | null;
	disabled: boolean;
	locked_until: string | null;
	last_used: string | null;
}

// Four short syllables: easy to read to somebody, about 45 bits.
export function newPassword(): string {
	const consonants = 'bdfgjklmnprst',
		vowels = 'aiueo',
		random = crypto.getRandomValues(new Uint32Array(12));
	return [...random]
		.map((n, i) => {
			const set = i % 2 === 0 ? consonants : vowels;
			return set[n % set.length]! + (i === 3 || i === 7 ? '-' : '');
		})
		.join('');
}

export default function AccountsPage(): JSX.Element {
	const { session } = useSession(),
		reference = useReference(),
		list = useRead('accounts', [], () => api.get<{ accounts: Account[] }>('/accounts'));
	return (
		<div class="stack">
			<PageHead title={words.nav.account} intro={words.accounts.intro} />
			<Panel title={words.accounts.mine}>
				<p>
					{session?.user?.name} <span class="soft">({session?.user?.login})</span>
				</p>
				<OwnPassword />
			</Panel>
			{list.value !== undefined && reference !== undefined && (
				<Others accounts={list.value.accounts} reference={reference} again={list.again} />
			)}
		</div>
	);
}

function OwnPassword(): JSX.Element {
	const [old, setOld] = useState(''),
		[fresh, setFresh] = useState(''),
		[said_, say] = useState<{ good: boolean; text: string } | null>(null);
	const submit = async (event: Event): Promise<void> => {
		event.preventDefault();
		try {
			await api.changeSession({ old_password: old, password: fresh });
			say({ good: true, text: words.accounts.changed });
			setOld('');
			setFresh('');
		} catch (e) {
			say({ good: false, text: problemText(e as Problem) });
		}
	};
	return (
		<form class="stack narrow" onSubmit={(e) => void submit(e)}>
			{said_ !== null && (
				<Notice tone={said_.good ? 'good' : 'bad'}>
					<p>{said_.text}</p>
				</Notice>
			)}
			<PasswordField
				label={words.accounts.old}
				value={old}
				change={setOld}
				autocomplete="current-password"
			/>
			<PasswordField
				label={words.accounts.fresh}
				help={words.setup.passwordHelp}
				value={fresh}
				change={setFresh}
				autocomplete="new-password"
			/>
			<div>
				<Button type="submit" disabled={old === '' || fresh.length < 10}>
					{words.accounts.change}
				</Button>
			</div>
		</form>
	);
}

function Others({
	accounts,
	reference,
	again,
}: {
	accounts: Account[];
	reference: Reference;
	again: () => void;
}): JSX.Element {
	const [adding, setAdding] = useState(false),
		[given, setGiven] = useState<{ login: string; password: string } | null>(null),
		[problem, setProblem] = useState<Problem | null>(null);
	const units = [
		{ value: '', label: words.accounts.noUnit },
		...reference.units.map((one) => ({ value: String(one['id']), label: String(one['name']) })),
	];
	const roles = meta().roles.map((one) => ({ value: one.name, label: said(one.label) }));
	const change = async (
		account: Account,
		values: Record<string, unknown>,
		password?: string,
	): Promise<void> => {
		setProblem(null);
		try {
			await api.send('PATCH', `/accounts/${account.id}`, values);
			if (password !== undefined) setGiven({ login: account.login, password });
		} catch (e) {
			setProblem(e as Problem);
		}
		again();
	};
	const reset = (account: Account): void => {
		const password = newPassword();
		void change(account, { password }, password);
	};
	return (
		<Panel
			title={words.accounts.others}
			actions={
				!adding && (
					<Button small kind="main" icon="plus" onClick={() => setAdding(true)}>
						{words.accounts.add}
					</Button>
				)
			}
		>
			<div class="stack">
				{problem !== null && (
					<Notice tone="bad">
						<p>{problemText(problem)}</p>
					</Notice>
				)}
				{given !== null && (
					<Notice tone="good">
						<p class="mono">{words.accounts.given(given.login, given.password)}</p>
					</Notice>
				)}
				{adding && (
					<NewAccount
						units={units}
						roles={roles}
						close={() => setAdding(false)}
						made={(login, password) => {
							setGiven({ login, password });
							setAdding(false);
							again();
						}}
					/>
				)}
				<div class="table-scroll" tabIndex={0} role="region" aria-label={words.accounts.others}>
					<table class="plain">
						<thead>
							<tr>
								<th>{words.accounts.name}</th>
								<th>{words.accounts.login}</th>
								<th>{words.accounts.role}</th>
								<th>{words.accounts.unit}</th>
								<th>{words.accounts.last}</th>
								<th>{words.accounts.state}</th>
								<th />
							</tr>
						</thead>
						<tbody>
							{accounts.map((account) => (
								<tr key={account.id}>
									<td>{account.name}</td>
									<td class="mono small">{account.login}</td>
									<td>
										<Select
											value={account.role}
											options={roles}
											aria-label={`${words.accounts.role}: ${account.name}`}
											change={(role) => void change(account, { role })}
										/>
									</td>
									<td title={orgName(reference, account.org_id)}>
										<Select
											value={account.org_id ?? ''}
											options={units}
											aria-label={`${words.accounts.unit}: ${account.name}`}
											change={(id) =>
												void change(account, { org_id: id === '' ? null : id })
											}
										/>
									</td>
									<td class="nowrap small">
										{account.last_used === null
											? words.accounts.never
											: when(account.last_used)}
									</td>
									<td>
										{account.disabled ? (
											<Badge tone="bad">{words.accounts.disabled}</Badge>
										) : account.locked_until !== null ? (
											<Badge tone="wait">{words.accounts.locked}</Badge>
										) : (
											<Badge tone="good">{words.accounts.active}</Badge>
										)}
									</td>
									<td class="nowrap">
										<Button small kind="quiet" onClick={() => reset(account)}>
											{words.accounts.reset}
										</Button>
										<Button
											small
											kind="quiet"
											onClick={() =>
												void change(account, { disabled: !account.disabled })
											}
										>
											{account.disabled
												? words.accounts.enable
												: words.accounts.disable}
										</Button>
									</td>
								</tr>
							))}
						</tbody>
					</table>
				</div>
			</div>
		</Panel>
	);
}

type Option = { value: string; label: string };

function NewAccount({
	units,
	roles,
	made,
	close,
}: {
	units: Option[];
	roles: Option[];
	made: (login: string, password: string) => void;
	close: () => void;
}): JSX.Element {
	const [form, setForm] = useState({
			name: '',
			login: '',
			role: roles.find((one) => one.value === 'opd')?.value ?? '',
			org_id: '',
		}),
		[problem, setProblem] = useState<Problem | null>(null);
	const put =
		(name: keyof typeof form) =>
		(value: string): void =>
			setForm({ ...form, [name]: value });
	const error = (column: string): string | undefined => {
		const found = problem?.errors.find((one) => one.column === column);
		return found === undefined ? undefined : said(found);
	};
	const submit = async (event: Event): Promise<void> => {
		event.preventDefault();
		const password = newPassword();
		try {
			await api.send('POST', '/accounts', {
				...form,
				org_id: form.org_id === '' ? null : form.org_id,
				password,
			});
			made(form.login, password);
		} catch (e) {
			setProblem(e as Problem);
		}
	};
	return (
		<form class="stack boxed" onSubmit={(e) => void submit(e)}>
			{problem !== null && problem.errors.length === 0 && (
				<Notice tone="bad">
					<p>{problemText(problem)}</p>
				</Notice>
			)}
			<div class="three">
				<TextField
					label={words.accounts.name}
					value={form.name}
					change={put('name')}
					error={error('name')}
					required
				/>
				<TextField
					label={words.accounts.login}
					help={words.setup.loginHelp}
					value={form.login}
					change={(v) => put('login')(v.toLowerCase().replace(/[^a-z0-9._-]/g, ''))}
					error={error('login')}
					required
				/>
				<SelectField
					label={words.accounts.role}
					value={form.role}
					change={put('role')}
					options={roles}
					error={error('role')}
					required
				/>
				<SelectField
					label={words.accounts.unit}
					value={form.org_id}
					change={put('org_id')}
					options={units}
					error={error('org_id')}
				/>
			</div>
			<div class="button-row">
				<Button kind="main" type="submit" disabled={form.name.trim() === '' || form.login === ''}>
					{words.accounts.add}
				</Button>
				<Button onClick={close}>{words.common.cancel}</Button>
			</div>
		</form>
	);
}
