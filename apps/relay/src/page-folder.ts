import { fileURLToPath } from 'node:url';

/** Where `npm start` builds the page. */
export const PAGE_FOLDER = fileURLToPath(new URL('../../web/dist', import.meta.url));
