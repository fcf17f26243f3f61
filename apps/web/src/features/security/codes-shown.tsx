import { usePage, useSnapshot } from '../../chat/page-context.tsx';
import { Button } from '../../components/button.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { PrintPage } from '../../components/print-page.tsx';
import { longDateText } from './made-on.ts';

interface CodesShownProps {
  readonly codes: readonly string[];
  readonly onDone: () => void;
}

/** Ten codes, this once, for a drawer or a password manager. */
export function CodesShown({ codes, onDone }: CodesShownProps) {
  return (
    <>
      <p>
        When your second step is out of reach, one of these lets you in. Each works once. They are shown this
        once: print or copy them.
      </p>
      <ol className="codes" aria-label="Recovery codes">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ol>
      <div className="secret-actions">
        <Button look="quiet" onPress={() => window.print()}>
          <Icon name="print" />
          Print
        </Button>
        <CopyButton text={codes.join('\n')} />
      </div>
      <div className="step-actions">
        <Button look="strong" onPress={onDone}>
          I have them
        </Button>
      </div>
      <PrintedCodes codes={codes} />
    </>
  );
}

function PrintedCodes({ codes }: { readonly codes: readonly string[] }) {
  const { now } = usePage();
  const { session } = useSnapshot();
  return (
    <PrintPage>
      <h1>Sotto recovery codes</h1>
      <ol className="print-secret print-codes">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ol>
      <dl>
        <dt>Username</dt>
        <dd>{session.state === 'signed_in' ? session.username : ''}</dd>
        <dt>Relay</dt>
        <dd>{location.origin}</dd>
        <dt>Made on</dt>
        <dd>{longDateText(now())}</dd>
      </dl>
      <p>
        Each stands in once for the second step of a sign-in, after the password. Cross out what you used.
      </p>
    </PrintPage>
  );
}
