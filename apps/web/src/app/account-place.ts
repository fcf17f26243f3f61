import type { OverviewPlace } from '../features/account/account-overview.tsx';
import { SECURITY_TITLES, type SecurityPlace } from '../features/security/places.ts';

/** The pages of the account sheet. */
export type AccountPlace = 'account' | 'not-me' | OverviewPlace | SecurityPlace;

export function isSecurityPlace(place: AccountPlace): place is SecurityPlace {
  return Object.hasOwn(SECURITY_TITLES, place);
}
