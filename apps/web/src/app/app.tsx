import type { SessionView } from '@sotto/core/page';
import { useEffect } from 'react';
import { type Page, PageProvider, usePage, useSnapshot } from '../chat/page-context.tsx';
import { AboutNote } from '../features/account/about-note.tsx';
import { LockedScreen } from '../features/locked/locked-screen.tsx';
import { Recover } from '../features/recover/recover.tsx';
import { SignInScreen } from '../features/sign-in/sign-in-screen.tsx';
import { MainScreen } from './main-screen.tsx';
import { Starting } from './starting.tsx';
import '../styles/tokens.css';
import '../styles/fonts.css';
import '../styles/base.css';
import '../components/field.css';
import './app.css';

export function App({ page }: { readonly page: Page }) {
  return (
    <PageProvider value={page}>
      <Screen />
    </PageProvider>
  );
}

/** The session decides the screen. */
function Screen() {
  const { session } = useSnapshot();
  const { returning } = usePage();
  useTraces(session);
  if (session.state === 'signed_in') return <MainScreen session={session} />;
  if (session.state === 'locked') return <LockedScreen passkeys={session.passkeys} />;
  if (session.state === 'starting' && returning.isExpected()) return <Starting />;
  // The same card before and after the worker speaks: what was typed stays, and what was pressed waits for it.
  return (
    <SignInScreen
      footer={<AboutNote />}
      recover={(username, shared, onBack) => <Recover username={username} shared={shared} onBack={onBack} />}
    />
  );
}

/** What the page itself holds of a session, in memory and on this device. */
function useTraces(session: SessionView): void {
  const { returning, nudge, drafts, threadPlaces } = usePage();
  const { state } = session;
  const shared = state === 'signed_in' && session.shared;
  useEffect(() => {
    if (state === 'starting') return;
    // On a computer of others not even the one bit is written; a locked device has its account still.
    if (!shared) returning.note(state !== 'signed_out');
    if (state === 'signed_in') return;
    // Signed out or locked, here or in another tab: what this tab still held of it goes too.
    drafts.clear();
    threadPlaces.clear();
    history.replaceState(null, '');
    if (state === 'signed_out') nudge.forget();
  }, [state, shared, returning, nudge, drafts, threadPlaces]);
}
