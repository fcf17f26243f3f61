import { usePage, useSnapshot } from '../../chat/page-context.tsx';
import { Button } from '../../components/button.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { PrintPage } from '../../components/print-page.tsx';
import { longDateText } from './made-on.ts';

interface RecoveryKeyShownProps {
  readonly recoveryKey: string;
  readonly onKept: () => void;
}

/** The key, this once: on screen, and alone on a page of paper. */
export function RecoveryKeyShown({ recoveryKey, onKept }: RecoveryKeyShownProps) {
  const { now } = usePage();
  const { session } = useSnapshot();
  const lines = keyLines(recoveryKey);
  return (
    <>
      <p>This is shown once. Print it or write it down; the next step tests what you have.</p>
      <SecretLines label="Recovery key" lines={lines} />
      <div className="secret-actions">
        <Button look="quiet" onPress={() => window.print()}>
          <Icon name="print" />
          Print
        </Button>
        <CopyButton text={recoveryKey} />
      </div>
      <div className="step-actions">
        <Button look="strong" onPress={onKept}>
          I have it: test it
        </Button>
      </div>
      <PrintPage>
        <h1>Sotto recovery key</h1>
        <p className="print-secret">
          {lines.map((line) => (
            <span key={line}>
              {line}
              <br />
            </span>
          ))}
        </p>
        <dl>
          <dt>Username</dt>
          <dd>{session.state === 'signed_in' ? session.username : ''}</dd>
          <dt>Relay</dt>
          <dd>{location.origin}</dd>
          <dt>Made on</dt>
          <dd>{longDateText(now())}</dd>
        </dl>
        <p>
          With this key its holder can open the account without the password. Keep it like a passport. If it
          is lost or seen, make a new one under Account, Security: this one is void then.
        </p>
      </PrintPage>
    </>
  );
}

/** Something to copy letter by letter. */
function SecretLines({ label, lines }: { readonly label: string; readonly lines: readonly string[] }) {
  return (
    <p className="secret">
      <span className="unseen">{label}: </span>
      {lines.map((line) => (
        <span key={line} className="secret-line">
          {line}{' '}
        </span>
      ))}
    </p>
  );
}

const GROUPS_IN_LINE = 3;

/** Three groups a line: as much as an eye carries to paper. */
function keyLines(key: string): readonly string[] {
  const groups = key.split(/[\s-]+/).filter((group) => group !== '');
  return Array.from({ length: Math.ceil(groups.length / GROUPS_IN_LINE) }, (_, line) =>
    groups.slice(line * GROUPS_IN_LINE, (line + 1) * GROUPS_IN_LINE).join('-'),
  );
}
