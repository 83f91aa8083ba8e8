import type { Connection } from './connection';
import { Bit, Event } from './control-block';
import { output, sendControl } from './output';
import { Flag } from './segment';
import { State } from './states';
import type { TcpHost } from './tcp';

/** A connection's turn: the application hears what happened, then what may be sent goes out. */
export function serve(tcp: TcpHost, c: Connection): void {
  'cold';
  if (c.events & Event.toTell) deliver(c);
  if (c.bits & Bit.resetDue) {
    if (!sendControl(tcp, c, Flag.RST | Flag.ACK)) {
      tcp.schedule(c);
      return;
    }
    c.bits &= ~Bit.resetDue;
    tcp.counters.outRsts++;
  }
  const free = output(tcp, c);
  if (!free) {
    tcp.schedule(c);
    return;
  }
  const over = c.state === State.CLOSED || c.state === State.TIME_WAIT;
  if (over && c.events & Event.closed && c.available === 0) release(tcp, c);
}

/** Each event is taken off before its handler runs, which may close, replace the handler, or throw. */
function deliver(c: Connection): void {
  'cold';
  // What came with a SYN waits until the connection is established.
  if (c.state === State.SYN_RECEIVED) return;
  if (c.events & Event.opened && hears(c, Event.opened)) c.handler!.opened(c);
  if (c.events & (Event.urgent | Event.report)) deliverRare(c);
  if (c.events & Event.readable && hears(c, Event.readable) && c.available > 0) c.handler!.readable(c);
  if (c.events & Event.writable && hears(c, Event.writable) && c.room > 0) c.handler!.writable(c);
  if (c.events & Event.ended && c.available === 0 && hears(c, Event.ended)) c.handler!.ended(c);
}

function deliverRare(c: Connection): void {
  'cold';
  if (c.events & Event.urgent && hears(c, Event.urgent) && c.handler!.urgent) c.handler!.urgent(c);
  if (c.events & Event.report && hears(c, Event.report) && c.handler!.report) {
    c.handler!.report(c, (c.events >> Event.error) & 3);
  }
}

/** Takes an event off. True: there is somebody to tell. */
function hears(c: Connection, event: Event): boolean {
  'cold';
  c.events &= ~event;
  return c.handler !== null && !(c.bits & (Bit.discarding | Bit.closed));
}

/** The last word, and the slot is free. */
function release(tcp: TcpHost, c: Connection): void {
  'cold';
  const handler = c.handler;
  const reason = c.events >> Event.reason;
  tcp.slots.giveBack(c);
  if (handler !== null) handler.closed(c, reason);
}
