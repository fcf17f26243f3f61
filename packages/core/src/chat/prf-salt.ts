/**
 * What passkeys' PRF extension is evaluated at to open the vault: SHA-256("sotto vault prf v1"). One value for all accounts: an
 * output is of one credential alone.
 */
export const PRF_SALT: Uint8Array = Uint8Array.from(
  '448bd2618fe8dfb31b00502d86f9750341516f19b63de6960847b79f01d8ab3b'.match(/../g) ?? [],
  (byte) => Number.parseInt(byte, 16),
);
