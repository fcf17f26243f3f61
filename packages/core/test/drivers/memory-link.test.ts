import { describe } from 'vitest';
import { createMemoryLink, type RelayPeerEvents } from '../../src/drivers/memory-link.ts';
import { runLinkContract, type StartLink } from '../link/relay-link-contract.ts';

const start: StartLink = async (script) => {
  const open = new Set<RelayPeerEvents>();
  const link = createMemoryLink(async (auth, events) => {
    const code = script.handshake(auth);
    if (code !== undefined) return { ok: false, code };
    open.add(events);
    return {
      ok: true,
      peer: { request: (name, request) => script.handle(name, request), close: () => open.delete(events) },
    };
  });
  return {
    link,
    push: (name, notice) => {
      for (const events of open) events.notice(name, notice);
    },
    cut: () => {
      for (const events of [...open]) events.down();
    },
    stop: async () => link.close(),
  };
};

describe('memory link', () => {
  runLinkContract(start);
});
