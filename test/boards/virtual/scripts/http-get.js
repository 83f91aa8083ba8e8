require('http').createServer(function (req, res) {
  print(req.method, req.url, JSON.stringify(req.headers).replace(/2v[0-9.]+/, 'V'));
  req.on('end', function () { print('request end'); });
  req.on('close', function (e) { print('request close', e); });
  res.on('close', function (e) { print('response close', e); });
  res.on('drain', function () { print('response drain'); });
  res.setHeader('X-One', 1);
  res.writeHead(404, { 'Content-Type': 'text/plain' });
  res.write('not ');
  res.end('here');
  try { res.write('more'); } catch (e) { print(e.message); }
}).listen(80);
var options = { host: '10.0.0.1', path: '/a?b=1', headers: { 'X-Test': 'yes' } };
var r = require('http').get(options, function (res) {
  print(res.httpVersion, res.statusCode, res.statusMessage, JSON.stringify(res.headers).replace(/2v[0-9.]+/, 'V'));
  res.on('data', function (d) { print('data', d); });
  res.on('end', function () { print('client end'); });
  res.on('close', function (e) { print('client close', e); finish(); });
  res.on('error', function (e) { print('client error', e.message); });
});
r.on('error', function (e) { print('request error', e.message); });
