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
  next: 'M9.5 5.5l6.5 6.5-6.5 6.5',
  lock: 'M6.5 10.5h11a1 1 0 0 1 1 1v7a1 1 0 0 1-1 1h-11a1 1 0 0 1-1-1v-7a1 1 0 0 1 1-1zM8 10.5V8a4 4 0 0 1 8 0v2.5',
  key: 'M8.5 11a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM11.5 12.2L19 4.7M16 7.7l2.5 2.5',
  mail: 'M4 6.5h16v11H4zM4.5 7l7.5 6.5L19.5 7',
  fingerprint:
    'M5.5 9.5A7.5 7.5 0 0 1 18.8 9M19.5 13c0 1.5-.2 3-.7 4.4M4.5 14.5c.3-1 .4-2 .4-3M7.2 17.8c.7-1.7 1-3.6 1-5.8a3.8 3.8 0 0 1 7.6 0c0 2.7-.4 5.3-1.3 7.5M12 12c0 2.9-.5 5.5-1.6 7.8',
  list: 'M9 7h10M9 12h10M9 17h10M5 7h.1M5 12h.1M5 17h.1',
  devices:
    'M3.5 6.5a1 1 0 0 1 1-1h13a1 1 0 0 1 1 1v2M3.5 6.5V15M2.5 17.5H13M16 11.5h4a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1h-4a1 1 0 0 1-1-1v-6a1 1 0 0 1 1-1z',
  theme: 'M12 4.5a7.5 7.5 0 1 1 0 15 7.5 7.5 0 0 1 0-15zM12 4.5v15M15 5.2v13.6',
  chip: 'M7.5 7.5h9v9h-9zM10 4v3.5M14 4v3.5M10 16.5V20M14 16.5V20M4 10h3.5M4 14h3.5M16.5 10H20M16.5 14H20',
  leave: 'M10.5 5h-4a1 1 0 0 0-1 1v12a1 1 0 0 0 1 1h4M13.5 8l4 4-4 4M17.5 12H9.5',
  remove: 'M5 7h14M10 7V5h4v2M7 7l.8 12h8.4L17 7',
  copy: 'M9 9h9.5v10.5H9zM6 15H5V4.5h9.5V6',
  print: 'M7.5 9V4.5h9V9M7.5 16.5H5V9h14v7.5h-2.5M7.5 14h9v5.5h-9z',
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
