import { checksum, half } from '../src/frames';
import type { BenchPeer, PeerConnection } from './bench-peer';

/** One thing that is measured. */
export interface Scenario {
  name: string;
  title: string;
  /** Instructions that are allowed, where there is a limit. */
  limit?: number;
  /** What the interpreter runs: see `HarnessOptions.scenario`. */
  script: string;
  /** What the peer does: a step each time. */
  steps: (peer: BenchPeer) => Generator<void, void>;
  /** The same native copies and sums with no protocol around them: statements of one repetition. */
  floor: string;
}

const octets = (count: number): Uint8Array => Uint8Array.from({ length: count }, (_, at) => 33 + (at % 90));

/** Opens a connection: three steps, the first of which acquaints the two. */
function* opens(peer: BenchPeer, boardPort: number): Generator<void, PeerConnection> {
  peer.asksForBoard();
  yield;
  const connection = peer.connection(4000, boardPort);
  connection.sends('SYN');
  yield;
  connection.sends('ACK');
  yield;
  return connection;
}

const open = 'go();go();go();';

function echoRequest(payload: number): Uint8Array {
  const message = Uint8Array.from([8, 0, 0, 0, 0, 1, 0, 1, ...octets(payload)]);
  message.set(half(checksum(message)), 2);
  return message;
}

/** Buffers of the floor; the last five stand in for what the chip answers and the application gives. */
const floorBuffers = `
var frame=new Uint8Array(600),out=new Uint8Array(600),ring=new Uint8Array(1072);
var long=new Uint8Array(571),middle=new Uint8Array(103),short=new Uint8Array(65),string=E.toString(new Uint8Array(512).fill(65));
bus={write:E.kickWatchdog};`;

const repeated = 'rep=function(){for(var i=0;i<left;i++)go();again();};';
const headerSum = 'E.sum(new Uint16Array(frame.buffer,14,10));';

