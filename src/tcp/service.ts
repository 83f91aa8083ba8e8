import type { Connection } from './connection';
import { Event } from './connection';
import { output, sendControl } from './output';
import { Flag } from './segment';
import { State } from './states';
import type { TcpHost } from './tcp';

/** A connection's turn: the application hears what happened, then what may be sent goes out. */
export function serve(tcp: TcpHost, c: Connection): void {
  if (c.events !== 0) deliver(c);
  if (c.resetDue) {
    if (!sendControl(tcp, c, Flag.RST | Flag.ACK)) {
      tcp.schedule(c);
      return;
    }
    c.resetDue = false;
    tcp.counters.outRsts++;
  }
  if (!output(tcp, c)) {
    tcp.schedule(c);
    return;
  }
  const over = c.state === State.CLOSED || c.state === State.TIME_WAIT;
  if (over && c.events & Event.closed && c.available === 0) release(tcp, c);
}

/** Each event is taken off before its handler runs, which may close, replace the handler, or throw. */
function deliver(c: Connection): void {
  if (c.events & Event.opened && hears(c, Event.opened)) c.handler!.opened(c);
  if (c.events & Event.readable && hears(c, Event.readable) && c.available > 0) c.handler!.readable(c);
  if (c.events & Event.writable && hears(c, Event.writable) && c.room > 0) c.handler!.writable(c);
  if (c.events & Event.ended && c.available === 0 && hears(c, Event.ended)) c.handler!.ended(c);
}

/** Takes an event off. True: there is somebody to tell. */
function hears(c: Connection, event: Event): boolean {
  c.events &= ~event;
  return c.handler !== null && !c.discarding;
}

/** The last word, and the slot is free. */
function release(tcp: TcpHost, c: Connection): void {
  const handler = c.handler;
  tcp.slots.giveBack(c);
  if (handler !== null) handler.closed(c, c.reason);
}
