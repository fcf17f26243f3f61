import { type Page, PageProvider, useSnapshot } from '../chat/page-context.tsx';
import { Wordmark } from '../components/wordmark.tsx';
import { AboutNote } from '../features/account/about-note.tsx';
import { SignInScreen } from '../features/sign-in/sign-in-screen.tsx';
import { MainScreen } from './main-screen.tsx';
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
  if (session.state === 'starting') {
    return (
      <main className="starting" aria-busy="true">
        <Wordmark large />
        <p className="unseen">Opening your messages</p>
      </main>
    );
  }
  if (session.state === 'signed_out') return <SignInScreen footer={<AboutNote />} />;
  return <MainScreen session={session} />;
}
