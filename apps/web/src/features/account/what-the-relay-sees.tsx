import './about.css';

/** Said plainly, in the same words everywhere. */
export function WhatTheRelaySees() {
  return (
    <div className="relay-sees">
      <p>
        <strong>It sees</strong> your username, the public keys of your devices, when you are connected and
        from which address, and sealed entries with their times and padded sizes.
      </p>
      <p>
        <strong>It never sees</strong> your password, your keys, what is written, who talks with whom in its
        database, or who sent an entry.
      </p>
    </div>
  );
}
