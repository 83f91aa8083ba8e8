import { urgentFrame } from '../raw';
import { segmentArrives, table } from './machine';

// SEGMENT ARRIVES (RFC 9293 section 3.10.7): SYN, FIN and URG.

segmentArrives('SYN, SEG.SEQ = RCV.NXT', (v) => ({ flags: 'SYN', seq: v['RCV.NXT'] }), `
  CLOSED                              | same         | <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>   | -
  LISTEN, SYN-SENT                    | SYN-RECEIVED | <SEQ=ISS><ACK=SEG.SEQ+1><CTL=SYN,ACK>       | -
  SYN-RECEIVED/passive                | LISTEN       | -                                           | -
  SYN-RECEIVED/active ... TIME-WAIT   | same         | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>         | -
`);

segmentArrives('SYN again, SEG.SEQ = IRS', () => ({ flags: 'SYN', seq: 0 }), `
  CLOSED                              | same         | <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>   | -
  LISTEN, SYN-SENT                    | SYN-RECEIVED | <SEQ=ISS><ACK=IRS+1><CTL=SYN,ACK>           | -
  SYN-RECEIVED                        | same         | <SEQ=ISS><ACK=IRS+1><CTL=SYN,ACK>           | -
  ESTABLISHED ... TIME-WAIT           | same         | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>         | -
`);

segmentArrives('SYN behind the window', (v) => ({ flags: 'SYN', seq: v['RCV.NXT'] + 4000 }), `
  CLOSED                              | same         | <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>   | -
  LISTEN, SYN-SENT                    | SYN-RECEIVED | <SEQ=ISS><ACK=SEG.SEQ+1><CTL=SYN,ACK>       | -
  SYN-RECEIVED ... TIME-WAIT          | same         | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>         | -
`);

segmentArrives('SYN,ACK of all that was sent, SEG.SEQ = RCV.NXT', (v) => ({ flags: 'SYN ACK', seq: v['RCV.NXT'], ack: v['SND.NXT'] }), `
  CLOSED, LISTEN                      | same         | <SEQ=SEG.ACK><CTL=RST>                      | -
  SYN-SENT                            | ESTABLISHED  | <SEQ=SND.NXT><ACK=SEG.SEQ+1><CTL=ACK>       | opened
  SYN-RECEIVED/passive                | LISTEN       | -                                           | -
  SYN-RECEIVED/active ... TIME-WAIT   | same         | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>         | -
`);

segmentArrives('SYN,ACK again, SEG.SEQ = IRS, as the peer of a simultaneous open sends it', (v) => ({ flags: 'SYN ACK', seq: 0, ack: v['SND.NXT'] }), `
  CLOSED, LISTEN                      | same         | <SEQ=SEG.ACK><CTL=RST>                      | -
  SYN-SENT                            | ESTABLISHED  | <SEQ=SND.NXT><ACK=IRS+1><CTL=ACK>           | opened
  SYN-RECEIVED ... TIME-WAIT          | same         | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>         | -
`);

segmentArrives('SYN,ACK of what was not sent', (v) => ({ flags: 'SYN ACK', seq: v['RCV.NXT'], ack: v['SND.NXT'] + 1 }), `
  CLOSED ... SYN-SENT                 | same         | <SEQ=SEG.ACK><CTL=RST>                      | -
  SYN-RECEIVED/passive                | LISTEN       | -                                           | -
  SYN-RECEIVED/active ... TIME-WAIT   | same         | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>         | -
`);

segmentArrives('SYN,ACK with text', (v) => ({ flags: 'SYN ACK', seq: v['RCV.NXT'], ack: v['SND.NXT'], data: 'abc' }), `
  CLOSED, LISTEN                      | same         | <SEQ=SEG.ACK><CTL=RST>                      | -
  SYN-SENT                            | ESTABLISHED  | <SEQ=SND.NXT><ACK=SEG.SEQ+SEG.LEN><CTL=ACK> | opened, text
  SYN-RECEIVED/passive                | LISTEN       | -                                           | -
  SYN-RECEIVED/active ... TIME-WAIT   | same         | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>         | -
`);

