/**
 * The invitation of a link (`#invite=…`): read once, then taken out of the address, so that it stands neither in the history nor
 * in a picture of the window. A fragment never reaches a server by itself. What is not the
 * base64url of 32 bytes is no invitation.
 */
export function takeInvite(
  place: Pick<Location, 'hash' | 'pathname' | 'search'>,
  history: Pick<History, 'replaceState' | 'state'>,
): string | undefined {
  const invite = /^#invite=(.*)$/.exec(place.hash)?.[1];
  if (invite === undefined) return undefined;
  history.replaceState(history.state, '', place.pathname + place.search);
  return /^[A-Za-z0-9_-]{43}$/.test(invite) ? invite : undefined;
}
