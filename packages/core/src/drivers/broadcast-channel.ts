import type { TabChannel } from '../bridge/tab-ports.ts';

/** Tabs of one profile and origin, over BroadcastChannel. */
export function createBroadcastTabChannel(name: string): TabChannel {
  const channel = new BroadcastChannel(name);
  return {
    post: (message) => channel.postMessage(message),
    onMessage(handler) {
      channel.onmessage = ({ data }) => handler(data);
    },
    close: () => channel.close(),
  };
}
