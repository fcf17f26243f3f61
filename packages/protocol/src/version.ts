/** Version of everything in this package. A relay refuses another one with `version_unsupported`. */
export const PROTOCOL_VERSION = 1;