export const scenarios: readonly Scenario[] = [
  {
    name: 'receive512',
    title: '512 octets received, acknowledged (every second time), read as a string',
    limit: 1_000_000,
    script: `rep=go;
require("net").createServer(function(s){s.on("data",function(){if(--left)go();else again();});next();}).listen(7);
${open}`,
    *steps(peer) {
      const connection = yield* opens(peer, 7);
      for (;;) {
        connection.sends('PSH ACK', octets(512));
        yield;
      }
    },
    floor: `frame.set(new Uint8Array(long.buffer,1,570),0);${headerSum}
E.sum(new Uint16Array(frame.buffer,34,266));ring.set(new Uint8Array(frame.buffer,54,512),at);
E.toString(new Uint8Array(ring.buffer,at,512));at^=512;
if(at){E.sum(new Uint16Array(out.buffer,34,10));E.sum(new Uint16Array(out.buffer,14,10));bus.write(0x7a,0,new Uint8Array(out.buffer,0,54),bus);}`,
  },
  {
    name: 'send512',
    title: '512 octets sent from a string, and their acknowledgment taken',
    limit: 1_000_000,
    script: `var S="";while(S.length<512)S+="0123456789abcdef";
require("net").createServer(function(s){
  rep=function(){s.write(S);};
  s.on("drain",function(){go();if(--left)s.write(S);else again();});
  next();
}).listen(7);
${open}`,
    *steps(peer) {
      const connection = yield* opens(peer, 7);
      for (;;) {
        connection.sends('ACK');
        yield;
      }
    },
    floor: `ring.set(E.toUint8Array(string),at);out.set(new Uint8Array(ring.buffer,at,512),54);at^=512;
E.sum(new Uint16Array(out.buffer,34,266));E.sum(new Uint16Array(out.buffer,14,10));bus.write(0x7a,0,new Uint8Array(out.buffer,0,566),bus);
frame.set(new Uint8Array(short.buffer,1,64),0);${headerSum}E.sum(new Uint16Array(frame.buffer,34,10));`,
  },
  {
    name: 'pureAck',
    title: 'an acknowledgment of data, without data',
    limit: 350_000,
    script: `var S="";while(S.length<512)S+="0123456789abcdef";
${repeated}
require("net").createServer(function(s){s.on("drain",next);s.write(S);}).listen(7);
${open}`,
    *steps(peer) {
      const connection = yield* opens(peer, 7);
      const end = connection.ack;
      for (let acked = 16; ; acked += 16) {
        connection.ack = (end - 512 + acked) | 0;
        connection.sends('ACK');
        yield;
      }
    },
    floor: `frame.set(new Uint8Array(short.buffer,1,64),0);${headerSum}E.sum(new Uint16Array(frame.buffer,34,10));`,
  },
  {
    name: 'echo',
    title: 'a ping of 56 octets answered',
    script: `${repeated}
go();next();`,
    *steps(peer) {
      peer.asksForBoard();
      yield;
      for (;;) {
        peer.sendsPacket(1, echoRequest(56));
        yield;
      }
    },
    floor: `frame.set(new Uint8Array(middle.buffer,1,102),0);${headerSum}E.sum(new Uint16Array(frame.buffer,34,32));${headerSum}
bus.write(0x7a,0,new Uint8Array(frame.buffer,0,98),bus);`,
  },
  {
    name: 'idlePoll',
    title: 'a poll that finds nothing (in Espruino a look at INT, four times a second)',
    limit: 60_000,
    script: `rep=function(){for(var i=0;i<left;i++)tick();again();};
require("net").createServer(next).listen(7);
${open}`,
    *steps(peer) {
      yield* opens(peer, 7);
      for (;;) yield;
    },
    floor: '',
  },
  {
    name: 'idleEdge',
    title: 'an edge of INT, the frame behind it being there no more',
    limit: 60_000,
    script: `${repeated}
require("net").createServer(next).listen(7);
${open}`,
    *steps(peer) {
      yield* opens(peer, 7);
      for (;;) yield;
    },
    floor: '',
  },
  {
    name: 'idleTurn',
    title: "a turn of Espruino's idle loop: one server and one connection asked, nothing there",
    limit: 60_000,
    script: `${repeated}
var server=device.create(undefined,7,0);
${open}
var n=device.accept(server);
go=function(){device.accept(server);device.recv(n,536,0);};
next();`,
    *steps(peer) {
      yield* opens(peer, 7);
    },
    floor: '',
  },
  {
    name: 'tick4',
    title: 'the poll that comes once a second, with 4 idle connections',
    script: `rep=function(){for(var i=0;i<left;i++){passes(1);due();}again();};var n=0;
require("net").createServer(function(s){if(++n==4)next();}).listen(7);
go();for(var i=0;i<4;i++){go();go();}`,
    *steps(peer) {
      peer.asksForBoard();
      yield;
      for (let port = 4000; port < 4004; port++) {
        const connection = peer.connection(port, 7);
        connection.sends('SYN');
        yield;
        connection.sends('ACK');
        yield;
      }
      for (;;) yield;
    },
    floor: '',
  },
  {
    name: 'httpGet',
    title: 'a GET answered with 1,000 octets, from SYN to FIN',
    script: `var B="";while(B.length<1000)B+="0123456789";
rep=function(){go();go();go();};
require("http").createServer(function(q,r){
  r.on("close",function(){go();if(--left)rep();else again();});
  r.writeHead(200,{});r.end(B);
}).listen(80);
go();next();`,
    *steps(peer) {
      peer.asksForBoard();
      yield;
      for (let port = 4000; ; port++) {
        const connection = peer.connection(port, 80);
        connection.sends('SYN');
        yield;
        connection.sends('ACK');
        yield;
        connection.sends('PSH ACK', 'GET /index.html HTTP/1.1\r\nHost: 10.0.0.1\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n');
        yield;
        connection.sends('FIN ACK');
        yield;
      }
    },
    floor: `frame.set(new Uint8Array(short.buffer,1,64),0);E.sum(new Uint16Array(frame.buffer,34,12));${headerSum}
frame.set(new Uint8Array(short.buffer,1,64),0);E.sum(new Uint16Array(frame.buffer,34,10));${headerSum}
frame.set(new Uint8Array(middle.buffer,1,100),0);E.sum(new Uint16Array(frame.buffer,34,50));${headerSum}
ring.set(new Uint8Array(frame.buffer,54,90),0);E.toString(new Uint8Array(ring.buffer,0,90));
ring.set(E.toUint8Array(string),0);ring.set(E.toUint8Array(string),512);
out.set(new Uint8Array(ring.buffer,0,536),54);E.sum(new Uint16Array(out.buffer,34,278));${headerSum}
bus.write(0x7a,0,new Uint8Array(out.buffer,0,590),bus);
out.set(new Uint8Array(ring.buffer,536,529),54);E.sum(new Uint16Array(out.buffer,34,274));${headerSum}
bus.write(0x7a,0,new Uint8Array(out.buffer,0,583),bus);
frame.set(new Uint8Array(short.buffer,1,64),0);E.sum(new Uint16Array(frame.buffer,34,10));${headerSum}
E.sum(new Uint16Array(out.buffer,34,12));${headerSum}bus.write(0x7a,0,new Uint8Array(out.buffer,0,58),bus);
E.sum(new Uint16Array(out.buffer,34,10));${headerSum}bus.write(0x7a,0,new Uint8Array(out.buffer,0,54),bus);`,
  },
];

/** What a scenario's copies and sums take by themselves. */
export function floorScript(scenario: Scenario): string {
  return `${floorBuffers}
var at=0;
go=function(){${scenario.floor}};
${repeated}
next();`;
}
