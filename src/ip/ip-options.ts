import type { Stack } from '../stack';
import { Ethernet } from '../link/ethernet';
import { IcmpType, Unreachable } from './icmp';
import { Ip } from './ipv4';

/** Types of the options (RFC 791 section 3.1) that matter to a host which forwards nothing. */
export const enum OptionKind {
  end = 0,
  noOperation = 1,
  looseRoute = 131,
  strictRoute = 137,
}

/**
 * Looks through the options of the datagram that `Ipv4` accepted last: what is in them is of no interest, but their lengths
 * have to make sense (RFC 1122 section 3.2.2.5), and a source route has to end here (section 3.3.5).
 * @returns false when the datagram is to be dropped: it was counted, and its sender told if that is allowed
 */
export function acceptsOptions(stack: Stack, frame: Uint8Array): boolean {
  'cold';
  const ip = stack.ip;
  let at: number = Ip.payload;
  while (at < ip.payload && frame[at] !== OptionKind.end) {
    const length = frame[at] === OptionKind.noOperation ? 1 : frame[at + 1];
    const good = at + length <= ip.payload && (length > 1 || frame[at] === OptionKind.noOperation);
    const isRoute = frame[at] === OptionKind.looseRoute || frame[at] === OptionKind.strictRoute;
    if (!good || (isRoute && frame[at + 2] <= length)) {
      ip.counters.inOptionErrors++;
      if (good) stack.icmp.sendReport(frame, IcmpType.unreachable, Unreachable.sourceRoute);
      else stack.icmp.sendReport(frame, IcmpType.parameterProblem, (at - Ethernet.header) << 8);
      return false;
    }
    at += length;
  }
  return true;
}
