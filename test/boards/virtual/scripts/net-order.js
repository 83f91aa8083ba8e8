// A server that never reads before it writes; data that arrives before there is a listener; end without data.
require('net').createServer(function (c) {
  c.write('greeting');
  setTimeout(function () {
    print('kept', c.available(), c.read(3), c.available());
    c.on('data', function (d) { print('late', d); });
    c.on('close', function (e) { print('server close', e); });
    setTimeout(function () { c.end(); try { c.write('x'); } catch (e) { print(e.message); } }, 20);
  }, 30);
}).listen(8);
var c = require('net').connect({ host: '10.0.0.1', port: 8 });
c.on('data', function (d) { print('client data', d); c.write('abcdefgh'); });
c.on('end', function () { print('client end'); });
c.on('close', function (e) { print('client close', e); finish(); });
