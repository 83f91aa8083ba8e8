import { segmentArrives } from './machine';

// SEGMENT ARRIVES (RFC 9293 section 3.10.7): segments without SYN, RST or FIN, and the checks of SEG.SEQ and SEG.ACK.

segmentArrives('no control bits', (v) => ({ flags: '', seq: v['RCV.NXT'] }), `
  CLOSED                              | same        | <SEQ=0><ACK=SEG.SEQ><CTL=RST,ACK>       | -
  LISTEN ... TIME-WAIT                | same        | -                                       | -
`);

segmentArrives('text without ACK', (v) => ({ flags: '', seq: v['RCV.NXT'], data: 'abc' }), `
  CLOSED                              | same        | <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK> | -
  LISTEN ... TIME-WAIT                | same        | -                                       | -
`);

segmentArrives('ACK of all that was sent', (v) => ({ seq: v['RCV.NXT'], ack: v['SND.NXT'] }), `
  CLOSED, LISTEN                      | same        | <SEQ=SEG.ACK><CTL=RST>                  | -
  SYN-SENT                            | same        | -                                       | -
  SYN-RECEIVED                        | ESTABLISHED | -                                       | opened
  ESTABLISHED                         | same        | -                                       | -
  FIN-WAIT-1                          | FIN-WAIT-2  | -                                       | -
  FIN-WAIT-2, CLOSE-WAIT              | same        | -                                       | -
  CLOSING                             | TIME-WAIT   | -                                       | closed: normal
  LAST-ACK                            | CLOSED      | -                                       | closed: normal
  TIME-WAIT                           | same        | -                                       | -
`);

segmentArrives('ACK of nothing new: SEG.ACK = SND.UNA', (v) => ({ seq: v['RCV.NXT'], ack: v['SND.UNA'] }), `
  CLOSED ... SYN-RECEIVED/active      | same        | <SEQ=SEG.ACK><CTL=RST>                  | -
  ESTABLISHED ... TIME-WAIT           | same        | -                                       | -
`);

segmentArrives('ACK of what was not sent: SEG.ACK > SND.NXT', (v) => ({ seq: v['RCV.NXT'], ack: v['SND.NXT'] + 1 }), `
  CLOSED ... SYN-RECEIVED/active      | same        | <SEQ=SEG.ACK><CTL=RST>                  | -
  ESTABLISHED ... LAST-ACK            | same        | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>     | -
  TIME-WAIT                           | same        | -                                       | -
`);

segmentArrives('ACK too old: SEG.ACK < SND.UNA - MAX.SND.WND', (v) => ({ seq: v['RCV.NXT'], ack: v['SND.UNA'] - 8193 }), `
  CLOSED ... SYN-RECEIVED/active      | same        | <SEQ=SEG.ACK><CTL=RST>                  | -
  ESTABLISHED ... LAST-ACK            | same        | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>     | -
  TIME-WAIT                           | same        | -                                       | -
`);

segmentArrives('ACK before the window: SEG.SEQ = RCV.NXT - 1, as a keep-alive has it', (v) => ({ seq: v['RCV.NXT'] - 1, ack: v['SND.UNA'] }), `
  CLOSED ... SYN-SENT                 | same        | <SEQ=SEG.ACK><CTL=RST>                  | -
  SYN-RECEIVED                        | same        | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>     | -
  ESTABLISHED ... TIME-WAIT           | same        | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>     | -
`);

segmentArrives('ACK behind the window', (v, acked) => ({ seq: v['RCV.NXT'] + 4000, ack: acked }), `
  CLOSED, LISTEN                      | same        | <SEQ=SEG.ACK><CTL=RST>                  | -
  SYN-SENT                            | same        | -                                       | -
  SYN-RECEIVED ... TIME-WAIT          | same        | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>     | -
`);

