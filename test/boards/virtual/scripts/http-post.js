// A body of 3,000 characters up and the same in chunks down.
var body = '';
for (var i = 0; i < 300; i++) body += ('000000000' + i).substr(-9) + ',';
require('http').createServer(function (req, res) {
  var got = '';
  req.on('data', function (d) { got += d; });
  req.on('end', function () {
    print(req.method, got.length, got === body);
    res.writeHead(200, { 'Transfer-Encoding': 'chunked' });
    res.write(got.substr(0, 1000));
    res.write(got.substr(1000));
    res.end();
  });
}).listen(8080);
var back = '';
var r = require('http').request({ host: '10.0.0.1', port: 8080, method: 'POST', path: '/', headers: { 'Content-Length': body.length } }, function (res) {
  print(res.statusCode, res.headers['Transfer-Encoding']);
  res.on('data', function (d) { back += d; });
  res.on('end', function () { print('client end'); });
  res.on('close', function (e) { print('back', back.length, back === body, e); finish(); });
});
r.end(body);
