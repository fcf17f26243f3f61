import { encode } from 'uqr';
import './qr-code.css';

interface QrCodeProps {
  readonly data: Uint8Array;
  readonly label: string;
}

/** Always dark on light with a quiet zone of four, in both themes: scanners expect it. */
export function QrCode({ data, label }: QrCodeProps) {
  const { data: rows, size } = encode([...data], { ecc: 'M', border: 4 });
  const path = rows.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ''))).join('');
  return (
    <svg
      className="qr"
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label={label}
      shapeRendering="crispEdges"
    >
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#12231f" />
    </svg>
  );
}
