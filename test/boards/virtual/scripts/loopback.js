// A network device in memory: connections to a listening port of this machine, in Espruino's dialect.
// Queues hold what was sent and not yet received; `limit` bounds them, so that `send` takes a part now and then.
var sockets = [];
var limit = 2000;
var made = 0;
function newSocket(peer) {
  sockets.push({ peer: peer, queue: '', closed: false, gone: 0, waiting: [], port: 0 });
  return sockets.length - 1;
}
require('NetworkJS').create({
  create: function (host, port, type, options) {
    var i, me, peer;
    made++;
    if (host === undefined) {
      me = newSocket(-1);
      sockets[me].port = port;
      return me;
    }
    for (i = 0; i < sockets.length; i++) {
      if (sockets[i].port === port && !sockets[i].closed) {
        me = newSocket(-1);
        peer = newSocket(me);
        sockets[me].peer = peer;
        sockets[i].waiting.push(peer);
        return me;
      }
    }
    me = newSocket(-1);
    sockets[me].gone = -9;
    return me;
  },
  close: function (s) {
    sockets[s].closed = true;
    if (sockets[s].peer >= 0) sockets[sockets[s].peer].gone = sockets[sockets[s].peer].gone || -1;
  },
  accept: function (s) {
    return sockets[s].waiting.length ? sockets[s].waiting.shift() : -1;
  },
  recv: function (s, maxLen, type) {
    var socket = sockets[s], data;
    if (socket.queue.length === 0) return socket.gone ? socket.gone : '';
    data = socket.queue.substr(0, maxLen);
    socket.queue = socket.queue.substr(data.length);
    return data;
  },
  send: function (s, data, type) {
    var socket = sockets[s], peer, room;
    if (socket.gone) return socket.gone;
    peer = sockets[socket.peer];
    room = limit - peer.queue.length;
    if (room <= 0) return 0;
    data = data.substr(0, room);
    peer.queue += data;
    return data.length;
  }
});
function reset(s) { sockets[s].gone = -9; sockets[s].queue = ''; }
function finish() { setTimeout(function () { print('done'); quit(); }, 300); }
