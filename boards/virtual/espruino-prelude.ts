import type { Wiring } from './runtime/chip';

/** Kinds of messages from the interpreter to us. Those marked are answered. */
export const enum Message {
  /** Octets clocked through the chip under chip select; answered with what came back. */
  Exchange = 1,
  /** The same with nothing read back, and no answer. */
  Write = 2,
  /** The same two with chip select left alone. */
  BareExchange = 3,
  BareWrite = 4,
  /** Chip select's or RESET's new level, one octet; no answer. */
  Select = 5,
  Reset = 6,
  /** Asks for INT only; answered without octets. */
  Interrupt = 7,
  /** The script was loaded; no answer. */
  Loaded = 8,
  /** An error that the script did not catch: its description; no answer. */
  Uncaught = 9,
}

/**
 * Octets in front of each message: kind, length low, length high, and in three octets, low first, the microseconds that
 * the script has worked since the message before: messages come in bunches, but the chip must see that time pass.
 */
export const headerLength = 6;

/** The first octet of an answer: bit 7 is the level of INT, the others count its falling edges. */
export const interruptLevel = 0x80;
export const interruptCount = 0x7f;

/** Printed when the interpreter's banner is over. */
export const startMark = '=== start of the script ===';

/** Milliseconds between two looks at INT. */
const interruptPeriod = 1;

/**
 * More variables than a board has. On a desktop the interpreter's memory grows in large steps, but not for what has to be in one
 * piece, as a TLS connection has: it is made to grow before.
 */
const room = 6000;

export interface PreludeOptions {
  wiring: Wiring;
  /** Paths of the named pipes. */
  toUs: string;
  fromUs: string;
  /** The file that holds the script, and files for Storage: names in Storage, and paths. */
  script: string;
  storage: Readonly<Record<string, string>>;
}

/**
 * What the interpreter runs before the board's script, in its own dialect: pins, watches and SPI buses that talk to us
 * over two named pipes, where a board has hardware. The script is then evaluated in the global scope from Storage, as at
 * the start of a board that it was saved to: its functions stay in flash.
 */
export function prelude(options: PreludeOptions): string {
  const { wiring } = options;
  return `echo(0);print(${JSON.stringify(startMark)});
(function(){
var out=E.openFile(${JSON.stringify(options.toUs)},"w"),back=E.openFile(${JSON.stringify(options.fromUs)},"r");
var level=1,falls=0,watches=[],pins={},last=getTime();
function say(kind,data){
  var n=data.length,t=Math.min((getTime()-last)*1000000,16777215);
  out.write(String.fromCharCode(kind,n&255,n>>8,t&255,(t>>8)&255,t>>16)+data);
  last=getTime();
}
function hear(n){
  var a=back.read(n+1);
  last=getTime();
  if(a===undefined){quit();return "";}
  var s=a.charCodeAt(0),l=s>>7,f=s&127;
  if(f!==falls||l!==level)edge(f!==falls,l);
  falls=f;level=l;
  return a;
}
function edge(fell,high){
  if(!watches.length)return;
  if(fell)notify(-1,false);
  if(high)notify(1,true);
}
function notify(way,state){
  watches.slice().forEach(function(w){
    if(w.pin!==${JSON.stringify(wiring.irq ?? '')}||w.edge===-way)return;
    if(!w.repeat)watches.splice(watches.indexOf(w),1);
    setTimeout(function(){var t=getTime();w.f({state:state,time:t,lastTime:w.last,pin:pins[w.pin]});w.last=t;},0);
  });
}
function PinOf(name){this.name=name;this.level=true;}
PinOf.prototype.write=function(v){
  v=!!v;if(v===this.level)return;
  this.level=v;
  if(this.name===${JSON.stringify(wiring.cs)})say(${Message.Select},v?"\\x01":"\\0");
  if(this.name===${JSON.stringify(wiring.rst ?? '')})say(${Message.Reset},v?"\\x01":"\\0");
};
PinOf.prototype.read=function(){
  if(this.name!==${JSON.stringify(wiring.irq ?? '')})return this.level;
  say(${Message.Interrupt},"");hear(0);
  return level===1;
};
PinOf.prototype.set=function(){this.write(1);};
PinOf.prototype.reset=function(){this.write(0);};
PinOf.prototype.mode=function(){};
PinOf.prototype.toString=PinOf.prototype.toJSON=function(){return this.name;};
function pinOf(p){
  if(p instanceof PinOf)return p;
  if(typeof p!=="string")throw new Error("Invalid pin");
  return pins[p]||(pins[p]=new PinOf(p));
}
global.Pin=function(p){return pinOf(p);};
global.digitalRead=function(p){return pinOf(p).read()?1:0;};
global.digitalWrite=function(p,v){pinOf(p).write(v);};
global.digitalPulse=function(p,v,t){
  p=pinOf(p);p.write(v);
  var end=getTime()+t/1000;
  while(getTime()<end);
  p.write(!v);
};
global.pinMode=function(){};
global.setWatch=function(f,p,o){
  if(typeof o!=="object")o={repeat:!!o};
  var e=o.edge,n=watches.length?watches[watches.length-1].id+1:1;
  e=e==="falling"||e<0?-1:e==="rising"||e>0?1:0;
  watches.push({id:n,f:f,pin:pinOf(p).name,repeat:o.repeat,edge:e});
  return n;
};
global.clearWatch=function(id){watches=id===undefined?[]:watches.filter(function(w){return w.id!==id;});};
function bus(o,wired){
  function chip(cs){return wired&&(cs!==undefined||pinOf(${JSON.stringify(wiring.cs)}).level===false);}
  o.setup=function(){};
  o.send=function(data,cs){
    var s=E.toString(data),n=s.length;
    if(cs!==undefined&&pinOf(cs).name!==${JSON.stringify(wiring.cs)})throw new Error("Only the chip's own select pin is wired");
    if(chip(cs)){say(cs===undefined?${Message.BareExchange}:${Message.Exchange},s);s=hear(n).substr(1);}
    else s=E.toString({data:255,count:n});
    if(typeof data==="number")return s.charCodeAt(0);
    return typeof data==="string"?s:E.toUint8Array(s);
  };
  o.write=function(){
    var n=arguments.length,cs,data=[],i;
    if(arguments[n-1] instanceof PinOf)cs=arguments[--n];
    for(i=0;i<n;i++)data.push(arguments[i]);
    if(chip(cs))say(cs===undefined?${Message.BareWrite}:${Message.Write},E.toString(data));
  };
  return o;
}
bus(SPI1,${wiring.spi === 'SPI1'});bus(SPI2,${wiring.spi === 'SPI2'});global.SPI3=bus({},${wiring.spi === 'SPI3'});
setInterval(function(){if(watches.length){say(${Message.Interrupt},"");hear(0);}},${interruptPeriod});
process.on("uncaughtException",function(e){
  var text="Uncaught "+(e&&e.message!==undefined?e.type+": "+e.message:e);
  if(e&&e.stack)text+="\\n"+e.stack;
  say(${Message.Uncaught},text.substr(0,2000));
});
var S=require("Storage"),F=require("fs"),files=${JSON.stringify(options.storage)};
S.eraseAll();
for(var name in files)S.write(name,F.readFileSync(files[name]));
S.write(".bootcde",F.readFileSync(${JSON.stringify(options.script)}));
(function(){var room=[];while(room.length<${room})room.push(0);})();
setTimeout('eval(require("Storage").read(".bootcde"))',1);
setTimeout(function(){say(${Message.Loaded},"");},1.1);
})();
`;
}