segmentArrives('text in order', (v, acked) => ({ seq: v['RCV.NXT'], ack: acked, data: 'abc' }), `
  CLOSED, LISTEN                      | same        | <SEQ=SEG.ACK><CTL=RST>                  | -
  SYN-SENT                            | same        | -                                       | -
  SYN-RECEIVED                        | ESTABLISHED | -                                       | opened, text
  ESTABLISHED, FIN-WAIT-1, FIN-WAIT-2 | same        | -                                       | text
  CLOSE-WAIT ... TIME-WAIT            | same        | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>     | -
`);

segmentArrives('text that acknowledges all, in order', (v) => ({ seq: v['RCV.NXT'], ack: v['SND.NXT'], data: 'abc' }), `
  CLOSED, LISTEN                      | same        | <SEQ=SEG.ACK><CTL=RST>                  | -
  SYN-SENT                            | same        | -                                       | -
  SYN-RECEIVED                        | ESTABLISHED | -                                       | opened, text
  ESTABLISHED                         | same        | -                                       | text
  FIN-WAIT-1                          | FIN-WAIT-2  | -                                       | text
  FIN-WAIT-2                          | same        | -                                       | text
  CLOSE-WAIT                          | same        | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>     | -
  CLOSING                             | TIME-WAIT   | -                                       | closed: normal
  LAST-ACK                            | CLOSED      | -                                       | closed: normal
  TIME-WAIT                           | same        | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>     | -
`);

segmentArrives('text behind a gap', (v, acked) => ({ seq: v['RCV.NXT'] + 5, ack: acked, data: 'abc' }), `
  CLOSED, LISTEN                      | same        | <SEQ=SEG.ACK><CTL=RST>                  | -
  SYN-SENT                            | same        | -                                       | -
  SYN-RECEIVED                        | ESTABLISHED | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>     | opened
  ESTABLISHED ... TIME-WAIT           | same        | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>     | -
`);

segmentArrives('text that was had already', (v, acked) => ({ seq: v['RCV.NXT'] - 3, ack: acked, data: 'abc' }), `
  CLOSED, LISTEN                      | same        | <SEQ=SEG.ACK><CTL=RST>                  | -
  SYN-SENT                            | same        | -                                       | -
  SYN-RECEIVED ... TIME-WAIT          | same        | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>     | -
`);

segmentArrives('text of which a part was had already', (v, acked) => ({ seq: v['RCV.NXT'] - 1, ack: acked, data: 'xabc' }), `
  CLOSED, LISTEN                      | same        | <SEQ=SEG.ACK><CTL=RST>                  | -
  SYN-SENT                            | same        | -                                       | -
  SYN-RECEIVED                        | ESTABLISHED | -                                       | opened, text
  ESTABLISHED, FIN-WAIT-1, FIN-WAIT-2 | same        | -                                       | text
  CLOSE-WAIT ... TIME-WAIT            | same        | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>     | -
`);

segmentArrives('text behind the window', (v, acked) => ({ seq: v['RCV.NXT'] + 4000, ack: acked, data: 'abc' }), `
  CLOSED, LISTEN                      | same        | <SEQ=SEG.ACK><CTL=RST>                  | -
  SYN-SENT                            | same        | -                                       | -
  SYN-RECEIVED ... TIME-WAIT          | same        | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>     | -
`);

segmentArrives('text in order whose ACK is of what was not sent', (v) => ({ seq: v['RCV.NXT'], ack: v['SND.NXT'] + 1, data: 'abc' }), `
  CLOSED ... SYN-RECEIVED/active      | same        | <SEQ=SEG.ACK><CTL=RST>                  | -
  ESTABLISHED ... LAST-ACK            | same        | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>     | -
  TIME-WAIT                           | same        | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>     | -
`);

segmentArrives('text in order whose ACK is too old', (v) => ({ seq: v['RCV.NXT'], ack: v['SND.UNA'] - 8193, data: 'abc' }), `
  CLOSED ... SYN-RECEIVED/active      | same        | <SEQ=SEG.ACK><CTL=RST>                  | -
  ESTABLISHED ... LAST-ACK            | same        | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>     | -
  TIME-WAIT                           | same        | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>     | -
`);
