/**
 * Keep-alive of every socket that an app is given: an idle peer is asked after two minutes, every 15 seconds, four times.
 * Without it a peer that has vanished would hold one of a few slots for ever.
 */
export const enum KeepAlive {
  idle = 120000, // milliseconds
  interval = 15000, // milliseconds
  probes = 4,
}
