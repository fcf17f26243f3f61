/**
 * Seconds that the clocks of nodes, or one before and after a start, may be apart for what is counted. What was counted further
 * in the future was counted before the clock went back, and holds nobody up: it would for as long as the clock was wrong.
 */
export const CLOCKS_APART = 900;
