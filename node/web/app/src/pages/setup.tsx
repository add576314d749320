// pages/setup.tsx - the first account of a node, made with the code that its screen shows.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { api, type Problem } from '../api.ts';
import { Button, Notice, PasswordField, problemText, TextField } from '../parts/index.ts';
import { enter, useSession } from '../session.ts';
import { said, words } from '../text/index.ts';
import { Door } from './login.tsx';

const PASSWORD_MIN = 10;

export function SetupPage(): JSX.Element {
	const { session } = useSession();
	const [form, setForm] = useState({
		code: /^#mulai=(.+)$/.exec(location.hash)?.[1] ?? '',
		name: '',
		login: '',
		password: '',
		again: '',
	});
	const [busy, setBusy] = useState(false),
		[problem, setProblem] = useState<Problem | null>(null),
		[tried, setTried] = useState(false);
	const put =
		(name: keyof typeof form) =>
		(value: string): void =>
			setForm({ ...form, [name]: value });
	const short = form.password.length < PASSWORD_MIN ? words.setup.short : undefined;
	const mismatch = form.password !== form.again ? words.setup.mismatch : undefined;
	const errorOf = (column: string): string | undefined => {
		const found = problem?.errors.find((error) => error.column === column);
		return found === undefined ? undefined : said(found);
	};
	const submit = async (event: Event): Promise<void> => {
		event.preventDefault();
		setTried(true);
		if (short !== undefined || mismatch !== undefined) return;
		setBusy(true);
		try {
			const { again: _, ...values } = form;
			const made = await api.setup(values);
			history.replaceState(history.state, '', '/');
			await enter(made);
		} catch (e) {
			setProblem(e as Problem);
		}
		setBusy(false);
	};
	return (
		<Door title={words.setup.title}>
			<form class="stack" onSubmit={(e) => void submit(e)}>
				<p class="soft">{words.setup.intro}</p>
				{problem !== null && problem.errors.length === 0 && (
					<Notice tone="bad">
						<p>{problemText(problem)}</p>
					</Notice>
				)}
				<TextField
					label={words.setup.code}
					help={words.setup.codeHelp}
					value={form.code}
					change={put('code')}
					error={errorOf('code')}
					mono
					required
				/>
				<TextField
					label={words.setup.name}
					help={words.setup.nameHelp}
					value={form.name}
					change={put('name')}
					error={errorOf('name')}
					autocomplete="name"
					required
				/>
				<TextField
					label={words.setup.login}
					help={words.setup.loginHelp}
					value={form.login}
					change={(v) => put('login')(v.toLowerCase().replace(/[^a-z0-9._-]/g, ''))}
					error={errorOf('login')}
					autocomplete="username"
					required
				/>
				<PasswordField
					label={words.setup.password}
					help={words.setup.passwordHelp}
					value={form.password}
					change={put('password')}
					error={(tried ? short : undefined) ?? errorOf('password')}
					autocomplete="new-password"
					required
				/>
				<PasswordField
					label={words.setup.again}
					value={form.again}
					change={put('again')}
					error={tried ? mismatch : undefined}
					autocomplete="new-password"
					required
				/>
				<Button kind="main" type="submit" busy={busy && words.login.busy}>
					{words.setup.submit}
				</Button>
				{session !== null && (
					<p class="small soft">
						{words.setup.words}: <span class="mono">{session.node.words}</span>
						<br />
						{words.setup.wordsHelp}
					</p>
				)}
			</form>
		</Door>
	);
}
