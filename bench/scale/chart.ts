import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface Bar {
  readonly label: string;
  readonly value: number;
}

interface Chart {
  /** File name, without its end; begins with the name of its bench. */
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  readonly bars: readonly Bar[];
}

const WIDTH = 640;
const LINE = 28;
const LEFT = 190;
const RIGHT = 110;

/** Draws one series as bars into `bench/charts/<name>.svg`: text and shapes alone, good on light and on dark. */
export function drawChart({ name, title, unit, bars }: Chart): void {
  const most = Math.max(...bars.map(({ value }) => value), Number.MIN_VALUE);
  const height = 44 + LINE * bars.length;
  const lines = bars.flatMap(({ label, value }, n) => {
    const y = 36 + LINE * n;
    const width = Math.max(1, ((WIDTH - LEFT - RIGHT) * value) / most);
    return [
      `<text x="${LEFT - 10}" y="${y + 15}" text-anchor="end">${escapeText(label)}</text>`,
      `<rect x="${LEFT}" y="${y}" width="${width.toFixed(1)}" height="20" fill="#4a7ebb"/>`,
      `<text x="${LEFT + width + 8}" y="${y + 15}">${escapeText(format(value))}</text>`,
    ];
  });
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">`,
    `<title>${escapeText(title)}, ${escapeText(unit)}</title>`,
    '<g font-family="sans-serif" font-size="13" fill="#808080">',
    `<text x="10" y="20" font-weight="bold">${escapeText(title)}, ${escapeText(unit)}</text>`,
    ...lines,
    '</g>',
    '</svg>',
  ];
  const folder = join(import.meta.dirname, '../charts');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.svg`), `${svg.join('\n')}\n`);
}

function format(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : String(Math.round(value * 100) / 100);
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
