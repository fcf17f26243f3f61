/**
 * The part of an address that one subscriber holds: an IPv4 address, or the /64 of an IPv6 one, since its lower half is
 * the subscriber's to change at will. Any text gives some key: the address comes from the socket or a trusted proxy.
 */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!address.includes(':')) return address;
  return `${groupsOf(address, 4)}::/64`;
}

/**
 * The part of an address that one customer can have for the asking: an IPv4 address, or the /48 of an IPv6 one, which holds 65536
 * networks. For limits on one name or mailbox, where neighbours hardly meet: there, as many networks would be as many tries.
 */
export function siteOf(address: string): string {
  const network = networkOf(address);
  return network.includes(':') ? `${groupsOf(address, 3)}::/48` : network;
}

/** The first groups of an IPv6 address, each without leading zeros. */
function groupsOf(address: string, count: number): string {
  const [head = '', tail] = (address.split('%')[0] ?? '').toLowerCase().split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const groups = [...before, ...Array<string>(zeros).fill('0'), ...after];
  return groups
    .slice(0, count)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}
