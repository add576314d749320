// mock_main.ts - the app with the API of mock.ts in the page instead of a node's: `make app-dev`.
import { startMock } from './mock.ts';

void startMock().then(() => import('./main.tsx'));