segmentArrives('SYN,FIN,ACK with text', (v) => ({ flags: 'SYN FIN ACK', seq: v['RCV.NXT'], ack: v['SND.NXT'], data: 'abc' }), `
  CLOSED, LISTEN                      | same         | <SEQ=SEG.ACK><CTL=RST>                      | -
  SYN-SENT                            | CLOSE-WAIT   | <SEQ=SND.NXT><ACK=SEG.SEQ+SEG.LEN><CTL=ACK> | opened, text, ended
  SYN-RECEIVED/passive                | LISTEN       | -                                           | -
  SYN-RECEIVED/active ... TIME-WAIT   | same         | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>         | -
`);

segmentArrives('SYN with text', (v) => ({ flags: 'SYN', seq: v['RCV.NXT'], data: 'abc' }), `
  CLOSED                              | same         | <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>   | -
  LISTEN, SYN-SENT                    | SYN-RECEIVED | <SEQ=ISS><ACK=SEG.SEQ+SEG.LEN><CTL=SYN,ACK> | -
  SYN-RECEIVED/passive                | LISTEN       | -                                           | -
  SYN-RECEIVED/active ... TIME-WAIT   | same         | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>         | -
`);

segmentArrives('SYN,FIN', (v) => ({ flags: 'SYN FIN', seq: v['RCV.NXT'] }), `
  CLOSED                              | same         | <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>   | -
  LISTEN, SYN-SENT                    | SYN-RECEIVED | <SEQ=ISS><ACK=SEG.SEQ+SEG.LEN><CTL=SYN,ACK> | -
  SYN-RECEIVED/passive                | LISTEN       | -                                           | -
  SYN-RECEIVED/active ... TIME-WAIT   | same         | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>         | -
`);

segmentArrives('FIN,ACK of all that was sent', (v) => ({ flags: 'FIN ACK', seq: v['RCV.NXT'], ack: v['SND.NXT'] }), `
  CLOSED, LISTEN                      | same         | <SEQ=SEG.ACK><CTL=RST>                      | -
  SYN-SENT                            | same         | -                                           | -
  SYN-RECEIVED                        | CLOSE-WAIT   | <SEQ=SND.NXT><ACK=RCV.NXT+1><CTL=ACK>       | opened, ended
  ESTABLISHED                         | CLOSE-WAIT   | <SEQ=SND.NXT><ACK=RCV.NXT+1><CTL=ACK>       | ended
  FIN-WAIT-1, FIN-WAIT-2              | TIME-WAIT    | <SEQ=SND.NXT><ACK=RCV.NXT+1><CTL=ACK>       | ended, closed: normal
  CLOSE-WAIT                          | same         | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>         | -
  CLOSING                             | TIME-WAIT    | -                                           | closed: normal
  LAST-ACK                            | CLOSED       | -                                           | closed: normal
  TIME-WAIT                           | same         | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>         | -
`);

segmentArrives('FIN,ACK of all but our FIN', (v, acked) => ({ flags: 'FIN ACK', seq: v['RCV.NXT'], ack: acked }), `
  CLOSED, LISTEN                      | same         | <SEQ=SEG.ACK><CTL=RST>                      | -
  SYN-SENT                            | same         | -                                           | -
  SYN-RECEIVED                        | CLOSE-WAIT   | <SEQ=SND.NXT><ACK=RCV.NXT+1><CTL=ACK>       | opened, ended
  ESTABLISHED                         | CLOSE-WAIT   | <SEQ=SND.NXT><ACK=RCV.NXT+1><CTL=ACK>       | ended
  FIN-WAIT-1                          | CLOSING      | <SEQ=SND.NXT><ACK=RCV.NXT+1><CTL=ACK>       | ended
  FIN-WAIT-2                          | TIME-WAIT    | <SEQ=SND.NXT><ACK=RCV.NXT+1><CTL=ACK>       | ended, closed: normal
  CLOSE-WAIT ... TIME-WAIT            | same         | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>         | -
`);

