import type { CallRelay, ConnectRelay } from '@sotto/core/testing';
import { createInProcessRelay, type InProcessRelayOptions } from '@sotto/relay/testing';

/** The real relay code in this process, without sockets. */
export interface SimulatedRelay {
  readonly origin: string;
  readonly call: CallRelay;
  readonly connect: ConnectRelay;
  close(): Promise<void>;
}

/** @param options stores that lie, a rate to run into; generous and honest when not given. */
export async function createSimulatedRelay(options: InProcessRelayOptions): Promise<SimulatedRelay> {
  const relay = await createInProcessRelay({ rate: { perSecond: 1e6, burst: 1e6 }, ...options });
  return {
    origin: relay.origin,
    call: ({ method, path, headers, body }) => relay.call(method, path, headers, body),
    connect: relay.connect,
    close: relay.close,
  };
}
