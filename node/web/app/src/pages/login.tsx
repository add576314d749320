// pages/login.tsx - signing in.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { api, Problem } from '../api.ts';
import { span } from '../format.ts';
import { Button, Logo, Notice, PasswordField, problemText, TextField } from '../parts/index.ts';
import { enter, useSession } from '../session.ts';
import { language, setLanguage, words } from '../text/index.ts';
import type { ComponentChildren } from 'preact';

// A card in the middle: also the first setup stands in it.
export function Door({ title, children }: { title: string; children: ComponentChildren }): JSX.Element {
	const { session } = useSession(),
		[, redraw] = useState(0);
	const other = language === 'id' ? 'en' : 'id';
	return (
		<main class="door">
			<div class="door-card">
				<header>
					<Logo size={40} />
					<div>
						<strong>Simpul</strong>
						<br />
						<span class="soft small">
							{session?.node.name}
							{session?.node.scope == null ? '' : ` · ${session.node.scope}`}
						</span>
					</div>
				</header>
				<h1>{title}</h1>
				{children}
			</div>
			<p class="small soft">{words.login.about}</p>
			<Button
				kind="quiet"
				small
				lang={other}
				onClick={() => {
					setLanguage(other);
					redraw((n) => n + 1);
				}}
			>
				{words.common.language}
			</Button>
		</main>
	);
}

export function LoginPage(): JSX.Element {
	const [login, setLogin] = useState(''),
		[password, setPassword] = useState('');
	const [busy, setBusy] = useState(false),
		[wrong, setWrong] = useState('');
	const submit = async (event: Event): Promise<void> => {
		event.preventDefault();
		setBusy(true);
		setWrong('');
		try {
			await enter(await api.login(login.trim().toLowerCase(), password));
		} catch (e) {
			const problem = e as Problem;
			setWrong(
				problem.status === 401
					? words.login.wrong
					: problem.status === 429
						? words.login.locked(span((problem.retryAfter ?? 60) * 1000))
						: problemText(problem),
			);
			setPassword('');
		}
		setBusy(false);
	};
	return (
		<Door title={words.login.title}>
			<form class="stack" onSubmit={(e) => void submit(e)}>
				{wrong !== '' && (
					<Notice tone="bad">
						<p>{wrong}</p>
					</Notice>
				)}
				<TextField
					label={words.login.login}
					value={login}
					change={setLogin}
					autocomplete="username"
					required
				/>
				<PasswordField
					label={words.login.password}
					value={password}
					change={setPassword}
					autocomplete="current-password"
					required
				/>
				<Button kind="main" type="submit" busy={busy && words.login.busy}>
					{words.login.submit}
				</Button>
				<p class="small soft">{words.login.help}</p>
			</form>
		</Door>
	);
}
