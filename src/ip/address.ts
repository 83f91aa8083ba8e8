// IPv4 addresses are signed 32-bit integers throughout the stack; text exists only where a person meets them.

/** The limited broadcast address, 255.255.255.255. */
export const BROADCAST = -1;

/**
 * The address that `text` writes as four decimal numbers, "192.168.1.20".
 * @throws Error that names the text when it is not one
 */
export function parseAddress(text: string): number {
  'cold';
  const parts = ('' + text).split('.');
  let address = 0;
  for (let at = 0; at < parts.length; at++) {
    const part = parts[at];
    const octet = parseInt(part, 10);
    if (!(octet >= 0 && octet <= 255) || '' + octet !== part) throw notAnAddress(text);
    address = (address << 8) | octet;
  }
  if (parts.length !== 4) throw notAnAddress(text);
  return address;
}

function notAnAddress(text: string): Error {
  'cold';
  return new Error('"' + text + '" is not an IPv4 address such as 192.168.1.20');
}

/** The text of an address. */
export function formatAddress(address: number): string {
  'cold';
  return (
    ((address >> 24) & 255) + '.' + ((address >> 16) & 255) + '.' + ((address >> 8) & 255) + '.' + (address & 255)
  );
}
