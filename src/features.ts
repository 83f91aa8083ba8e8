// Parts of the stack that a build for a board may leave out: the build replaces this file by what the board's memory
// profile says (`MemoryProfile`), and drops the code behind what is false.

/** Windows beyond 65,535 octets (RFC 7323 section 2). */
export const WINDOW_SCALE: boolean = true;
/** The timestamps option, with PAWS (RFC 7323 sections 3 to 5). */
export const TIMESTAMPS: boolean = true;
/** Selective acknowledgment (RFC 2018), and loss detection by it: RACK-TLP (RFC 8985). */
export const SACK: boolean = true;
/** CUBIC (RFC 9438) beside Reno. */
export const CUBIC: boolean = true;
/** Answers to a flood of SYNs that need no memory (RFC 4987 section 3.6). */
export const SYN_COOKIES: boolean = true;
/** IPv4 source routes (RFC 9293 section 3.9.2.1). */
export const SOURCE_ROUTE: boolean = true;
/** UDP sockets for the application, and names of hosts by DNS. */
export const DATAGRAMS: boolean = true;
/** Addresses from a DHCP server, or of our own choice on the link. */
export const DHCP: boolean = true;
/** A name on the link by multicast DNS, and services found by it. */
export const MDNS: boolean = true;
/** Redirects of gateways, and a second default gateway (RFC 1122 section 3.3.1). */
export const REDIRECTS: boolean = true;
/** The time of day from an NTP server. */
export const SNTP: boolean = true;

/** False for the name of a switch of the memory profile that was off when this file was built. */
export function isBuilt(name: string): boolean {
  'cold';
  return (
    ((WINDOW_SCALE ? '' : 'windowScale ') + (TIMESTAMPS ? '' : 'timestamps ') + (SACK ? '' : 'sack ') + (CUBIC ? '' : 'cubic ') +
    (SYN_COOKIES ? '' : 'synCookies ') + (SOURCE_ROUTE ? '' : 'sourceRoute ') + (DATAGRAMS ? '' : 'datagrams ') +
    (DHCP ? '' : 'dhcp ') + (MDNS ? '' : 'mdns ') + (REDIRECTS ? '' : 'redirects ') + (SNTP ? '' : 'sntp ')).indexOf(name) < 0
  );
}
