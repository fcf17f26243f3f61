const PATHS = {
  back: 'M15 5l-7 7 7 7',
  close: 'M6 6l12 12M18 6L6 18',
  compose: 'M4 20h4L19.5 8.5a2.1 2.1 0 0 0-3-3L5 17l-1 3zM14 7l3 3',
  send: 'M5 12h13M12 5.5l6.5 6.5-6.5 6.5',
  down: 'M6 9.5l6 6 6-6',
  shield: 'M12 3.5l7 2.5v5.5c0 4.3-2.9 7.4-7 9-4.1-1.6-7-4.7-7-9V6l7-2.5z',
  shieldCheck: 'M12 3.5l7 2.5v5.5c0 4.3-2.9 7.4-7 9-4.1-1.6-7-4.7-7-9V6l7-2.5zM9 12l2.2 2.2L15.2 10',
  eye: 'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9.2a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6z',
  queued: 'M12 4.5a7.5 7.5 0 1 1 0 15 7.5 7.5 0 0 1 0-15zM12 8v4.3l2.8 1.7',
  sent: 'M6 12.5l4 4L18.5 8',
  delivered: 'M2.5 12.5l4 4L15 8M11 16l.6.5L20.5 8',
  failed: 'M12 4.5a7.5 7.5 0 1 1 0 15 7.5 7.5 0 0 1 0-15zM12 8v5M12 15.8v.2',
  warning: 'M12 4L2.8 19.5h18.4L12 4zM12 10v4.5M12 16.9v.2',
  search: 'M10.5 4.5a6 6 0 1 1 0 12 6 6 0 0 1 0-12zM15 15l5 5',
  offline:
    'M4 4l16 16M8.5 15.5a5 5 0 0 1 7 0M5.5 12.2a9.3 9.3 0 0 1 4-2.3M13.6 9.7a9.3 9.3 0 0 1 4.9 2.5M12 19v.1',
} as const;

export type IconName = keyof typeof PATHS;

/** A decoration: whatever it says must also stand in text. */
export function Icon({ name, size = 20 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path
        d={PATHS[name]}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.7"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
