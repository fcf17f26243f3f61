import { connectChat } from '@sotto/core/page';
import workerUrl from '@sotto/core/worker?worker&url';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/app.tsx';
import { createDrafts } from './chat/drafts.ts';
import { takeInvite } from './chat/invite.ts';
import { createNudge } from './chat/nudge.ts';
import { createReturning } from './chat/returning.ts';
import { isShared } from './chat/shared.ts';
import { createThemeChoice } from './chat/theme.ts';
import { newEntryId } from './entry-id.ts';
import { createScriptUrlPolicy } from './script-url.ts';

// The composition root of the page: the worker is asked for first and loads while the page draws.
const scriptUrl = createScriptUrlPolicy(globalThis);
const worker = new Worker(scriptUrl(workerUrl), { type: 'module', name: 'sotto' });
const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no root');
const chat = connectChat(worker);

createRoot(root).render(
  <StrictMode>
    <App
      page={{
        chat,
        now: Date.now,
        newEntryId: () => newEntryId(crypto),
        drafts: createDrafts(),
        threadPlaces: new Map(),
        theme: createThemeChoice(document.documentElement, localStorage, () => !isShared(chat.snapshot())),
        returning: createReturning(localStorage),
        nudge: createNudge(localStorage),
        invite: takeInvite(location, history),
      }}
    />
  </StrictMode>,
);

// After the first picture and the worker, so that neither waits for it. A browser that refuses only stays without it.
addEventListener('load', () => {
  navigator.serviceWorker?.register(scriptUrl('/sw.js')).catch(() => undefined);
});
