import type { RelayNode } from './nodes.ts';

/** The relays that serve at the moment, for clients that take any of them. */
export interface Town {
  /** Where people think they are: passwords and tokens are bound to it. */
  readonly origin: string;
  open(node: RelayNode): void;
  /** To be called before a node is killed, or when it is gone. */
  shut(node: RelayNode): void;
  /** Any node that serves, once there is one; undefined when the town is left. */
  pick(): Promise<string | undefined>;
  /** Everybody goes home. */
  leave(): void;
  readonly isLeft: () => boolean;
}

export function createTown(origin: string): Town {
  const nodes: RelayNode[] = [];
  let left = false;
  let waiting = Promise.withResolvers<void>();
  const tell = (): void => {
    waiting.resolve();
    waiting = Promise.withResolvers();
  };
  return {
    origin,
    open(node) {
      nodes.push(node);
      tell();
    },
    shut(node) {
      const place = nodes.indexOf(node);
      if (place !== -1) nodes.splice(place, 1);
    },
    async pick() {
      while (nodes.length === 0 && !left) await waiting.promise;
      return left ? undefined : nodes[Math.floor(Math.random() * nodes.length)]?.origin;
    },
    leave() {
      left = true;
      tell();
    },
    isLeft: () => left,
  };
}
