// A pipe from a socket to itself, with the default chunk.
require('net').createServer(function (c) { c.pipe(c, { complete: function () { print('complete'); } }); }).listen(11);
var got = '';
var c = require('net').connect({ host: '10.0.0.1', port: 11 }, function () { c.write('0123456789'); });
c.on('data', function (d) { got += d; if (got.length === 10) { print(got); c.end(); } });
c.on('close', function (e) { print('client close', e); finish(); });