segmentArrives('FIN,ACK with text', (v, acked) => ({ flags: 'FIN ACK', seq: v['RCV.NXT'], ack: acked, data: 'abc' }), `
  CLOSED, LISTEN                      | same         | <SEQ=SEG.ACK><CTL=RST>                      | -
  SYN-SENT                            | same         | -                                           | -
  SYN-RECEIVED                        | CLOSE-WAIT   | <SEQ=SND.NXT><ACK=RCV.NXT+4><CTL=ACK>       | opened, text, ended
  ESTABLISHED                         | CLOSE-WAIT   | <SEQ=SND.NXT><ACK=RCV.NXT+4><CTL=ACK>       | text, ended
  FIN-WAIT-1                          | CLOSING      | <SEQ=SND.NXT><ACK=RCV.NXT+4><CTL=ACK>       | text, ended
  FIN-WAIT-2                          | TIME-WAIT    | <SEQ=SND.NXT><ACK=RCV.NXT+4><CTL=ACK>       | text, ended, closed: normal
  CLOSE-WAIT ... TIME-WAIT            | same         | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>         | -
`);

segmentArrives('FIN,ACK again, SEG.SEQ = RCV.NXT - 1', (v) => ({ flags: 'FIN ACK', seq: v['RCV.NXT'] - 1, ack: v['SND.UNA'] }), `
  CLOSED ... SYN-SENT                 | same         | <SEQ=SEG.ACK><CTL=RST>                      | -
  SYN-RECEIVED ... TIME-WAIT          | same         | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>         | -
`);

segmentArrives('FIN,ACK behind a gap', (v, acked) => ({ flags: 'FIN ACK', seq: v['RCV.NXT'] + 5, ack: acked }), `
  CLOSED, LISTEN                      | same         | <SEQ=SEG.ACK><CTL=RST>                      | -
  SYN-SENT                            | same         | -                                           | -
  SYN-RECEIVED                        | ESTABLISHED  | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>         | opened
  ESTABLISHED ... TIME-WAIT           | same         | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>         | -
`);

segmentArrives('FIN,ACK behind the window', (v, acked) => ({ flags: 'FIN ACK', seq: v['RCV.NXT'] + 4000, ack: acked }), `
  CLOSED, LISTEN                      | same         | <SEQ=SEG.ACK><CTL=RST>                      | -
  SYN-SENT                            | same         | -                                           | -
  SYN-RECEIVED ... TIME-WAIT          | same         | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>         | -
`);

segmentArrives('FIN,ACK of what was not sent', (v) => ({ flags: 'FIN ACK', seq: v['RCV.NXT'], ack: v['SND.NXT'] + 1 }), `
  CLOSED ... SYN-RECEIVED/active      | same         | <SEQ=SEG.ACK><CTL=RST>                      | -
  ESTABLISHED ... TIME-WAIT           | same         | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>         | -
`);

segmentArrives('FIN without ACK', (v) => ({ flags: 'FIN', seq: v['RCV.NXT'] }), `
  CLOSED                              | same         | <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>   | -
  LISTEN ... TIME-WAIT                | same         | -                                           | -
`);

// Sixth, the URG bit: the pointer names the octet behind the text.
table('URG,ACK with text, SEG.UP = 3', ({ peer, v, state }, segment) => {
  const ack = ['CLOSED', 'LISTEN'].includes(state) ? 700 : ['FIN-WAIT-2', 'TIME-WAIT'].includes(state) ? 2 : 1;
  segment['SEG.ACK'] = ack;
  peer.arrives(urgentFrame(peer, { seq: v['RCV.NXT'], ack, data: 'abc' }, 3));
}, `
  CLOSED, LISTEN                      | same         | <SEQ=SEG.ACK><CTL=RST>                      | -
  SYN-SENT                            | same         | -                                           | -
  SYN-RECEIVED                        | ESTABLISHED  | -                                           | opened, urgent, text
  ESTABLISHED, FIN-WAIT-1, FIN-WAIT-2 | same         | -                                           | urgent, text
  CLOSE-WAIT ... TIME-WAIT            | same         | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>         | -
`);
