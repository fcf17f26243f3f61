import { useEffect } from 'react';
import { type Page, PageProvider, usePage, useSnapshot } from '../chat/page-context.tsx';
import { AboutNote } from '../features/account/about-note.tsx';
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
  const { returning, drafts, threadPlaces } = usePage();
  const { state } = session;
  useEffect(() => {
    if (state === 'starting') return;
    returning.note(state === 'signed_in');
    if (state === 'signed_in') return;
    // Signed out, here or in another tab: what this tab still held of it goes too.
    drafts.clear();
    threadPlaces.clear();
    history.replaceState(null, '');
  }, [state, returning, drafts, threadPlaces]);
  if (session.state === 'signed_in') return <MainScreen session={session} />;
  if (session.state === 'starting' && returning.isExpected()) return <Starting />;
  // The same card before and after the worker speaks: what was typed stays, and what was pressed waits for it.
  return <SignInScreen footer={<AboutNote />} />;
}
