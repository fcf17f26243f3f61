import type { PersonView } from '@sotto/core/page';
import { useEffect, useId, useState } from 'react';
import { Button as AriaButton, Input, Label, SearchField } from 'react-aria-components';
import { type FailureText, failureText } from '../../chat/failure-texts.ts';
import { lookAlikes } from '../../chat/look-alikes.ts';
import { usePage, useSnapshot } from '../../chat/page-context.tsx';
import { Avatar } from '../../components/avatar.tsx';
import { Button } from '../../components/button.tsx';
import { FailureNote } from '../../components/failure-note.tsx';
import { Icon } from '../../components/icon.tsx';
import { SafetyDigits } from '../../components/safety-digits.tsx';
import { Sheet } from '../../components/sheet.tsx';
import { useAttempt } from '../../components/use-attempt.ts';
import './find-people.css';

interface FindPeopleProps {
  readonly onClose: () => void;
  readonly onOpened: (conversation: string) => void;
}

/** Typing looks the name up; choosing a person opens the conversation. */
export function FindPeople({ onClose, onOpened }: FindPeopleProps) {
  const { chat } = usePage();
  const { relay, conversations } = useSnapshot();
  const directory = relay?.directory;
  const [name, setName] = useState('');
  const search = usePeopleSearch(name);
  const { busy, failure, run } = useAttempt();

  const choose = (person: PersonView) =>
    run(async () => onOpened(await chat.openDirect({ account: person.account, username: person.username })));
  const alike = lookAlikes(
    search.people,
    conversations.map(({ peer }) => peer),
  );

  return (
    <Sheet title="New conversation" onClose={onClose}>
      <div className="find">
        <SearchField className="find-field" value={name} onChange={setName} autoFocus>
          <Label className="unseen">Find people</Label>
          <Icon name="search" />
          <Input
            placeholder={directory === 'open' ? 'Name, or how it begins' : 'Their exact username'}
            autoCapitalize="none"
            spellCheck="false"
            autoComplete="off"
            maxLength={64}
          />
          <Button look="icon" aria-label="Clear">
            <Icon name="close" size={16} />
          </Button>
        </SearchField>
        <FailureNote text={failure ?? search.failure} />
        <ul className="people" aria-label="People">
          {search.people.map((person) => (
            <li key={person.account}>
              <PersonLine
                person={person}
                looksAlike={alike.has(person.account)}
                isDisabled={busy}
                onChoose={() => void choose(person)}
              />
            </li>
          ))}
        </ul>
        <p className="find-hint" role="status">
          {searchHint(search, directory)}
        </p>
      </div>
    </Sheet>
  );
}

interface PersonLineProps {
  readonly person: PersonView;
  readonly looksAlike: boolean;
  readonly isDisabled: boolean;
  readonly onChoose: () => void;
}

function PersonLine({ person, looksAlike, isDisabled, onChoose }: PersonLineProps) {
  const details = useId();
  const note = useId();
  const described = [...(looksAlike ? [details] : []), ...(person.closed ? [note] : [])].join(' ');
  return (
    <>
      <AriaButton
        className="person"
        isDisabled={isDisabled || person.closed}
        aria-label={person.username}
        {...(described === '' ? {} : { 'aria-describedby': described })}
        onPress={onChoose}
      >
        <Avatar account={person.account} name={person.username} />
        <span className="person-name">{person.username}</span>
        <PersonNote person={person} id={note} />
      </AriaButton>
      {looksAlike ? (
        <div className="look-alike" id={details}>
          <p>
            This name looks like another one you know or see here. Compare the safety number before you write.
          </p>
          {person.safetyDigits === undefined ? null : <SafetyDigits digits={person.safetyDigits} small />}
        </div>
      ) : null}
    </>
  );
}

/** Whoever is gone is said to be: nothing can be written to them, verified or not. */
function PersonNote({ person, id }: { readonly person: PersonView; readonly id: string }) {
  if (person.closed) {
    return (
      <span className="person-note" id={id}>
        deleted their account
      </span>
    );
  }
  return person.verified ? <span className="person-note">verified</span> : null;
}

interface Search {
  readonly state: 'idle' | 'looking' | 'done';
  readonly people: readonly PersonView[];
  readonly failure: FailureText | undefined;
}

const IDLE: Search = { state: 'idle', people: [], failure: undefined };
const SHORTEST_NAME = 3;
const PAUSE = 220;

/** Looks up what is typed, after a short pause; an answer that comes after more typing is dropped. */
function usePeopleSearch(typed: string): Search {
  const { chat } = usePage();
  const name = typed.trim().toLowerCase();
  const [search, setSearch] = useState<Search>(IDLE);
  useEffect(() => {
    if (name.length < SHORTEST_NAME) {
      setSearch(IDLE);
      return;
    }
    let current = true;
    const show = (next: Search) => {
      if (current) setSearch(next);
    };
    const timer = setTimeout(() => {
      show({ state: 'looking', people: [], failure: undefined });
      chat.findPeople({ name }).then(
        (people) => show({ state: 'done', people, failure: undefined }),
        (error: unknown) => show({ state: 'done', people: [], failure: failureText(error) }),
      );
    }, PAUSE);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [chat, name]);
  return search;
}

function searchHint(search: Search, directory: 'exact' | 'open' | undefined): string {
  if (search.failure !== undefined) return '';
  if (search.state === 'looking') return 'Looking…';
  if (search.state === 'idle') {
    return directory === 'open'
      ? 'Type at least three letters of a name.'
      : 'Names here are not listed: ask the person how they are called.';
  }
  if (search.people.length === 0)
    return 'Nobody here has this name. Check the spelling with the person you look for.';
  return '';
}
