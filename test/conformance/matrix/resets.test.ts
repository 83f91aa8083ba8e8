import { segmentArrives } from './machine';

// SEGMENT ARRIVES (RFC 9293 section 3.10.7): RST, with the checks of RFC 5961 section 3. In TIME-WAIT a RST is ignored
// (RFC 1337).

segmentArrives('RST, SEG.SEQ = RCV.NXT', (v) => ({ flags: 'RST', seq: v['RCV.NXT'] }), `
  CLOSED ... SYN-SENT                 | same        | -                                       | -
  SYN-RECEIVED/passive                | LISTEN      | -                                       | -
  SYN-RECEIVED/active                 | CLOSED      | -                                       | closed: refused
  ESTABLISHED ... LAST-ACK            | CLOSED      | -                                       | closed: reset
  TIME-WAIT                           | same        | -                                       | -
`);

segmentArrives('RST,ACK that acknowledges all, SEG.SEQ = RCV.NXT', (v) => ({ flags: 'RST ACK', seq: v['RCV.NXT'], ack: v['SND.NXT'] }), `
  CLOSED, LISTEN                      | same        | -                                       | -
  SYN-SENT                            | CLOSED      | -                                       | closed: refused
  SYN-RECEIVED/passive                | LISTEN      | -                                       | -
  SYN-RECEIVED/active                 | CLOSED      | -                                       | closed: refused
  ESTABLISHED ... LAST-ACK            | CLOSED      | -                                       | closed: reset
  TIME-WAIT                           | same        | -                                       | -
`);

segmentArrives('RST,ACK of what was not sent, SEG.SEQ = RCV.NXT', (v) => ({ flags: 'RST ACK', seq: v['RCV.NXT'], ack: v['SND.NXT'] + 1 }), `
  CLOSED ... SYN-SENT                 | same        | -                                       | -
  SYN-RECEIVED/passive                | LISTEN      | -                                       | -
  SYN-RECEIVED/active                 | CLOSED      | -                                       | closed: refused
  ESTABLISHED ... LAST-ACK            | CLOSED      | -                                       | closed: reset
  TIME-WAIT                           | same        | -                                       | -
`);

segmentArrives('RST with text, SEG.SEQ = RCV.NXT', (v) => ({ flags: 'RST', seq: v['RCV.NXT'], data: 'why' }), `
  CLOSED ... SYN-SENT                 | same        | -                                       | -
  SYN-RECEIVED/passive                | LISTEN      | -                                       | -
  SYN-RECEIVED/active                 | CLOSED      | -                                       | closed: refused
  ESTABLISHED ... LAST-ACK            | CLOSED      | -                                       | closed: reset
  TIME-WAIT                           | same        | -                                       | -
`);

segmentArrives('SYN,RST, SEG.SEQ = RCV.NXT', (v) => ({ flags: 'SYN RST', seq: v['RCV.NXT'] }), `
  CLOSED ... SYN-SENT                 | same        | -                                       | -
  SYN-RECEIVED/passive                | LISTEN      | -                                       | -
  SYN-RECEIVED/active                 | CLOSED      | -                                       | closed: refused
  ESTABLISHED ... LAST-ACK            | CLOSED      | -                                       | closed: reset
  TIME-WAIT                           | same        | -                                       | -
`);

segmentArrives('RST in the window, SEG.SEQ > RCV.NXT', (v) => ({ flags: 'RST', seq: v['RCV.NXT'] + 1 }), `
  CLOSED ... SYN-SENT                 | same        | -                                       | -
  SYN-RECEIVED ... LAST-ACK           | same        | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>     | -
  TIME-WAIT                           | same        | -                                       | -
`);

segmentArrives('RST at the end of the window', (v) => ({ flags: 'RST', seq: v['RCV.NXT'] + 2143 }), `
  CLOSED ... SYN-SENT                 | same        | -                                       | -
  SYN-RECEIVED ... LAST-ACK           | same        | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>     | -
  TIME-WAIT                           | same        | -                                       | -
`);

segmentArrives('RST behind the window', (v) => ({ flags: 'RST', seq: v['RCV.NXT'] + 2144 }), `
  CLOSED ... TIME-WAIT                | same        | -                                       | -
`);

segmentArrives('RST before the window', (v) => ({ flags: 'RST', seq: v['RCV.NXT'] - 1 }), `
  CLOSED ... TIME-WAIT                | same        | -                                       | -
`);

segmentArrives('RST before the window whose text reaches into it', (v) => ({ flags: 'RST', seq: v['RCV.NXT'] - 1, data: 'abc' }), `
  CLOSED ... SYN-SENT                 | same        | -                                       | -
  SYN-RECEIVED ... LAST-ACK           | same        | *                                       | -
  TIME-WAIT                           | same        | -                                       | -
`);
