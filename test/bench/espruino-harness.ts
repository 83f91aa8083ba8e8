// What the interpreter runs for the bench: the built module over an SPI, an INT pin and a clock that are the interpreter's
// own native functions, so that only our script is counted. A first run, over named pipes to a simulated chip, writes
// down what those three answer; the runs that are counted take the answers from arrays, by `Array.pop`.

/** Kinds of messages from the interpreter; those marked are answered. */
export const enum Message {
  /** Octets clocked through the chip under chip select; answered with what came back. */
  Exchange = 1,
  /** The same with nothing read back, and no answer. */
  Write = 2,
  /** Asks for the level of INT, answered with one octet. */
  Level = 3,
  /** The peer takes its next step; answered with one octet when its frames have arrived. */
  Step = 4,
  /** What the clock has answered: microseconds, as text. */
  Time = 5,
  /** A line of the report. */
  Report = 6,
}

/** Octets in front of a message: kind, length low, length high. */
export const headerLength = 3;

/** In front of each line of the report, and the last one. */
export const report = 'REPORT ';
export const done = `${report}done`;

/** The native function whose calls part the counts. */
export const mark = 'jswrap_espruino_getSizeOf';

/** The native function that reads the file in the place of the flash: a board's is in its memory, and read as such. */
export const flashRead = 'jshFlashRead';

/** Everything that the script was answered, in order. */
export interface Recording {
  exchanges: Uint8Array[];
  levels: number[];
  times: number[];
}

export interface HarnessOptions {
  /** dist/ENC28J60.js */
  module: string;
  /**
   * What is measured: a script that sets `rep`, which starts repetitions, and calls `next` when it is ready for them.
   * Each repetition calls `go`, to let a frame arrive and the board look at it, or `tick`, for the board's own look,
   * or `due`, for its timer to run out;
   * `left` counts them down, and `again` is called after the last.
   */
  scenario: string;
  /** Repetitions of each part: the first is not looked at. */
  parts: readonly number[];
  /** The pipes of the run that records, or what it has recorded. Without either nothing is there but the interpreter. */
  pipes?: { toUs: string; fromUs: string };
  recording?: Recording;
}

const escape = (character: string): string => '\\x' + character.charCodeAt(0).toString(16);
const text = (octets: Uint8Array): string => JSON.stringify(String.fromCharCode(...octets)).replace(/[\x7f-\xff]/g, escape);
const backwards = (numbers: readonly number[]): string => `[${numbers.slice().reverse().join()}]`;

/** The report goes to the console, and nothing more is looked at. */
const counting = `
function say(line){print("${report}"+line);}
function look(){}
function passes(){}
`;

/** Bus, pin and clock talk to us over the pipes; the variables in use are looked at on each call of the bus. */
function recordingParts({ toUs, fromUs }: { toUs: string; fromUs: string }): string {
  return `
var out=E.openFile(${JSON.stringify(toUs)},"w"),back=E.openFile(${JSON.stringify(fromUs)},"r"),t=1000000000,most=0,before=0;
function tell(kind,data){out.write(String.fromCharCode(kind,data.length&255,data.length>>8)+data);}
function say(line){tell(${Message.Report},line);}
function sample(){var u=process.memory(false).usage;if(before&&u>most)most=u;}
function look(){if(!before)before=most=process.memory().usage;}
function passes(seconds){t+=seconds*1000000;}
bus={send:function(data){sample();var s=E.toString(data);tell(${Message.Exchange},s);return E.toUint8Array(back.read(s.length));},
write:function(){sample();var d=[],n=arguments.length-1;for(var i=0;i<n;i++)d.push(arguments[i]);tell(${Message.Write},E.toString(d));}};
irq={read:function(){tell(${Message.Level},"");return back.read(1).charCodeAt(0);},write:function(){},mode:function(){}};
global.getTime=function(){t+=20;tell(${Message.Time},""+t);return t/1000000;};
go=function(){tell(${Message.Step},"");back.read(1);fire();};
function finish(){say("variables "+before+" "+most+" "+process.memory().usage);}`;
}

/** Bus, pin and clock are native functions that answer what was recorded. */
function replayingParts({ exchanges, levels, times }: Recording): string {
  return `${counting}
var exchanges=[${exchanges.slice().reverse().map(text).join()}].map(function(s){var a=new Uint8Array(s.length);a.set(s);return a;});
bus=exchanges;
bus.send=bus.pop;
bus.write=E.kickWatchdog;
var levels=${backwards(levels)};
irq=levels;
irq.read=irq.pop;
irq.write=irq.mode=E.kickWatchdog;
var times=${backwards(times)}.map(function(t){return t/1000000;});
global.getTime=times.pop.bind(times);
function finish(){
var left=[exchanges.length,levels.length,times.length];
if(left[0]+left[1]+left[2])say("error: not all was asked for: "+left);
}`;
}

/** A script for the interpreter. */
export function harness(options: HarnessOptions): string {
  const { pipes, recording } = options;
  const parts = pipes ? recordingParts(pipes) : recording ? replayingParts(recording) : `${counting}function finish(){}`;
  return `echo(0);
(function(){
var fire,device,rep,go,bus,irq,left=0,parts=${JSON.stringify(options.parts)},mark=E.getSizeOf;
var settimeout=setTimeout,realtime=getTime,marks=[];
E.hwRand=function(){return 1234567;};
global.getSerial=function(){return "00000000-656e6332-386a3630";};
global.setWatch=function(f){fire=f;return 1;};
var timers=[];
global.setTimeout=timers.push.bind(timers);
global.clearTimeout=E.kickWatchdog;
var looking,ticking;
function found(){for(var i=0;i<timers.length;i+=2)if(timers[i+1]==250)looking=timers[i];else ticking=timers[i];timers.splice(0,timers.length);}
function tick(){looking();}
function due(){ticking();}
${parts}
function end(){finish();say("seconds "+marks);print("${done}");}
function again(){timers.splice(0,timers.length);look();marks.push(realtime());mark();left=parts.shift();if(left===undefined)end();else rep();}
function next(){again();}
process.on("uncaughtException",function(e){say("error: "+(e&&e.message?e.message+e.stack:e));print("${done}");});
require("Storage").write("ENC28J60",${JSON.stringify(options.module)});
var N=require("NetworkJS"),create=N.create;
N.create=function(o){device=o;create(o);};
settimeout.call(global,function(){
if(bus)require("ENC28J60").connect(bus,{cs:{write:E.kickWatchdog},irq:irq,ip:"10.0.0.1",mac:"02:00:00:00:00:01"});
if(!go)go=fire;
if(bus){found();for(var i=0;i<20;i++){passes(0.03);due();}}
${options.scenario}
},0);
})();
`;
}
