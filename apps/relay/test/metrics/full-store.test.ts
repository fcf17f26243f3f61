import { expect, it } from 'vitest';
import { reportFullStore } from '../../src/metrics/full-store.ts';
import { createMetrics } from '../../src/metrics/metrics.ts';

it('[SEE7] says once that there is no space, and once that there is again, with every request counted', async () => {
  let now = 0;
  const lines: string[] = [];
  const say = (level: string) => (_fields: object, event: string) => lines.push(`${level}: ${event}`);
  const log = { error: say('error'), warn: say('warn') };
  const metrics = reportFullStore(createMetrics(), log as never, () => now);
  metrics.appended('message');
  metrics.refused('socket', 'rate_limited');
  expect(lines).toEqual([]);

  // At the edge of a disk a small entry still fits where a large one does not.
  for (let n = 0; n < 100; n++) {
    metrics.refused(n % 2 === 0 ? 'socket' : 'http', 'storage_full');
    metrics.appended('message');
    now += 1000;
  }
  expect(lines).toEqual(['error: no space left: the relay only reads until there is room']);

  now += 60_000;
  metrics.appended('commit');
  metrics.appended('message');
  expect(lines.slice(1)).toEqual(['warn: there is room again']);
  metrics.refused('http', 'storage_full');
  expect(lines).toHaveLength(3);

  const { text } = await metrics.render();
  expect(text).toContain('sotto_refusals_total{via="socket",code="storage_full"} 50');
  expect(text).toContain('sotto_refusals_total{via="http",code="storage_full"} 51');
  expect(text).toContain('sotto_appends_total{kind="message"} 102');
});
