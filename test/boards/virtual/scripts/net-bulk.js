// 20 kB through a window of 2,000, with drain as the only pace.
var sum = 0, count = 0, drains = 0, closed = 0;
require('net').createServer(function (c) {
  c.on('data', function (d) { count += d.length; for (var i = 0; i < d.length; i += 50) sum = (sum * 31 + d.charCodeAt(i)) & 65535; });
  c.on('close', function (e) { print('server', count, sum, e); finish(); });
}).listen(10);
var block = '';
for (var i = 0; i < 50; i++) block += 'The quick brown fox, ' + i + '. ';
block = block.substr(0, 1000);
var left = 20;
var c = require('net').connect({ host: '10.0.0.1', port: 10 });
c.on('drain', function () {
  drains++;
  if (left-- > 0) c.write(block);
  else c.end();
});
c.on('close', function (e) { print('client', e, drains); });
