import { bare } from './bare.ts';
import { sotto } from './sotto.ts';
import type { Contender } from './workload.ts';

const XWING = 'MLS_256_XWING_AES256GCM_SHA512_Ed25519';
const X25519 = 'MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519';

/** Who runs, in Node and in the browser. */
export const contenders: readonly Contender[] = [
  sotto(XWING, [2, 50, 500]),
  sotto(X25519, [2]),
  bare(XWING, [2, 50]),
  bare(X25519, [2]),
];
