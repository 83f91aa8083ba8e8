// Servers that say nothing, or break off.
require('net').createServer(function (c) { c.end(); }).listen(81);
require('net').createServer(function (c) { c.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'); }).listen(82);
function get(name, port) {
  var r = require('http').get({ host: '10.0.0.1', port: port, path: '/' }, function (res) {
    print(name, 'response', res.statusCode);
    res.on('data', function (d) { print(name, 'data', d); });
    res.on('end', function () { print(name, 'end'); });
    res.on('error', function (e) { print(name, 'res error', e.code, e.message); });
    res.on('close', function (e) { print(name, 'close', e); });
  });
  r.on('error', function (e) { print(name, 'req error', e.code, e.message); });
  r.on('close', function (e) { print(name, 'req close', e); });
}
get('silent', 81);
setTimeout(function () { get('half', 82); }, 50);
setTimeout(function () { get('refused', 83); finish(); }, 100);
