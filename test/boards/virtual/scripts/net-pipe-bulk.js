// 6,000 characters through a pipe from a socket to itself: more than a stream's buffer holds.
require('net').createServer(function (c) { c.pipe(c); }).listen(11);
var text = '', got = '';
for (var i = 0; i < 600; i++) text += ('000000000' + i).substr(-9) + ',';
var c = require('net').connect({ host: '10.0.0.1', port: 11 }, function () { c.write(text); });
c.on('data', function (d) { got += d; if (got.length >= text.length) c.end(); });
c.on('close', function (e) { print('back', got.length, got === text, e); finish(); });
