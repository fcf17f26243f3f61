import type { Extension, GroupContext } from 'ts-mls';
import { encodeRequiredCapabilities } from 'ts-mls/requiredCapabilities.js';
import { equalBytes } from './bytes.ts';
import { type MlsContext, readSettings } from './context.ts';
import type { ConversationSettings, MlsRefusal } from './door.ts';
import { GROUP_ID_BYTES, SETTINGS_EXTENSION } from './limits.ts';
import { encodeSettings } from './settings.ts';

/** What every conversation's group context holds, in this order (RFC 9420 §11.1, §13.3). */
export function groupExtensions(settings: ConversationSettings): Extension[] {
  const required = encodeRequiredCapabilities({
    extensionTypes: [SETTINGS_EXTENSION],
    proposalTypes: [],
    credentialTypes: ['basic'],
  });
  return [
    { extensionType: 'required_capabilities', extensionData: required },
    { extensionType: SETTINGS_EXTENSION, extensionData: encodeSettings(settings) },
  ];
}

/** A group context that somebody invites us into. Undefined when it is one that `createGroup` could have made. */
export function checkGroupContext(context: MlsContext, group: GroupContext): MlsRefusal | undefined {
  if (group.version !== 'mls10' || group.epoch > BigInt(Number.MAX_SAFE_INTEGER)) return 'malformed';
  if (group.cipherSuite !== context.suite.name) return 'wrong_suite';
  if (context.interop) return undefined;
  if (group.groupId.length !== GROUP_ID_BYTES) return 'malformed';
  const settings = readSettings(context, group.extensions);
  if (settings === undefined) return 'malformed';
  const expected = groupExtensions(settings);
  const same = group.extensions.every((extension, index) => {
    const wanted = expected[index];
    if (wanted === undefined || wanted.extensionType !== extension.extensionType) return false;
    return equalBytes(wanted.extensionData, extension.extensionData);
  });
  return same && group.extensions.length === expected.length ? undefined : 'malformed';
}
