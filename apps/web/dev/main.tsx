import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from '../src/app/app.tsx';
import { createDrafts } from '../src/chat/drafts.ts';
import { takeInvite } from '../src/chat/invite.ts';
import { createNudge } from '../src/chat/nudge.ts';
import { createReturning } from '../src/chat/returning.ts';
import { isShared } from '../src/chat/shared.ts';
import { createThemeChoice } from '../src/chat/theme.ts';
import { newEntryId } from '../src/entry-id.ts';
import { createStoryChat, type StoryName } from './story-chat.ts';

// The page on a told story instead of a worker: to look at it, and to check it for accessibility. Never shipped.
const story = (new URLSearchParams(location.search).get('story') ?? 'story') as StoryName;
const chat = createStoryChat(story);
const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no root');
Object.assign(globalThis, { story: chat });

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
