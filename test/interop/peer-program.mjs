// The other end of the board's connections: a program of its own in the namespace, over the kernel's TCP. It does what
// its parent asks over Node's IPC channel; `peer.ts` is the parent's side of it and says what each action does.
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer } from 'node:net';

const sockets = [];

/** Octets that follow from a seed (an xorshift): each connection has its own, and a mix-up shows. */
function pattern(length, seed) {
  const octets = Buffer.alloc(length);
  let state = (seed + 1) * 0x9e3779b1 | 1;
  for (let at = 0; at < length; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    octets[at] = state;
  }
  return octets;
}

/** Where two texts of octets differ first, or -1. */
function firstDifference(a, b) {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) if (a[at] !== b[at]) return at;
  return a.length === b.length ? -1 : length;
}

function open({ host, port, from }) {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, localAddress: from, allowHalfOpen: true });
    const end = { socket, heard: Buffer.alloc(0), ended: false, closed: false, error: '', changed: () => undefined };
    const change = (apply) => (value) => {
      apply(value);
      end.changed();
    };
    socket.on('data', change((piece) => { end.heard = Buffer.concat([end.heard, piece]); }));
    socket.on('end', change(() => { end.ended = true; }));
    socket.on('close', change(() => { end.closed = true; }));
    socket.on('error', change((error) => {
      end.error = error.code;
      reject(error);
    }));
    socket.on('connect', () => resolve(sockets.push(end) - 1));
  });
}

function until(end, condition) {
  return new Promise((resolve) => {
    end.changed = () => {
      if (condition()) resolve();
    };
    end.changed();
  });
}

const actions = {
  open,

  say({ id, text }) {
    sockets[id].socket.write(text, 'latin1');
  },

  flood({ id, octets, seed }) {
    sockets[id].socket.pause();
    sockets[id].socket.write(pattern(octets, seed));
  },

  async hear({ id, octets }) {
    const end = sockets[id];
    end.socket.resume();
    await until(end, () => end.heard.length >= octets || end.ended || end.closed);
    const text = end.heard.subarray(0, octets).toString('latin1');
    end.heard = end.heard.subarray(octets);
    return text;
  },

  end({ id }) {
    sockets[id].socket.end();
  },

  reset({ id }) {
    sockets[id].socket.resetAndDestroy();
  },

  leave({ id }) {
    sockets[id].socket.destroy();
  },

  async over({ id }) {
    const end = sockets[id];
    end.socket.resume();
    await until(end, () => end.ended || end.closed);
    return end.error === '' ? 'ended' : end.error;
  },

  async echo({ host, port, octets, seed }) {
    const id = await open({ host, port });
    const end = sockets[id];
    const sent = pattern(octets, seed);
    const pieces = [];
    let count = 0;
    end.socket.on('data', (piece) => {
      pieces.push(piece);
      count += piece.length;
      end.heard = Buffer.alloc(0);
      end.changed();
    });
    end.socket.write(sent);
    await until(end, () => count >= octets || end.ended || end.closed);
    end.socket.end();
    await until(end, () => end.ended || end.closed);
    const difference = firstDifference(sent, Buffer.concat(pieces));
    return difference < 0 && end.error === '' ? 'identical'
      : `differs at ${difference} of ${octets}: ${count} came back, ${end.error || 'ended'}`;
  },

  serve({ kind }) {
    const server = kind === 'echo'
      ? createServer({ allowHalfOpen: true }, (socket) => socket.on('error', () => undefined).pipe(socket))
      : createHttpServer((request, response) => {
        const sent = [];
        request.on('data', (piece) => sent.push(piece));
        request.on('end', () => response.end(`${request.method} ${request.url} ${Buffer.concat(sent)}`));
      });
    return new Promise((resolve) => server.listen(0, '0.0.0.0', () => resolve(server.address().port)));
  },
};

process.on('message', async ({ number, action, values }) => {
  try {
    process.send({ number, result: await actions[action](values) });
  } catch (error) {
    process.send({ number, error: error.code ?? error.message });
  }
});
process.on('disconnect', () => process.exit(0));
