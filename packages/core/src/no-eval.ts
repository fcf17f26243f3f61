import { z } from 'zod';

// The page's policy forbids eval, and asking whether it works is reported as a violation. Stands first in the worker,
// because schemas look at this when they are made.
z.config({ jitless: true });
