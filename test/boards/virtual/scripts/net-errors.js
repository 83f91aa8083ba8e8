function watch(name, c) {
  c.on('connect', function () { print(name, 'connect'); });
  c.on('error', function (e) { print(name, 'error', e.code, e.message); });
  c.on('end', function () { print(name, 'end'); });
  c.on('close', function (e) { print(name, 'close', e); });
}
watch('refused', require('net').connect({ host: '10.0.0.1', port: 99 }));
require('net').createServer(function (c) {
  watch('server', c);
  setTimeout(function () { reset(sockets.length - 1); reset(sockets.length - 2); }, 30);
}).listen(9);
setTimeout(function () {
  var c = require('net').connect({ host: '10.0.0.1', port: 9 });
  watch('reset', c);
}, 50);
setTimeout(function () {
  var c = require('net').connect({ host: '10.0.0.1', port: 99 });
  c.write('lost');
  watch('unsent', c);
  finish();
}, 200);
try { require('nothing'); } catch (e) { print(e.message); }
