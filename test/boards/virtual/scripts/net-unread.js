// What does not fit the buffer of a socket that nobody reads: Espruino hands it on again and again once it does fit.
require('net').createServer(function (c) {
  c.on('close', function (e) { print('server close', e); });
  setTimeout(function () {
    var got = c.read();
    print('first', got.length, got.substr(0, 3));
    setTimeout(function () {
      got = c.read();
      print('then', got.length, got.length > 400);
      c.on('data', function (d) { got += d; });
      setTimeout(function () { print(got.length > 2000); finish(); }, 50);
    }, 50);
  }, 100);
}).listen(12);
var text = '';
for (var i = 0; i < 90; i++) text += ('000000000' + i).substr(-9) + ',';
require('net').connect({ host: '10.0.0.1', port: 12 }, function (c) { c.write(text); });
